"""The doctor: what is as it should be is found so, and each thing that is not is told and put right."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from research_repo.core import (
    anchors,
    atom_files,
    attachments,
    doctor,
    evidence,
    file_checks,
    history,
    people,
    quote_checks,
    sources,
)
from research_repo.core.attachments import UNFINISHED
from research_repo.core.clock import now
from research_repo.core.models import Atom, Attachment, Evidence, Passage, Source
from tests import engines, make

LONG_AGO = time.time() - 3 * 24 * 3600


@pytest.fixture
def world(database):
    """A study with a source, a quote cut from it, and a file that a claim rests on."""
    with database.saving() as session:
        by = make.person(session, "Marina", "researcher")
        study = make.study(session, by)
        turns = [("A", "Why do you wait? 🙂"), ("R-1", "It came late. It came late.")]
        source = make.source(session, by, turns, study)
        start = source.text.rindex("It came late")
        cut = anchors.cut(session, by, source.key, start, start + 12)
        atom = make.atom(session, by, "It comes late", study, evidence=[cut])
        piece = make.file(session, by, atom, database.folder)
        session.flush()
        return by, source.key, atom.key, piece.attachment_id


def age(database):
    with database.saving() as session:
        session.execute(update(Attachment).values(created_at=now() - 3 * file_checks.SETTLED))
    for path in (database.folder / "attachments").rglob("*"):
        os.utime(path, (LONG_AGO, LONG_AGO))


def told(one):
    return [(it.where, str(it.what)[:20], it.is_mended) for it in one.troubles]


def quote_of(database):
    with database.reading() as session:
        return session.exec(select(Evidence).where(Evidence.kind == "quote")).one()


def test_a_sound_repository_is_found_sound(database, world):
    age(database)
    examined = list(doctor.examine(database))
    assert [one.name for one in examined] == ["database", "quotes", "passages", "files"]
    assert [one.troubles for one in examined] == [(), (), (), ()]
    assert [one.looked_at for one in examined[1:]] == [1, 2, 1]


@pytest.mark.parametrize("change", ["moved", "reworded", "half", "outside"])
def test_a_quote_that_does_not_stand_in_its_source_is_told_and_put_right(database, world, change):
    _by, source_key, atom_key, _file = world
    place = quote_of(database)
    values = {
        "moved": {"span_start": place.span_start - 1, "span_end": place.span_end - 1},
        "reworded": {"text": "It came never"},
        "half": {"span_end": None},
        "outside": {"span_start": 10_000, "span_end": 10_012},
    }[change]
    with database.saving() as session:
        session.execute(update(Evidence).where(Evidence.id == place.id).values(**values))
    found = quote_checks.quotes(database)
    assert told(found) == [(atom_key, "The quote does not s", False)]
    assert found.left == 1
    mended = quote_checks.quotes(database, fix=True)
    assert told(mended) == [(atom_key, "The quote does not s", True)]
    assert mended.left == 0
    now_there = quote_of(database)
    stands = (place.span_start, place.span_end)
    is_gone = change == "reworded"
    assert (now_there.span_start, now_there.span_end) == ((None, None) if is_gone else stands)
    assert now_there.text == ("It came never" if is_gone else place.text)
    assert quote_checks.quotes(database).troubles == ()
    with database.reading() as session:
        source = session.exec(select(Source).where(Source.key == source_key)).one()
        assert [one.verb for one in history.of(session, "source", [source.id])][:1] == ["mended"]


def test_passages_outside_of_their_text_are_told(database, world):
    with database.saving() as session:
        session.execute(update(Source).values(text="Why"))
    assert told(quote_checks.passages(database)) == [(world[1], "Passages of the sour", False)]


def test_passages_in_one_another_are_told(database, world):
    with database.saving() as session:
        session.execute(update(Passage).where(col(Passage.position) == 1).values(start=3))
    assert told(quote_checks.passages(database)) == [(world[1], "Passages of the sour", False)]


def test_a_missing_and_a_damaged_file_are_told_and_left_to_people(database, world):
    with database.reading() as session:
        digest = session.get_one(Attachment, world[3]).hash
    path = attachments.path(database.folder, digest)
    path.write_bytes(b"else")
    assert told(file_checks.files(database, fix=True)) == [(digest, "The file is damaged.", False)]
    path.unlink()
    assert told(file_checks.files(database, fix=True)) == [(digest, "The file is missing.", False)]


def test_files_that_belong_to_nothing_go_when_they_are_a_day_old(database, world):
    folder = database.folder / "attachments" / "ab"
    folder.mkdir()
    stray, broken = folder / ("ab" + "0" * 62), folder / f"{UNFINISHED}x"
    for path in (stray, broken):
        path.write_bytes(b"x")
    assert file_checks.files(database, fix=True).troubles == ()
    age(database)
    assert [(what, done) for _, what, done in told(file_checks.files(database))] == [
        ("The file was broken ", False),
        ("The file belongs to ", False),
    ]
    assert file_checks.files(database, fix=True).left == 0
    assert not stray.exists()
    assert not broken.exists()
    with database.reading() as session:
        digest = session.get_one(Attachment, world[3]).hash
    assert attachments.path(database.folder, digest).exists()


def test_a_file_that_nothing_uses_any_more_goes_with_its_row(database, world):
    by, _source, atom_key, file_id = world
    with database.saving() as session:
        atom = session.exec(select(Atom).where(Atom.key == atom_key)).one()
        piece = next(one for one in evidence.of_atom(session, atom.id) if one.kind == "file")
        atom_files.take_off(session, by, atom_key, piece.id)
    assert file_checks.files(database, fix=True).troubles == ()
    age(database)
    with database.reading() as session:
        digest = session.get_one(Attachment, file_id).hash
    assert told(file_checks.files(database)) == [(digest, "Nothing uses the fil", False)]
    assert told(file_checks.files(database, fix=True)) == [(digest, "Nothing uses the fil", True)]
    assert not attachments.path(database.folder, digest).exists()
    with database.reading() as session:
        assert session.get(Attachment, file_id) is None


def test_a_file_of_a_source_that_can_be_put_back_stays(database, world):
    by = world[0]
    with database.saving() as session:
        study = make.default_study(session, by)
        kept = attachments.keep(database.folder, b"%PDF-1.7 %%EOF", "application/pdf")
        shot = make.shot(session, by, study, kept)
        sources.remove(session, by, shot.key)
    age(database)
    assert file_checks.files(database, fix=True).troubles == ()


def test_a_file_that_comes_again_while_it_is_taken_away_stays(database, world, monkeypatch):
    folder = database.folder
    kept = attachments.keep(folder, b"again", "image/png")
    path = attachments.path(folder, kept.hash)
    os.utime(path, (LONG_AGO, LONG_AGO))
    rename = os.rename

    def meanwhile(source, target):
        monkeypatch.setattr(file_checks.os, "rename", rename)
        attachments.keep(folder, b"again", "image/png")
        rename(source, target)

    monkeypatch.setattr(file_checks.os, "rename", meanwhile)
    assert file_checks.files(database, fix=True).left == 1
    assert path.read_bytes() == b"again"


@engines.on_sqlite
def test_a_row_that_refers_to_nothing_is_told(database, world):
    with closing(sqlite3.connect(database.folder / "repository.sqlite3")) as connection:
        connection.execute("DELETE FROM source")
        connection.commit()
    (first, *_) = doctor.examine(database)
    assert first.left > 0
    assert {str(it.what)[:12] for it in first.troubles} == {"The row refe"}


@engines.on_sqlite
def test_a_damaged_database_is_told_and_nothing_else_is_asked_of_it(database, world):
    with database.saving() as session:
        by = people.system(session)
        for number in range(400):
            history.record(session, by, "x", "atom", number, after={"text": "x" * 400})
    path = database.folder / "repository.sqlite3"
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(os.urandom(40_000))
    examined = list(doctor.examine(database))
    assert [one.name for one in examined] == ["database"]
    assert examined[0].left > 0


@pytest.mark.parametrize(
    ("version", "is_told"),
    [("3.40.1", True), ("3.44.6", False), ("3.50.7", False), ("3.51.2", True), ("3.51.3", False)],
)
def test_a_version_of_sqlite_that_can_damage_files_is_told(version, is_told):
    assert bool(list(doctor.about_sqlite(version))) == is_told

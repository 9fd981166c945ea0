"""The doctor as a command: what it says, to people and to programs, and how it ends."""

from __future__ import annotations

import json
import os
import time

import pytest
from sqlmodel import select

from research_repo.core import anchors
from research_repo.core.db import Database
from research_repo.core.models import Atom, Evidence, IndexQueue
from research_repo.search import Search
from tests import engines, make

# The fixtures of the other commands serve here as well.
from tests.test_cli import call, folder, opened  # noqa: F401

pytestmark = engines.on_sqlite


@pytest.fixture
def filled(opened: Database) -> Database:  # noqa: F811
    with opened.saving() as session:
        by = make.person(session, "Marina", "researcher")
        study = make.study(session, by)
        source = make.source(session, by, [("R-1", "It came late")], study)
        cut = anchors.cut(session, by, source.key, 0, 12)
        make.atom(session, by, "It comes late", study, evidence=[cut])
    Search(opened, opened.folder / "index").rebuild()
    return opened


def test_a_sound_repository_ends_with_0(call, filled):  # noqa: F811
    answer = call("doctor")
    assert answer.code == 0
    assert [line.split(":")[1].strip() for line in answer.out.splitlines()] == ["sound"] * 5
    told = json.loads(call("doctor", "--json").out)
    assert told["ok"] is True
    assert [(one["name"], one["looked_at"]) for one in told["checks"]][1:] == [
        ("quotes", 1),
        ("passages", 1),
        ("files", 0),
        ("index", 1),
    ]


def test_what_is_wrong_ends_with_1_until_it_is_put_right(call, filled, folder):  # noqa: F811
    with filled.saving() as session:
        quote = session.exec(select(Evidence)).one()
        quote.span_start, quote.span_end = 1, 13
        # Behind the back of the queue, which would settle it.
        atom = session.exec(select(Atom)).one()
        atom.title = "It comes never"
        session.exec(select(IndexQueue)).all()
        session.add(atom)
        session.add(quote)
        key = atom.key
    stray = folder / "attachments" / "ab" / ("ab" + "0" * 62)
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"x")
    os.utime(stray, (time.time() - 3 * 24 * 3600,) * 2)
    answer = call("doctor")
    assert answer.code == 1
    assert f"{key}: The quote does not stand" in answer.err
    assert "doctor --fix" in answer.err
    told = json.loads(call("doctor", "--json").out)
    wrong = {one["name"]: one["wrong"] for one in told["checks"]}
    assert wrong == {"database": 0, "quotes": 1, "passages": 0, "files": 1, "index": 1}
    assert told["ok"] is False
    answer = call("doctor", "--fix", "--json")
    told = json.loads(answer.out)
    assert {one["name"]: one["mended"] for one in told["checks"]} == wrong
    assert (answer.code, told["ok"]) == (0, True)
    assert call("doctor").code == 0
    assert not stray.exists()


def test_a_repository_without_an_index_says_when_it_comes(call, filled, folder):  # noqa: F811
    (folder / "index" / "CURRENT").unlink()
    answer = call("doctor")
    assert answer.code == 0
    assert "no index yet" in answer.out


def test_a_damaged_database_ends_at_once_and_says_what_to_do(call, filled, folder):  # noqa: F811
    with filled.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    filled.close()
    path = folder / "repository.sqlite3"
    with path.open("r+b") as file:
        file.seek(200_000)
        file.write(os.urandom(path.stat().st_size - 200_000))
    answer = call("doctor", "--json")
    assert answer.code in (1, 2)
    assert "backup" in answer.out + answer.err
    assert "Traceback" not in answer.err


def test_the_doctor_tells_nobodys_words(call, filled):  # noqa: F811
    with filled.saving() as session:
        quote = session.exec(select(Evidence)).one()
        quote.text = "SECRET words"
        session.add(quote)
    answer = call("doctor")
    assert answer.code == 1
    assert "SECRET" not in answer.out + answer.err

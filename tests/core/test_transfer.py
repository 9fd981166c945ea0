"""The whole repository in one file."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from research_repo.core import archive, instance, people, tags, tokens, transfer
from research_repo.core.db import Database
from research_repo.core.errors import Invalid
from research_repo.core.models import ApiToken, Atom, AtomTag, Person, Tag
from research_repo.settings import Settings
from tests import make

TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=20
)


def rows(file: Path) -> list[str]:
    with zipfile.ZipFile(file) as packed:
        return packed.read(transfer.ROWS).decode().splitlines()


def fresh(folder: Path) -> Database:
    return instance.open_instance(Settings(instance=folder))


def fill(session: Session, words: list[str]) -> Person:
    marina = make.person(session, "Marina", "curator")
    study = make.study(session, marina, questions=["Why?"], summary="**Big**")
    area = make.tag(session, marina, "Area")
    for number, text in enumerate(filter(str.strip, words)):
        tag = make.tag(session, marina, f"Tag {number}", under=area, also=[f"word {number}"])
        merged = make.tag(session, marina, f"Old {number}")
        fact = make.atom(
            session, marina, f"{number}: {text}", study, body=f"# {text}\n'{text}' \"&\"", quote=text,
            tags=[tag, merged],
        )  # fmt: skip
        merged.replaced_by = tag.id
        insight = make.atom(session, marina, f"I {number}", study, kind="insight", status="draft")
        make.link(session, marina, fact, insight)
        tags.retire(session, marina, tag.key)
    tokens.add(session, people.system(session), marina.id, "nightly")
    session.flush()
    return marina


@pytest.fixture
def filled(database: Database) -> Database:
    with database.saving() as session:
        fill(session, ["late", "Возврат"])
    return database


@pytest.fixture
def file(filled: Database, tmp_path: Path) -> Path:
    file = tmp_path / "everything.zip"
    transfer.export_all(filled, file)
    return file


@settings(max_examples=4, deadline=None)
@given(words=st.lists(TEXT, max_size=3))
def test_an_empty_instance_becomes_equal(words):
    with TemporaryDirectory() as name:
        folder = Path(name)
        source, target = fresh(folder / "a"), fresh(folder / "b")
        with source.saving() as session:
            fill(session, words)
        transfer.export_all(source, folder / "a.zip")
        transfer.import_all(target, folder / "a.zip")
        transfer.export_all(target, folder / "b.zip")
        source.close()
        target.close()
        assert rows(folder / "a.zip") == rows(folder / "b.zip")


def test_people_tags_as_they_are_and_history_come_along_and_tokens_do_not(
    file: Path, tmp_path: Path
) -> None:
    target = fresh(tmp_path / "moved")
    transfer.import_all(target, file)
    with target.reading() as session:
        marina = session.exec(select(Person).where(Person.name == "Marina")).one()
        assert marina.password_hash == make.HASH.hash
        assert session.exec(select(Tag).where(Tag.replaced_by != None)).all()  # noqa: E711
        assert len(session.exec(select(AtomTag)).all()) == 4
        assert session.exec(select(ApiToken)).all() == []
    with target.saving() as session:
        make.atom(session, session.merge(marina), "Work goes on")
    target.close()


def test_only_an_empty_instance_takes_it(file: Path, filled: Database) -> None:
    with pytest.raises(Invalid):
        transfer.import_all(filled, file)


def test_a_file_is_never_replaced_and_only_its_owner_reads_it(file: Path, filled: Database) -> None:
    with pytest.raises(Invalid):
        transfer.export_all(filled, file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert not list(file.parent.glob(".export-*"))


def repacked(file: Path, change) -> Path:
    """A file whose rows were changed by somebody who knows the format."""
    lines = [json.loads(line) for line in rows(file)]
    told = change(lines) or lines
    source = file.with_name("rows")
    source.write_text("".join(json.dumps(line) + "\n" for line in told))
    with zipfile.ZipFile(file) as packed:
        manifest = json.loads(packed.read(archive.MANIFEST))
    out = file.with_name("changed.zip")
    contents = archive.pack(out, {transfer.ROWS: source}, archive.unwatched)
    manifest["files"] = {
        name: {"size": one.size, "sha256": one.sha256} for name, one in contents.items()
    }
    with zipfile.ZipFile(out, "a") as packed:
        packed.writestr(archive.MANIFEST, json.dumps(manifest))
    return out


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: lines.pop(),
        lambda lines: lines[-1]["row"].update(unknown=1),
        lambda lines: lines[-1].update(table="sqlite_master"),
        lambda lines: (
            [line["row"].update(title=5) for line in lines if line["table"] == "atom"] and None
        ),
        lambda lines: (
            [line["row"].update(study_id=99) for line in lines if line["table"] == "atom"] and None
        ),
        lambda lines: (
            [line["row"].update(kind="?") for line in lines if line["table"] == "atom"] and None
        ),
        lambda lines: [5],
    ],
)
def test_a_broken_file_writes_nothing(file: Path, tmp_path: Path, change) -> None:
    target = fresh(tmp_path / "moved")
    transfer.export_all(target, tmp_path / "before.zip")

    def spoil(lines):
        made = change(lines)
        return made if isinstance(made, list) else None

    with pytest.raises(Invalid):
        transfer.import_all(target, repacked(file, spoil))
    transfer.export_all(target, tmp_path / "after.zip")
    target.close()
    assert rows(tmp_path / "before.zip") == rows(tmp_path / "after.zip")


def test_what_is_no_export_is_refused(file: Path, tmp_path: Path) -> None:
    target = fresh(tmp_path / "moved")
    whole = file.read_bytes()
    bad = tmp_path / "bad.zip"
    for content in (b"", b"PK", whole[:-40], whole[: len(whole) // 2]):
        bad.write_bytes(content)
        with pytest.raises(Invalid):
            transfer.import_all(target, bad)
    with pytest.raises(Invalid):
        transfer.import_all(target, tmp_path / "nowhere.zip")
    target.close()


def test_more_than_was_announced_is_refused(file: Path, tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(file) as packed, zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr(transfer.ROWS, b"0" * (50 << 20))
        out.writestr(archive.MANIFEST, packed.read(archive.MANIFEST))
    target = fresh(tmp_path / "moved")
    with pytest.raises(Invalid):
        transfer.import_all(target, bomb)
    target.close()


def test_html_that_was_put_into_the_file_does_not_run(file: Path, tmp_path: Path) -> None:
    def spoil(lines):
        for line in lines:
            if line["table"] == "atom":
                line["row"]["body_html"] = "<p onclick=x>Hi<script>alert(1)</script></p>"

    target = fresh(tmp_path / "moved")
    transfer.import_all(target, repacked(file, spoil))
    with target.reading() as session:
        assert set(session.exec(select(Atom.body_html))) == {"<p>Hi</p>"}
    target.close()

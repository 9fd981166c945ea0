"""The schema: migrations make what the models say, keep ids for ever, and survive being killed."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import delete, inspect, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from research_repo.core import anchors, evidence, instance
from research_repo.core.db import Database
from research_repo.core.models import (
    ApiToken,
    History,
    HistoryPayload,
    IndexQueue,
    Person,
    Repository,
    Scheme,
    Tag,
    TagNote,
    metadata,
)
from research_repo.settings import Settings
from tests import engines, make

TABLES = sorted(metadata.tables)
# The one row about the whole is never deleted, so its id cannot come back.
COUNTED = [name for name in TABLES if "id" in metadata.tables[name].c and name != "repository"]


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Database]:
    """A database in which nothing has been made yet."""
    with engines.fresh_database() as url:
        database = Database(Settings(tmp_path, url).database, tmp_path)
        yield database
        database.close()


def revision(database: Database) -> str | None:
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def test_migrations_make_what_the_models_say(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


@engines.on_sqlite
@pytest.mark.parametrize("table", COUNTED)
def test_no_table_gives_a_deleted_id_again(database: Database, table: str) -> None:
    with sqlite3.connect(database.folder / "repository.sqlite3") as connection:
        (made_by,) = connection.execute(
            "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)
        ).fetchone()
    connection.close()
    assert re.search(r"\bid INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT", made_by), made_by


def test_the_id_of_a_deleted_person_never_comes_back(database: Database) -> None:
    ids = []
    for name in ("Anna", "Boris"):
        with database.saving() as session:
            person = Person(email=f"{name}@example.org", name=name)
            session.add(person)
            session.flush()
            ids.append(person.id)
        with database.saving() as session:
            session.delete(session.get_one(Person, ids[-1]))
    assert ids[0] < ids[1]


@pytest.mark.parametrize("table", TABLES)
def test_the_database_itself_keeps_words_in_their_lists_and_references_alive(
    database: Database, table: str
) -> None:
    found = inspect(database.engine)
    wanted = metadata.tables[table]
    checks = {check["name"] for check in found.get_check_constraints(table)}
    assert {c.name for c in wanted.constraints if hasattr(c, "sqltext")} == checks
    references = {
        (key["constrained_columns"][0], key["referred_table"])
        for key in found.get_foreign_keys(table)
    }
    assert {(key.parent.name, key.column.table.name) for key in wanted.foreign_keys} == references


def test_a_word_outside_its_list_is_refused(session: Session) -> None:
    session.add(Person(email="x@example.org", name="X", role="owner"))
    with pytest.raises(IntegrityError):
        session.flush()


def test_a_reference_to_nobody_is_refused(session: Session) -> None:
    with pytest.raises(IntegrityError):
        session.execute(
            text(
                "INSERT INTO study_member (study_id, person_id, may_edit) VALUES (999, 999, false)"
            )
        )


def test_an_empty_database_is_brought_up_to_date(empty: Database) -> None:
    assert revision(empty) is None
    instance.migrate(empty)
    assert set(TABLES) < set(inspect(empty.engine).get_table_names())
    made = revision(empty)
    instance.migrate(empty)
    assert revision(empty) == made


OLD_ROWS = (
    "INSERT INTO person (email, name, password_hash, role, language, is_active, is_system,"
    " must_change_password, session_epoch, created_at)"
    " VALUES ('a@example.org', 'A', '', 'admin', '', true, false, false, 1, '2026-01-01')",
    "INSERT INTO scheme (key, guid, position) VALUES ('topics', 's-1', 3)",
    "INSERT INTO scheme_label (scheme_id, language, text, folded) VALUES (1, 'ru', 'Т', 'т')",
    "INSERT INTO tag (key, guid, scheme_id, status, person_id, version, created_at)"
    " VALUES ('t1', 't-1', 1, 'approved', 1, 2, '2026-01-01')",
    "INSERT INTO tag_note (tag_id, language, text) VALUES (1, 'en', 'what belongs here')",
    "INSERT INTO tag_note (tag_id, language, text) VALUES (1, 'ru', 'что сюда')",
    "INSERT INTO api_token (person_id, name, hash, created_at)"
    " VALUES (1, 'robot', 'h', '2026-01-01')",
)


def move_to(database: Database, where: str) -> None:
    """Up or down to a revision."""
    config = instance.alembic_config()
    scripts = ScriptDirectory.from_config(config)
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        here = MigrationContext.configure(connection).get_current_revision()
        known = [script.revision for script in scripts.walk_revisions()]
        goes_down = here in known and known.index(here) < known.index(where)
        (command.downgrade if goes_down else command.upgrade)(config, where)
        connection.commit()


def test_what_a_team_wrote_in_an_older_version_comes_along(empty: Database) -> None:
    move_to(empty, "0002")
    with empty.saving() as session:
        for row in OLD_ROWS:
            session.execute(text(row))
    instance.migrate(empty)
    with empty.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    with empty.reading() as session:
        scheme = session.exec(select(Scheme)).one()
        assert (scheme.key, scheme.position, scheme.kinds) == ("topics", 3, [])
        assert (scheme.is_single, scheme.is_required) == (False, False)
        assert (scheme.who_may_add, scheme.steward_id) == ("anyone", None)
        notes = {(note.kind, note.language): note.text for note in session.exec(select(TagNote))}
        assert notes == {("scope", "en"): "what belongs here", ("scope", "ru"): "что сюда"}
        assert session.exec(select(ApiToken.expires_at)).one() is None
        assert session.exec(select(Tag.version)).one() == 2
    with empty.saving() as session:
        session.add(Scheme(key="next", guid="s-2", kinds=["fact"]))
        session.flush()
        with pytest.raises(IntegrityError):
            session.execute(text("UPDATE scheme SET who_may_add = 'nobody'"))
        session.rollback()


def test_quotes_of_an_older_version_forget_the_names_of_speakers(database: Database) -> None:
    names = ["Anna", "a courier", "Anna, Petr K."]
    with database.saving() as session:
        by = make.person(session, "Marina", "researcher")
        source = make.source(session, by, [("Anna", "Late."), ("Petr K.", "Yes.")])
        said = [
            replace(anchors.cut(session, by, source.key, 0, end), who=who)
            for end, who in zip((3, 4, 5), names, strict=True)
        ]
        atom = make.atom(session, by, "It was late", evidence=said)
        session.execute(delete(IndexQueue))
    move_to(database, "0011")
    instance.migrate(database)
    with database.reading() as session:
        assert [one.who for one in evidence.of_atom(session, atom.id)] == ["", "a courier", ""]
        kept = session.exec(
            select(HistoryPayload)
            .join(History)
            .where(History.noun == "atom", History.noun_id == atom.id)
        ).one()
        assert [one.get("who") for one in kept.after["evidence"]] == [None, "a courier", None]
        assert {row.atom_id for row in session.exec(select(IndexQueue))} == {atom.id}


def test_going_back_to_an_older_version_keeps_what_it_knew(empty: Database) -> None:
    move_to(empty, "0002")
    with empty.saving() as session:
        for row in OLD_ROWS:
            session.execute(text(row))
    instance.migrate(empty)
    move_to(empty, "0002")
    with empty.reading() as session:
        told = session.execute(text("SELECT language, text FROM tag_note ORDER BY language"))
        assert [tuple(row) for row in told] == [("en", "what belongs here"), ("ru", "что сюда")]
        assert session.execute(text("SELECT key, position FROM scheme")).all() == [("topics", 3)]
    instance.migrate(empty)


def test_a_migration_that_fails_in_the_middle_changes_nothing(
    empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_table = Operations.create_table

    def fail_at_tags(self: Operations, name: str, *columns: Any, **options: Any) -> Any:
        if name == "tag":
            raise RuntimeError("power cut")
        return create_table(self, name, *columns, **options)

    monkeypatch.setattr(Operations, "create_table", fail_at_tags)
    with pytest.raises(RuntimeError):
        instance.migrate(empty)
    assert inspect(empty.engine).get_table_names() == []
    monkeypatch.undo()
    instance.migrate(empty)
    assert "tag" in inspect(empty.engine).get_table_names()


KILLED = """
import os, signal, sys
from pathlib import Path
from alembic.operations import Operations
from research_repo.core import anchors, evidence, instance
from research_repo.settings import Settings
create_table = Operations.create_table
def die_at_tags(self, name, *columns, **options):
    if name == "tag":
        os.kill(os.getpid(), signal.SIGKILL)
    return create_table(self, name, *columns, **options)
Operations.create_table = die_at_tags
instance.open_instance(Settings(instance=Path(sys.argv[1])))
"""


@engines.on_sqlite
def test_a_migration_that_is_killed_changes_nothing(tmp_path: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], timeout=60)
    assert ended.returncode == -9
    connection = sqlite3.connect(tmp_path / "repository.sqlite3")
    assert connection.execute("SELECT name FROM sqlite_master").fetchall() == []
    connection.close()
    database = instance.open_instance(Settings(instance=tmp_path))
    with database.reading() as session:
        assert session.get(Repository, 1) is not None
    database.close()


def test_a_repository_of_a_newer_version_is_refused_with_advice(
    database: Database, settings: Settings
) -> None:
    with database.saving() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(instance.InstanceError, match=r"newer version.*Update research-repo"):
        instance.open_instance(settings)

"""Moments: one state of the database is never taken for another."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import create_engine, text
from sqlmodel import select

from research_repo.core import people
from research_repo.core.db import Database
from research_repo.core.models import Person, Repository
from research_repo.core.moments import kept, moment
from tests import engines, make

Save = Callable[[Database], object]


def by_a_verb(database: Database) -> None:
    with database.saving() as session:
        make.person(session, "Vera", "reader")


def by_another_program(database: Database) -> None:
    engine = create_engine(database.url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE repository SET vocabulary_edition = 77"))
    engine.dispose()


def here(database: Database) -> object:
    with database.reading() as session:
        return moment(session)


def test_while_nothing_is_saved_it_is_the_same_moment(database: Database) -> None:
    assert here(database) is not None
    assert here(database) == here(database)


@pytest.mark.parametrize("save", [by_a_verb, by_another_program])
def test_whatever_is_saved_makes_another_moment(database: Database, save: Save) -> None:
    before = here(database)
    save(database)
    after = here(database)
    assert after != before
    assert after == here(database)


def test_a_moment_is_the_one_that_the_session_goes_on_to_read(database: Database) -> None:
    with database.reading() as session:
        before = moment(session)
        by_another_program(database)
        assert moment(session) == before
        assert session.get_one(Repository, 1).vocabulary_edition != 77


def test_two_places_are_told_apart(database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL shows the same from everywhere")
    with database.reading() as one, database.reading() as other:
        assert moment(one) != moment(other)


def test_what_a_session_has_written_has_no_moment(database: Database) -> None:
    with database.reading() as session:
        people.system(session).name = "Somebody else"
        session.flush()
        assert moment(session) is None


def counted(database: Database, asked: list[str], name: str = "people") -> int:
    def read() -> int:
        asked.append(name)
        return len(session.exec(select(Person.id)).all())

    with database.reading() as session:
        return kept(session, name, read)


@engines.on_sqlite
def test_what_is_kept_is_read_once_while_nothing_is_saved(database: Database) -> None:
    asked: list[str] = []
    assert counted(database, asked) == counted(database, asked) == 1
    assert asked == ["people"]
    assert counted(database, asked, "others") == 1
    assert asked == ["people", "others"]


@pytest.mark.parametrize("save", [by_a_verb, by_another_program])
def test_what_is_kept_is_read_again_after_anything_is_saved(database: Database, save: Save) -> None:
    asked: list[str] = []
    before = counted(database, asked)
    save(database)
    assert counted(database, asked) == before + (save is by_a_verb)
    assert len(asked) == 2


def test_who_has_written_reads_and_keeps_for_nobody(database: Database) -> None:
    before = counted(database, [])
    with database.reading() as session:
        make.person(session, "Vera", "reader")
        seen = kept(session, "people", lambda: len(session.exec(select(Person.id)).all()))
    assert seen == before + 1
    assert counted(database, []) == before

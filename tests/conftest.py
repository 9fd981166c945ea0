"""Fixtures for every room: a repository of its own for each test, and people to act in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session

from research_repo.core import instance, people
from research_repo.core.db import Database
from research_repo.core.models import Person
from research_repo.settings import Settings
from tests import engines, make


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    with engines.fresh_database() as url:
        yield Settings(instance=tmp_path / "instance", database_url=url, secret_key="k" * 48)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    database = instance.open_instance(settings)
    yield database
    database.close()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A session that sees its own writes and keeps none."""
    with database.reading() as session:
        yield session


@pytest.fixture
def system(session: Session) -> Person:
    return people.system(session)


@pytest.fixture
def curator(session: Session) -> Person:
    return make.person(session, "Ilya", "curator")


@pytest.fixture
def researcher(session: Session) -> Person:
    return make.person(session, "Marina", "researcher")


@pytest.fixture
def reader(session: Session) -> Person:
    return make.person(session, "Olga", "reader")

"""Fixtures for every room: a repository of its own for each test, and people to act in it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session

from research_repo.core import instance, people
from research_repo.core.db import Database
from research_repo.core.models import Person
from research_repo.settings import Settings
from tests import engines, make


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A new repository, brought up once: tests work on copies of it."""
    with engines.fresh_database() as url:
        settings = Settings(instance=tmp_path_factory.mktemp("template"), database_url=url)
        instance.open_instance(settings).close()
        yield settings


@pytest.fixture
def settings(tmp_path: Path, template: Settings) -> Iterator[Settings]:
    with engines.fresh_database(template.database_url) as url:
        yield Settings(instance=tmp_path / "instance", database_url=url, secret_key="k" * 48)


@pytest.fixture
def database(settings: Settings, template: Settings) -> Iterator[Database]:
    if not settings.database_url and not settings.instance.exists():
        settings.instance.mkdir(mode=0o700)
        shutil.copy(template.instance / engines.SQLITE_FILE, settings.instance)
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

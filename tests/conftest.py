"""Fixtures for every room: a repository of its own for each test, and people to act in it."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session
from werkzeug.routing import Rule

from research_repo.core import instance, people
from research_repo.core.db import Database
from research_repo.core.models import Person
from research_repo.settings import Settings
from tests import engines, make


@pytest.fixture(scope="session", autouse=True)
def once_for_all_apps() -> Iterator[None]:
    """Each app writes and compiles code for its 250 addresses, a quarter of a page's test: once
    is enough. And what was loaded by now is no garbage to look through again.
    """
    made: dict[object, Any] = {}
    compile_anew = Rule._compile_builder

    def kept(rule: Rule, append_unknown: bool = True) -> Any:
        asked = (rule.rule, append_unknown, repr(rule.defaults))
        if asked not in made:
            made[asked] = compile_anew(rule, append_unknown)
        return made[asked]

    gc.collect()
    gc.freeze()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", kept)
        yield


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
def begun(settings: Settings, template: Settings) -> Settings:
    """Settings of a repository that was brought up already: making one takes half a second."""
    if not settings.database_url and not settings.instance.exists():
        settings.instance.mkdir(mode=0o700)
        shutil.copy(template.instance / engines.SQLITE_FILE, settings.instance)
    return settings


@pytest.fixture
def database(begun: Settings) -> Iterator[Database]:
    database = instance.open_instance(begun)
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

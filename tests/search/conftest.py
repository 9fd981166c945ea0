"""A search over a repository of its own, with people whose changes are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from research_repo.core.db import Database
from research_repo.core.models import Atom, Person, Study, Tag
from research_repo.search import Found, Search, Wanted
from research_repo.settings import Settings
from tests import make


@pytest.fixture
def search(database: Database, settings: Settings) -> Iterator[Search]:
    search = Search(database, settings.index_folder)
    yield search
    search.stop()


@pytest.fixture
def folder(settings: Settings) -> Path:
    return settings.index_folder


@pytest.fixture
def people(database: Database) -> dict[str, Person]:
    """Marina and Pavel research, Ilya keeps the tags, Olga reads, Anna is the admin."""
    roles = {
        "marina": "researcher",
        "pavel": "researcher",
        "ilya": "curator",
        "olga": "reader",
        "anna": "admin",
    }
    with database.saving() as session:
        return {name: make.person(session, name.title(), role) for name, role in roles.items()}


@pytest.fixture
def marina(people: dict[str, Person]) -> Person:
    return people["marina"]


@pytest.fixture
def olga(people: dict[str, Person]) -> Person:
    return people["olga"]


class House:
    """Writes by the product's verbs, each in a transaction of its own, and asks."""

    def __init__(self, database: Database, search: Search, people: dict[str, Person]) -> None:
        self.database, self.search, self.people = database, search, people

    def atom(self, title: str, by: str = "marina", **values: Any) -> Atom:
        with self.database.saving() as session:
            return make.atom(session, self.people[by], title, **values)

    def tag(self, label: str, by: str = "ilya", **values: Any) -> Tag:
        with self.database.saving() as session:
            return make.tag(session, self.people[by], label, **values)

    def study(self, key: str, by: str = "marina", **values: Any) -> Study:
        with self.database.saving() as session:
            return make.study(session, self.people[by], key, **values)

    def do(self, verb: Callable[..., Any], by: str, *arguments: Any, **named: Any) -> Any:
        with self.database.saving() as session:
            return verb(session, self.people[by], *arguments, **named)

    def find(self, text: str = "", by: str = "marina", **wanted: Any) -> Found:
        self.search.catch_up()
        return self.search.find(Wanted(text=text, **wanted), self.people[by])

    def titles(self, text: str = "", by: str = "marina", **wanted: Any) -> list[str]:
        """The titles of what is found, the best first."""
        hits = self.find(text, by, **wanted).hits
        with self.database.reading() as session:
            return [session.get_one(Atom, hit.atom_id).title for hit in hits]


@pytest.fixture
def house(database: Database, search: Search, people: dict[str, Person]) -> House:
    return House(database, search, people)

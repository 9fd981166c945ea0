"""Fixtures for the API: an app whose index keeps up, and programs with tokens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from research_repo.app import create_app
from research_repo.core import tokens
from research_repo.core.db import Database
from research_repo.core.models import Person
from research_repo.settings import Settings
from tests import make

V1 = "/api/v1"


@dataclass
class Program:
    """Somebody's program: it shows a token with each request."""

    client: FlaskClient
    token: str

    def ask(self, method: str, path: str, **options: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        return self.client.open(V1 + path, method=method, headers=headers, **options)

    def get(self, path: str, **values: Any) -> Any:
        answer = self.ask("GET", path, query_string=values)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.json

    def post(self, **columns: Any) -> TestResponse:
        return self.ask("POST", "/atoms", json=columns)

    def patch(self, key: str, etag: str, **columns: Any) -> TestResponse:
        return self.ask("PATCH", f"/atoms/{key}", json=columns, headers={"If-Match": etag})


@pytest.fixture
def app(begun: Settings) -> Iterator[Flask]:
    app = create_app(begun)
    search = app.extensions["house"].search
    search.start()
    yield app
    search.stop()
    app.extensions["house"].database.close()


@pytest.fixture
def database(app: Flask) -> Database:
    found: Database = app.extensions["house"].database
    return found


@pytest.fixture
def anna(database: Database) -> Person:
    """The first admin; a study of hers is open, with one question."""
    with database.saving() as session:
        person = make.person(session, "Anna", "admin")
        make.study(session, person, key="returns", questions=["Why do parcels come back?"])
        return person


def program_of(app: Flask, person: Person) -> Program:
    database: Database = app.extensions["house"].database
    with database.saving() as session:
        _, secret = tokens.add(session, person, person.id, "robot")
    return Program(app.test_client(), secret)


@pytest.fixture
def admin(app: Flask, anna: Person) -> Program:
    return program_of(app, anna)


@pytest.fixture
def marina(app: Flask, database: Database, anna: Person) -> Program:
    """A researcher's program."""
    with database.saving() as session:
        person = make.person(session, "Marina", "researcher")
    return program_of(app, person)

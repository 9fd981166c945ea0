"""Fixtures for pages: an app over a repository of its own, a browser, and ways to come in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from jinja2 import BytecodeCache, FileSystemBytecodeCache
from werkzeug.test import TestResponse

from research_repo.app import create_app
from research_repo.core import people
from research_repo.core.clock import now
from research_repo.core.db import Database
from research_repo.core.models import Person
from research_repo.settings import Settings
from tests import make

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.browser import Place

CSRF = "c" * 40

SignIn = Callable[[FlaskClient, Person], FlaskClient]
Send = Callable[..., TestResponse]


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> BytecodeCache:
    """Templates as code: each app would compile them anew, for half of a test's time."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(begun: Settings, compiled: BytecodeCache) -> Iterator[Flask]:
    app = create_app(begun)
    app.jinja_env.bytecode_cache = compiled
    yield app
    app.extensions["house"].database.close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def database(app: Flask) -> Database:
    """The app's own database, so that the test and the pages see the same."""
    found: Database = app.extensions["house"].database
    return found


@pytest.fixture
def admin(database: Database) -> Person:
    """The first person: whoever else a test needs comes after them."""
    with database.saving() as session:
        return make.person(session, "Anna", "admin")


@pytest.fixture
def colleague(database: Database, admin: Person) -> Person:
    with database.saving() as session:
        return make.person(session, "Marina", "researcher")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for tests of pages in the hands of people."""
    # Whoever runs other tests needs no browser and no driver of one.
    from tests.browser import chromium

    with chromium() as browser:
        yield browser


@pytest.fixture
def page(place: Place, browser: Browser) -> Iterator[Page]:
    """A page, in English, of the person who is at home in the module's `place`."""
    context = place.enter(browser.new_context(locale="en", base_url=place.address))
    yield context.new_page()
    context.close()


def sign_in(client: FlaskClient, person: Person) -> FlaskClient:
    """The browser of somebody who signed in just now, without waiting for a password."""
    with client.session_transaction() as kept:
        kept.clear()
        kept.permanent = True
        kept["begun"] = now().timestamp()
        kept["_user_id"] = f"{person.id}:{person.session_epoch}"
    return client


def fresh(database: Database, person: Person) -> Person:
    """The person as the database has them now."""
    with database.reading() as session:
        return people.get(session, person.id)


def csrf_token(client: FlaskClient) -> str:
    """A token that this browser's session vouches for."""
    with client.session_transaction() as kept:
        kept["csrf_token"] = CSRF
    key = client.application.secret_key
    assert isinstance(key, str)
    return str(URLSafeTimedSerializer(key, salt="wtf-csrf-token").dumps(CSRF))


def send(client: FlaskClient, path: str, **form: Any) -> TestResponse:
    """Send a form as its page would: with its token."""
    return client.post(path, data={"csrf_token": csrf_token(client), **form})

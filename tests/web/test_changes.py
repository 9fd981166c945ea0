"""The pages of change sets: composed by forms, previewed, applied, proposed, undone."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from research_repo.core import hierarchy
from research_repo.core.db import Database
from research_repo.core.models import Person, Tag
from tests import make
from tests.web.conftest import send, sign_in


@pytest.fixture
def curator(database: Database, admin: Person) -> Person:
    with database.saving() as session:
        return make.person(session, "Ilya", "curator")


@pytest.fixture
def browser(client: FlaskClient, curator: Person) -> FlaskClient:
    return sign_in(client, curator)


@pytest.fixture
def basket(database: Database, curator: Person) -> Tag:
    with database.saving() as session:
        tag = make.tag(session, curator, "Basket", ru="Корзинка")
        make.atom(session, curator, "People lose the basket", tags=[tag])
        return tag


@pytest.fixture
def cart(database: Database, curator: Person) -> Tag:
    with database.saving() as session:
        return make.tag(session, curator, "Cart", ru="Корзина")


def page_of(client: FlaskClient, answer: TestResponse) -> str:
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return client.get(answer.headers["Location"]).get_data(as_text=True)


def apply(client: FlaskClient, address: str) -> TestResponse:
    """Look at a set, then press Apply."""
    page = client.get(address).get_data(as_text=True)
    found = re.search(r'name="print" value="(\w+)"', page)
    assert found, page
    return send(client, f"{address}/apply", print=found.group(1))


def end(database: Database, tag: Tag) -> int:
    with database.reading() as session:
        return hierarchy.resolved(session, [tag.id])[tag.id]


def test_a_merge_is_previewed_applied_and_undone_on_its_pages(
    browser: FlaskClient, database: Database, basket: Tag, cart: Tag
) -> None:
    composed = send(browser, "/changes/new", do="merge", tag=basket.key, into=cart.key)
    address = composed.headers["Location"]
    page = page_of(browser, composed)
    assert "Merge “Basket” into “Cart”" in page
    assert "1 atom" in page
    assert "People lose the basket" in page
    assert end(database, basket) == basket.id
    assert apply(browser, address).status_code == 303
    assert end(database, basket) == cart.id
    assert "It can be undone" in browser.get(address).get_data(as_text=True)
    assert "Merge “Basket” into “Cart”" in browser.get(f"{address}/undo").get_data(as_text=True)
    assert send(browser, f"{address}/undo").status_code == 303
    assert end(database, basket) == basket.id
    assert "undone" in browser.get(address).get_data(as_text=True)

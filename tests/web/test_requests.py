"""The page that asks for a study: filled in from the search, and honest about where it went."""

from __future__ import annotations

from html import unescape

import pytest
from flask.testing import FlaskClient

from research_repo.core import notices
from research_repo.core.db import Database
from research_repo.core.models import Person
from tests import make
from tests.web.conftest import send, sign_in

WHY = "We decide on a subscription"


@pytest.fixture
def reader(database: Database, colleague: Person) -> Person:
    with database.saving() as session:
        return make.person(session, "Olga", "reader")


@pytest.fixture
def browser(client: FlaskClient, reader: Person) -> FlaskClient:
    return sign_in(client, reader)


def test_the_question_is_what_was_searched(browser: FlaskClient) -> None:
    page = unescape(browser.get("/ask", query_string={"q": "why «no» <b>"}).get_data(as_text=True))
    assert ">\nwhy «no» <b></textarea>" in page


def test_a_reader_asks_and_is_led_back_to_the_search(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    answer = send(browser, "/ask", q="second order", question="Why no second order?", why=WHY)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/search?q=second+order"
    page = browser.get("/search?q=second+order").get_data(as_text=True)
    assert "Your request went to 2 people" in page
    with database.reading() as session:
        (told,) = notices.listed(session, colleague)
    assert told.address == "/search?q=second+order"
    assert "Olga asks for a study: “Why no second order?”" in str(told.message)


def test_what_was_typed_stays_when_something_is_missing(browser: FlaskClient) -> None:
    answer = send(browser, "/ask", q="x", question="Why?", why="", needed_by="soon")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert ">\nWhy?</textarea>" in page
    assert 'value="soon"' in page
    assert 'name="q" value="x"' in page


def test_a_search_leads_there_from_its_answer_and_from_having_none(
    browser: FlaskClient, database: Database, colleague: Person, client: FlaskClient
) -> None:
    with database.saving() as session:
        make.atom(session, colleague, "Trust is lost", kind="insight")
        make.atom(session, colleague, "Parcels are late")
    client.application.extensions["house"].search.catch_up()
    for words in ("trust", "parcels", "giraffes"):
        assert f'href="/ask?q={words}"' in browser.get(f"/search?q={words}").get_data(as_text=True)

"""Home: a newcomer is told where to begin, everybody else what is new."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from research_repo.core.db import Database
from research_repo.core.models import Person
from tests import make
from tests.web.conftest import sign_in


def test_an_empty_repository_tells_where_to_begin(client: FlaskClient, colleague: Person) -> None:
    page = sign_in(client, colleague).get("/").get_data(as_text=True)
    assert "Start a study" in page
    assert "/studies/new" in page


def test_a_reader_is_offered_nothing_that_they_may_not_do(
    client: FlaskClient, database: Database, admin: Person
) -> None:
    with database.saving() as session:
        reader = make.person(session, "Olga", "reader")
    browser = sign_in(client, reader)
    for path in ("/", "/studies", "/tags", "/search"):
        page = browser.get(path).get_data(as_text=True)
        assert "/atoms/new" not in page
        assert "/studies/new" not in page
        assert "/tags/new" not in page


def test_home_shows_what_is_new_and_what_is_mine(
    client: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        make.atom(session, colleague, "People look twice")
        make.atom(session, colleague, "Half a thought", status="draft")
    page = sign_in(client, colleague).get("/").get_data(as_text=True)
    assert "People look twice" in page
    assert "Half a thought" in page
    assert "1 fact" in page


def test_all_that_a_page_asks_the_database_it_asks_in_one_transaction(
    app: Flask, client: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        make.atom(session, colleague, "Parcels come late")
    app.extensions["house"].search.catch_up()
    browser = sign_in(client, colleague)
    begun: list[object] = []
    event.listen(database.engine, "begin", lambda connection: begun.append(connection))
    for path in ("/", "/studies", "/search?q=parcels"):
        browser.get(path)  # what is read once for all pages is read by now
        begun.clear()
        assert browser.get(path).status_code == 200
        assert len(begun) == 1, path

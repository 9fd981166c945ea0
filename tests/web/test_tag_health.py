"""The page of tag health: what each check finds, with the change that mends it one click away."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from research_repo.core.db import Database
from research_repo.core.models import Person, Tag
from research_repo.web import tag_health
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
def delivery(database: Database, curator: Person) -> Tag:
    with database.saving() as session:
        delivery = make.tag(session, curator, "Доставка", en="Delivery")
        double = make.tag(session, curator, "Дотсавка", en="Delivrey")
        make.atom(session, curator, "One", tags=[delivery])
        make.atom(session, curator, "Two", tags=[delivery])
        make.atom(session, curator, "Three", tags=[double])
    return delivery


def text_of(browser: FlaskClient, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return unescape(answer.get_data(as_text=True))


def sent_by(page: str) -> dict[str, list[str]]:
    """The hidden fields of the first change on the page."""
    form = page.split('action="/changes/new"')[1].split("</form>")[0]
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', form):
        fields.setdefault(name, []).append(value)
    return fields


def test_two_tags_that_are_one_word_are_merged_from_the_page(
    app: Flask, browser: FlaskClient, delivery: Tag
) -> None:
    app.extensions["house"].search.catch_up()
    page = text_of(browser, "/tags/health?check=double")
    assert "Delivrey" in page
    fields = sent_by(page)
    assert (fields["do"], fields["into"]) == (["merge"], [delivery.key])
    fields.pop("csrf_token")
    answer = send(browser, "/changes/new", **fields)
    assert answer.status_code == 303
    assert "Delivrey" in text_of(browser, answer.headers["Location"])


def test_how_many_look_alike_is_asked_for_by_the_page(browser: FlaskClient, delivery: Tag) -> None:
    assert 'hx-get="/tags/health/doubles"' in text_of(browser, "/tags/health")
    assert ">1<" in text_of(browser, "/tags/health/doubles")


@pytest.mark.parametrize("check", tag_health.CHECKS)
def test_each_check_opens_a_change_that_the_composer_knows(
    browser: FlaskClient, database: Database, curator: Person, delivery: Tag, check: str
) -> None:
    with database.saving() as session:
        top = make.tag(session, curator, "Top")
        only = make.tag(session, curator, "Only", under=top)
        for n in range(30):
            make.tag(session, curator, f"Wide {n}", under=only)
        deep = only
        for n in range(6):
            deep = make.tag(session, curator, f"Deep {n}", under=deep)
        for n in range(12):
            make.atom(session, curator, f"Fact {n}", tags=[only, top])
        make.tag(session, curator, "Delivery", scheme="segment")
    page = text_of(browser, f"/tags/health?check={check}")
    links: list[str] = re.findall(r'href="(/changes/new[^"]+)"', page)
    if check == "unused":  # nothing is a year old here
        return
    assert links or sent_by(page)["do"]
    for link in links[:2]:
        assert browser.get(link).status_code == 200


def test_taking_off_the_wider_tag_touches_the_atoms_that_have_both(
    browser: FlaskClient, database: Database, curator: Person
) -> None:
    with database.saving() as session:
        top = make.tag(session, curator, "Top")
        low = make.tag(session, curator, "Low", under=top)
        make.atom(session, curator, "Both", tags=[low, top])
    fields = sent_by(text_of(browser, "/tags/health?check=both"))
    fields.pop("csrf_token")
    assert fields["do"] == ["retag"]
    answer = send(browser, "/changes/new", **fields)
    assert answer.status_code == 303


def test_long_lists_come_in_pages(
    browser: FlaskClient, database: Database, curator: Person
) -> None:
    with database.saving() as session:
        for n in range(tag_health.ROWS + 10):
            make.tag(session, curator, f"Bare {n}")
    first = text_of(browser, "/tags/health?check=undefined")
    assert "page=2" in first
    assert "Bare" in text_of(browser, "/tags/health?check=undefined&page=2")


def test_the_page_asks_no_more_of_the_database_when_there_are_more_tags(
    browser: FlaskClient, database: Database, curator: Person
) -> None:
    def statements() -> int:
        asked: list[str] = []

        def note(*of: Any) -> None:
            asked.append(of[2])

        event.listen(database.engine, "before_cursor_execute", note)
        text_of(browser, "/tags/health?check=undefined")
        event.remove(database.engine, "before_cursor_execute", note)
        return len(asked)

    with database.saving() as session:
        make.tag(session, curator, "First")
    few = statements()
    with database.saving() as session:
        for n in range(40):
            make.tag(session, curator, f"Bare {n}")
    assert statements() <= few


def test_a_check_that_is_none_is_not_there(browser: FlaskClient) -> None:
    assert browser.get("/tags/health?check=nonsense").status_code == 404

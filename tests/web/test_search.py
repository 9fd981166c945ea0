"""The search page: results, facets that add up, corrections, and any text whatever."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from research_repo.core.db import Database
from research_repo.core.models import Person
from tests import make
from tests.web.conftest import sign_in
from tests.web.facet_lines import lines


@pytest.fixture
def browser(app: Flask, client: FlaskClient, database: Database, colleague: Person) -> FlaskClient:
    with database.saving() as session:
        curator = make.person(session, "Ilya", "curator")
        returns = make.tag(session, curator, "Возвраты", en="Returns")
        refund = make.tag(
            session, curator, "Возврат денег", under=returns, also=["рефанд"], en="Refund"
        )
        status = make.tag(session, curator, "Статус заявки", under=refund, en="Request status")
        make.atom(session, colleague, "Открывали заявку чаще раза в день", tags=[status, "Problem"])
        make.atom(session, colleague, "Банк присылает СМС", tags=[returns])
        make.atom(session, colleague, "Sellers stop at the tax step", kind="insight")
        make.atom(
            session,
            colleague,
            "Деньги пришли без доставки",
            body="Возвращали вчера. " * 40,
            quote="Обсчитали",
            who="R-11",
        )
        closed = make.study(session, colleague, key="closed", access="members")
        make.atom(session, colleague, "SEKRET заявка", closed, tags=[status])
    app.extensions["house"].search.catch_up()
    return sign_in(client, colleague)


def text_of(browser: FlaskClient, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_an_inflected_word_finds_and_is_marked(browser: FlaskClient) -> None:
    page = text_of(browser, "/search?q=заявок")
    assert "Открывали <mark>заявку</mark> чаще раза в день" in page


def test_a_synonym_finds_the_whole_subtree_and_the_page_says_why(browser: FlaskClient) -> None:
    page = text_of(browser, "/search?q=рефанд")
    assert "Открывали заявку" in page
    assert "“рефанд” is another word for the tag" in page
    assert "Found by the tag “Request status”" in page


def test_a_facet_leads_to_as_many_results_as_it_says(browser: FlaskClient) -> None:
    page = text_of(browser, "/search")
    (line,) = [one for one in lines(page) if one.label == "Returns"]
    inside = text_of(browser, line.address)
    assert f'All <span class="n">{line.count}</span>' in inside
    assert "Refund" in inside
    assert "Sellers stop" not in inside


def test_kinds_are_counted_beside_each_other(browser: FlaskClient) -> None:
    page = text_of(browser, "/search?kind=insight")
    assert "Sellers stop" in page
    assert "Банк" not in page
    assert 'Facts <span class="n">4</span>' in page


def test_a_wrong_keyboard_layout_is_put_right_and_can_be_refused(browser: FlaskClient) -> None:
    page = text_of(browser, "/search?q=" + quote("pfzdrf"))
    assert "Showing results for “заявка”" in page
    assert "Открывали" in page
    assert "Showing results" not in text_of(browser, "/search?q=pfzdrf&literal=1")


def test_a_snippet_shows_where_the_words_are(browser: FlaskClient) -> None:
    page = text_of(browser, "/search?q=обсчитали")
    assert "<mark>Обсчитали</mark>" in page


def test_a_members_only_study_is_in_no_count_of_others(
    app: Flask, browser: FlaskClient, database: Database
) -> None:
    with database.saving() as session:
        reader = make.person(session, "Olga", "reader")
    theirs = sign_in(app.test_client(), reader)
    page = text_of(theirs, "/search?q=заявка")
    assert "SEKRET" not in page
    assert 'All <span class="n">1</span>' in page
    assert 'All <span class="n">2</span>' in text_of(browser, "/search?q=заявка")


@pytest.mark.parametrize(
    "text",
    [
        "x" * 10_000,
        "((((",
        ")" * 2000,
        "NOT NOT a",
        "?",
        "*",
        '"',
        "«",
        "и в на",
        "-",
        "tag:",
        "a:b:c",
        "\U0001f642",
        "\x00",
        "\u202eabc",
        "' OR 1=1 --",
        "<script>alert(1)</script>",
        "%s%n{}",
    ],
)
def test_any_text_gives_an_answer(browser: FlaskClient, text: str) -> None:
    page = text_of(browser, "/search?q=" + quote(text))
    assert "<script>alert" not in page


@pytest.mark.parametrize(
    "address",
    [
        "/search?page=0",
        "/search?page=99999999999",
        "/search?tag=nothing",
        "/search?kind=x&sort=y&status=z&study=none&match=w",
    ],
)
def test_an_address_that_makes_no_sense_gives_an_answer(browser: FlaskClient, address: str) -> None:
    text_of(browser, address)


def test_the_same_word_in_two_places_is_told_apart_among_facets_and_filters(
    app: Flask, client: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        curator = make.person(session, "Vera", "curator")
        places = [make.tag(session, curator, name) for name in ("Payment", "Delivery")]
        account = make.tag(session, curator, "Account", under=places[0])
        twin = make.tag(session, curator, "account", scheme="segment")
        make.atom(session, colleague, "Cards expire", tags=[account, twin])
        keys = account.key, twin.key
    app.extensions["house"].search.catch_up()
    browser = sign_in(client, colleague)
    page = browser.get("/search?q=expire").get_data(as_text=True)
    assert "account (Segment)" in page
    assert '<span class="up">Segment</span>account' in page
    filtered = browser.get(f"/search?tag={keys[1]}").get_data(as_text=True)
    assert '<span class="up">Segment</span>account' in filtered
    under = browser.get(f"/search?tag={keys[0]}").get_data(as_text=True)
    assert "Account (Payment)" in under

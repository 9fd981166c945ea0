"""Facets, chips and typed filters on the search page: what they say is what a click finds."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from research_repo.core.db import Database
from research_repo.core.models import Person
from tests import make
from tests.web.conftest import sign_in
from tests.web.facet_lines import facets, lines


@pytest.fixture
def browser(app: Flask, client: FlaskClient, database: Database, colleague: Person) -> FlaskClient:
    with database.saving() as session:
        curator = make.person(session, "Ilya", "curator")
        returns = make.tag(session, curator, "Возвраты", en="Returns")
        refund = make.tag(session, curator, "Возврат денег", under=returns, en="Refund")
        basket = make.tag(session, curator, "Корзина", en="Basket")
        calls = make.study(session, colleague, "calls", "Calls", method="interviews")
        desk = make.study(session, colleague, "desk", "Desk", method="survey")
        make.atom(session, colleague, "One", calls, tags=[refund, "Problem"], quote="So")
        make.atom(session, colleague, "Two", desk, tags=[returns, "Problem"])
        make.atom(session, colleague, "Три", desk, tags=[basket])
        make.atom(session, colleague, "Four", kind="insight", tags=[basket, refund])
        closed = make.study(session, colleague, "closed", access="members", method="diary")
        make.atom(session, colleague, "SEKRET", closed, tags=[refund])
    app.extensions["house"].search.catch_up()
    return sign_in(client, colleague)


def text_of(browser: FlaskClient, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.get_data(as_text=True)


def total_of(page: str) -> int:
    found = re.search(r'All <span class="n">(\d+)', page)
    assert found
    return int(found[1])


def test_each_line_leads_to_as_many_results_as_it_says(browser: FlaskClient) -> None:
    page = text_of(browser, "/search")
    listed = lines(page)
    labels = {line.label for line in listed}
    assert {"Returns", "Basket", "Problem", "Calls", "Interviews", "Diary", "English"} <= labels
    for line in listed:
        inside = text_of(browser, line.address)
        shown = re.search(r"Show (\d+)", inside)
        assert shown, line
        assert int(shown[1]) == line.count, line
        assert "facet-not" in inside or total_of(inside) <= 1


def test_the_lines_below_a_chosen_tag_stand_in_for_it(browser: FlaskClient) -> None:
    (returns,) = [
        line for line in lines(text_of(browser, "/search?q=one")) if line.label == "Returns"
    ]
    inside = text_of(browser, f"{returns.address}&method=interviews")
    (refund,) = [line for line in lines(inside) if line.label == "Refund"]
    assert refund.address.count("tag=") == 1
    deeper = text_of(browser, refund.address)
    assert [line.label for line in lines(deeper) if line.is_chosen] == ["Refund", "Interviews"]
    assert 'value="one"' in deeper


def test_the_words_stand_among_the_facets_once_however_many_lines_there_are(
    browser: FlaskClient,
) -> None:
    words = "почему продавцы открывали заявку на возврат чаще одного раза в день"
    page = text_of(browser, "/search?method=survey&method=interviews&match=any&q=two one " + words)
    assert len(lines(page)) > 6
    chosen = [line for line in lines(page) if line.is_chosen]
    assert len(chosen) == 2
    assert facets(page).count("продавцы") == 1 + len(chosen)


def test_a_chosen_value_stays_and_is_taken_off_by_a_click(browser: FlaskClient) -> None:
    page = text_of(browser, "/search?method=survey")
    (here,) = [line for line in lines(page) if line.is_chosen]
    assert (here.label, here.count, here.address) == ("Survey", 2, "/search")
    two = text_of(browser, "/search?method=survey&method=interviews")
    assert "Show 3" in two


def test_what_is_excluded_is_marked_and_can_be_taken_back(browser: FlaskClient) -> None:
    page = text_of(browser, "/search")
    assert 'name="not" value="method:survey" title="Without “Survey”' in facets(page)
    inside = text_of(browser, "/search?not=method:survey")
    assert "Show 3" in inside
    assert "facet-out" in inside
    assert re.search(r'tag-out"><span class="tag-not">not</span> <span>survey', inside)
    assert "Take off the filter “survey”" in inside


def test_every_filter_in_force_is_a_chip(browser: FlaskClient) -> None:
    page = text_of(
        browser,
        "/search?kind=fact&study=calls&method=interviews&lang=en&has=quote&status=draft"
        "&after=2025-03-01&before=2025-04-01&not=study:desk&tag=nowhere&by=1",
    )
    for name in (
        "fact", "Calls", "interviews", "English", "quote", "draft", "Desk", "nowhere",
        "1 March 2025 to 31 March 2025",
    ):  # fmt: skip
        assert f"Take off the filter “{name}”" in page, name
    assert "Take off the filter “2025”" in text_of(
        browser, "/search?after=2025-01-01&before=2026-01-01"
    )


def test_who_has_written_nothing_yet_is_called_by_name_on_their_own_filter(
    app: Flask, database: Database
) -> None:
    with database.saving() as session:
        reader = make.person(session, "Olga", "reader")
    page = text_of(sign_in(app.test_client(), reader), f"/search?by={reader.id}")
    assert "Take off the filter “Olga”" in page


def test_typed_filters_lead_to_the_address_of_the_search(browser: FlaskClient) -> None:
    answer = browser.get('/search?q=late kind:fact -method:survey tag:"Returns"&view=studies')
    assert answer.status_code == 303
    assert re.fullmatch(
        r"/search\?q=late&tag=\w+&kind=fact&not=method:survey&view=studies",
        answer.location.replace("%3A", ":"),
    )
    kept = text_of(browser, "/search?q=tag:nowhere kind:fact".replace(" kind:fact", ""))
    assert "There is no tag “nowhere”. It was searched as words." in kept
    assert 'value="tag:nowhere"' in kept


def test_a_closed_study_stands_in_no_facet_of_others(
    app: Flask, browser: FlaskClient, database: Database
) -> None:
    with database.saving() as session:
        reader = make.person(session, "Olga", "reader")
    theirs = sign_in(app.test_client(), reader)
    page = text_of(theirs, "/search")
    assert "Diary" not in page
    assert "Show 4" in page
    assert "Diary" in text_of(browser, "/search")
    chips = text_of(theirs, "/search?study=closed&not=study:closed")
    assert "Take off the filter “closed”" in chips
    assert "Show 0" in chips


@pytest.mark.parametrize(
    "address",
    [
        "/search?q=" + "tag:" * 2500,
        "/search?q=tag:%22%C2%ABa%22",
        "/search?q=after:99999%00",
        "/search?tag=%00&not=tag:%00&not=by:999999999999&study=%00",
        "/search?after=9999-12-31&before=0001-01-01",
        "/search?after=9999-01-01",
        "/search?not=&not=:&not=kind:&by=0",
        "/search?q=%ED%A0%80+by:%ED%A0%80",
        "/search?" + "&".join(f"tag=t{number}" for number in range(300)),
    ],
)
def test_any_filter_gives_a_page(browser: FlaskClient, address: str) -> None:
    assert browser.get(address, follow_redirects=True).status_code == 200

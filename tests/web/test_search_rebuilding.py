"""Search while the index is being rebuilt: plain words are found, and nothing is told that nobody knows."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from research_repo.core import tokens
from research_repo.core.db import Database
from research_repo.core.models import Person, Tag
from tests import make
from tests.web.conftest import sign_in


@pytest.fixture
def tag(database: Database, colleague: Person) -> Tag:
    with database.saving() as session:
        tag = make.tag(session, make.person(session, "Ilya", "curator"), "Returns")
        calls = make.study(session, colleague, "calls", "Calls", method="interviews")
        make.study(session, colleague, "desk", "Desk")
        make.atom(session, colleague, "The parcel came late", calls, tags=[tag])
        make.atom(session, colleague, "Parcels hurt", kind="insight")
        make.atom(session, colleague, "Prices are seen first", calls)
    return tag


@pytest.fixture
def browser(
    app: Flask, client: FlaskClient, colleague: Person, tag: Tag, monkeypatch: pytest.MonkeyPatch
) -> FlaskClient:
    search = app.extensions["house"].search
    search.catch_up()
    monkeypatch.setattr(search.live, "view", lambda: None)
    return sign_in(client, colleague)


def main_of(browser: FlaskClient, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True).split("<main")[1].split("</main>")[0]


def titles(page: str) -> list[str]:
    listed = page.split('id="found"')[1]
    claims = re.findall(r'<p class="claim"[^>]*><a [^>]*>(.*?)</a>', listed, re.DOTALL)
    return sorted(re.sub("<[^>]+>", "", one) for one in claims)


def test_the_page_says_so_and_finds_plain_words(browser: FlaskClient) -> None:
    page = main_of(browser, "/search?q=parcel")
    assert "The search index is being rebuilt" in page
    assert "without synonyms and counts. Nothing is lost" in page
    assert titles(page) == ["Parcels hurt", "The parcel came late"]


def test_no_facet_and_no_count_is_shown_not_even_of_what_is_chosen(
    browser: FlaskClient, tag: Tag
) -> None:
    for asked in (
        "q=parcel",
        f"q=parcel&tag={tag.key}&study=calls&not=kind:insight&after=2020-01-01",
    ):
        page = main_of(browser, f"/search?{asked}")
        facets = page.split('id="facets"')[1].split("</aside>")[0]
        assert 'class="facet"' not in facets
        assert "The filters come back with their counts when the index is ready." in facets
        tabs = page.split('aria-label="Kinds"')[1].split("</nav>")[0]
        assert len(re.findall('class="n"', tabs)) == 1  # studies are told from memory
        assert 'class="totals"' not in page
    assert "Take off the filter “Calls”" in page
    assert titles(page) == ["The parcel came late"]


def test_nothing_is_said_of_insights_that_nobody_looked_for(browser: FlaskClient) -> None:
    assert "No insight answers this yet" not in main_of(browser, "/search?q=late")


def test_begun_words_find_no_more_than_what_begins_so(browser: FlaskClient) -> None:
    assert titles(main_of(browser, "/search?q=parc*")) == ["Parcels hurt", "The parcel came late"]
    page = main_of(browser, "/search?q=giraffe")
    assert "Nothing is written down about this" in page
    assert "giraffe*" not in page


def test_work_on_all_that_match_is_not_offered(browser: FlaskClient) -> None:
    page = main_of(browser, "/search?q=parcel")
    assert "Export…" in page
    assert 'name="all"' not in page


def test_programs_are_told_too(
    app: Flask, browser: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        _, token = tokens.add(session, colleague, colleague.id, "robot")
    headers = {"Authorization": f"Bearer {token}"}
    answer = app.test_client().get("/api/v1/search?q=parcel", headers=headers).json
    assert answer["total"] == 2
    assert answer["counts"] == answer["facets"] == []
    assert answer["told"] == ["The index is being rebuilt; until then whole words are looked up."]

"""All values of a facet on a page of their own, for those that the results have no room for."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from research_repo.core.db import Database
from research_repo.core.models import Person
from research_repo.web import facet_values
from tests import make
from tests.web import facet_lines
from tests.web.conftest import sign_in

MANY = 27


@pytest.fixture
def browser(app: Flask, client: FlaskClient, database: Database, colleague: Person) -> FlaskClient:
    with database.saving() as session:
        curator = make.person(session, "Ilya", "curator")
        top = make.tag(session, curator, "Возвраты", en="Returns")
        for number in range(MANY):
            study = make.study(session, colleague, f"study-{number}", f"Study number {number}")
            tag = make.tag(session, curator, f"Reason {number}", under=top)
            author = make.person(session, f"Author {number}", "researcher")
            make.atom(session, author, f"Parcel {number}", tags=[tag], kind="insight")
            make.atom(session, colleague, f"Parcel {number} came late", study, tags=[tag])
        make.atom(session, colleague, "Parcels hurt", study, tags=[top])
        closed = make.study(session, curator, "closed", "Zebrafish", access="members")
        make.atom(session, curator, "Parcel of zebrafish", closed, tags=[tag])
    app.extensions["house"].search.catch_up()
    return sign_in(client, colleague)


def text_of(browser: FlaskClient, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.get_data(as_text=True)


def lines(page: str) -> list[tuple[str, str, int]]:
    return [(line.address, line.label, line.count) for line in facet_lines.lines(page)]


def shown(page: str) -> int:
    found = re.search(r"Show (\d+)", page)
    assert found
    return int(found[1])


def test_the_results_lead_to_all_values_of_a_facet_that_has_more_than_they_show(
    browser: FlaskClient,
) -> None:
    page = text_of(browser, "/search?q=parcel&kind=fact")
    assert "Study number 25" not in page.split('id="results"')[0]
    (link,) = re.findall(r'class="more" href="([^"]+)">All 27…<span class="vh"> Study', page)
    assert unescape(link) == "/search/values?of=study&q=parcel&kind=fact"
    every = lines(text_of(browser, unescape(link)))
    assert len(every) == MANY
    assert "Study number 25" in [name for _, name, _ in every]


def test_a_facet_that_shows_all_its_values_leads_nowhere_else(browser: FlaskClient) -> None:
    assert "/search/values" not in text_of(browser, "/search?q=parcel&tag=nothing")
    assert "of=method" not in text_of(browser, "/search?q=parcel")


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ("of=study", MANY),
        ("of=by", MANY + 1),
        ("of=tag&group=product-area", MANY + 1),
        ("of=kind", 2),
    ],
)
def test_each_value_leads_to_as_many_results_as_it_says(
    browser: FlaskClient, asked: str, count: int
) -> None:
    every = lines(text_of(browser, f"/search/values?{asked}&q=parcel"))
    assert len(every) == count
    for href, name, number in [*every[:3], *every[-2:]]:
        assert href.startswith("/search?q=parcel"), name
        assert shown(text_of(browser, href)) == number, name


def test_chosen_filters_stay_and_a_chosen_value_is_taken_off_by_a_click(
    browser: FlaskClient,
) -> None:
    page = text_of(browser, "/search/values?of=study&q=parcel&study=study-3&kind=fact&view=studies")
    first, second, *_rest = lines(page)
    assert first[0] == "/search?q=parcel&kind=fact&view=studies"
    assert second[0].startswith(
        "/search?q=parcel&kind=fact&study=study-3&view=studies&study=study-"
    )
    assert "Take off the filter “fact”" in page


def test_an_excluded_value_is_marked_and_others_can_be_excluded(browser: FlaskClient) -> None:
    page = text_of(browser, "/search/values?of=study&q=parcel&not=study:study-3")
    assert 'class="facet facet-out" href="/search?q=parcel"' in page
    assert 'name="not" value="study:study-4"' in facet_lines.facets(page)
    assert '<input type="hidden" name="not" value="study:study-3">' in page


@pytest.mark.parametrize(
    ("asked", "find", "names"),
    [
        ("of=study", "NUMBER 26", ["Study number 26"]),
        ("of=by", "author 11", ["Author 11"]),
        ("of=tag&group=product-area", "reason 26", ["Returns › Reason 26"]),
        ("of=tag&group=product-area", "returns reason 2 ", None),
    ],
)
def test_values_are_found_by_a_part_of_their_name(
    browser: FlaskClient, asked: str, find: str, names: list[str] | None
) -> None:
    found = [name for _, name, _ in lines(text_of(browser, f"/search/values?{asked}&find={find}"))]
    assert found == names if names else len(found) == 8


def test_what_no_value_is_called_says_so(browser: FlaskClient) -> None:
    page = text_of(browser, "/search/values?of=study&find=<giraffe>")
    assert "No value has “&lt;giraffe&gt;” in its name." in page


def test_many_values_come_page_after_page(
    browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facet_values, "ROWS", 10)
    pages = [
        lines(text_of(browser, f"/search/values?of=study&q=parcel&page={n}")) for n in (1, 2, 3)
    ]
    assert [len(page) for page in pages] == [10, 10, 7]
    assert len({name for page in pages for _, name, _ in page}) == MANY
    first = text_of(browser, "/search/values?of=study&q=parcel")
    assert "/search/values?of=study&amp;q=parcel&amp;page=3" in first
    assert "Nothing here" in text_of(browser, "/search/values?of=study&page=999")


def test_a_tag_on_the_way_of_a_chosen_one_takes_its_place(browser: FlaskClient) -> None:
    every = lines(text_of(browser, "/search/values?of=tag&group=product-area"))
    by_name = {name: (href, count) for href, name, count in every}
    below = by_name["Returns › Reason 1"][0]
    chosen = lines(text_of(browser, below.replace("?", "/values?of=tag&group=product-area&")))
    inside = {name: (href, count) for href, name, count in chosen}
    assert inside["Returns › Reason 1"][0] == "/search"
    assert inside["Returns"] == by_name["Returns"]
    assert inside["Returns › Reason 2"][0].count("tag=") == 2


def test_nothing_of_a_closed_study_is_named_or_counted(browser: FlaskClient) -> None:
    for asked in ("of=study", "of=by", "of=tag&group=product-area"):
        page = text_of(browser, f"/search/values?{asked}")
        assert "Zebrafish" not in page
        assert "Ilya" not in page
    tags = {name: n for _, name, n in lines(page)}
    assert tags["Returns › Reason 26"] == 2


@pytest.mark.parametrize("asked", ["", "of=giraffe", "of=tag", "of=tag&group=nothing", "of=has"])
def test_what_is_no_facet_is_not_found(browser: FlaskClient, asked: str) -> None:
    assert browser.get(f"/search/values?{asked}").status_code == 404


@pytest.mark.parametrize(
    "value", ["\x00", "a" * 10_000, "'", '"><script>', "%ED%A0%80", "-1", "99999999999999999999"]
)
def test_any_address_gets_a_page(browser: FlaskClient, value: str) -> None:
    for name in ("find", "page", "q", "by", "not", "study", "view"):
        answer = browser.get("/search/values", query_string={"of": "study", name: value})
        assert answer.status_code == 200, name
        assert "<script>" not in answer.get_data(as_text=True).split("<main")[1]


def test_while_the_index_is_rebuilt_the_page_says_that_nothing_can_be_counted(
    app: Flask, browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = app.extensions["house"].search.live
    monkeypatch.setattr(live, "view", lambda: None)
    for asked in ("of=study", "of=tag&group=product-area"):
        page = text_of(browser, f"/search/values?{asked}")
        assert "Nothing can be counted until it is ready" in page
        assert '<ul class="values' not in page

"""What is offered while somebody types into the search field, and to whom."""

from __future__ import annotations

import html
import re
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from research_repo.core import saved_searches
from research_repo.core.db import Database
from research_repo.core.models import Person
from tests import make
from tests.web.conftest import sign_in


@pytest.fixture
def browser(app: Flask, client: FlaskClient, database: Database, colleague: Person) -> FlaskClient:
    with database.saving() as session:
        curator = make.person(session, "Ilya", "curator")
        returns = make.tag(session, curator, "Возвраты", en="Returns")
        refund = make.tag(
            session, curator, "Возврат денег", under=returns, also=["рефанд"], en="Refund"
        )
        make.tag(session, curator, "Status", under=refund)
        make.tag(session, curator, "Status", scheme="segment")
        study = make.study(session, colleague, title="Why people return", method="survey")
        make.atom(session, colleague, "Money comes late", study, tags=[refund])
        make.atom(session, colleague, "Деньги приходят поздно", study, kind="insight")
        closed = make.study(session, colleague, "closed", "Why secrets return", access="members")
        hidden = make.candidate(session, colleague, "Reticent")
        make.atom(session, colleague, "SEKRET", closed, tags=[hidden])
    app.extensions["house"].search.catch_up()
    return sign_in(client, colleague)


def rows(browser: FlaskClient, typed: str, **others: str) -> str:
    answer = browser.get("/search/typing?" + urlencode({"q": typed, **others}))
    assert answer.status_code == 200
    return re.sub(r"</?mark>", "", answer.get_data(as_text=True))


def fills(page: str) -> list[str]:
    return [html.unescape(text) for text in re.findall(r'data-fill="([^"]*)"', page)]


def test_words_offer_tags_by_any_label_with_path_and_count(browser: FlaskClient) -> None:
    page = rows(browser, "рефа")
    (href,) = re.findall(r'href="(/search\?tag=\w+)"', page)
    assert "Refund" in page
    assert "рефанд · Returns" in re.sub("<[^>]+>", "", page)
    assert '<span class="num">1</span>' in page
    assert "Money comes late" in browser.get(href).get_data(as_text=True)


def test_a_tag_takes_the_place_of_the_words_that_named_it_and_the_others_stay(
    browser: FlaskClient,
) -> None:
    page = rows(browser, "late return", kind="fact")
    assert re.search(r'href="/search\?q=late&amp;tag=\w+&amp;kind=fact"', page)


def test_only_what_stands_before_the_caret_is_being_typed(browser: FlaskClient) -> None:
    page = rows(browser, "kind: money деньги", caret="5")
    assert fills(page) == ["kind:fact money деньги", "kind:insight money деньги"]


def test_words_offer_studies_by_the_beginning_of_a_word(browser: FlaskClient) -> None:
    page = rows(browser, "peop")
    assert 'href="/studies/returns"' in page
    assert 'href="/studies/returns"' not in rows(browser, "eop")


def test_saved_searches_are_offered_by_name_to_those_who_see_them(
    app: Flask, browser: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        reader = make.person(session, "Olga", "reader")
        for name, is_shared in (("Late money", False), ("Late parcels", True)):
            saved_searches.save(session, colleague, name, [["q", "late"]], is_shared=is_shared)
    assert "Late money" in rows(browser, "late")
    assert "Late parcels" in rows(browser, "parc")
    theirs = rows(sign_in(app.test_client(), reader), "late")
    assert "Late parcels" in theirs
    assert "Late money" not in theirs


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("kind:", ["kind:fact ", "kind:insight "]),
        ("вид:ин", ["вид:insight "]),
        ("money method:", ["money method:survey "]),
        ("-study:peop", ["-study:returns "]),
        ("by:mar", ["by:Marina "]),
        ("lang:", ["lang:en ", "lang:ru "]),
        ("has:", ["has:quote "]),
        ("status:dr", ["status:draft "]),
        ("tag:=retu", ["tag:=Returns "]),
        ('тег:"возврат д', ["тег:Refund "]),
        ("ki", ["kind:"]),
        ("также:retu", ["также:Returns "]),
        ("та", ["also:"]),
        ("то", []),
        ("те", ["tag:"]),
    ],
)
def test_a_filter_that_is_begun_offers_its_values_or_its_name_in_both_languages(
    browser: FlaskClient, typed: str, offered: list[str]
) -> None:
    assert sorted(fills(rows(browser, typed))) == sorted(offered)


def test_what_is_offered_for_a_filter_can_be_searched(browser: FlaskClient) -> None:
    for typed in ("kind:f", "by:", "study:", "after:", "method:", "tag:retu"):
        filled = fills(rows(browser, typed))[0]
        address = "/search?" + urlencode({"q": filled})
        page = browser.get(address, follow_redirects=True).get_data(as_text=True)
        assert "Money comes late" in page
        assert "It was searched as words" not in page


def test_of_two_tags_that_are_called_the_same_each_is_offered_by_its_path(
    browser: FlaskClient,
) -> None:
    offered = fills(rows(browser, "tag:status"))
    assert len(set(offered)) == 2
    assert all(" > " in text for text in offered)


def test_the_counts_of_values_keep_to_the_words_and_the_filters(browser: FlaskClient) -> None:
    assert '<span class="num">1</span>' in rows(browser, "money kind:", method="survey")
    assert rows(browser, "money kind:", method="diary") == ""


def test_the_counts_of_tags_keep_to_the_words_and_the_filters(browser: FlaskClient) -> None:
    assert '<span class="num">1</span>' in rows(browser, "tag:retu")
    assert '<span class="num">0</span>' in rows(browser, "tag:retu", kind="insight")
    assert '<span class="num">0</span>' in rows(browser, "поздно retu")
    assert '<span class="num">1</span>' in rows(browser, "late retu")
    assert '<span class="num">' not in rows(browser, "tag:=retu")


def test_what_a_person_may_not_see_is_never_offered(
    app: Flask, browser: FlaskClient, database: Database
) -> None:
    with database.saving() as session:
        reader = make.person(session, "Olga", "reader")
    theirs = sign_in(app.test_client(), reader)
    for typed, secret in (("secr", "Why secrets"), ("study:", "closed"), ("retic", "Reticent")):
        assert secret in rows(browser, typed)
        assert secret not in rows(theirs, typed)
    assert '<span class="num">1</span>' in rows(theirs, "kind:f")
    assert '<span class="num">2</span>' in rows(browser, "kind:f")


def test_the_palette_goes_to_pages_and_begins_things_that_the_person_may_do(
    app: Flask, browser: FlaskClient, database: Database
) -> None:
    assert 'href="/atoms/new"' in rows(browser, "", palette="1")
    assert "New fact" in rows(browser, "факт", palette="1")
    assert "New fact" not in rows(browser, "stud", palette="1")
    with database.saving() as session:
        reader = make.person(session, "Olga", "reader")
    theirs = sign_in(app.test_client(), reader)
    assert 'href="/atoms/new"' not in rows(theirs, "", palette="1")
    assert 'href="/studies"' in rows(theirs, "", palette="1")


@pytest.mark.parametrize(
    "typed",
    ["x" * 10_000, "\x00", 'tag:"', "«", ":", "-:", "kind:\udcff", "\u202e", "' OR 1=1", "<b>"],
)
@pytest.mark.parametrize("caret", ["", "-1", "7000", "x"])
def test_any_text_gives_an_answer(browser: FlaskClient, typed: str, caret: str) -> None:
    query = urlencode({"q": typed, "caret": caret}, errors="surrogatepass")
    answer = browser.get(f"/search/typing?{query}")
    assert answer.status_code == 200
    assert "<b>" not in answer.get_data(as_text=True)

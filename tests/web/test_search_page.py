"""What the search page tells of itself: how words were meant, why each hit is there, what to try."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from research_repo.core.db import Database
from research_repo.core.models import Person
from research_repo.search import Found, Search
from tests import make
from tests.web.conftest import sign_in


@pytest.fixture
def browser(app: Flask, client: FlaskClient, database: Database, colleague: Person) -> FlaskClient:
    with database.saving() as session:
        curator = make.person(session, "Ilya", "curator")
        refund = make.tag(session, curator, "Refund", also=["cashback"])
        late = make.tag(session, curator, "Time to credit", under=refund)
        calls = make.study(session, colleague, "calls", "Why people call", method="interviews")
        desk = make.study(session, colleague, "desk", "What is known", method="desk research")
        make.atom(session, colleague, "Banks are slow", calls, tags=[late], quote="No cashback yet")
        make.atom(session, colleague, "Ten days pass", calls, tags=[late])
        make.atom(session, colleague, "A refund is awaited", desk, body="People wait by the phone.")
        make.atom(session, colleague, "Nobody reads letters", kind="insight")
    app.extensions["house"].search.catch_up()
    return sign_in(client, colleague)


def text_of(browser: FlaskClient, address: str) -> str:
    answer = browser.get(html.unescape(address))
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def plain(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", page)).split())


def link(page: str, words: str) -> str:
    (address,) = re.findall(rf'href="([^"]+)"[^>]*>(?:<svg.*?</svg>)?{words}', page)
    return str(address)


def titles(page: str) -> list[str]:
    return [plain(title) for title in re.findall(r'<p class="claim" lang.*?</p>', page)]


def test_other_words_for_a_tag_are_told_and_lead_to_all_of_it_or_to_the_words_alone(
    browser: FlaskClient,
) -> None:
    page = text_of(browser, "/search?q=cashback")
    assert "“cashback” is another word for the tag" in page
    assert "“refund” is a tag:" in text_of(browser, "/search?q=refund")
    whole = text_of(browser, link(page, "All of it, 2"))
    assert sorted(titles(whole)) == ["Banks are slow", "Ten days pass"]
    alone = text_of(browser, link(page, "Only the words, 1"))
    assert titles(alone) == ["Banks are slow"]
    assert "Only the words as typed" in alone


def test_a_tag_that_is_not_meant_brings_nothing_and_can_be_meant_again(
    browser: FlaskClient,
) -> None:
    page = text_of(browser, "/search?q=cashback")
    assert len(titles(page)) == 3
    without = text_of(browser, link(page, "Not this"))
    assert titles(without) == ["Banks are slow"]
    assert "is another word for" not in without
    (back,) = re.findall(r'class="tag tag-back" href="([^"]+)"', without)
    assert len(titles(text_of(browser, back))) == 3


def test_each_hit_says_by_which_word_and_where_or_by_which_tag(browser: FlaskClient) -> None:
    page = plain(text_of(browser, "/search?q=cashback"))
    assert "Found by the word “cashback” in a quote" in page
    assert "Found by the tag “Time to credit”" in page
    assert "Found by “Refund”, another name of the tag" not in page
    assert "by the name of the tag “Refund”" in page
    assert "by the word “awaited” in the title" in plain(text_of(browser, "/search?q=awaited"))
    assert "by the word “phone” in the text" in plain(text_of(browser, "/search?q=phone"))


def test_both_totals_are_told_and_lead_to_each_other(browser: FlaskClient) -> None:
    page = text_of(browser, "/search?q=refund+phone")
    assert "3 found" in plain(page)
    both = text_of(browser, link(page, "1 holds all the words"))
    assert titles(both) == ["A refund is awaited"]
    assert len(titles(text_of(browser, link(both, "3 hold any of them")))) == 3


def test_results_stand_under_their_studies_if_wished(browser: FlaskClient) -> None:
    page = text_of(browser, link(text_of(browser, "/search?sort=date"), "By study"))
    heads = [plain(one) for one in re.findall(r'<section class="found-in">.*?</div>', page, re.S)]
    assert sorted(heads) == ["What is known1", "Why people call2", "Without a study1"]
    assert "view=studies" in link(page, "Newest first")
    assert "view=studies" not in link(page, "By study")


def test_the_study_of_a_group_leads_to_all_that_was_found_in_it(
    app: Flask, browser: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        many = make.study(session, colleague, "many", "Many findings")
        for number in range(21):
            make.atom(session, colleague, f"Parcel {number}", many)
    app.extensions["house"].search.catch_up()
    page = text_of(browser, "/search?q=parcel&view=studies")
    assert len(titles(page)) == 20
    assert "study=many" in link(page, "21 found in it")


def test_where_nothing_fits_the_page_says_what_to_take_off_and_how_many_come_then(
    browser: FlaskClient,
) -> None:
    page = text_of(browser, "/search?q=refund&kind=insight&method=interviews")
    ways = re.findall(
        r'<a class="btn" href="([^"]+)"><svg.*?</svg>(.*?)<span class="n">(\d+)', page
    )
    assert [(name, count) for _, name, count in ways] == [("insight", "2")]
    for address, _, count in ways:
        assert len(titles(text_of(browser, address))) == int(count)
    page = text_of(browser, "/search?q=banks+letters+phone&match=all")
    assert "“all of the words”" in page


def test_where_nothing_is_found_tags_that_sound_alike_are_offered(browser: FlaskClient) -> None:
    page = text_of(browser, "/search?q=refudn&literal=1")
    assert titles(page) == []
    assert "Tags that sound like it" in page
    assert len(titles(text_of(browser, link(page, "<span>Refund")))) == 2


def test_unfinished_words_lead_to_what_begins_so(browser: FlaskClient) -> None:
    page = text_of(browser, "/search?q=awai")
    assert "There are longer words that begin so." in page
    assert titles(text_of(browser, link(page, "Search for “awai\\*”, 1"))) == [
        "A refund is awaited"
    ]
    assert "Nothing is written down about this" in text_of(browser, "/search?q=zzzz")
    assert "Tags that sound like it" in text_of(browser, "/search?q=cred&literal=1")


def test_all_that_was_corrected_is_told_at_once_within_the_whole_text(browser: FlaskClient) -> None:
    page = plain(text_of(browser, "/search?q=Nobdoy+hears+lettres"))
    assert "Showing results for “nobody hears letters”." in page
    assert "Search for “Nobdoy hears lettres” instead" in page


def test_totals_are_written_as_people_read_them(
    browser: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = Search.find

    def many(*args: Any, **options: Any) -> Found:
        return replace(find(*args, **options), total_any=123_456, total_all=65_432)

    monkeypatch.setattr(Search, "find", many)
    page = plain(text_of(browser, "/search?q=refund"))
    assert "123,456 found · 65,432 hold all the words" in page


def test_signs_without_a_word_are_told_to_ask_nothing_and_get_no_answer(
    browser: FlaskClient,
) -> None:
    for typed in ("!!!???", "-", "«»", "%2A"):
        page = text_of(browser, f"/search?q={typed}")
        assert "No word stands in it: everything is shown." in page
        assert "What we know" not in page
        assert "Ask for a study" not in page
    for typed in ("", "-banks", "the", "awai*", "«the»"):
        assert "No word stands in it" not in text_of(browser, f"/search?q={typed}")


def test_every_page_has_the_field_and_the_search_page_has_one_only(browser: FlaskClient) -> None:
    for address, count in (("/studies", 1), ("/account", 1), ("/", 1), ("/search", 1)):
        page = text_of(browser, address).partition("<dialog")[0]
        assert page.count('name="q" type="search"') == count
    assert 'aria-label="Search everything"' in text_of(browser, "/notices")


def test_other_words_are_searched_within_the_same_filters(browser: FlaskClient) -> None:
    page = text_of(browser, "/search?q=refund&method=interviews&sort=date&view=studies")
    (form,) = re.findall(r'<form class="search" .*?</form>', page, re.S)
    kept = re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', form)
    assert kept == [("method", "interviews"), ("sort", "date"), ("view", "studies")]


def test_a_question_in_russian_makes_the_page_little_heavier(
    app: Flask, browser: FlaskClient, database: Database, colleague: Person
) -> None:
    question = "почему люди ждут возврата денег и что они думают о сроках банка"
    page = text_of(browser, f"/search?q={question}")
    assert len(re.findall(r'href="[^"]*%D0', page)) < 5
    assert len(page.encode()) < 60_000

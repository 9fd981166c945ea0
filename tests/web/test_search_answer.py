"""What we know: the insights that answer a search, what they rest on, and a text to pass on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from research_repo.app import create_app
from research_repo.core.db import Database
from research_repo.core.models import Person
from research_repo.settings import Settings
from tests import make
from tests.web.conftest import sign_in


@dataclass(frozen=True)
class Claims:
    """Keys of what the fixture wrote."""

    trust: str
    old: str
    closed: str


@pytest.fixture
def claims(app: Flask, database: Database, colleague: Person) -> Claims:
    with database.saving() as session:
        march = make.study(session, colleague, "march", "Returns in March")
        survey = make.study(session, colleague, "survey", "Returns by survey")
        closed = make.study(session, colleague, "closed", "Zebrafish", access="members")
        trust = make.atom(
            session, colleague, "Silence about a refund costs trust", kind="insight",
            observed_on=date(2026, 2, 1),
        )  # fmt: skip
        seen = {"observed_on": date(2026, 3, 5)}
        one = make.atom(
            session,
            colleague,
            "Seven asked the chat",
            march,
            quote="Where is it?",
            who="R-01",
            **seen,
        )
        two = make.atom(
            session, colleague, "Four called", march, who="R-07", **seen,
            quote="I do not know where my refund is",
        )  # fmt: skip
        three = make.atom(
            session, colleague, "Five wrote", survey, observed_on=date(2026, 9, 2), quote="Hm"
        )
        against = make.atom(session, colleague, "Three did not mind", survey, **seen)
        hidden = make.atom(
            session, colleague, "Zebrafish fact", closed, observed_on=date(2026, 11, 1),
            quote="Zebrafish refund refund silence trust",
        )  # fmt: skip
        for fact in (one, two, three, hidden):
            make.link(session, colleague, fact, trust)
        make.link(session, colleague, against, trust, "contradicts")
        old = make.atom(session, colleague, "A refund is feared", kind="insight")
        new = make.atom(session, colleague, "A refund is no longer feared", kind="insight")
        make.link(session, colleague, new, old, "supersedes")
        own = make.atom(session, colleague, "Zebrafish refund insight", closed, kind="insight")
    app.extensions["house"].search.catch_up()
    return Claims(trust.key, old.key, own.key)


@pytest.fixture
def reader(database: Database, colleague: Person) -> Person:
    with database.saving() as session:
        return make.person(session, "Olga", "reader")


def page_of(client: FlaskClient, person: Person, address: str) -> str:
    answer = sign_in(client, person).get(address)
    assert answer.status_code == 200
    return unescape(answer.get_data(as_text=True))


def block(page: str) -> str:
    """The answer alone."""
    found = re.search(r'<section class="answer".*?</section>', page, re.DOTALL)
    return found[0] if found else ""


def told(page: str) -> str:
    return re.search(r'<pre[^>]*id="answer-text"[^>]*>(.*?)</pre>', page, re.DOTALL)[1]  # type: ignore[index]


def test_an_insight_is_told_with_what_speaks_for_and_against_it(
    client: FlaskClient, reader: Person, claims: Claims
) -> None:
    answer = block(page_of(client, reader, "/search?q=silence+trust+refund"))
    assert "Silence about a refund costs trust" in answer
    assert "disputed" in answer
    assert "3 facts for, 1 against" in answer
    assert "2 studies" in answer
    assert "latest: September 2026" in answer
    assert ", from 4 facts" in answer


def test_the_quote_that_answers_best_comes_with_who_said_it_and_where(
    client: FlaskClient, reader: Person, claims: Claims
) -> None:
    answer = block(page_of(client, reader, "/search?q=refund+trust"))
    assert "I do not know where my <mark>refund</mark> is" in answer
    assert "R-07" in answer
    assert "Returns in March, March 2026" in answer
    assert answer.count("<blockquote") == 1


def test_what_a_closed_study_says_counts_for_its_team_alone(
    client: FlaskClient, reader: Person, colleague: Person, claims: Claims
) -> None:
    theirs = page_of(client, reader, "/search?q=silence+trust+refund")
    assert "ebrafish" not in theirs
    own = block(page_of(client, colleague, "/search?q=silence+trust+refund"))
    assert "4 facts for, 1 against" in own
    assert "3 studies" in own
    assert "latest: November 2026" in own
    assert "Zebrafish <mark>refund</mark>" in own


def test_a_claim_that_a_newer_one_replaces_is_left_out(
    client: FlaskClient, reader: Person, claims: Claims
) -> None:
    answer = block(page_of(client, reader, "/search?q=feared+refund"))
    assert "A refund is no longer feared" in answer
    assert f"/atoms/{claims.old}" not in answer


def test_it_is_named_as_replaced_where_nothing_else_answers(
    app: Flask, client: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        old = make.atom(session, colleague, "Vans are late", kind="insight")
        new = make.atom(session, colleague, "Nobody waits any more", kind="insight")
        make.link(session, colleague, new, old, "supersedes")
    app.extensions["house"].search.catch_up()
    assert "replaced by a newer claim" in block(page_of(client, colleague, "/search?q=vans"))


def test_what_answers_far_worse_than_the_best_hit_is_no_answer(
    app: Flask, client: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        make.atom(session, colleague, "The parking of lorries near the market hall")
        make.atom(session, colleague, "Near is a matter of taste", kind="insight")
        for number in range(20):
            make.atom(session, colleague, f"Near shop {number} people wait")
    app.extensions["house"].search.catch_up()
    page = page_of(client, colleague, "/search?q=parking+of+lorries+near+market")
    assert block(page) == ""
    assert "No insight answers this yet" in page


@pytest.mark.parametrize(
    "address",
    ["/search", "/search?q=refund&page=2", "/search?q=refund&kind=fact", "/search?q=giraffes",
     "/search?q=refund&view=study-list"],
)  # fmt: skip
def test_there_is_no_empty_box(
    client: FlaskClient, reader: Person, claims: Claims, address: str
) -> None:
    assert 'class="answer"' not in page_of(client, reader, address)


def test_a_tag_alone_has_an_answer_the_best_supported_first(
    app: Flask, client: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        tag = make.tag(session, colleague, "Refund")
        weak = make.atom(session, colleague, "Weak", kind="insight", tags=[tag])
        strong = make.atom(session, colleague, "Strong", kind="insight", tags=[tag])
        make.link(session, colleague, make.atom(session, colleague, "Seen"), strong)
    app.extensions["house"].search.catch_up()
    answer = block(page_of(client, colleague, f"/search?tag={tag.key}"))
    assert 0 < answer.index(strong.key) < answer.index(weak.key)


def test_the_text_to_copy_holds_claim_quote_source_and_whole_address(
    client: FlaskClient, reader: Person, claims: Claims
) -> None:
    text = told(page_of(client, reader, "/search?q=trust+refund"))
    lines = text.split("\n")
    assert lines[0] == "What is known about “trust refund”"
    assert lines[2] == "1. Silence about a refund costs trust"
    weight = "2 respondents · 2 studies · 1 method · disputed · 3 facts for, 1 against"
    assert lines[3] == f"{weight} · latest: September 2026"
    assert lines[4] == "> “I do not know where my refund is” — R-07, Returns in March"
    assert lines[5] == f"http://localhost/atoms/{claims.trust}"


def test_the_address_is_the_one_that_the_team_has_set(
    settings: Settings, database: Database, reader: Person, claims: Claims
) -> None:
    base = "https://research.example.org"
    app = create_app(
        Settings(
            instance=settings.instance, database_url=settings.database_url,
            secret_key=settings.secret_key, base_url=base,
        )
    )  # fmt: skip
    try:
        client = app.test_client()
        with client.session_transaction(base_url=base) as kept:
            kept.permanent = True
        sign_in_at(client, reader, base)
        page = client.get("/search?q=trust+refund", base_url=base).get_data(as_text=True)
        assert f"{base}/atoms/{claims.trust}" in told(unescape(page))
    finally:
        app.extensions["house"].database.close()


def sign_in_at(client: FlaskClient, person: Person, base_url: str) -> None:
    with client.session_transaction(base_url=base_url) as kept:
        kept.clear()
        kept.permanent = True
        kept["begun"] = person.created_at.timestamp()
        kept["_user_id"] = f"{person.id}:{person.session_epoch}"


def test_studies_stand_beside_the_answer_and_in_a_list_of_their_own(
    client: FlaskClient, database: Database, colleague: Person, reader: Person
) -> None:
    with database.saving() as session:
        make.study(
            session, colleague, "vans", "How vans find a yard", summary="Lorries lose a quarter hour.",
            questions=["Who rides along?", "Where do vans stop?"],
        )  # fmt: skip
        make.study(session, colleague, "closed", "Vans of Zebrafish", access="members")
        make.atom(session, colleague, "Vans stop twice")
    client.application.extensions["house"].search.catch_up()
    page = page_of(client, reader, "/search?q=vans")
    assert "Studies about it" in page
    assert "How <mark>vans</mark> find a yard" in page
    assert 'Studies <span class="n">1</span>' in page
    listed = page_of(client, reader, "/search?q=vans&view=study-list")
    assert "How <mark>vans</mark> find a yard" in listed
    assert "Question 2:</span> Where do <mark>vans</mark> stop?" in listed
    lorries = page_of(client, reader, "/search?q=lorries")
    assert "<mark>Lorries</mark> lose a quarter hour." in lorries
    assert "Vans stop twice" not in listed
    assert 'Studies <span class="n">2</span>' in page_of(client, colleague, "/search?q=vans")
    assert "No study speaks of this" in page_of(client, reader, "/search?q=boats&view=study-list")


def test_a_claim_shows_similar_ones_and_says_which_may_be_doubles(
    app: Flask, client: FlaskClient, database: Database, colleague: Person, reader: Person
) -> None:
    with database.saving() as session:
        for number in range(9):
            make.atom(session, colleague, f"Sellers wait for payout {number}")
        closed = make.study(session, colleague, "closed", "Zebrafish", access="members")
        one = make.atom(session, colleague, "Buyers never see the state of a refund")
        make.atom(session, colleague, "Buyers never saw the states of refunds", kind="insight")
        make.atom(session, colleague, "Zebrafish: buyers never see the state of a refund", closed)
    app.extensions["house"].search.catch_up()
    page = page_of(client, reader, f"/atoms/{one.key}")
    side = page.split("Similar claims")[1]
    assert "Buyers never saw the states of refunds" in side
    assert "almost the same words" in side
    assert "Zebrafish" not in page

"""The strength of a claim on its page, and the page of the sum behind it."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from research_repo.core.db import Database
from research_repo.core.evidence import EvidenceValues
from research_repo.core.models import Atom, Person
from tests import make
from tests.web.conftest import sign_in


@pytest.fixture
def claim(database: Database, colleague: Person) -> Atom:
    """An insight on two talks and a survey, of which one talk is closed to others."""
    with database.saving() as session:
        talks = make.study(session, colleague, "talks", "Talks", method="interviews")
        closed = make.study(session, colleague, "closed", "Secret talks", access="members")
        survey = make.study(session, colleague, "survey", "A survey", method="survey")
        made = make.atom(session, colleague, "They give up", kind="insight")
        pieces = [EvidenceValues(text=f"Words of {n}", who=f"R-{n}") for n in range(4)]
        nameless = EvidenceValues(text="Somebody said it")
        figure = EvidenceValues(kind="number", text="gave up", number=38, unit="%", n=412)
        for study, evidence in (
            (talks, [*pieces, nameless, *pieces[:1]]),
            (closed, [EvidenceValues(text="Hush", who="Mr Hidden")]),
            (survey, [figure]),
        ):
            fact = make.atom(session, colleague, f"Seen in {study.key}", study, evidence=evidence)
            make.link(session, colleague, fact, made)
        return made


def text_of(browser: FlaskClient, path: str) -> str:
    return browser.get(path).get_data(as_text=True).replace("\N{NO-BREAK SPACE}", " ")


def test_a_claims_page_tells_its_counts_first_and_its_level_second(
    client: FlaskClient, colleague: Person, claim: Atom
) -> None:
    page = text_of(sign_in(client, colleague), f"/atoms/{claim.key}")
    line = page[page.index('class="weigh"') :]
    told = "5 respondents · 1 measurement · 3 studies · 2 methods"
    assert told in line.replace("&nbsp;", " ")
    assert line.index(told) < line.index("strong")


def test_the_sum_tells_who_counts_and_what_was_left_out(
    client: FlaskClient, colleague: Person, claim: Atom
) -> None:
    page = text_of(sign_in(client, colleague), f"/atoms/{claim.key}/strength")
    assert "4: R-0; R-1; R-2; R-3" in page
    assert "38 % gave up, n = 412" in page
    assert "1 quote does not say who was heard" in page
    assert "1 quote or number stands there twice" in page
    assert page.count('class="met"') == 4
    assert page.count('class="unmet"') == 1


def test_what_a_person_may_not_see_is_neither_counted_nor_hinted_at(
    client: FlaskClient, database: Database, colleague: Person, claim: Atom
) -> None:
    with database.saving() as session:
        reader = make.person(session, "Olga", "reader")
    browser = sign_in(client, reader)
    page = text_of(browser, f"/atoms/{claim.key}/strength")
    assert "4 respondents" in page
    assert "2 studies" in page
    for hidden in ("Secret", "Mr Hidden", "closed", "Hush"):
        assert hidden not in page + text_of(browser, f"/atoms/{claim.key}")


def test_the_strongest_insights_of_a_tag_come_first(
    app: Flask, client: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        tag = make.tag(session, colleague, "Refund")
        strong, plain = (
            make.atom(session, colleague, title, kind="insight", tags=[tag])
            for title in ("They fear the wait", "They like green")
        )
        quotes = [EvidenceValues(text=f"Words {n}", who=f"R-{n}") for n in range(3)]
        fact = make.atom(session, colleague, "They call", evidence=quotes)
        make.link(session, colleague, fact, strong)
        bare = [make.atom(session, colleague, f"Seen {n}") for n in range(3)]
        for one in bare:
            make.link(session, colleague, one, plain)
    app.extensions["house"].search.catch_up()
    page = text_of(sign_in(client, colleague), f"/tags/{tag.key}")
    assert page.index(strong.title) < page.index(plain.title)
    assert "3 facts without quotes or data" in page

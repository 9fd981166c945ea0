"""From a claim to people's own words: the chain on a claim's page, and how claims are put into it."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from research_repo.core import history, links, policies
from research_repo.core.db import Database
from research_repo.core.models import Atom, Person
from tests import make
from tests.web.conftest import send, sign_in

QUOTE = "I looked at the box for a minute"


@pytest.fixture
def browser(client: FlaskClient, colleague: Person) -> FlaskClient:
    return sign_in(client, colleague)


@pytest.fixture
def three(database: Database, colleague: Person) -> tuple[Atom, Atom, Atom]:
    """A fact with a quote, the insight upon it, and the recommendation upon that."""
    with database.saving() as session:
        fact = make.atom(session, colleague, "They look for labels", quote=QUOTE, who="R-07")
        insight = make.atom(session, colleague, "Labels are hidden", kind="insight")
        advice = make.atom(session, colleague, "Print them large", kind="recommendation")
        make.link(session, colleague, fact, insight)
        make.link(session, colleague, insight, advice)
    return fact, insight, advice


def shown(browser: FlaskClient, atom: Atom) -> str:
    answer = browser.get(f"/atoms/{atom.key}")
    assert answer.status_code == 200
    return answer.text


def test_the_customers_own_words_stand_on_the_page_of_every_claim_above_them(
    browser: FlaskClient, three: tuple[Atom, Atom, Atom]
) -> None:
    fact, insight, advice = three
    for claim in three:
        assert QUOTE in shown(browser, claim)
    # Under the insight that carries the recommendation they unfold in place, with the way to the fact.
    unfolded = shown(browser, advice).partition("disclose unfold")[2].partition("</details>")[0]
    assert QUOTE in unfolded
    assert f"/atoms/{fact.key}" in unfolded
    assert insight.title in shown(browser, advice)


def test_a_facts_page_leads_up_to_the_insight_and_on_to_the_recommendation(
    browser: FlaskClient, three: tuple[Atom, Atom, Atom]
) -> None:
    leads = shown(browser, three[0]).partition('id="leads"')[2]
    assert leads.index("Labels are hidden") < leads.index("Print them large")


def test_words_of_what_is_not_seen_do_not_unfold(
    client: FlaskClient, database: Database, colleague: Person, three: tuple[Atom, Atom, Atom]
) -> None:
    with database.saving() as session:
        owner = make.person(session, "Petr", "researcher")
        study = make.study(session, owner, "secret", access="members")
        hidden = make.atom(session, owner, "Canary", study, quote="Canary 7f3a", who="R-1")
        make.link(session, owner, hidden, three[1])
        make.link(session, owner, hidden, three[0])
    for claim in three:
        assert "Canary" not in shown(sign_in(client, colleague), claim)
        assert "Canary 7f3a" in shown(sign_in(client, owner), claim)


def test_a_claim_that_was_replaced_says_so_first(
    browser: FlaskClient, database: Database, colleague: Person, three: tuple[Atom, Atom, Atom]
) -> None:
    with database.saving() as session:
        newer = make.atom(session, colleague, "Labels are small", kind="insight")
        make.link(session, colleague, newer, three[1], "supersedes")
    page = shown(browser, three[1])
    assert page.index("A newer claim replaces this one.") < page.index("Quotes and data")
    assert "Labels are small" in page


def test_an_insight_is_written_from_chosen_facts(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        facts = [make.atom(session, colleague, f"Fact {n}", tags=["labels"]) for n in range(5)]
    answer = send(browser, "/bulk/insight", atom=[one.key for one in facts])
    assert answer.status_code == 303
    form = browser.get(answer.headers["Location"]).text
    assert len(re.findall(r'name="rests_on" value="\w+" checked', form)) == 5
    assert 'value="insight"' in form
    keys = [one.key for one in facts]
    answer = send(
        browser,
        "/atoms/new",
        kind="insight",
        title="All five say so",
        study="returns",
        rests_on=keys,
    )
    assert answer.status_code == 303
    with database.reading() as session:
        key = answer.headers["Location"].rpartition("/")[2]
        page = browser.get(f"/atoms/{key}").text
        assert all(one.title in page for one in facts)
        found = links.incoming(session, colleague, [one.id for one in facts])
        assert found == {}


def test_facts_are_found_by_what_is_typed_and_stay_ticked(
    app: Flask, browser: FlaskClient, three: tuple[Atom, Atom, Atom]
) -> None:
    app.extensions["house"].search.catch_up()
    fact, insight, advice = three
    form = {"kind": "insight", "title": "x", "carriers": "look lab", "rests_on": [insight.key]}
    offered = send(browser, "/atoms/carriers", **form).text
    assert f'value="{insight.key}" checked' in offered
    assert f'value="{fact.key}">' in offered
    assert advice.key not in offered  # a recommendation carries nothing
    form["do"] = "carriers"
    assert f'value="{fact.key}">' in send(browser, "/atoms/new", **form).text
    by_address = {"kind": "insight", "carriers": f"https://example.org/atoms/{fact.key}"}
    assert f'value="{fact.key}">' in send(browser, "/atoms/carriers", **by_address).text


def test_several_claims_are_linked_at_once(
    browser: FlaskClient, database: Database, colleague: Person, three: tuple[Atom, Atom, Atom]
) -> None:
    with database.saving() as session:
        others = [make.atom(session, colleague, f"Other {n}") for n in range(3)]
    keys = [one.key for one in others]
    path = f"/atoms/{three[1].key}/links"
    assert send(browser, path, other=keys, how="contradicts in").status_code == 303
    with database.reading() as session:
        found = links.incoming(session, colleague, [three[1].id])[three[1].id]
    assert found["contradicts"] == [one.id for one in others]


def test_a_claim_that_is_not_there_for_the_person_is_refused_like_one_that_is_not_there(
    browser: FlaskClient, database: Database, colleague: Person, three: tuple[Atom, Atom, Atom]
) -> None:
    with database.saving() as session:
        owner = make.person(session, "Petr", "researcher")
        study = make.study(session, owner, "secret", access="members")
        hidden = make.atom(session, owner, "Canary", study)
        before = history.newest(session)
    path = f"/atoms/{three[1].key}/links"
    told = set()
    for other in (hidden.key, "zzzzzz"):
        answer = send(browser, path, other=[three[0].key, other], how="contradicts in")
        assert answer.status_code == 422
        assert "There is no such claim for you" in answer.text
        assert "Canary" not in answer.text
        answer = send(browser, "/atoms/new", kind="insight", title="x", rests_on=other)
        told |= set(re.findall(r"No atom has this[^<]*", answer.text))
        assert answer.status_code == 422
    assert len(told) == 1
    with database.reading() as session:
        assert history.newest(session) == before


def test_what_is_not_seen_is_not_offered(
    app: Flask, browser: FlaskClient, database: Database, three: tuple[Atom, Atom, Atom]
) -> None:
    with database.saving() as session:
        owner = make.person(session, "Petr", "researcher")
        study = make.study(session, owner, "secret", access="members")
        hidden = make.atom(session, owner, "Canary labels", study)
    app.extensions["house"].search.catch_up()
    form = {"kind": "insight", "carriers": "labels", "rests_on": hidden.key, "other": hidden.key}
    paths = ("/atoms/carriers", "/atoms/new", f"/atoms/{three[1].key}/links")
    for path in paths:
        found = send(browser, path, **form, do="carriers" if path == "/atoms/new" else "find").text
        assert "Canary" not in found
    for typed in (hidden.key, f"/atoms/{hidden.key}"):
        assert "Canary" not in send(browser, "/atoms/carriers", kind="insight", carriers=typed).text
    page = browser.get(f"/atoms/new?kind=insight&rests_on={hidden.key}").text
    assert "Canary" not in page


def test_what_the_team_blocks_is_asked_for_where_it_can_be_given(
    browser: FlaskClient, database: Database, admin: Person, colleague: Person
) -> None:
    with database.saving() as session:
        policies.set_publishing(session, admin, {"fact": "block", "insight": "block"})
        bare = make.atom(session, colleague, "Bare", status="draft")
        floating = make.atom(session, colleague, "Floating", kind="insight", status="draft")
        fact = make.atom(session, colleague, "Seen", quote=QUOTE)
    for atom, advice in ((bare, "No quote yet"), (floating, "Link at least one fact")):
        assert advice in shown(browser, atom)
        answer = send(browser, f"/atoms/{atom.key}/status", status="published", version="1")
        assert answer.status_code == 422
        assert advice in answer.text
        assert "Save and publish" in answer.text
    form = {"kind": "insight", "title": "Floating", "version": "1", "do": "publish"}
    answer = send(browser, f"/atoms/{floating.key}/edit", **form, rests_on=fact.key)
    assert answer.status_code == 303
    with database.reading() as session:
        assert session.get_one(Atom, floating.id).status == "published"


def test_what_is_published_and_rests_on_nothing_is_marked_for_its_author(
    client: FlaskClient, browser: FlaskClient, database: Database, admin: Person, colleague: Person
) -> None:
    with database.saving() as session:
        make.study(session, colleague)
        reader = make.person(session, "Olga", "reader")
    answer = send(browser, "/atoms/new", kind="fact", title="Bare", study="returns", do="publish")
    told = browser.get(answer.headers["Location"]).text
    assert "Add the words that were said, a number, a link or a file." in told
    with database.reading() as session:
        bare = session.get_one(Atom, 1)
    assert "Add the words that were said" in shown(browser, bare)
    others = shown(sign_in(client, reader), bare)
    assert "No quote yet." in others
    assert "Add the words" not in others
    with database.saving() as session:
        policies.set_publishing(session, admin, {"fact": "off"})
    assert "No quote yet." not in shown(client, bare)


def test_a_claim_over_a_closed_study_is_published_with_a_word_that_it_may_be_known(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        study = make.study(session, colleague, "secret", "The secret study", access="members")
        hidden = make.atom(session, colleague, "Canary", study, quote="Canary")
    form = {"kind": "insight", "title": "For all", "rests_on": hidden.key, "do": "publish"}
    answer = send(browser, "/atoms/new", **form)
    assert answer.status_code == 422
    assert "The secret study" in answer.text
    assert 'name="is_confirmed"' in answer.text
    answer = send(browser, "/atoms/new", **form, is_confirmed="1")
    assert answer.status_code == 303
    assert "confirmed that it may be known to all" in browser.get(answer.headers["Location"]).text


def test_lists_tell_that_a_claim_was_replaced(
    app: Flask, browser: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        study = make.study(session, colleague, "labels")
        old = make.atom(session, colleague, "Labels are hidden", study, kind="insight")
        new = make.atom(session, colleague, "Stickers are small", study, kind="insight")
        make.link(session, colleague, new, old, "supersedes")
    app.extensions["house"].search.catch_up()
    for path in ("/search?q=hidden", "/studies/labels", "/", "/studies/labels/report"):
        page = browser.get(path).text
        assert page.count("replaced by a newer one") == 1, path
    assert "replaced by" not in browser.get("/search?q=stickers").text
    for form in ("md", "html"):
        assert browser.get(f"/studies/labels/report.{form}").text.count("replaced by") == 1

"""The queue of claims as people use it, and the lines about it on a claim's page and at home."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select

from research_repo.core import bulk, confirmations, notices, people, review_periods
from research_repo.core.clock import months_after, today
from research_repo.core.db import Database
from research_repo.core.models import Atom, Confirmation, Person, Tag
from tests import make
from tests.web.conftest import send, sign_in


@pytest.fixture
def browser(client: FlaskClient, colleague: Person) -> FlaskClient:
    return sign_in(client, colleague)


@pytest.fixture
def reader(database: Database, admin: Person) -> Person:
    with database.saving() as session:
        return make.person(session, "Olga", "reader")


def old(database: Database, by: Person, title: str, ago: int = 40, **values: object) -> Atom:
    with database.saving() as session:
        values.setdefault("kind", "insight")
        atom = make.atom(session, by, title, **values)  # type: ignore[arg-type]
        atom.observed_on = months_after(today(), -ago)
        return atom


def looked(browser: FlaskClient, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True))).split())


def test_the_queue_says_why_each_claim_waits_and_whose_it_is(
    browser: FlaskClient, database: Database, colleague: Person, admin: Person
) -> None:
    old(database, colleague, "Cards are feared")
    with database.saving() as session:
        contested = make.atom(session, admin, "Fees are fine", kind="insight")
        make.link(session, admin, make.atom(session, admin, "No"), contested, "contradicts")
        dated = make.atom(session, admin, "Old date", kind="insight")
        dated.review_by = months_after(today(), -1)
    old(database, admin, "A fact", kind="fact")
    page = looked(browser, "/claims")
    assert "Claims to look at again 3" in page
    assert "Cards are feared Nobody confirmed this in 18 months." in page
    assert "The day until which it was to be looked at again is over. It was due" in page
    assert page.index("Fees are fine") < page.index("Cards are feared")
    assert "A fact" not in page
    assert "A fact" in looked(browser, "/claims?kind=fact")
    mine = looked(browser, "/claims?owner=me")
    assert "Cards are feared" in mine
    assert "Fees are fine" not in mine
    assert "Fees are fine" in looked(browser, f"/claims?owner={admin.id}&reason=disputed")
    assert "Nothing waits here" in looked(browser, "/claims?owner=nobody")


def test_a_claim_whose_author_is_not_here_any_more_says_who_wrote_it(
    browser: FlaskClient, database: Database
) -> None:
    with database.saving() as session:
        gone = make.person(session, "Dasha", "researcher")
        author, program = gone, people.system(session)
    old(database, author, "Fees are feared")
    old(database, program, "Fines are feared")
    with database.saving() as session:
        session.get_one(Person, gone.id).is_active = False
    page = looked(browser, "/claims?owner=nobody")
    assert page.count("Dasha, who has no access now") == 1
    assert page.count("who has no access now") == 1
    assert "Fines are feared" in page
    assert "Nobody’s who could be asked 2" in page


def test_ticked_claims_are_confirmed_at_once_and_taken_back(
    browser: FlaskClient, database: Database, colleague: Person, admin: Person
) -> None:
    mine = old(database, colleague, "Mine")
    theirs = old(database, admin, "Theirs")
    form = {"do": "confirm", "atom": [mine.key, theirs.key], "note": "Asked in June"}
    answer = send(browser, "/claims/settle", **form)
    assert answer.status_code == 303
    done = looked(browser, answer.headers["Location"])
    assert "Many claims confirmed" in done
    assert "1 claim was confirmed." in done
    assert "1 is not yours to decide on" in done
    assert "Asked in June" in done
    assert "Mine" not in looked(browser, "/claims")
    history = looked(browser, f"/atoms/{mine.key}/history")
    assert "confirmed that it still holds" in history
    assert "Asked in June" in history
    back = send(browser, answer.headers["Location"] + "/undo")
    assert "Undone on 1 finding." in looked(browser, back.headers["Location"])
    assert "Mine" in looked(browser, "/claims")


def test_all_in_a_list_are_archived_and_no_other_ones(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    for number in range(3):
        old(database, colleague, f"Insight {number}")
    fact = old(database, colleague, "A fact", kind="fact")
    answer = send(browser, "/claims/settle", do="archive", all="1", owner="me", reason="stale")
    assert "3 claims were archived." in looked(browser, answer.headers["Location"])
    assert "Nothing waits here" in looked(browser, "/claims")
    with database.reading() as session:
        assert session.get_one(Atom, fact.id).status == "published"


def test_a_great_many_are_confirmed_and_taken_back_while_nobody_waits(
    app: Flask,
    browser: FlaskClient,
    database: Database,
    colleague: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    for number in range(3):
        old(database, colleague, f"Insight {number}")
    worker = app.extensions["worker"]
    address = send(browser, "/claims/settle", do="confirm", all="1").headers["Location"]
    assert "It is at work." in looked(browser, address)
    assert worker.work_once()
    assert "3 claims were confirmed." in looked(browser, address)
    send(browser, f"{address}/undo")
    assert "It is being taken back." in looked(browser, address)
    assert worker.work_once()
    assert "Undone on 3 findings." in looked(browser, address)


def test_what_cannot_be_done_is_said_above_the_list(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    atom = old(database, colleague, "Mine")
    for form, said in (
        ({"do": "confirm"}, "Choose the findings first."),
        ({"do": "confirm", "atom": atom.key, "note": "x" * 501}, "Use at most 500 characters."),
        ({"do": "merge", "atom": atom.key}, "Choose what is to be done."),
    ):
        answer = send(browser, "/claims/settle", **form)
        assert answer.status_code == 422
        assert said in answer.get_data(as_text=True)
    answer = send(browser, "/claims/ask")
    assert answer.status_code == 422
    assert "Tick the claims" in answer.get_data(as_text=True)


def test_a_reader_asks_for_a_study_about_claims_and_decides_nothing(
    app: Flask, database: Database, colleague: Person, reader: Person
) -> None:
    atoms = [old(database, colleague, title) for title in ("Cards are feared", "Fees are fine")]
    browser = sign_in(app.test_client(), reader)
    page = looked(browser, "/claims")
    assert "Ask for a study" in page
    assert "Still true" not in page
    assert "Archive" not in page
    assert send(browser, "/claims/settle", do="confirm", atom=atoms[0].key).status_code == 403
    asked = send(browser, "/claims/ask", atom=[one.key for one in atoms])
    form = unescape(browser.get(asked.headers["Location"]).get_data(as_text=True))
    assert "Do these still hold: “Cards are feared”; “Fees are fine”" in form
    sent = send(
        browser, "/ask", atom=[one.key for one in atoms], question="Do they hold?", why="We price"
    )
    back = sent.headers["Location"]
    assert "Cards are feared" in looked(browser, back)
    with database.reading() as session:
        (told,) = notices.listed(session, people.get(session, colleague.id))
    assert told.address == back
    one = send(browser, "/ask", atom=atoms[0].key, question="Does it hold?", why="We price")
    assert one.headers["Location"] == f"/atoms/{atoms[0].key}"


def test_a_claims_page_says_that_it_is_stale_and_takes_the_confirmation(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    atom = old(database, colleague, "Mine")
    address = f"/atoms/{atom.key}"
    assert "Nobody confirmed this in 18 months." in looked(browser, address)
    send(browser, f"{address}/confirm", note="Seen again")
    page = looked(browser, address)
    assert "Nobody confirmed this" not in page
    assert "Confirmed by Marina" in page
    assert "Seen again" in page
    with database.reading() as session:
        (given,) = session.exec(select(Confirmation)).all()
    send(browser, f"{address}/confirmations/{given.id}/withdraw")
    assert "Nobody confirmed this in 18 months." in looked(browser, address)


def test_wherever_a_stale_claim_is_listed_it_says_so_quietly(
    app: Flask, browser: FlaskClient, database: Database, colleague: Person
) -> None:
    atom = old(database, colleague, "Cards are feared")
    app.extensions["house"].search.catch_up()
    for address in ("/search?q=cards", "/"):
        assert "not confirmed lately" in looked(browser, address), address
    send(browser, f"/atoms/{atom.key}/confirm")
    for address in ("/search?q=cards", "/"):
        assert "not confirmed lately" not in looked(browser, address), address


def test_others_find_no_way_to_confirm_on_the_page(
    app: Flask, database: Database, colleague: Person, reader: Person
) -> None:
    atom = old(database, colleague, "Mine")
    browser = sign_in(app.test_client(), reader)
    page = browser.get(f"/atoms/{atom.key}").get_data(as_text=True)
    assert "/confirm" not in page
    assert f"/ask?atom={atom.key}" in page
    with database.saving() as session:
        confirmations.confirm(session, people.get(session, colleague.id), atom.key)
    assert "Confirmed by Marina" in looked(browser, f"/atoms/{atom.key}")


def test_home_leads_to_ones_own_claims_with_their_number(
    browser: FlaskClient, database: Database, colleague: Person, admin: Person
) -> None:
    old(database, colleague, "Mine")
    old(database, colleague, "My fact", kind="fact")
    old(database, admin, "Theirs")
    home = browser.get("/").get_data(as_text=True)
    assert "/claims?owner=me&amp;kind=any" in home
    assert ">2</span>" in browser.get("/claims/mine").get_data(as_text=True)
    assert "Claims to look at again 2" in looked(browser, "/claims?owner=me&kind=any")


def test_a_long_queue_has_pages(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        for number in range(51):
            atom = make.atom(session, colleague, f"Insight {number:02}", kind="insight")
            atom.observed_on = months_after(today(), -90 + number)
    first, second = looked(browser, "/claims"), looked(browser, "/claims?page=2")
    assert "Insight 00" in first
    assert "Insight 50" not in first
    assert "Insight 50" in second
    assert "51–51 of 51" in second
    assert "Insight 50" in looked(browser, "/claims?page=9")


def test_a_form_of_a_claim_sets_the_day_and_empties_it(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    atom = old(database, colleague, "Mine")
    fields = {"kind": "insight", "title": "Mine", "do": "publish"}
    page = browser.get(f"/atoms/{atom.key}/edit").get_data(as_text=True)
    assert 'name="review_by"' in page
    send(browser, f"/atoms/{atom.key}/edit", **fields, version="1", review_by="2031-03-02")
    assert 'value="2031-03-02"' in browser.get(f"/atoms/{atom.key}/edit").get_data(as_text=True)
    assert "look again by" in looked(browser, f"/atoms/{atom.key}/history")
    bad = send(browser, f"/atoms/{atom.key}/edit", **fields, version="2", review_by="soon")
    assert bad.status_code == 422
    assert 'id="f-review_by-error"' in bad.get_data(as_text=True)
    send(browser, f"/atoms/{atom.key}/edit", **fields, version="2", review_by="")
    with database.reading() as session:
        assert session.get_one(Atom, atom.id).review_by is None


def test_administrators_settle_after_how_long_claims_are_due(
    app: Flask, database: Database, admin: Person, colleague: Person
) -> None:
    with database.saving() as session:
        law = make.tag(session, admin, "Law")
    browser = sign_in(app.test_client(), admin)
    assert "Behaviour 24 months" in looked(browser, "/policies")
    send(browser, "/policies/periods", tag="Law", months="6")
    send(browser, "/policies/periods", others="30")
    page = looked(browser, "/policies")
    assert "Law 6 months" in page
    assert "All other claims 30 months" in page
    send(browser, "/policies/periods", without=law.key)
    assert "Law 6 months" not in looked(browser, "/policies")
    for form, said in (
        ({"tag": "Nothing", "months": "6"}, "There is no tag"),
        ({"tag": "Law", "months": "1000"}, "from 1 to 120"),
        ({"tag": "Law", "months": "many"}, "Write a whole number."),
        ({"others": ""}, "from 1 to 120"),
    ):
        answer = send(browser, "/policies/periods", **form)
        assert answer.status_code == 422
        assert said in unescape(answer.get_data(as_text=True))
    other = sign_in(app.test_client(), colleague)
    assert "Set the period" not in looked(other, "/policies")
    with database.reading() as session:
        tag = session.exec(select(Tag).where(Tag.key == law.key)).one()
        assert review_periods.periods(session).months([tag.id]) == 30

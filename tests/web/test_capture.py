"""Fast capture: what stays for the next fact, what was found before, and words that are not sent yet."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from research_repo.core import cards, evidence, links, participants, scratch, studies
from research_repo.core.db import Database
from research_repo.core.models import Atom, Person, Study
from research_repo.core.participants import ParticipantValues
from tests import make
from tests.web.conftest import csrf_token, send, sign_in

FACT = {"kind": "fact", "study": "returns", "do": "publish", "slot": "a1"}


def quote(text: str, who: str = "") -> dict[str, list[str]]:
    said = {"kind": "quote", "text": text, "who": who}
    names = ("kind", "id", "text", "who", "source", "url", "number", "unit", "n")
    return {f"evidence-{name}": [said.get(name, "")] for name in names}


@pytest.fixture
def study(database: Database, colleague: Person) -> Study:
    with database.saving() as session:
        return make.study(session, colleague, questions=["How do they return?", "Why?"])


@pytest.fixture
def browser(client: FlaskClient, colleague: Person, study: Study) -> FlaskClient:
    return sign_in(client, colleague)


def page(browser: FlaskClient, path: str) -> str:
    return browser.get(path).get_data(as_text=True)


def quotes_of(database: Database, by: Person) -> list[tuple[str, str]]:
    with database.reading() as session:
        atom_ids = cards.logged_by(session, by, None, 10)
        pieces = [one for atom_id in atom_ids for one in evidence.of_atom(session, atom_id)]
        return [(one.text, one.who) for one in pieces]


def heard(database: Database, by: Person, code: str, segment: str = "") -> None:
    with database.saving() as session:
        values = participants.ready(ParticipantValues(code=code, segment=segment))
        participants.add(session, by, "returns", values)


def test_study_respondent_and_question_stay_for_the_next_fact_wherever_it_is_begun(
    browser: FlaskClient, database: Database, study: Study
) -> None:
    with database.reading() as session:
        second = studies.questions_of(session, study.id)[1].id
    send(browser, "/atoms/new", **FACT, who="R-06", question=str(second), title="One")
    for path in ("/atoms/new", "/atoms/new?study=returns"):
        shown = page(browser, path)
        assert '<option value="returns" selected>' in shown
        assert 'name="who" type="text" value="R-06"' in shown
    assert f'value="{second}" checked' in page(browser, "/atoms/new")
    assert "R-06" not in page(browser, "/atoms/new?study=another")
    assert "R-06" not in page(browser, "/atoms/new?kind=insight")


def test_quotes_that_name_nobody_are_the_respondents(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    heard(database, colleague, "R-06")
    send(browser, "/atoms/new", **FACT, **quote("Mine"), who="R-06", title="One")
    send(browser, "/atoms/new", **FACT, **quote("His", "R-07"), who="R-06", title="Two")
    assert sorted(quotes_of(database, colleague)) == [("His", "R-07"), ("Mine", "R-06")]
    with database.reading() as session:
        atom_id = min(cards.logged_by(session, colleague, None, 10))
        (piece,) = evidence.of_atom(session, atom_id)
        assert piece.participant_id


def test_the_next_fact_is_written_without_a_page_in_between(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    in_place = {"headers": {"HX-Request": "true"}}
    answer = send_so(browser, "/atoms/new", {**FACT, "title": "One", "tags": "Problem"}, **in_place)
    told = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "<html" not in told
    assert "The fact is written down." in told
    assert ">One</a>" in told
    refused = send_so(browser, "/atoms/new", {**FACT, "title": ""}, **in_place)
    assert refused.status_code == 422
    with database.reading() as session:
        (atom_id,) = cards.logged_by(session, colleague, None, 10)
        key = session.get_one(Atom, atom_id).key
    back = send(browser, f"/atoms/{key}/status", version="1", status="draft", next="/atoms/new")
    assert back.headers["Location"] == "/atoms/new"
    away = send(browser, f"/atoms/{key}/status", version="2", status="draft", next="//evil.example")
    assert away.headers["Location"] == f"/atoms/{key}"


def send_so(browser: FlaskClient, path: str, form: dict[str, Any], **how: Any) -> Any:
    return browser.post(path, data={"csrf_token": csrf_token(browser), **form}, **how)


def test_similar_claims_are_told_while_a_title_is_typed(
    browser: FlaskClient, app: Flask, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        make.atom(session, colleague, "People look for the return label in the parcel")
    app.extensions["house"].search.catch_up()
    typed = "They look for a label in their parcel"
    told = send(browser, "/capture/similar", title=typed, study="returns").get_data(as_text=True)
    assert "People look for the return label in the parcel" in told
    assert "this study" in told
    for nothing in ("", "label", "Couriers lose their way"):
        answer = send(browser, "/capture/similar", title=nothing)
        assert answer.get_data(as_text=True).strip() == ""


def test_a_fact_is_linked_to_the_claims_that_were_ticked_beside_it(
    browser: FlaskClient, app: Flask, database: Database, colleague: Person, admin: Person
) -> None:
    with database.saving() as session:
        insight = make.atom(session, colleague, "Labels are in the wrong place", kind="insight")
        fact = make.atom(session, colleague, "They look for the label")
        closed = make.study(session, admin, "closed", access="members")
        hidden = make.atom(session, admin, "Hidden", closed)
    bears = [f"{insight.key} supports", f"{fact.key} relates", f"{hidden.key} relates", "x", "y z"]
    told = send(browser, "/capture/similar", title="", bears=bears).get_data(as_text=True)
    assert told.count(" checked>") == 2
    assert "Hidden" not in told
    keep(browser, title="Half", bears=bears)
    assert page(browser, "/atoms/new?slot=a1").count('name="bears"') == 3
    send(browser, "/atoms/new", **FACT, title="She found no label", bears=bears)
    with database.reading() as session:
        (atom_id,) = cards.logged_by(session, colleague, None, 1)
        linked = links.of_atom(session, admin, session.get_one(Atom, atom_id))
    assert {(one.kind, one.other_id) for one in linked} == {
        ("supports", insight.id),
        ("relates", fact.id),
    }


def test_the_team_chooses_among_those_who_were_heard_and_others_see_none(
    browser: FlaskClient, app: Flask, database: Database, colleague: Person
) -> None:
    heard(database, colleague, "R-06", "sellers of Kazan")
    assert "sellers of Kazan" in page(browser, "/capture/context?study=returns")
    assert "How do they return?" in page(browser, "/capture/context?study=returns")
    with database.saving() as session:
        other = make.person(session, "Olga", "researcher")
    elsewhere = sign_in(app.test_client(), other)
    for path in ("/capture/context?study=returns", "/atoms/new?study=returns"):
        assert "R-06" not in page(elsewhere, path)
        assert "sellers of Kazan" not in page(elsewhere, path)


def keep(browser: FlaskClient, stamp: str = "", **form: Any) -> tuple[int, dict[str, str]]:
    answer = send(browser, "/capture/unsent", **{**FACT, **form}, stamp=stamp)
    assert answer.is_json
    return answer.status_code, answer.get_json()


def test_what_is_typed_is_kept_restored_and_gone_once_it_is_sent(
    browser: FlaskClient, app: Flask, colleague: Person
) -> None:
    typed = {**quote("I never found it", "R-09"), "title": "Half a tho", "tags": "Problem; new"}
    code, kept = keep(browser, **typed, who="R-06", observed_on="2026-03-01", body="More *text*")
    assert code == 200
    assert "Draft saved at" in kept["said"]
    elsewhere = sign_in(app.test_client(), colleague)
    assert "Half a tho" in page(elsewhere, "/atoms/new")
    restored = page(elsewhere, "/atoms/new?slot=a1")
    for text in ("Half a tho", "I never found it", "R-09", "R-06", "2026-03-01", "More *text*"):
        assert text in restored
    assert 'value="Problem; new"' in restored
    assert kept["stamp"] in restored
    send(browser, "/atoms/new", **{**FACT, "title": "Half a thought"})
    assert "typed and not sent" not in page(browser, "/atoms/new")
    assert "sent or thrown away already" in page(browser, "/atoms/new?slot=a1")


def test_two_windows_with_one_draft_never_write_over_each_other(browser: FlaskClient) -> None:
    _, first = keep(browser, title="One")
    code, second = keep(browser, first["stamp"], title="One more")
    assert code == 200
    code, told = keep(browser, first["stamp"], title="Another window")
    assert code == 409
    assert "Another window has this draft open" in told["said"]
    assert "One more" in page(browser, "/atoms/new?slot=a1")
    assert keep(browser, second["stamp"], title="One more time")[0] == 200


def test_a_form_without_words_keeps_nothing(browser: FlaskClient, database: Database) -> None:
    _, kept = keep(browser, title="One")
    assert keep(browser, kept["stamp"], title=" ", who="R-06")[1] == {"said": "", "stamp": ""}
    assert "sent or thrown away already" in page(browser, "/atoms/new?slot=a1")


def test_a_draft_is_thrown_away_by_its_button(browser: FlaskClient) -> None:
    keep(browser, title="Not so good")
    assert "Not so good" in page(browser, "/atoms/new")
    assert "Not so good" in page(browser, "/drafts")
    answer = send(browser, "/capture/unsent/a1/discard", next="/drafts")
    assert answer.headers["Location"] == "/drafts"
    assert "Not so good" not in page(browser, "/drafts")


def test_nobody_else_sees_keeps_or_throws_away_what_somebody_types(
    browser: FlaskClient, app: Flask, database: Database, colleague: Person, admin: Person
) -> None:
    keep(browser, title="Only mine")
    boss = sign_in(app.test_client(), admin)
    for path in ("/atoms/new", "/atoms/new?slot=a1", "/drafts"):
        assert "Only mine" not in page(boss, path)
    send(boss, "/capture/unsent/a1/discard")
    with database.reading() as session:
        assert scratch.get(session, colleague, "atom:a1")


@pytest.mark.parametrize("slot", ["", "A", "../x", "x" * 41, "a b", "слот", "a%00"])
def test_a_window_that_there_cannot_be_keeps_nothing(browser: FlaskClient, slot: str) -> None:
    code, told = keep(browser, title="One", slot=slot)
    assert code == 422
    assert told["said"]
    assert browser.get("/atoms/new", query_string={"slot": slot}).status_code == 200


def test_what_is_too_long_to_be_kept_says_so(browser: FlaskClient) -> None:
    code, told = keep(browser, body="x" * 450_000)
    assert code == 422
    assert "too long" in told["said"]


def test_a_fact_is_written_down_however_many_drafts_wait(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        for number in range(scratch.KEPT_MAX):
            scratch.keep(session, colleague, f"atom:b{number}", {"kind": "fact", "title": "x"})
    assert keep(browser, title="One more")[0] == 422
    assert send(browser, "/atoms/new", **FACT, title="Written").status_code == 303


def test_a_context_whose_study_is_closed_to_the_person_since_is_not_told(
    browser: FlaskClient, app: Flask, database: Database, admin: Person
) -> None:
    with database.saving() as session:
        other = make.person(session, "Olga", "researcher")
    elsewhere = sign_in(app.test_client(), other)
    send(elsewhere, "/atoms/new", **FACT, who="R-06", title="One")
    with database.saving() as session:
        wanted = studies.StudyValues(title="How people return a parcel", access="members")
        studies.change(session, admin, "returns", 1, studies.ready(wanted))
    assert "How people return a parcel" not in page(elsewhere, "/atoms/new")

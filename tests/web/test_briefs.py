"""What we know: the page of answers, the three ways on, and the question before a planned study."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from research_repo.core import brief_lists, briefs, notices, people, studies
from research_repo.core.clock import today
from research_repo.core.db import Database
from research_repo.core.models import Atom, Brief, Person, Study
from tests import make
from tests.web.conftest import send, sign_in

QUESTION = "Why do couriers lose time at the door?"
FORM = {"method": "interviews", "access": "open", "question": QUESTION, "question-id": ""}


@pytest.fixture
def browser(client: FlaskClient, colleague: Person) -> FlaskClient:
    return sign_in(client, colleague)


@pytest.fixture
def insight(app: Flask, database: Database, admin: Person) -> Atom:
    """An insight with a fact for and one against it, in a study that asked alike."""
    with database.saving() as session:
        study = make.study(
            session, admin, "doors", "Doors", questions=["What do couriers lose at a door?"]
        )
        fact = make.atom(
            session, admin, "They ring twice", study, quote="I ring and ring at the door."
        )
        against = make.atom(session, admin, "In summer doors stand open", study)
        insight = make.atom(session, admin, "Couriers lose time at the door", kind="insight")
        make.link(session, admin, fact, insight)
        make.link(session, admin, against, insight, "contradicts")
    app.extensions["house"].search.catch_up()
    return insight


def read(browser: FlaskClient, path: str, **values: str) -> str:
    answer = browser.get(path, query_string=values or None)
    assert answer.status_code == 200
    return plain(answer.get_data(as_text=True))


def plain(html: str) -> str:
    """The words of a page."""
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", html))


def kept(database: Database, by: Person) -> list[brief_lists.BriefCard]:
    with database.reading() as session:
        return brief_lists.listed(session, by, None, 1)[0]


def saved(database: Database, by: Person, content: briefs.Content | None = None) -> str:
    """The key of a saved brief."""
    with database.saving() as session:
        return briefs.save(session, by, QUESTION, content or briefs.Content()).key


def test_the_page_answers_with_claims_and_what_speaks_for_and_against_them(
    browser: FlaskClient, insight: Atom
) -> None:
    page = read(browser, "/known", q=QUESTION)
    for words in (
        "What we know about this is disputed.",
        "It rests on:",
        "Couriers lose time at the door",
        "I ring and ring at the",
        "They ring twice",
        "In summer doors stand open",
        "Doors",
        "What do couriers lose at a door?",
        "No new fact in the last 12 months",
    ):
        assert words in page


def test_the_months_of_gaps_can_be_chosen_and_nonsense_is_passed_over(
    browser: FlaskClient, database: Database, app: Flask, admin: Person
) -> None:
    with database.saving() as session:
        tag = make.tag(session, admin, "Door")
        observed = today() - timedelta(days=500)
        make.atom(session, admin, "Doors are heavy", tags=[tag], observed_on=observed)
    app.extensions["house"].search.catch_up()
    assert "last:" in read(browser, "/known", q="What of the door?")
    assert "newer facts" in read(browser, "/known", q="What of the door?", months="24")
    assert "last 12 months" in read(browser, "/known", q="What of the door?", months="-3")


def test_an_answer_is_saved_with_one_press_and_read_by_everybody(
    app: Flask, browser: FlaskClient, database: Database, admin: Person, insight: Atom
) -> None:
    place = send(browser, "/known", q=QUESTION, do="save").headers["Location"]
    page = read(sign_in(app.test_client(), admin), place)
    assert "Couriers lose time at the door" in page
    assert "Saved by Marina" in page


def test_enough_is_kept_with_its_author_and_the_days_that_it_saved(
    browser: FlaskClient, database: Database, colleague: Person, insight: Atom
) -> None:
    send(browser, "/known", q=QUESTION, do="enough", note="We add a bell", days_saved="15")
    (brief,) = kept(database, colleague)
    told = (brief.decision, brief.note, brief.decided_by, brief.days_saved)
    assert told == ("enough", "We add a bell", "Marina", 15)
    assert "15 days saved" in read(browser, f"/known/{brief.key}")


def test_narrowing_keeps_the_narrower_question_and_answers_it(
    browser: FlaskClient, database: Database, colleague: Person, insight: Atom
) -> None:
    narrower = "What do couriers do at a locked door?"
    answer = send(browser, "/known", q=QUESTION, do="narrow", narrower=narrower)
    assert (kept(database, colleague)[0].decision, kept(database, colleague)[0].note) == (
        "narrow",
        narrower,
    )
    assert narrower in plain(browser.get(answer.headers["Location"]).get_data(as_text=True))


def test_a_request_reaches_researchers_with_the_way_to_the_answer(
    browser: FlaskClient, database: Database, colleague: Person, admin: Person, insight: Atom
) -> None:
    send(browser, "/known", q=QUESTION, do="request", why="We choose a lock")
    (brief,) = kept(database, colleague)
    with database.reading() as session:
        (told,) = notices.listed(session, admin)
    assert (brief.decision, told.address) == ("request", f"/known/{brief.key}")
    assert "We choose a lock" in str(told.message)


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"do": "narrow", "narrower": " "}, "Write the narrower question"),
        ({"do": "request", "why": ""}, "Say what will be decided"),
        ({"do": "request", "why": "x", "needed_by": "2020-01-01"}, "This day is over"),
        ({"do": "enough", "days_saved": "-1"}, "Write a number of days"),
        ({"do": "enough", "days_saved": "many"}, "Write a whole number"),
        ({"do": "enough", "note": "x" * 1001}, "at most 1000 characters"),
        ({"do": "enough", "note": "kept words", "days_saved": "-1"}, "kept words"),
    ],
)
def test_what_cannot_be_used_is_told_beside_its_field_and_nothing_is_kept(
    browser: FlaskClient,
    database: Database,
    colleague: Person,
    form: dict[str, str],
    words: str,
) -> None:
    answer = send(browser, "/known", q=QUESTION, **form)
    assert answer.status_code == 422
    assert words in plain(answer.get_data(as_text=True))
    assert kept(database, colleague) == []


@pytest.mark.parametrize("form", ["md", "html", "json", "csv"])
def test_a_saved_answer_leaves_as_a_file(
    browser: FlaskClient, database: Database, colleague: Person, insight: Atom, form: str
) -> None:
    content = briefs.Content((insight.id,), (1,), months=6)
    key = saved(database, colleague, content)
    written = browser.get(f"/known/{key}.{form}").get_data(as_text=True)
    assert "Couriers lose time at the door" in written
    assert "I ring and ring at the door." in written  # said in a fact below the insight
    if form != "csv":
        assert QUESTION in written
        assert "What we know about this is disputed." in written


def test_two_people_who_decide_at_once_lose_nothing(
    app: Flask, browser: FlaskClient, database: Database, admin: Person, colleague: Person
) -> None:
    key = saved(database, colleague)
    send(browser, f"/known/{key}", do="enough", version="1")
    late = send(sign_in(app.test_client(), admin), f"/known/{key}", do="narrow", narrower="x?")
    assert late.status_code == 409
    assert "Somebody decided this meanwhile" in late.get_data(as_text=True)
    assert kept(database, colleague)[0].decision == "enough"


def test_a_brief_is_taken_away_and_brought_back(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    key = saved(database, colleague)
    place = send(browser, f"/known/{key}/remove").headers["Location"]
    assert browser.get(f"/known/{key}").status_code == 404
    assert "Bring it back" in read(browser, place)
    send(browser, f"/known/{key}/restore")
    assert browser.get(f"/known/{key}").status_code == 200


def test_a_page_counts_studies_avoided_narrowed_and_gone_ahead(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        for kind, words in (("enough", ""), ("narrow", "x?"), ("narrow", "y?")):
            brief = briefs.save(session, colleague, QUESTION, briefs.Content())
            days = 5 if kind == "enough" else None
            briefs.decide(session, colleague, brief.key, 1, briefs.Decision(kind, words, days))
        planned = studies.ready(studies.StudyValues(title="New", status="planned"))
        ahead = briefs.save(session, colleague, QUESTION, briefs.Content())
        briefs.start(session, colleague, "new", planned, ahead.key)
        briefs.start(session, colleague, "other", planned, why="The law asks for it")
    page = read(browser, "/known/decisions")
    for words in ("Studies avoided 1", "Narrowed 2", "Gone ahead 2", "Days saved 5"):
        assert words in page
    assert "of them 1 with a written reason alone" in page
    assert read(browser, "/known/decisions", decision="narrow").count(QUESTION) == 2


def test_a_planned_study_shows_what_is_known_first(
    browser: FlaskClient, database: Database, insight: Atom
) -> None:
    sent = send(browser, "/studies/new", **FORM, status="planned", key="lock", title="New")
    page = plain(sent.get_data(as_text=True))
    assert sent.status_code == 422
    assert "Couriers lose time at the door" in page
    assert "Look at what is known first" in page
    with database.reading() as session:
        assert studies.called(session, people.system(session), "New", 5) == []


def test_it_goes_ahead_with_the_answer_kept_beside_it(
    browser: FlaskClient, database: Database, colleague: Person, insight: Atom
) -> None:
    form = {**FORM, "status": "planned", "key": "lock", "title": "New"}
    send(browser, "/studies/new", **form, known_q=QUESTION, attach="1")
    (brief,) = kept(database, colleague)
    assert brief.study == ("lock", "New")
    assert QUESTION in read(browser, "/studies/lock")
    with database.reading() as session:
        row = session.get_one(Brief, 1)
        assert insight.id in row.content["claims"]


def test_or_with_a_written_reason_which_the_page_of_the_study_tells(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    form = {**FORM, "status": "planned", "key": "lock", "title": "New"}
    send(browser, "/studies/new", **form, known_q=QUESTION, known_why="The law asks for it")
    assert kept(database, colleague) == []
    assert "The law asks for it" in read(browser, "/studies/lock")


def test_a_study_begun_from_a_saved_answer_asks_the_same_and_is_never_asked_again(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    key = saved(database, colleague)
    page = browser.get("/studies/new", query_string={"brief": key}).get_data(as_text=True)
    assert f'value="{QUESTION}"' in page
    form = {**FORM, "status": "planned", "key": "lock", "title": "New", "brief": key}
    assert send(browser, "/studies/new", **form).status_code == 303
    assert kept(database, colleague)[0].study == ("lock", "New")


@pytest.mark.parametrize("status", ["running", "analysis", "completed", "archived"])
def test_a_study_that_runs_or_is_over_is_never_asked(
    browser: FlaskClient, database: Database, status: str
) -> None:
    answer = send(browser, "/studies/new", **FORM, status=status, key="lock", title="New")
    assert answer.status_code == 303


def test_a_brief_of_a_closed_study_is_its_teams(
    app: Flask, browser: FlaskClient, database: Database, admin: Person, colleague: Person
) -> None:
    with database.saving() as session:
        closed = make.study(session, admin, "closed", access="members")
        brief = briefs.save(session, admin, QUESTION, briefs.Content())
        briefs.attach(session, admin, session.get_one(Study, closed.id), brief.key)
        key = brief.key
    assert browser.get(f"/known/{key}").status_code == 404
    assert QUESTION not in read(browser, "/known/decisions")
    assert QUESTION in read(sign_in(app.test_client(), admin), f"/known/{key}")


def test_claims_that_a_reader_may_not_see_are_not_in_the_answer_that_others_saved(
    app: Flask, browser: FlaskClient, database: Database, admin: Person
) -> None:
    with database.saving() as session:
        closed = make.study(session, admin, "closed", "Hidden title", access="members")
        hidden = make.atom(session, admin, "Hidden claim", closed)
        content = briefs.Content((hidden.id,), (closed.id,))
        key = briefs.save(session, admin, QUESTION, content).key
    page = read(browser, f"/known/{key}")
    assert "Hidden" not in page
    assert "Nobody has written down anything about this yet." in page
    assert "Hidden claim" in read(sign_in(app.test_client(), admin), f"/known/{key}")


def test_what_was_a_gap_for_who_asked_is_none_for_who_sees_newer_facts(
    app: Flask, browser: FlaskClient, database: Database, admin: Person, colleague: Person
) -> None:
    with database.saving() as session:
        tag = make.tag(session, admin, "Doorbells")
        closed = make.study(session, admin, "closed", access="members")
        make.atom(session, admin, "Bells ring", closed, tags=[tag], observed_on=today())
        content = briefs.Content((), (), (tag.id,), (tag.id,))
        key = briefs.save(session, colleague, QUESTION, content).key
    app.extensions["house"].search.catch_up()
    assert "never one" in read(browser, f"/known/{key}")
    assert "newer facts" in read(sign_in(app.test_client(), admin), f"/known/{key}")


def test_search_and_home_lead_to_what_we_know(browser: FlaskClient, insight: Atom) -> None:
    assert "/known?q=couriers" in browser.get("/search?q=couriers").get_data(as_text=True)
    assert 'href="/known"' in browser.get("/").get_data(as_text=True)

"""The pages of a study: its form, its team, its report."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from research_repo.core import access, studies
from research_repo.core.db import Database
from research_repo.core.models import Person
from tests import make
from tests.web.conftest import send, sign_in

FORM = {"method": "interviews", "status": "running", "access": "open"}


@pytest.fixture
def browser(client: FlaskClient, colleague: Person) -> FlaskClient:
    return sign_in(client, colleague)


def test_a_study_is_started_with_its_questions(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    answer = send(
        browser,
        "/studies/new",
        **FORM,
        key="возвраты-2026",
        title="Возвраты",
        question=["Почему звонят?", "", "Чего ждут?"],
        **{"question-id": ["", "", ""]},
    )
    assert answer.status_code == 303
    with database.reading() as session:
        study = access.study_to_read(session, colleague, "ВОЗВРАТЫ-2026")
        asked = [question.text for question in studies.questions_of(session, study.id)]
    assert study.title == "Возвраты"
    assert asked == ["Почему звонят?", "Чего ждут?"]
    assert "Почему звонят?" in browser.get("/studies/возвраты-2026").get_data(as_text=True)


def test_a_key_that_exists_is_refused_and_nothing_typed_is_lost(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        make.study(session, colleague, key="returns")
    answer = send(
        browser,
        "/studies/new",
        **FORM,
        key="Returns",
        title="Another one",
        question=["Why?"],
        **{"question-id": [""]},
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "A study has the key Returns already" in page
    assert "Another one" in page
    assert "Why?" in page


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 301}, "title"),
        ({"key": "no spaces please"}, "key"),
        ({"key": ""}, "key"),
        ({"starts_on": "yesterday"}, "starts_on"),
        ({"starts_on": "2026-03-02", "ends_on": "2026-03-01"}, "ends_on"),
        ({"participant_count": "-1"}, "participant_count"),
        ({"participant_count": "many"}, "participant_count"),
        ({"access": "nobody"}, "access"),
    ],
)
def test_what_cannot_be_used_is_said_beside_the_field(
    browser: FlaskClient, sent: dict[str, str], field: str
) -> None:
    answer = send(browser, "/studies/new", **{**FORM, "key": "k", "title": "T", **sent})
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.get_data(as_text=True)


def test_two_editors_of_a_study_both_keep_their_text(
    app: Flask, browser: FlaskClient, database: Database, colleague: Person, admin: Person
) -> None:
    with database.saving() as session:
        make.study(session, colleague, key="returns")
    other = sign_in(app.test_client(), admin)
    sent = {**FORM, "version": "1"}
    assert send(other, "/studies/returns/edit", **sent, title="Theirs").status_code == 303
    answer = send(browser, "/studies/returns/edit", **sent, title="Mine", summary="My words")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Theirs" in page
    assert "Mine" in page
    assert "My words" in page
    assert (
        send(browser, "/studies/returns/edit", **{**sent, "version": "2"}, title="Mine").status_code
        == 303
    )


def test_a_members_only_study_opens_to_whoever_joins_its_team(
    app: Flask, browser: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        make.study(session, colleague, key="closed", title="A closed study", access="members")
        other = make.person(session, "Olga", "reader")
    theirs = sign_in(app.test_client(), other)
    assert theirs.get("/studies/closed").status_code == 404
    assert "A closed study" not in theirs.get("/studies").get_data(as_text=True)
    assert send(browser, "/studies/closed/team", email=other.email).status_code == 303
    assert theirs.get("/studies/closed").status_code == 200
    assert "A closed study" in theirs.get("/notices").get_data(as_text=True)
    send(browser, f"/studies/closed/team/{other.id}/remove")
    assert theirs.get("/studies/closed").status_code == 404


def test_somebody_unknown_cannot_join(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        make.study(session, colleague, key="returns")
    answer = send(browser, "/studies/returns/team", email="nobody@example.org")
    assert answer.status_code == 422
    assert "nobody@example.org" in answer.get_data(as_text=True)


def test_the_report_says_the_same_as_its_markdown(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        study = make.study(
            session, colleague, questions=["Why do they call?"], summary="It is *quiet*."
        )
        (question,) = studies.questions_of(session, study.id)
        fact = make.atom(
            session,
            colleague,
            "Seven looked twice a day",
            study,
            quote="Like a job",
            who="R-07",
            question_ids=[question.id],
            tags=["Problem"],
        )
        insight = make.atom(
            session,
            colleague,
            "Silence makes them call",
            study,
            kind="insight",
            question_ids=[question.id],
        )
        make.atom(session, colleague, "They buy two sizes", study)
        make.atom(session, colleague, "Show the next step", study, kind="recommendation")
        make.atom(session, colleague, "Not said yet", study, status="draft")
        make.link(session, colleague, fact, insight)
    page = browser.get("/studies/returns/report").get_data(as_text=True)
    file = browser.get("/studies/returns/report.md")
    text = file.get_data(as_text=True)
    assert file.headers["Content-Disposition"].startswith("attachment")
    for said in (
        "Why do they call?",
        "Seven looked twice a day",
        "Like a job",
        "R-07",
        "Also found",
        "They buy two sizes",
        "Silence makes them call",
        "Show the next step",
        fact.key,
    ):
        assert said in page
        assert said in text
    assert "Not said yet" not in page + text
    assert text.index("Silence makes them call") < text.index("They buy two sizes")


def test_a_large_study_is_shown_in_part_and_counted_in_whole(
    app: Flask, browser: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        study = make.study(session, colleague, questions=["Why do they call?"])
        (question,) = studies.questions_of(session, study.id)
        for number in range(20):
            make.atom(session, colleague, f"Call {number:02}", study, question_ids=[question.id])
        make.atom(session, colleague, "Beside the point", study, tags=["Problem"])
        make.atom(
            session, colleague, "They are afraid", study, kind="insight", question_ids=[question.id]
        )
    app.extensions["house"].search.catch_up()
    page = browser.get("/studies/returns").get_data(as_text=True)
    assert page.index("They are afraid") < page.index("Call 00")
    assert "Call 13" in page
    assert "Call 14" not in page
    assert "6 more in the report" in page
    assert "Beside the point" in page
    assert 'Problem<span class="num">1</span>' in page

"""What became of a recommendation, as pages tell it and take it."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from research_repo.core.db import Database
from research_repo.core.models import Person
from tests import make
from tests.web.conftest import send, sign_in

TRACKER = "https://tracker.example/SHOP-7"


@pytest.fixture
def browser(client: FlaskClient, admin: Person) -> FlaskClient:
    return sign_in(client, admin)


@pytest.fixture
def key(database: Database, admin: Person) -> str:
    """A recommendation of the study "returns"."""
    with database.saving() as session:
        study = make.study(session, admin, questions=["Why do they call?"])
        return make.atom(session, admin, "Say when", study, kind="recommendation").key


def test_its_page_says_how_far_it_is_and_takes_more(browser: FlaskClient, key: str) -> None:
    assert "<strong>proposed</strong>" in browser.get(f"/atoms/{key}").text
    sent = {"stage": "in_progress", "tracker": TRACKER, "note": "By May"}
    answer = send(browser, f"/atoms/{key}/stage", **sent)
    assert answer.headers["Location"] == f"/atoms/{key}"
    page = browser.get(f"/atoms/{key}").text
    assert "<strong>in progress</strong>" in page
    assert f'<a class="link" href="{TRACKER}"' in page
    assert '<p class="stage-note">By May</p>' in page
    assert "said how far it is" in page


def test_a_tracker_that_somebody_named_meanwhile_is_not_lost(
    browser: FlaskClient, key: str
) -> None:
    send(browser, f"/atoms/{key}/stage", stage="accepted", tracker=TRACKER, was="")
    send(browser, f"/atoms/{key}/stage", stage="declined", tracker="", was="")
    page = browser.get(f"/atoms/{key}").text
    assert "<strong>declined</strong>" in page
    assert TRACKER in page
    send(browser, f"/atoms/{key}/stage", stage="declined", tracker="", was=TRACKER)
    assert f'href="{TRACKER}"' not in browser.get(f"/atoms/{key}").text


def test_a_refusal_says_what_to_do(browser: FlaskClient, key: str) -> None:
    answer = send(browser, f"/atoms/{key}/stage", stage="done", tracker="javascript:alert(1)")
    assert answer.status_code == 422
    assert "beginning with https://" in answer.text


def test_other_kinds_and_other_people_are_not_asked(
    client: FlaskClient, browser: FlaskClient, database: Database, key: str
) -> None:
    with database.saving() as session:
        vera = make.person(session, "Vera", "admin")
        olga = make.person(session, "Olga", "reader")
        insight = make.atom(session, vera, "They wait", kind="insight").key
    assert 'id="stage"' not in browser.get(f"/atoms/{insight}").text
    sign_in(client, olga)
    page = client.get(f"/atoms/{key}").text
    assert "<strong>proposed</strong>" in page
    assert "stage-form" not in page


def test_a_report_tells_the_stage_instead_of_published(browser: FlaskClient, key: str) -> None:
    def table() -> str:
        page = browser.get("/studies/returns/report").text
        return page[page.index('class="table advice"') :].partition("</table>")[0]

    assert "<li>proposed</li>" in table()
    send(browser, f"/atoms/{key}/stage", stage="accepted", tracker=TRACKER)
    assert f'<li><a class="link" href="{TRACKER}"' in table()
    assert ">accepted&nbsp;" in table()
    assert "<li>published</li>" not in table()
    text = browser.get("/studies/returns/report.md").text
    assert f"[accepted]({TRACKER})" in text


def test_a_study_tells_what_came_of_its_recommendations(browser: FlaskClient, key: str) -> None:
    assert "proposed" not in browser.get("/studies/returns").text
    send(browser, f"/atoms/{key}/stage", stage="done")
    assert "<span>done</span>" in browser.get("/studies/returns").text

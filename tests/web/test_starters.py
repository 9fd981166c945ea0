"""Ready-made tag groups, one click away."""

from __future__ import annotations

from flask.testing import FlaskClient

from research_repo.core.models import Person
from tests.web.conftest import send, sign_in


def test_a_ready_made_group_is_one_click_away(client: FlaskClient, admin: Person) -> None:
    anna = sign_in(client, admin)
    assert 'href="/tags/templates"' in anna.get("/tags").text
    page = anna.get("/tags/templates").text
    assert "Add 5 tags" in page, "the empty starter group"
    assert "Interaction (Site, App, Chat)" in page
    answer = send(anna, "/tags/templates/loyalty-group")
    assert answer.headers["Location"] == "/tags?group=loyalty-group"
    shown = anna.get(answer.headers["Location"]).text
    assert "Promoter" in shown
    page = anna.get("/tags/templates").text
    assert 'href="/tags?group=loyalty-group"' in page
    assert 'action="/tags/templates/loyalty-group"' not in page


def test_an_empty_group_leads_to_ready_made_ones(client: FlaskClient, admin: Person) -> None:
    anna = sign_in(client, admin)
    empty = anna.get("/tags?group=journey-stage", headers={"HX-Request": "true"}).text
    assert 'href="/tags/templates"' in empty
    full = anna.get("/tags?group=severity", headers={"HX-Request": "true"}).text
    assert 'href="/tags/templates"' not in full

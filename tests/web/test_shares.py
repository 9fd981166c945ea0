"""Links for people outside: what they open, what they never tell, and how they end."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from research_repo.core import people, shares
from research_repo.core.clock import now
from research_repo.core.db import Database
from research_repo.core.models import Person, Report, Share
from tests import frozen, make
from tests.web.conftest import send, sign_in


@pytest.fixture
def report(database: Database, colleague: Person) -> Report:
    with database.saving() as session:
        body = "See [that](/atoms/abc) too."
        fact = make.atom(session, colleague, "Money takes two weeks", quote="Two!", body=body)
        found = frozen.row(session, colleague)
        frozen.version(session, colleague, found, [fact])
        return found


@pytest.fixture
def secret(database: Database, colleague: Person, report: Report) -> str:
    with database.saving() as session:
        return shares.make(session, colleague, report.key, 1, "Agency")[1]


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    return app.test_client()


def opened(database: Database) -> int:
    with database.reading() as session:
        return session.get_one(Share, 1).opened


def test_a_link_is_made_shown_once_and_revoked_with_one_click(
    client: FlaskClient, stranger: FlaskClient, colleague: Person, report: Report
) -> None:
    sign_in(client, colleague)
    version = f"/reports/{report.key}/versions/1"
    made = send(client, f"{version}/shares", name="Agency", days="30")
    found = re.search(r"http://localhost(/s/[\w-]+)<", made.text)
    assert found
    page = client.get(version).text
    assert "Agency" in page
    assert found[1] not in page
    assert stranger.get(found[1]).status_code == 200
    assert send(client, f"{version}/shares/1/revoke").status_code == 303
    assert stranger.get(found[1]).status_code == 404


def test_a_form_without_a_name_or_with_too_many_days_says_what_to_do(
    client: FlaskClient, colleague: Person, report: Report
) -> None:
    sign_in(client, colleague)
    refused = send(client, f"/reports/{report.key}/versions/1/shares", name=" ", days="400")
    assert refused.status_code == 422
    assert "Say for whom the link is" in refused.text
    assert "1 to 365 days" in refused.text


def test_strangers_read_the_version_and_find_no_way_into_the_repository(
    stranger: FlaskClient, secret: str
) -> None:
    page = stranger.get(f"/s/{secret}")
    assert "Money takes two weeks" in page.text
    addresses = re.findall(r'(?:href|src|action)="([^"]*)"', page.text)
    inside = [one for one in addresses if not one.startswith(("#", "/static/", f"/s/{secret}"))]
    assert inside == []
    assert "csrf" not in page.text


def test_what_strangers_get_is_kept_nowhere_and_tells_no_other_site(
    stranger: FlaskClient, secret: str
) -> None:
    for path in (f"/s/{secret}", f"/s/{secret}.md", "/s/guessed", "/s/guessed.pdf", "/s/x/y"):
        headers = stranger.get(path).headers
        assert "noindex" in headers["X-Robots-Tag"]
        assert "no-store" in headers["Cache-Control"]
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "Set-Cookie" not in headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_links_that_lead_nowhere_all_answer_alike(
    stranger: FlaskClient, database: Database, colleague: Person, report: Report
) -> None:
    told = {}
    with database.saving() as session:
        secrets = [shares.make(session, colleague, report.key, 1, "Agency")[1] for _ in range(3)]
        over, gone = session.get_one(Share, 1), session.get_one(Share, 2)
        over.expires_at = now() - timedelta(seconds=1)
        gone.revoked_at = now()
    with database.saving() as session:
        people.change(
            session, people.system(session), colleague.id, "Marina", "researcher", is_active=False
        )
    for one in (*secrets, "guessed", "x" * 500, "%00", "йод"):
        answer = stranger.get(f"/s/{one}")
        told[answer.status_code, re.sub(r"\?v=\w+", "", answer.text)] = one
    assert [code for code, _ in told] == [404]


def test_guessing_is_slowed_down(stranger: FlaskClient, report: Report) -> None:
    codes = [stranger.get(f"/s/guess{number}").status_code for number in range(40)]
    assert codes[0] == 404
    assert codes[-1] == 429


def test_a_visit_counts_once_and_files_count_none(
    stranger: FlaskClient, app: Flask, database: Database, secret: str
) -> None:
    for path in (f"/s/{secret}", f"/s/{secret}", f"/s/{secret}.md"):
        assert stranger.get(path).status_code == 200
    stranger.head(f"/s/{secret}", headers={"User-Agent": "Head"})
    stranger.get(f"/s/{secret}", headers={"User-Agent": "Ahead", "Sec-Purpose": "prefetch"})
    assert opened(database) == 1
    app.test_client().get(f"/s/{secret}", headers={"User-Agent": "Another browser"})
    assert opened(database) == 2


@pytest.mark.parametrize("form", ["md", "html", "csv", "json"])
def test_files_of_a_link_hold_the_version_and_no_address(
    stranger: FlaskClient, secret: str, form: str
) -> None:
    answer = stranger.get(f"/s/{secret}.{form}")
    assert answer.status_code == 200
    assert "Money takes two weeks" in answer.text
    assert "/atoms/" not in answer.text
    assert "/reports/" not in answer.text
    assert "attachment" in answer.headers["Content-Disposition"]


def test_nothing_else_is_opened_by_a_link(stranger: FlaskClient, secret: str) -> None:
    assert stranger.get(f"/s/{secret}/{'0' * 64}").status_code == 404
    assert stranger.get(f"/s/{secret}.exe").status_code == 404
    assert stranger.get("/reports").status_code in (303, 404)


def test_the_page_speaks_the_language_of_its_version(
    stranger: FlaskClient, database: Database, colleague: Person, report: Report
) -> None:
    with database.saving() as session:
        row = session.get_one(Report, report.id)
        atom = make.atom(session, colleague, "Деньги идут две недели")
        frozen.version(session, colleague, row, [atom], language="ru")
        secret = shares.make(session, colleague, report.key, 2, "Агентство")[1]
    page = stranger.get(f"/s/{secret}", headers={"Accept-Language": "en"}).text
    assert '<html lang="ru">' in page
    assert "факт" in page


def test_admins_see_which_links_end_with_a_person(
    client: FlaskClient, admin: Person, colleague: Person, secret: str
) -> None:
    sign_in(client, admin)
    assert "1 link of theirs for people outside" in client.get(f"/people/{colleague.id}").text
    assert "of theirs for people outside" not in client.get(f"/people/{admin.id}").text

"""People as an administrator keeps them, and one's own account."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from research_repo.core import people, tokens
from research_repo.core.clock import now
from research_repo.core.db import Database
from research_repo.core.models import Person
from tests.web.conftest import fresh, send, sign_in


def secret(answer: TestResponse) -> str:
    found = re.search(r'<code id="secret"[^>]*>([^<]+)</code>', answer.get_data(as_text=True))
    assert found
    return found[1]


def test_a_new_person_comes_in_with_the_password_shown_once(
    client: FlaskClient, app: Flask, admin: Person
) -> None:
    sign_in(client, admin)
    answer = send(client, "/people/new", name="Ilya", email="ilya@example.org", role="curator")
    given = secret(answer)
    assert given not in client.get("/people").get_data(as_text=True)
    theirs = app.test_client()
    assert send(theirs, "/sign-in", email="ilya@example.org", password=given).status_code == 303


def test_an_e_mail_that_is_taken_is_said_beside_its_field_and_the_rest_is_kept(
    client: FlaskClient, admin: Person, colleague: Person
) -> None:
    sign_in(client, admin)
    answer = send(client, "/people/new", name="Twin", email=colleague.email, role="curator")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'id="f-email-error"' in page
    assert 'aria-invalid="true" aria-describedby="f-email-error"' in page
    assert 'value="Twin"' in page
    assert 'value="curator" checked' in page


def test_a_changed_role_counts_at_once(
    client: FlaskClient, app: Flask, database: Database, admin: Person, colleague: Person
) -> None:
    theirs = sign_in(app.test_client(), colleague)
    form = {"name": "Marina", "role": "admin", "is_active": "1"}
    assert send(sign_in(client, admin), f"/people/{colleague.id}", **form).status_code == 303
    assert theirs.get("/account").status_code == 303
    assert sign_in(theirs, fresh(database, colleague)).get("/people").status_code == 200


def test_the_last_administrator_stays_one(
    client: FlaskClient, database: Database, admin: Person
) -> None:
    form = {"name": "Anna", "role": "reader", "is_active": "1"}
    answer = send(sign_in(client, admin), f"/people/{admin.id}", **form)
    assert answer.status_code == 422
    assert "last administrator" in answer.get_data(as_text=True)
    assert fresh(database, admin).role == "admin"


def test_an_administrator_who_steps_down_stays_signed_in_with_fewer_rights(
    client: FlaskClient, database: Database, admin: Person, colleague: Person
) -> None:
    with database.saving() as session:
        people.change(session, admin, colleague.id, "Marina", "admin", is_active=True)
    sign_in(client, admin)
    form = {"name": "Anna", "role": "curator", "is_active": "1"}
    assert send(client, f"/people/{admin.id}", **form).headers["Location"] == "/"
    assert client.get("/account").status_code == 200
    assert client.get("/people").status_code == 403


def test_nobody_raises_their_own_role(
    client: FlaskClient, database: Database, colleague: Person
) -> None:
    sign_in(client, colleague)
    form = {"name": "Marina", "role": "admin", "is_active": "1"}
    assert send(client, f"/people/{colleague.id}", **form).status_code == 403
    for path in ("/account/tokens", "/language", "/theme"):
        send(client, path, **form, language="en")
    assert fresh(database, colleague).role == "researcher"


def test_a_lost_password_is_replaced_by_a_one_time_one(
    client: FlaskClient, app: Flask, database: Database, admin: Person, colleague: Person
) -> None:
    theirs = sign_in(app.test_client(), colleague)
    given = secret(send(sign_in(client, admin), f"/people/{colleague.id}/password"))
    assert theirs.get("/account").status_code == 303
    assert send(theirs, "/sign-in", email=colleague.email, password=given).status_code == 303
    assert fresh(database, colleague).must_change_password


def test_an_administrator_signs_somebody_out_everywhere(
    client: FlaskClient, app: Flask, admin: Person, colleague: Person
) -> None:
    theirs = sign_in(app.test_client(), colleague)
    assert send(sign_in(client, admin), f"/people/{colleague.id}/sign-out").status_code == 303
    assert theirs.get("/account").status_code == 303


def test_a_token_is_shown_once_and_acts_until_it_is_revoked(
    client: FlaskClient, database: Database, colleague: Person
) -> None:
    sign_in(client, colleague)
    token = secret(send(client, "/account/tokens", name="Robot <1>"))
    page = client.get("/account").get_data(as_text=True)
    assert token not in page
    assert "Robot &lt;1&gt;" in page
    with database.reading() as session:
        owner = tokens.owner(session, token)
        (kept,) = tokens.listed(session, colleague)
    assert owner
    assert owner.id == colleague.id
    assert send(client, f"/account/tokens/{kept.id}/revoke").status_code == 303
    with database.reading() as session:
        assert tokens.owner(session, token) is None


@pytest.mark.parametrize(
    ("sent", "days"),
    [({}, 90), ({"days": "30"}, 30), ({"days": "365"}, 365), ({"days": "never"}, None)],
)
def test_a_token_ends_when_its_owner_chose_and_after_90_days_by_default(
    client: FlaskClient,
    database: Database,
    colleague: Person,
    sent: dict[str, str],
    days: int | None,
) -> None:
    sign_in(client, colleague)
    assert '<option value="90" selected>' in client.get("/account").get_data(as_text=True)
    secret(send(client, "/account/tokens", name="Robot", **sent))
    with database.reading() as session:
        (kept,) = tokens.listed(session, colleague)
    if days is None:
        assert kept.expires_at is None
    else:
        assert kept.expires_at
        assert 0 <= (now() + timedelta(days=days) - kept.expires_at).total_seconds() < 60


@pytest.mark.parametrize("days", ["", "0", "-1", "99999", "soon"])
def test_an_end_that_makes_no_sense_makes_no_token(
    client: FlaskClient, database: Database, colleague: Person, days: str
) -> None:
    answer = send(sign_in(client, colleague), "/account/tokens", name="Robot", days=days)
    assert answer.status_code == 422
    assert 'id="f-days-error"' in answer.get_data(as_text=True)
    assert 'value="Robot"' in answer.get_data(as_text=True)
    with database.reading() as session:
        assert tokens.listed(session, colleague) == []


def test_the_account_tells_when_tokens_end_and_which_have_ended(
    client: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        for name, days in (("Nightly", 30), ("Weekly", None), ("Gone", 30)):
            token, _ = tokens.add(session, colleague, colleague.id, name, days)
        token.expires_at = now() - timedelta(days=1)
    page = sign_in(client, colleague).get("/account").get_data(as_text=True)
    rows = {
        name: part
        for name in ("Nightly", "Weekly", "Gone")
        for part in page.split("<li>")
        if name in part
    }
    assert "works until it is revoked" in rows["Weekly"]
    assert "works until <time" in rows["Nightly"]
    assert "worked until <time" in rows["Gone"]
    assert ["expired" in rows[name] for name in ("Nightly", "Weekly", "Gone")] == [
        False,
        False,
        True,
    ]
    assert send(client, f"/account/tokens/{token.id}/revoke").status_code == 303
    assert "Gone" not in client.get("/account").get_data(as_text=True)


def test_nobody_revokes_the_token_of_somebody_else(
    client: FlaskClient, app: Flask, database: Database, admin: Person, colleague: Person
) -> None:
    with database.saving() as session:
        token, _ = tokens.add(session, admin, admin.id, "backup")
    answer = send(sign_in(client, colleague), f"/account/tokens/{token.id}/revoke")
    assert answer.status_code == 404
    with database.reading() as session:
        assert tokens.listed(session, admin)


def test_an_admin_gives_the_repository_another_name(client: FlaskClient, admin: Person) -> None:
    browser = sign_in(client, admin)
    assert send(browser, "/people/repository", title="Лавочка").status_code == 303
    assert "Лавочка</title>" in browser.get("/").get_data(as_text=True)
    answer = send(browser, "/people/repository", title="x" * 81)
    assert answer.status_code == 422
    assert "x" * 81 in answer.get_data(as_text=True)

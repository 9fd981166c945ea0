"""Coming in and going out: the first admin, sessions, one-time passwords, limits."""

from __future__ import annotations

import statistics
import time
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from research_repo.core import people
from research_repo.core.clock import now
from research_repo.core.db import Database
from research_repo.core.models import Person
from research_repo.web.safety import limiter
from tests import make
from tests.web.conftest import fresh, send, sign_in

SECRET = "a long enough sentence"
FIRST = {
    "title": "Лавочка",
    "name": "Anna",
    "email": "anna@example.org",
    "password": SECRET,
    "language": "ru",
}


@pytest.fixture(autouse=True)
def _no_attempts_yet(app: Flask) -> None:
    with app.app_context():
        limiter.reset()


@pytest.fixture
def marina(database: Database, admin: Person) -> Person:
    """Somebody with a real password."""
    password = people.chosen_password(SECRET)
    with database.saving() as session:
        return make.person(session, "Marina", "researcher", password=password)


def come_in(client: FlaskClient, email: str, password: str, **more: str) -> TestResponse:
    return send(client, "/sign-in", email=email, password=password, **more)


def test_an_empty_repository_leads_every_page_to_the_first_start(client: FlaskClient) -> None:
    for path in ("/", "/search", "/sign-in", "/people"):
        assert client.get(path).headers["Location"] == "/set-up"


def test_the_first_admin_names_the_repository_and_is_inside(client: FlaskClient) -> None:
    assert send(client, "/set-up", **FIRST).headers["Location"] == "/"
    page = client.get("/account").get_data(as_text=True)
    assert "Лавочка" in page
    assert '<html lang="ru"' in page


def test_the_first_start_is_gone_once_somebody_is_here(client: FlaskClient, app: Flask) -> None:
    send(client, "/set-up", **FIRST)
    stranger = app.test_client()
    assert stranger.get("/set-up").status_code == 404
    assert send(stranger, "/set-up", **FIRST | {"email": "eve@example.org"}).status_code == 404


def test_the_first_start_says_all_that_is_wrong_at_once_and_keeps_what_was_typed(
    client: FlaskClient, database: Database
) -> None:
    answer = send(client, "/set-up", title="Shop", name="", email="nowhere", password="tiny?pass")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for name in ("name", "email", "password"):
        assert f'id="f-{name}-error"' in page
        assert f'href="#f-{name}"' in page
    assert 'value="Shop"' in page
    assert "tiny?pass" not in page
    with database.reading() as session:
        assert people.is_empty(session)


def test_the_right_password_opens_the_page_that_was_asked_for(
    client: FlaskClient, marina: Person
) -> None:
    asked = client.get("/notices?page=2")
    assert asked.status_code == 303
    assert asked.headers["Location"] == "/sign-in?next=/notices?page%3D2"
    answer = come_in(client, " MARINA@example.org ", SECRET, next="/notices?page=2")
    assert answer.headers["Location"] == "/notices?page=2"
    assert client.get("/notices").status_code == 200


def test_a_wrong_password_and_an_unknown_e_mail_get_the_same_words(
    client: FlaskClient, marina: Person
) -> None:
    known = come_in(client, "marina@example.org", "not this one")
    unknown = come_in(client, "nobody@example.org", "not this one")
    assert known.status_code == unknown.status_code == 422

    def words(answer: TestResponse) -> str:
        return answer.get_data(as_text=True).split('role="alert"')[1].split("</p>")[0]

    assert words(known) == words(unknown)
    assert 'value="marina@example.org"' in known.get_data(as_text=True)
    assert client.get("/account").status_code == 303


@pytest.mark.slow
def test_nobody_learns_from_the_time_whether_an_e_mail_is_known(
    client: FlaskClient, app: Flask, marina: Person
) -> None:
    def seconds(email: str) -> float:
        with app.app_context():
            limiter.reset()
        began = time.perf_counter()
        come_in(client, email, "not this one")
        return time.perf_counter() - began

    pairs = [(seconds("marina@example.org"), seconds("nobody@example.org")) for _ in range(25)]
    known, unknown = (statistics.median(column) for column in zip(*pairs, strict=True))
    assert 1 / 1.2 < known / unknown < 1.2


def test_somebody_shut_out_or_the_system_cannot_sign_in(
    client: FlaskClient, database: Database, admin: Person, marina: Person
) -> None:
    with database.saving() as session:
        people.change(session, admin, marina.id, "Marina", "researcher", is_active=False)
    assert come_in(client, "marina@example.org", SECRET).status_code == 422
    assert come_in(client, "system", "").status_code == 422


def test_many_wrong_passwords_wait_and_say_for_how_long(
    client: FlaskClient, marina: Person
) -> None:
    answers = [come_in(client, "marina@example.org", f"wrong {n}") for n in range(8)]
    assert [answer.status_code for answer in answers[:6]] == [422] * 6
    assert answers[-1].status_code == 429
    assert "Wait a minute" in answers[-1].get_data(as_text=True)
    assert come_in(client, "other@example.org", "wrong").status_code == 422


def test_the_wait_after_wrong_passwords_ends(
    client: FlaskClient, marina: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(7):
        come_in(client, "marina@example.org", f"wrong {n}")
    later = time.time() + 61
    monkeypatch.setattr("limits.storage.memory.time.time", lambda: later)
    assert come_in(client, "marina@example.org", SECRET).status_code == 303


def test_signing_in_keeps_nothing_of_the_session_before(
    client: FlaskClient, marina: Person
) -> None:
    with client.session_transaction() as kept:
        kept["planted"] = "by somebody else"
    come_in(client, "marina@example.org", SECRET)
    with client.session_transaction() as kept:
        assert "planted" not in kept
        assert kept.permanent


def replay(app: Flask, cookie: str) -> int:
    """What the account page answers to a copy of a session cookie."""
    thief = app.test_client()
    thief.set_cookie("research_repo_session", cookie)
    return thief.get("/account").status_code


def stolen(client: FlaskClient) -> str:
    cookie = client.get_cookie("research_repo_session")
    assert cookie is not None
    return cookie.value


def test_a_copied_cookie_is_dead_after_signing_out(
    client: FlaskClient, app: Flask, colleague: Person
) -> None:
    cookie = stolen(sign_in(client, colleague))
    assert replay(app, cookie) == 200
    assert send(client, "/sign-out").headers["Location"] == "/sign-in"
    assert replay(app, cookie) == 303
    assert client.get("/account").status_code == 303


def test_signing_out_other_browsers_keeps_this_one(
    client: FlaskClient, app: Flask, colleague: Person
) -> None:
    cookie = stolen(sign_in(client, colleague))
    send(client, "/account/sign-out-everywhere")
    assert replay(app, cookie) == 303
    assert client.get("/account").status_code == 200


def test_somebody_shut_out_is_out_at_the_next_click(
    client: FlaskClient, app: Flask, admin: Person, colleague: Person
) -> None:
    theirs = sign_in(app.test_client(), colleague)
    assert theirs.get("/account").status_code == 200
    answer = send(
        sign_in(client, admin), f"/people/{colleague.id}", name="Marina", role="researcher"
    )
    assert answer.status_code == 303
    assert theirs.get("/account").status_code == 303


def test_a_session_ends_after_thirty_days_even_when_used(
    client: FlaskClient, colleague: Person
) -> None:
    sign_in(client, colleague)
    with client.session_transaction() as kept:
        kept["begun"] = (now() - timedelta(days=31)).timestamp()
    assert client.get("/account").status_code == 303


def test_a_session_ends_after_twelve_idle_hours(
    client: FlaskClient, colleague: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(client, colleague)
    later = time.time() + 13 * 3600
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: later)
    assert client.get("/account").status_code == 303


def test_a_one_time_password_must_be_changed_before_anything_else(
    client: FlaskClient, database: Database, admin: Person
) -> None:
    given = people.one_time_password()
    with database.saving() as session:
        person = people.add(session, admin, "ilya@example.org", "Ilya", "reader", given)
    come_in(client, "ilya@example.org", given.text)
    assert client.get("/notices").headers["Location"] == "/account/password"
    assert send(client, "/account/tokens", name="robot").headers["Location"] == "/account/password"
    answer = send(client, "/account/password", old=given.text, password=SECRET)
    assert answer.headers["Location"] == "/account"
    assert client.get("/notices").status_code == 200
    assert not fresh(database, person).must_change_password


def test_changing_the_password_asks_for_the_present_one_and_ends_other_sessions(
    client: FlaskClient, app: Flask, marina: Person
) -> None:
    cookie = stolen(sign_in(client, marina))
    refused = send(client, "/account/password", old="not this one", password=SECRET + "!")
    assert refused.status_code == 422
    assert replay(app, cookie) == 200
    assert send(client, "/account/password", old=SECRET, password=SECRET).status_code == 422
    assert send(client, "/account/password", old=SECRET, password="short").status_code == 422
    assert send(client, "/account/password", old=SECRET, password=SECRET + "!").status_code == 303
    assert replay(app, cookie) == 303
    assert client.get("/account").status_code == 200

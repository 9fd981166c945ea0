"""Who is let in: a living token, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from research_repo.core import people, tokens
from research_repo.core.clock import now
from research_repo.core.db import Database
from research_repo.core.errors import Unavailable
from research_repo.core.language import say
from research_repo.core.models import ApiToken, Person
from tests import make
from tests.api.conftest import V1, Program, program_of
from tests.web.conftest import sign_in


def token_row(database: Database, person: Person) -> ApiToken:
    with database.reading() as session:
        (token,) = tokens.listed(session, person)
        return token


@pytest.mark.parametrize("shown", ["", "Bearer", "Bearer ", "Bearer rr_nobody", "Basic YTpi"])
def test_without_a_living_token_nobody_comes_in(app: Flask, anna: Person, shown: str) -> None:
    answer = app.test_client().get(f"{V1}/search?q=secret", headers={"Authorization": shown})
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert "rr_nobody" not in answer.get_data(as_text=True)
    assert "Set-Cookie" not in answer.headers


def test_before_the_first_admin_a_program_is_told_to_bring_a_token(app: Flask) -> None:
    assert app.test_client().get(f"{V1}/studies").status_code == 401


def test_a_revoked_token_is_dead(admin: Program, database: Database, anna: Person) -> None:
    assert admin.ask("GET", "/studies").status_code == 200
    with database.saving() as session:
        tokens.revoke(session, anna, token_row(database, anna).id)
    answer = admin.ask("GET", "/studies")
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize(("code", "word"), [("en", "expired"), ("ru", "")])
def test_an_expired_token_is_told_to_have_expired_and_where_a_new_one_is_made(
    admin: Program, database: Database, anna: Person, code: str, word: str
) -> None:
    with database.saving() as session:
        session.get_one(ApiToken, token_row(database, anna).id).expires_at = now()
    answer = admin.ask("GET", "/studies", headers={"Accept-Language": code})
    told = answer.get_data(as_text=True)
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    assert word in answer.json["detail"]
    assert "research-repo token add" in answer.json["detail"]
    assert not any(secret in told for secret in ("Anna", "anna@", "robot", admin.token))


def test_a_token_of_somebody_shut_out_tells_no_more_when_it_expired(
    app: Flask, admin: Program, database: Database, anna: Person
) -> None:
    with database.saving() as session:
        person = make.person(session, "Petr", "researcher")
    program = program_of(app, person)
    with database.saving() as session:
        people.change(session, anna, person.id, "Petr", "researcher", False)
        session.get_one(ApiToken, 2).expires_at = now()
    answer = program.ask("GET", "/studies")
    assert answer.status_code == 401
    assert "expired" not in answer.get_data(as_text=True)


def test_the_token_of_somebody_shut_out_is_dead(
    app: Flask, admin: Program, database: Database, anna: Person
) -> None:
    with database.saving() as session:
        person = make.person(session, "Petr", "researcher")
    program = program_of(app, person)
    with database.saving() as session:
        people.change(session, anna, person.id, "Petr", "researcher", False)
    assert program.ask("GET", "/studies").status_code == 401


def test_a_token_works_before_the_one_time_password_is_changed(
    app: Flask, admin: Program, database: Database, anna: Person
) -> None:
    with database.saving() as session:
        person = make.person(
            session, "Olga", "reader", password=people.NewPassword("x", "y", is_one_time=True)
        )
        assert person.must_change_password
    assert program_of(app, person).ask("GET", "/studies").status_code == 200


def test_a_browsers_session_is_no_token(app: Flask, anna: Person) -> None:
    client = sign_in(app.test_client(), anna)
    assert client.get("/studies").status_code == 200
    assert client.get(f"{V1}/studies").status_code == 401
    assert client.post(f"{V1}/atoms", json={"title": "x"}).status_code == 401


def test_a_program_gets_no_cookie_and_needs_no_form_token(admin: Program) -> None:
    answer = admin.post(title="People leave", kind="insight")
    assert answer.status_code == 201
    assert "Set-Cookie" not in answer.headers


def test_answers_are_kept_by_nobody_on_the_way(admin: Program) -> None:
    assert "no-store" in admin.ask("GET", "/studies").headers["Cache-Control"]


def test_the_last_use_of_a_token_is_noted_once_a_minute(
    admin: Program, database: Database, anna: Person
) -> None:
    admin.get("/studies")
    first = token_row(database, anna).last_used_at
    assert first is not None
    admin.get("/studies")
    assert token_row(database, anna).last_used_at == first
    with database.saving() as session:
        session.get_one(ApiToken, token_row(database, anna).id).last_used_at = now() - timedelta(
            seconds=61
        )
    admin.get("/studies")
    assert token_row(database, anna).last_used_at >= first


def test_who_may_only_read_the_disk_reads_on(
    admin: Program, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise Unavailable(say("The disk is full."))

    monkeypatch.setattr(database, "saving", refuse)
    assert admin.ask("GET", "/studies").status_code == 200
    assert admin.post(title="People leave", kind="insight").status_code == 503

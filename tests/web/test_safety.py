"""What holds for every address: headers, tokens, cookies, addresses to go on to, faults."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from research_repo.app import create_app
from research_repo.core.db import Database
from research_repo.core.errors import Unavailable
from research_repo.core.language import say
from research_repo.core.models import Person
from research_repo.settings import Settings
from research_repo.web.door import own_path
from tests import make
from tests.web.conftest import csrf_token, send, sign_in

SHARED = "/s/"
PAYLOADS = Path(__file__).with_name("next_payloads.txt")


def address(rule: Rule) -> str:
    """The rule with something in each of its places."""
    filled = re.sub(r"<int:[^>]+>", "1", rule.rule)
    filled = re.sub(r"<any\((\w+)[^>]*>", r"\1", filled)
    return re.sub(r"<[^>]+>", "x", filled)


def rules(app: Flask, *, writing: bool) -> list[Rule]:
    """All routes of pages: those that write, or those that are read."""
    return [
        rule
        for rule in app.url_map.iter_rules()
        # Programs come with tokens, which tests/api looks after.
        if rule.endpoint != "static"
        and not rule.endpoint.startswith("api.")
        and bool((rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}) >= writing
        and (writing or "GET" in (rule.methods or set()))
    ]


def nonce(answer: TestResponse) -> str:
    found = re.search(r"'nonce-([^']+)'", answer.headers["Content-Security-Policy"])
    assert found
    return found[1]


def test_every_page_carries_the_headers_that_keep_it_safe(
    client: FlaskClient, app: Flask, admin: Person
) -> None:
    # Maps are counted by the index alone.
    app.extensions["house"].search.catch_up()
    for person in (None, admin):
        if person:
            sign_in(client, person)
        for rule in rules(app, writing=False):
            answer = client.get(address(rule))
            assert answer.status_code < 500, rule
            policy = answer.headers["Content-Security-Policy"]
            assert "unsafe" not in policy
            for part in (
                "default-src 'none'",
                "base-uri 'none'",
                "object-src 'none'",
                "frame-ancestors 'none'",
                "form-action 'self'",
                "style-src 'self'",
            ):
                assert part in policy, rule
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            # Whoever reads by a link tells nobody which one.
            referrer = "no-referrer" if rule.rule.startswith(SHARED) else "same-origin"
            assert answer.headers["Referrer-Policy"] == referrer, rule
            assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
            assert "camera=()" in answer.headers["Permissions-Policy"]
            assert answer.headers["Cache-Control"] == "no-store, private", rule
            assert "Cookie" in answer.vary, rule


def test_the_word_that_lets_scripts_run_is_new_each_time_and_on_every_script(
    client: FlaskClient, admin: Person
) -> None:
    sign_in(client, admin)
    first, second = client.get("/account"), client.get("/account")
    assert nonce(first) != nonce(second)
    scripts = re.findall(r"<script[^>]*>", first.get_data(as_text=True))
    assert scripts
    assert all(f'nonce="{nonce(first)}"' in script and " src=" in script for script in scripts)


def test_no_page_has_a_script_or_a_style_inside(
    client: FlaskClient, app: Flask, admin: Person
) -> None:
    sign_in(client, admin)
    for rule in rules(app, writing=False):
        page = client.get(address(rule)).get_data(as_text=True)
        assert not re.search(r"<script(?![^>]* src=)", page), rule
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page), rule


def test_nothing_is_written_without_the_token_of_the_form(
    client: FlaskClient, app: Flask, admin: Person
) -> None:
    sign_in(client, admin)
    for rule in rules(app, writing=True):
        for method in (rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}:
            for form in ({}, {"csrf_token": "made up"}):
                answer = client.open(address(rule), method=method, data=form)
                assert answer.status_code == 400, rule
            plain = client.open(address(rule), method=method, data="{}", content_type="text/plain")
            assert plain.status_code == 400, rule


def test_htmx_may_send_the_token_in_a_header(client: FlaskClient, admin: Person) -> None:
    sign_in(client, admin)
    token = csrf_token(client)
    assert client.post("/notices/read", headers={"X-CSRFToken": token}).status_code == 303


def test_every_page_but_a_few_asks_to_sign_in(
    client: FlaskClient, app: Flask, admin: Person
) -> None:
    # The address of a feed or of a shared version is a secret of its own; a wrong one is as if it
    # were not there.
    open_to_all = {"/healthz", "/sign-in", "/set-up", "/feeds/<secret>.atom"}
    for rule in rules(app, writing=False):
        if rule.rule not in open_to_all and not rule.rule.startswith(SHARED):
            answer = client.get(address(rule))
            assert answer.status_code == 303, rule
            assert answer.headers["Location"].startswith("/sign-in?next=/"), rule


def test_a_fragment_sends_the_whole_page_to_the_sign_in(client: FlaskClient, admin: Person) -> None:
    answer = client.get("/jobs/1/progress", headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"].startswith("/sign-in")


def cookies(answer: TestResponse) -> list[str]:
    return answer.headers.getlist("Set-Cookie")


def test_cookies_are_out_of_the_reach_of_scripts_and_other_sites(
    client: FlaskClient, admin: Person
) -> None:
    sign_in(client, admin)
    for answer in (client.get("/account"), send(client, "/theme", theme="dark")):
        assert cookies(answer)
        for cookie in cookies(answer):
            assert "HttpOnly" in cookie
            assert "SameSite=Lax" in cookie
            assert "Path=/" in cookie


def test_over_https_cookies_are_secure_and_bound_to_the_host(settings: Settings) -> None:
    app = create_app(replace(settings, base_url="https://research.example.org"))
    answer = app.test_client().get("/set-up", base_url="https://research.example.org")
    (cookie,) = cookies(answer)
    assert cookie.startswith("__Host-session=")
    assert "Secure" in cookie
    assert "Domain" not in cookie
    assert "max-age" in answer.headers["Strict-Transport-Security"]
    app.extensions["house"].database.close()


def test_a_foreign_host_gets_no_answer_once_the_address_is_known(settings: Settings) -> None:
    app = create_app(replace(settings, base_url="http://research.example.org"))
    client = app.test_client()
    assert client.get("/set-up", base_url="http://evil.example.com").status_code == 400
    assert client.get("/set-up", base_url="http://research.example.org:8000").status_code == 200
    app.extensions["house"].database.close()


def test_files_are_kept_by_browsers_and_set_no_cookie(client: FlaskClient, admin: Person) -> None:
    page = sign_in(client, admin).get("/account").get_data(as_text=True)
    files = re.findall(r'(?:href|src)="(/static/[^"]+\?v=[0-9a-f]{12})"', page)
    assert len(files) > 5
    for file in files:
        answer = client.get(file)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert not cookies(answer)
        answer.close()


@pytest.mark.parametrize("payload", PAYLOADS.read_text(encoding="utf-8").splitlines())
def test_after_signing_in_nobody_is_led_away(payload: str) -> None:
    if payload and not payload.startswith("# "):
        assert own_path(payload.encode().decode("unicode_escape"), "refused") == "refused"


@pytest.mark.parametrize("path", ["/", "/atoms/f-1", "/search?q=a%20b&tag=x", "/tags#top"])
def test_pages_of_ours_are_led_to(path: str) -> None:
    assert own_path(path, "refused") == path


def test_a_form_that_is_too_large_is_refused_with_a_page(
    client: FlaskClient, admin: Person
) -> None:
    answer = send(sign_in(client, admin), "/language", language="en", next="x" * 3_000_000)
    assert answer.status_code == 413
    assert "2 MB" in answer.get_data(as_text=True)


def test_a_form_with_too_many_parts_is_refused(client: FlaskClient, admin: Person) -> None:
    sign_in(client, admin)
    parts = {f"n{n}": "x" for n in range(1200)}
    answer = client.post("/language", data=parts, content_type="multipart/form-data")
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("path", "method", "code"), [("/nowhere", "GET", 404), ("/sign-out", "GET", 405)]
)
def test_a_wrong_address_gets_a_page_of_ours(
    client: FlaskClient, admin: Person, path: str, method: str, code: int
) -> None:
    answer = sign_in(client, admin).open(path, method=method)
    assert answer.status_code == code
    assert "To the start page" in answer.get_data(as_text=True)


def test_a_fault_shows_a_number_that_the_log_knows_and_no_traceback(
    client: FlaskClient,
    app: Flask,
    admin: Person,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def break_down(*_: object) -> None:
        raise RuntimeError("the secret detail")

    monkeypatch.setattr("research_repo.web.notices.notices.listed", break_down)
    with caplog.at_level(logging.ERROR):
        answer = sign_in(client, admin).get("/notices")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert "the secret detail" not in page
    assert "Traceback" not in page
    number = re.search(r"Number: ([0-9a-f]{8})", page)
    assert number
    assert number[1] in caplog.text
    assert "the secret detail" in caplog.text
    assert "Content-Security-Policy" in answer.headers


def test_what_the_machine_cannot_do_now_is_said_with_advice(
    client: FlaskClient, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise Unavailable(
            say("The disk is full. Nothing was saved: free some space, then try again.")
        )

    monkeypatch.setattr("research_repo.web.notices.notices.read_all", refuse)
    answer = send(sign_in(client, admin), "/notices/read")
    assert answer.status_code == 503
    assert "free some space" in answer.get_data(as_text=True)


def test_health_tells_whether_the_database_answers(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/healthz").status_code == 200

    def break_down(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("research_repo.web.health.instance.repository", break_down)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert not cookies(answer)


def test_what_people_type_is_shown_as_text(
    client: FlaskClient, database: Database, admin: Person
) -> None:
    hostile = "<script>alert(1)</script>\"' onload=x"
    with database.saving() as session:
        make.person(session, hostile, "reader", email="eve@example.org")
    page = sign_in(client, admin).get("/people").get_data(as_text=True)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page

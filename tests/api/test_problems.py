"""What goes wrong is told as problem+json: what to do, in the program's language, and nothing sent."""

from __future__ import annotations

import json
import logging

import pytest
from flask import Flask

from tests.api.conftest import Program

SECRET = "call Marina on 555-0199"


def send(program: Program, body: bytes | str, kind: str = "application/json"):  # type: ignore[no-untyped-def]
    return program.ask("POST", "/atoms", data=body, headers={"Content-Type": kind})


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 400),
        ("{", 400),
        ('{"title": "a" "kind": "insight"}', 400),
        ('{"title": "a", "title": "b", "kind": "insight"}', 400),
        ('{"title": NaN}', 400),
        ('{"title": -Infinity}', 400),
        ("[" * 100_000, 400),
        ('{"tags": ' + "[" * 50 + "]" * 50 + "}", 400),
        ('{"title": ' + "9" * 5000 + "}", 400),
        ('{"title": "\\ud800", "kind": "insight"}', 400),
        ('{"title": "a\\u0000b", "kind": "insight"}', 422),
        ('{"title": "a", "kind": "insight", "tags": ["\\u0000"]}', 422),
        ("null", 422),
        ("[]", 422),
        ('"title"', 422),
        ('{"title": 1, "kind": "insight"}', 422),
        ('{"title": true, "kind": "insight"}', 422),
        ('{"title": null, "kind": "insight"}', 422),
        ('{"title": {"$gt": ""}, "kind": "insight"}', 422),
        ("\ufeff{}", 400),
        ('{"title": "a", "kind": "insight"}'.encode("utf-16"), 400),
        ('{"title": "я", "kind": "insight"}'.encode("cp1251"), 400),
    ],
)
def test_json_that_may_mean_two_things_means_nothing(
    admin: Program, body: bytes | str, status: int
) -> None:
    answer = send(admin, body)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert set(answer.json) == {"type", "title", "status", "detail", "errors"}
    assert answer.json["status"] == status
    assert admin.get("/atoms")["atoms"] == []


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_body_of_another_kind_is_refused(admin: Program, kind: str) -> None:
    assert send(admin, '{"title": "a", "kind": "insight"}', kind).status_code == 415


def test_a_body_over_two_megabytes_is_refused(admin: Program) -> None:
    answer = send(admin, json.dumps({"title": "a", "body": "x" * (2 * 1024 * 1024)}))
    assert answer.status_code == 413
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    "body",
    [
        {"title": "a", SECRET: 1},
        {"title": [SECRET]},
        {"title": "a", "kind": SECRET},
        {"title": SECRET * 100},
        {"title": "a", "observed_on": SECRET},
        {"title": SECRET, "external_id": SECRET},
        {"title": SECRET, "study": SECRET},
        {"title": SECRET, "kind": "insight", "supports": [SECRET]},
    ],
)
def test_nothing_that_was_sent_comes_back_or_is_logged(
    admin: Program, body: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = admin.ask("POST", "/atoms", json=body)
    assert answer.status_code == 422
    assert "555-0199" not in answer.get_data(as_text=True)
    assert "555-0199" not in caplog.text


def test_unknown_fields_are_refused_by_telling_the_known_ones(admin: Program) -> None:
    answer = admin.ask("POST", "/atoms", json={"titel": "a"})
    advice = [one["advice"] for one in answer.json["errors"] if not one["field"]]
    assert any("external_id, kind, title" in one for one in advice)


def test_advice_names_what_may_be_sent_and_nothing_else(admin: Program) -> None:
    def advice(path: str) -> str:
        answer = admin.ask("GET", path)
        assert answer.status_code == 422
        return str(answer.json["errors"][0]["advice"])

    assert advice("/studies?limit=1") == "This address takes no values. Leave them out."
    assert (
        advice("/search?kind=rumour") == "Use one of these: 'fact', 'insight' or 'recommendation'."
    )


@pytest.mark.parametrize(
    "values", ["limit=101", "limit=0", "limit=-1", "limit=1e2", "limit=5&limit=6", "offset=-1"]
)
def test_a_page_that_cannot_be_is_refused_beside_its_value(admin: Program, values: str) -> None:
    answer = admin.ask("GET", f"/search?{values}")
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json["errors"]] == [values.split("=")[0]]


def test_a_title_that_is_a_text_is_refused_by_telling_its_limit(admin: Program) -> None:
    answer = admin.post(title="x" * 5000, kind="insight")
    assert answer.status_code == 422
    assert answer.json["errors"] == [{"field": "title", "advice": "At most 500 fit here."}]


def test_a_problem_speaks_the_language_that_is_asked_for(admin: Program) -> None:
    answers = {
        code: admin.ask(
            "POST", "/atoms", json={"title": " ", "kind": "fact"}, headers={"Accept-Language": code}
        ).json["errors"][0]["advice"]
        for code in ("en", "ru-RU", "de")
    }
    assert answers["en"] == answers["de"] == "Say in one sentence what you saw or heard."
    assert answers["ru-RU"] != answers["en"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "", 404),
        ("GET", "/", 404),
        ("GET", "/nothing", 404),
        ("GET", "/atoms/nothing", 404),
        ("GET", "/atoms/a%00b", 404),
        ("GET", "/studies/nothing", 404),
        ("GET", "/studies/a%00b", 404),
        ("GET", "/tags/nothing", 404),
        ("GET", "/tags/a%00b", 404),
        ("GET", "/tags?scheme=nothing", 404),
        ("GET", "/atoms?study=nothing", 404),
        ("GET", "/atoms?cursor=%00", 422),
        ("GET", "/atoms/nothing?x=1", 422),
        ("DELETE", "/atoms", 405),
        ("TRACE", "/search", 405),
    ],
)
def test_a_wrong_address_is_a_problem_and_no_page(
    admin: Program, method: str, path: str, status: int
) -> None:
    answer = admin.ask(method, path)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert (status == 405) == ("Allow" in answer.headers)


def test_a_fault_is_told_by_its_number_alone(
    admin: Program, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def break_down(*_: object) -> None:
        raise RuntimeError("the secret detail")

    monkeypatch.setattr("research_repo.api.studies.cards.of_studies", break_down)
    answer = admin.ask("GET", "/studies")
    assert answer.status_code == 500
    assert "secret detail" not in answer.get_data(as_text=True)
    number = answer.json["detail"].rsplit(" ", 1)[-1].rstrip(".")
    assert number in caplog.text


def test_an_answer_that_breaks_the_contract_is_a_fault_that_tells_nothing(
    admin: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "research_repo.api.search.Answer.as_json", lambda _: {"total": "the secret detail"}
    )
    answer = admin.ask("GET", "/search?q=x")
    assert answer.status_code == 500
    assert "secret detail" not in answer.get_data(as_text=True)


def test_pages_are_still_refused_with_pages(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/nothing").mimetype == "text/html"
    assert client.get("/api/v2/atoms").mimetype == "text/html"

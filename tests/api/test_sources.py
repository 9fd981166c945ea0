"""Sources through the API: read, added, changed and removed by programs of the study's team."""

from __future__ import annotations

from typing import Any

import pytest

from research_repo.core import participants
from research_repo.core.db import Database
from research_repo.core.models import Person
from tests.api.conftest import Program

PATH = "/studies/returns/sources"
TURNS = [
    {"text": "How was it?", "speaker": "Anna"},
    {"text": "Late. Call +7 921 555-01-23.", "speaker": "R7", "from_ms": 1500, "to_ms": 3000},
]


def add(program: Program, **sent: Any) -> Any:
    answer = program.ask("POST", PATH, json={"title": "Talk", **sent})
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return answer.json


def test_passages_come_back_as_they_were_sent_each_in_its_place(admin: Program) -> None:
    made = add(admin, passages=TURNS, held_on="2026-03-02")

    read = admin.get(f"/sources/{made['key']}")

    assert read == made
    assert (read["kind"], read["held_on"], read["study"]) == ("transcript", "2026-03-02", "returns")
    assert [{name: one[name] for name in ("text", "speaker")} for one in read["shown"]] == [
        {name: one[name] for name in ("text", "speaker")} for one in TURNS
    ]
    first, second = read["shown"]
    assert (first["start"], first["end"], second["start"]) == (0, 11, 13)
    assert (second["from_ms"], second["to_ms"]) == (1500, 3000)
    assert admin.get(PATH)["sources"][0]["key"] == made["key"]


def test_a_text_is_read_as_if_it_was_pasted(admin: Program) -> None:
    made = add(admin, text="Anna: How?\nR7: Late.\n")

    assert [one["speaker"] for one in made["shown"]] == ["Anna", "R7"]


def test_speakers_become_participants_and_what_tells_who_they_are_is_masked(
    admin: Program, database: Database, anna: Person
) -> None:
    made = add(admin, passages=TURNS[1:], speakers_are_participants=True, mask=True)

    assert made["shown"][0]["participant"] == "R7"
    assert "555" not in made["shown"][0]["text"]
    with database.reading() as session:
        assert [one.code for one in participants.of_study(session, anna, "returns")] == ["R7"]


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "text"),
        ({"text": "x", "passages": TURNS}, "text"),
        ({"passages": [{"text": " "}]}, "passages"),
        ({"text": "x", "held_on": "2126-01-01"}, "held_on"),
        ({"text": "x", "kind": "pdf"}, "kind"),
        ({"text": "x", "participant": "a@example.org"}, "participant"),
        ({"text": "x", "title": " "}, "title"),
        ({"passages": [{"text": "x", "from_ms": -1}]}, "passages"),
        ({"passages": [{"text": "x", "who": "y"}]}, ""),
    ],
)
def test_what_cannot_be_a_source_is_refused_beside_its_field(
    admin: Program, sent: dict[str, Any], field: str
) -> None:
    answer = admin.ask("POST", PATH, json={"title": "Talk", **sent})

    assert answer.status_code == 422
    assert any(one["field"].startswith(field) for one in answer.json["errors"]), answer.json
    assert admin.get(PATH) == {"sources": []}


def test_a_text_is_changed_when_nobody_changed_it_meanwhile(admin: Program) -> None:
    made = add(admin, text="One\n\nTwo")
    path = f"/sources/{made['key']}"
    sent = {"version": made["version"], "text": "One\n\n2"}

    answer = admin.ask("PATCH", path, json=sent)

    assert [one["text"] for one in answer.json["shown"]] == ["One", "2"]
    assert admin.ask("PATCH", path, json=sent).status_code == 412
    assert admin.ask("PATCH", path, json={"text": "x"}).status_code == 422


def test_a_removed_source_says_so_and_comes_back(admin: Program) -> None:
    key = add(admin, text="One")["key"]

    assert admin.ask("DELETE", f"/sources/{key}").json["removed_at"]
    assert (
        admin.ask("PATCH", f"/sources/{key}", json={"version": 2, "text": "x"}).status_code == 404
    )
    assert admin.ask("POST", f"/sources/{key}/restore").json["removed_at"] is None


def test_a_long_source_is_read_page_by_page(admin: Program) -> None:
    made = add(admin, passages=[{"text": f"Answer {n}"} for n in range(250)])
    path = f"/sources/{made['key']}"

    pages = [admin.get(path, page=number) for number in (1, 2, 3)]

    texts = [one["text"] for page in pages for one in page["shown"]]
    assert texts == [f"Answer {n}" for n in range(250)]
    assert {page["pages"] for page in pages} == {3}
    assert admin.ask("GET", path, query_string={"page": 0}).status_code == 422

"""Participants by programs of a study's team."""

from __future__ import annotations

from datetime import timedelta

import pytest

from research_repo.core.clock import today
from research_repo.core.db import Database
from research_repo.core.models import Person
from tests import make
from tests.api.conftest import Program

ALL = "/studies/returns/participants"


def codes(program: Program, study: str = "returns") -> list[str]:
    found = program.get(f"/studies/{study}/participants")["participants"]
    return [one["code"] for one in found]


def added(program: Program, *listed: dict[str, object]) -> dict[str, int]:
    answer = program.ask("POST", ALL, json={"participants": listed})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.json  # type: ignore[no-any-return]


def test_a_table_is_written_once_and_filled_in(admin: Program) -> None:
    told = added(admin, {"code": "R-10"}, {"code": "R-2", "consent_until": "2027-03-31"})
    assert told == {"added": 2, "changed": 0, "unchanged": 0}
    assert codes(admin) == ["R-2", "R-10"]
    told = added(admin, {"code": "r-10", "segment": "new"}, {"code": "R-2"})
    assert told == {"added": 0, "changed": 1, "unchanged": 1}
    one, other = admin.get(ALL)["participants"]
    assert (one["consent_until"], one["version"]) == ("2027-03-31", 1)
    assert (other["code"], other["segment"], other["version"]) == ("R-10", "new", 2)


def test_what_is_wrong_is_said_by_its_place_and_nothing_is_written(admin: Program) -> None:
    listed = [{"code": "R-1"}, {"code": "anna@example.org"}, {"code": "r-1"}]
    answer = admin.ask("POST", ALL, json={"participants": listed})
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json["errors"]] == [
        "participants.1.code",
        "participants.2.code",
    ]
    assert codes(admin) == []


@pytest.mark.parametrize(
    "body",
    [{}, {"participants": []}, {"participants": [{}]}, {"participants": [{"code": 7}]}, []]
    + [{"participants": [{"code": "R", "name": "Anna"}]}],
)
def test_what_is_no_table_is_refused(admin: Program, body: object) -> None:
    assert admin.ask("POST", ALL, json=body).status_code == 422


def test_a_participant_is_changed_moved_and_deleted(
    admin: Program, database: Database, anna: Person
) -> None:
    with database.saving() as session:
        make.study(session, anna, "other")
    added(admin, {"code": "R-1", "segment": "new"})
    changed = admin.ask("PATCH", f"{ALL}/r-1", json={"version": 1, "code": "R-2"})
    assert (changed.json["code"], changed.json["segment"]) == ("R-2", "new")
    one = f"{ALL}/R-2"
    assert admin.ask("PATCH", f"{ALL}/R-1", json={"version": 2}).status_code == 404
    assert admin.ask("PATCH", one, json={"version": 1, "code": "R-3"}).status_code == 412
    moved = admin.ask("POST", f"{one}/move", json={"version": 2, "study": "other"})
    assert moved.json["study"] == "other"
    assert (codes(admin), codes(admin, "other")) == ([], ["R-2"])
    assert admin.ask("DELETE", one, query_string={"version": 3}).status_code == 404
    there = one.replace("returns", "other")
    assert admin.ask("DELETE", there, query_string={"version": 2}).status_code == 412
    assert admin.ask("DELETE", there, query_string={"version": 3}).status_code == 200
    assert codes(admin, "other") == []


def test_whoever_was_heard_is_not_moved(admin: Program, database: Database, anna: Person) -> None:
    with database.saving() as session:
        make.study(session, anna, "other")
    added(admin, {"code": "R-1"})
    admin.post(title="Seen", study="returns", quote="Weeks!", respondent="R-1")
    (one,) = admin.get(ALL)["participants"]
    assert one["quotes"] == 1
    body = {"version": 1, "study": "other"}
    refused = admin.ask("POST", f"{ALL}/R-1/move", json=body)
    assert refused.status_code == 422
    assert codes(admin) == ["R-1"]


def test_who_is_due_for_deletion_is_told_to_the_team_alone(admin: Program, marina: Program) -> None:
    added(admin, {"code": "R-1", "withdrawn_on": today().isoformat()}, {"code": "R-2"})
    added(admin, {"code": "R-3", "consent_until": (today() - timedelta(days=2)).isoformat()})
    due = admin.get("/participants/due")["due"]
    assert [one["code"] for one in due] == ["R-3", "R-1"]
    assert [one["since"] for one in due][1] == today().isoformat()
    assert marina.get("/participants/due") == {"due": []}
    assert marina.ask("GET", "/participants/due?study=returns").status_code == 404
    assert marina.ask("GET", ALL).status_code == 404
    assert marina.ask("POST", ALL, json={"participants": [{"code": "R"}]}).status_code == 404

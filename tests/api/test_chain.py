"""The chain by programs: what claims rest on, what they replace, and what they lack."""

from __future__ import annotations

from flask import Flask

from research_repo.core import policies
from research_repo.core.db import Database
from research_repo.core.models import Person
from tests import make
from tests.api.conftest import Program

FACT = {"title": "They look for the label", "study": "returns", "quote": "I looked for it"}


def key_of(program: Program, **columns: object) -> str:
    answer = program.post(**columns)
    assert answer.status_code == 201, answer.json
    return str(answer.json["id"])


def test_an_insight_is_written_upon_its_facts_at_once(marina: Program) -> None:
    facts = [key_of(marina, **{**FACT, "external_id": f"F-{n}"}) for n in range(3)]
    insight = {"kind": "insight", "title": "Labels are hidden"}
    made = marina.post(**insight, rests_on=["F-0", facts[1]]).json
    assert made["rests_on"] == facts[:2]
    assert made["advice"] is None
    changed = marina.patch(made["id"], '"1"', rests_on=[facts[2]]).json
    assert changed["rests_on"] == facts
    assert changed["version"] == 1


def test_what_a_claim_lacks_is_told_or_refused_as_the_team_has_agreed(
    marina: Program, database: Database, anna: Person
) -> None:
    bare = marina.post(title="Bare", study="returns").json
    assert bare["advice"].startswith("No quote yet.")
    with database.saving() as session:
        policies.set_publishing(session, anna, {"fact": "off", "insight": "block"})
    assert marina.get(f"/atoms/{bare['id']}")["advice"] is None
    answer = marina.post(title="Floats", kind="insight")
    assert answer.status_code == 422
    (problem,) = answer.json["errors"]
    assert problem["field"] == "rests_on"
    assert "Link at least one fact" in problem["advice"]
    draft = marina.post(title="Floats", kind="insight", status="draft").json
    assert draft["advice"].startswith("It rests on nothing yet.")
    assert marina.patch(draft["id"], '"1"', status="published").status_code == 422
    # An old table that a program names is no evidence of what its person writes down.
    with database.saving() as session:
        policies.set_publishing(session, anna, {"fact": "block"})
    assert marina.post(title="Bare too", study="returns", source="Old table").status_code == 422


def test_a_claim_that_replaces_another_says_so_on_both_sides(marina: Program) -> None:
    old, new = (key_of(marina, kind="insight", title=title) for title in ("Old", "New"))
    changed = marina.patch(new, '"1"', supersedes=[old], relates=[old]).json
    assert (changed["supersedes"], changed["relates"]) == ([old], [old])
    assert marina.get(f"/atoms/{old}")["replaced"] is True
    circle = marina.patch(old, '"1"', supersedes=[new])
    assert circle.status_code == 422
    assert "circle" in circle.get_data(as_text=True)


def test_a_claim_over_a_closed_study_is_published_when_the_program_confirms_it(
    app: Flask, marina: Program, admin: Program, database: Database, anna: Person
) -> None:
    with database.saving() as session:
        study = make.study(session, anna, "secret", "The secret study", access="members")
        hidden = make.atom(session, anna, "Canary", study, quote="Canary").key
    claim = {"kind": "insight", "title": "For all", "rests_on": [hidden]}
    answer = admin.post(**claim)
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json["errors"]] == ["is_confirmed"]
    key = key_of(admin, **claim, is_confirmed=True)
    assert marina.get(f"/atoms/{key}")["rests_on"] == []
    # Who does not see the finding cannot rest a claim on it, and does not learn that it is there.
    told = [marina.post(**{**claim, "rests_on": [one]}).json for one in (hidden, "zzzzzz")]
    assert told[0]["errors"] == told[1]["errors"]

"""What is known about a question, for programs: the answer, saved briefs, decisions, planned studies."""

from __future__ import annotations

import pytest

from research_repo.core.db import Database
from research_repo.core.models import Person
from tests import make
from tests.api.conftest import Program

QUESTION = "Why do couriers lose time at the door?"


@pytest.fixture
def claim(database: Database, anna: Person) -> str:
    """The key of an insight that a fact supports."""
    with database.saving() as session:
        fact = make.atom(session, anna, "They ring twice", quote="I ring and ring.")
        insight = make.atom(session, anna, "Couriers lose time at the door", kind="insight")
        make.link(session, anna, fact, insight)
    return insight.key


def test_a_question_is_answered_with_its_claims_and_their_facts(admin: Program, claim: str) -> None:
    known = admin.get("/known", q=QUESTION)
    (found,) = known["claims"]
    assert (found["id"], [line["title"] for line in found["supporting"]]) == (
        claim,
        ["They ring twice"],
    )
    assert (known["verdict"]["level"], known["verdict"]["respondents"]) == ("little", 0)
    assert known["months"] == 12


def test_an_answer_is_kept_decided_once_and_counted(admin: Program, claim: str) -> None:
    kept = admin.ask("POST", "/briefs", json={"question": QUESTION})
    assert kept.status_code == 201
    key, version = kept.json["key"], kept.json["version"]
    enough = {"decision": "enough", "words": "A bell", "days_saved": 3, "version": version}
    decided = admin.ask("POST", f"/briefs/{key}/decision", json=enough)
    told = admin.ask("GET", f"/briefs/{key}/report?format=md").get_data(as_text=True)
    assert "Couriers lose time at the door" in told
    assert (decided.json["decision"], decided.json["known"]["claims"][0]["id"]) == ("enough", claim)
    again = admin.ask("POST", f"/briefs/{key}/decision", json=enough)
    assert again.status_code == 412
    listed = admin.get("/briefs", decision="enough")
    assert (listed["total"], listed["counts"]["avoided"], listed["counts"]["days_saved"]) == (
        1,
        1,
        3,
    )
    assert admin.get("/briefs", decision="open")["total"] == 0


def test_a_planned_study_wants_a_brief_or_a_reason(admin: Program) -> None:
    planned = {"key": "doors", "title": "Doors", "status": "planned"}
    refused = admin.ask("POST", "/studies", json=planned)
    assert refused.status_code == 422
    assert "Look at what is known first" in refused.get_data(as_text=True)
    key = admin.ask("POST", "/briefs", json={"question": QUESTION}).json["key"]
    started = admin.ask("POST", "/studies", json={**planned, "brief": key})
    assert (started.status_code, started.json["key"]) == (201, "doors")
    assert admin.get(f"/briefs/{key}")["study"] == "doors"
    other = {**planned, "key": "other"}
    assert admin.ask("POST", "/studies", json={**other, "brief": key}).status_code == 422
    assert admin.ask("POST", "/studies", json={**other, "why": "The law"}).status_code == 201
    assert admin.ask("POST", "/studies", json={"key": "now", "title": "x"}).status_code == 201

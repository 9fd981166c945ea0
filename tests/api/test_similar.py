"""Similar atoms and found studies for programs, within what their person sees."""

from __future__ import annotations

import json

import pytest
from flask import Flask

from research_repo.cli import run
from research_repo.core import study_tags
from research_repo.core.db import Database
from research_repo.core.models import Person
from tests import make
from tests.api.conftest import Program


@pytest.fixture
def keys(app: Flask, database: Database, anna: Person) -> dict[str, str]:
    with database.saving() as session:
        refund = make.tag(session, anna, "Возврат денег", also=["рефанд"], en="Refund")
        study = make.study(
            session, anna, "why", "Why buyers call", questions=["What makes a lorry late?"],
            summary="Couriers lose their way.",
        )  # fmt: skip
        study_tags.put(session, anna, study, [refund.id])
        closed = make.study(session, anna, "closed", "Why buyers leave", access="members")
        for number in range(9):
            make.atom(session, anna, f"Sellers wait for the payout of week {number}", study)
        one = make.atom(session, anna, "Buyers never see the state of a refund", study)
        two = make.atom(session, anna, "Buyers never saw the states of refunds", kind="insight")
        hidden = make.atom(session, anna, "The state of a refund is what buyers never see", closed)
    app.extensions["house"].search.catch_up()
    return {"one": one.key, "two": two.key, "hidden": hidden.key, "refund": refund.key}


def test_similar_atoms_tell_how_near_they_are_and_which_may_be_doubles(
    marina: Program, keys: dict[str, str]
) -> None:
    (found,) = marina.get(f"/atoms/{keys['one']}/similar")["atoms"]
    assert found["id"] == keys["two"]
    assert found["has_same_words"] is True
    assert 0 < found["score"] <= 1
    assert (found["kind"], found["study"]) == ("insight", None)


def test_the_team_of_a_closed_study_gets_its_similar_atoms_too(
    admin: Program, keys: dict[str, str]
) -> None:
    found = {one["id"] for one in admin.get(f"/atoms/{keys['one']}/similar")["atoms"]}
    assert found == {keys["two"], keys["hidden"]}


def test_a_search_answers_with_studies_and_says_where_the_words_stand(
    marina: Program, keys: dict[str, str]
) -> None:
    def found(words: str) -> dict[str, object]:
        answer = marina.get("/search", q=words)["studies"]
        assert answer["total"] == len(answer["hits"]) == 1
        (hit,) = answer["hits"]
        assert (hit["key"], hit["title"]) == ("why", "Why buyers call")
        (reason,) = hit["why"]
        return reason

    assert found("buyers") == {"field": "title", "text": "buyers"}
    assert found("lorries") == {"field": "question", "text": "lorries"}
    assert found("couriers") == {"field": "text", "text": "couriers"}
    assert found("рефанд")["tag"] == keys["refund"]


def test_a_closed_study_is_neither_found_nor_counted_for_others(
    marina: Program, admin: Program, keys: dict[str, str]
) -> None:
    assert marina.get("/search", q="leave")["studies"] == {"total": 0, "hits": []}
    assert admin.get("/search", q="leave")["studies"]["total"] == 1


def test_the_command_line_prints_the_same_studies(
    app: Flask, keys: dict[str, str], admin: Program, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    house = app.extensions["house"]
    monkeypatch.setenv("RESEARCH_REPO_INSTANCE", str(house.settings.instance))
    monkeypatch.setenv("RESEARCH_REPO_DATABASE_URL", house.settings.database_url)
    assert run(["search", "buyers", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)["studies"]
    assert printed == admin.get("/search", q="buyers")["studies"]

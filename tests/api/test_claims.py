"""The queue of claims for programs, and confirming by a program."""

from __future__ import annotations

import pytest

from research_repo.core import people
from research_repo.core.clock import months_after, today
from research_repo.core.db import Database
from research_repo.core.models import Person
from tests import make
from tests.api.conftest import Program


@pytest.fixture
def key(database: Database, anna: Person, marina: Program) -> str:
    """An old insight of Marina's, and a disputed one of Anna's."""
    with database.saving() as session:
        by = people.by_email(session, "marina@example.org")
        assert by is not None
        old = make.atom(session, by, "Cards are feared", kind="insight")
        old.observed_on = months_after(today(), -40)
        contested = make.atom(session, anna, "Fees are fine", kind="insight")
        make.link(session, anna, make.atom(session, anna, "No"), contested, "contradicts")
        return old.key


def test_the_queue_tells_why_and_whose(marina: Program, key: str) -> None:
    found = marina.get("/claims")
    assert found["total"] == 2
    contested, old = found["claims"]
    assert (contested["title"], contested["disputed"], contested["stale"]) == (
        "Fees are fine",
        True,
        False,
    )
    assert (old["id"], old["owner"], old["stale"]) == (key, "Marina", True)
    assert old["reason"] == "Nobody confirmed this in 18 months."
    assert marina.get("/claims", owner="me")["total"] == 1
    assert marina.get("/claims", reason="disputed")["total"] == 1
    assert marina.get("/claims", kind="fact")["claims"] == []
    assert marina.get("/claims", offset=1, limit=1)["claims"] == [old]
    assert marina.get(f"/atoms/{key}")["stale"] is True


def test_a_claim_is_confirmed_and_the_confirmation_taken_back(marina: Program, key: str) -> None:
    address = f"/atoms/{key}/confirmations"
    made = marina.ask("POST", address, json={"note": "Asked again"})
    assert made.status_code == 201
    told = made.json
    assert told is not None
    assert (told["confirmed_by"], told["note"], told["stale"]) == ("Marina", "Asked again", False)
    assert told["review_by"] == months_after(today(), 18).isoformat()
    assert marina.get(f"/atoms/{key}")["review_by"] == told["review_by"]
    back = marina.ask("DELETE", f"{address}/{told['confirmation']}")
    assert back.status_code == 200
    assert back.json is not None
    assert (back.json["stale"], back.json["confirmed_by"]) == (True, None)
    for gone in (told["confirmation"], "9" * 30, "one", "²"):
        assert marina.ask("DELETE", f"{address}/{gone}").status_code == 404


@pytest.mark.parametrize(
    "body", [{"until": "2000-01-01"}, {"note": "x" * 501}, {"until": "soon"}, {"who": "Anna"}]
)
def test_what_cannot_be_confirmed_is_refused(
    marina: Program, key: str, body: dict[str, str]
) -> None:
    answer = marina.ask("POST", f"/atoms/{key}/confirmations", json=body)
    assert answer.status_code == 422


def test_a_day_to_look_again_is_written_changed_and_emptied(marina: Program) -> None:
    made = marina.post(kind="insight", title="Cards", review_by="2031-05-01")
    assert made.json is not None
    key, etag = made.json["id"], made.headers["ETag"]
    assert made.json["review_by"] == "2031-05-01"
    other = marina.patch(key, etag, title="Cards and fees")
    assert other.json is not None
    assert other.json["review_by"] == "2031-05-01"
    emptied = marina.patch(key, other.headers["ETag"], review_by=None)
    assert emptied.json is not None
    assert emptied.json["review_by"] is None

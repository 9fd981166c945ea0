"""Programs get the counts of a claim with it, and the whole sum at an address of its own."""

from __future__ import annotations

from flask import Flask

from research_repo.core import arithmetic
from research_repo.core.db import Database
from research_repo.core.evidence import EvidenceValues
from research_repo.core.models import Person
from tests import make
from tests.api.conftest import Program


def test_the_sum_of_a_claim_is_told_to_programs(
    app: Flask, database: Database, anna: Person, marina: Program
) -> None:
    with database.saving() as session:
        talks = make.study(session, anna, "talks", "Talks", method="interviews")
        quotes = [EvidenceValues(text=f"Words {n}", who=f"R-{n}") for n in range(3)]
        figure = EvidenceValues(kind="number", text="left", number=38, unit="%", n=412)
        fact = make.atom(session, anna, "They call", talks, evidence=[*quotes, figure])
        claim = make.atom(session, anna, "They fear the wait", kind="insight")
        make.link(session, anna, fact, claim)
        sum_here = arithmetic.of_atom(session, anna, claim.key)
    app.extensions["house"].search.catch_up()
    told = marina.get(f"/atoms/{claim.key}/strength")
    assert told["strength"] == sum_here.strength.plain()
    assert told["shares"] == [
        {
            "study": "talks",
            "title": "Talks",
            "method": "interviews",
            "respondents": ["R-0", "R-1", "R-2"],
            "measured": [{"text": "left", "number": 38, "unit": "%", "n": 412}],
        }
    ]
    assert [one["id"] for one in told["rests_on"]] == [fact.key]
    assert marina.get(f"/atoms/{claim.key}")["strength"] == told["strength"]
    (hit,) = marina.get("/search", q="fear")["hits"]
    assert hit["strength"] == told["strength"]
    assert (hit["strength"]["respondents"], hit["strength"]["level"]) == (3, "fair")

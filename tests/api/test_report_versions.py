"""Versions of reports for programs: freezing, drift and comparison."""

from __future__ import annotations

import pytest
from sqlmodel import select

from research_repo.core import atoms, people
from research_repo.core.db import Database
from research_repo.core.models import Atom, Person
from tests import frozen, make
from tests.api.conftest import Program


@pytest.fixture
def by(database: Database, marina: Program) -> Person:
    with database.reading() as session:
        found = people.by_email(session, "marina@example.org")
        assert found is not None
        return found


@pytest.fixture
def key(database: Database, by: Person) -> str:
    """The report of Marina's study, with one version."""
    with database.saving() as session:
        study = make.study(session, by, "frozen")
        fact = make.atom(session, by, "Money takes two weeks", study)
        row = frozen.row(session, by, study)
        frozen.version(session, by, row, [fact])
        return row.key


def test_a_program_freezes_a_report(marina: Program, key: str) -> None:
    made = marina.ask("POST", f"/reports/{key}/versions", json={"note": "By night"})
    assert made.status_code == 201
    assert made.json == {"number": 2}
    refused = marina.ask("POST", f"/reports/{key}/versions", json={"note": "x" * 1001})
    assert refused.status_code == 422


def test_drift_and_comparison_are_told(
    marina: Program, key: str, database: Database, by: Person
) -> None:
    drift = f"/reports/{key}/versions/1/drift"
    assert marina.get(drift) == {"claims": [], "redacted": False}
    with database.saving() as session:
        atom = session.exec(select(Atom).where(Atom.title == "Money takes two weeks")).one()
        atoms.set_status(session, by, atom.key, atom.version, "archived")
    (claim,) = marina.get(drift)["claims"]
    assert (claim["title"], claim["reasons"]) == ("Money takes two weeks", ["archived"])
    assert claim["replaced_by"] is None
    found = marina.get(f"/reports/{key}/comparison", before=1)
    assert not found["same"]
    assert [one["title"] for one in found["claims_removed"]] == ["Money takes two weeks"]
    assert marina.get(f"/reports/{key}/comparison", before=1, after=1)["same"]


@pytest.mark.parametrize("number", ["0", "99", "x", "9" * 30])
def test_versions_that_are_not_there_are_refused(marina: Program, key: str, number: str) -> None:
    asked = marina.ask("GET", f"/reports/{key}/comparison", query_string={"before": number})
    assert asked.status_code in (404, 422)
    assert marina.ask("GET", f"/reports/{key}/versions/{number}/drift").status_code == 404

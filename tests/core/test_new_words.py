"""A file that makes tags tells which of them look like others."""

from __future__ import annotations

import pytest

from research_repo.core import imports, people
from research_repo.core.db import Database
from research_repo.core.import_terms import Row, Terms
from tests import make

ALIKE = "looks like"


def told(database: Database, *tags: str, is_dry_run: bool) -> list[str]:
    rows = [Row(n, {"title": f"Fact {n}", "tags": text}) for n, text in enumerate(tags, start=2)]
    terms = Terms(file_name="findings.csv", study_key="returns", is_dry_run=is_dry_run)
    with database.reading() as session:
        system = people.system(session)
    outcome = imports.run(database, system, lambda: rows, terms)
    return [one.reason.put("en") for one in outcome.warnings if one.column == "tags"]


@pytest.mark.parametrize("is_dry_run", [True, False])
def test_a_new_tag_that_looks_like_another_is_told_of(database: Database, is_dry_run: bool) -> None:
    with database.saving() as session:
        make.tag(session, people.system(session), "Доставка", en="Delivery")
    assert told(database, "Дотсавка", "Склад", "Delivery", is_dry_run=is_dry_run) == [
        "The new tag “Free tags > Дотсавка” looks like “Product area > Delivery”."
    ]


def test_two_new_tags_of_one_file_that_look_alike_are_told_of(database: Database) -> None:
    found = told(database, "Возврат", "Возвраты", is_dry_run=False)
    assert len(found) == 2
    assert all(ALIKE in one for one in found)


def test_a_file_without_new_tags_tells_nothing(database: Database) -> None:
    with database.saving() as session:
        make.tag(session, people.system(session), "Возврат")
        make.tag(session, people.system(session), "Возвраты", scheme="segment")
    assert told(database, "Возврат", is_dry_run=False) == []


def test_what_only_others_may_know_of_is_not_told(database: Database) -> None:
    with database.saving() as session:
        owner = make.person(session, "Vera", "researcher")
        marina = make.person(session, "Marina", "researcher")
        closed = make.study(session, owner, "closed", access="members")
        make.atom(session, owner, "Secret", closed, tags=["Lunch boxes"])
    terms = Terms(file_name="findings.csv", study_key="mine")
    rows = [Row(2, {"title": "Fact", "tags": "Lunch box"})]
    outcome = imports.run(database, marina, lambda: rows, terms)
    assert outcome.warnings == []

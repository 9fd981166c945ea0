"""The rules of tag groups at the three doors: pages, the API and imports agree on twenty cases."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, select

from research_repo.app import create_app
from research_repo.core import imports, schemes, tokens
from research_repo.core.db import Database
from research_repo.core.import_terms import Row, Terms
from research_repo.core.models import Atom, Person, Tag
from research_repo.settings import Settings
from tests import make
from tests.rule_cases import CASES, OFFENDS, REFUSED, Case, lay_out
from tests.web.conftest import send, sign_in

TITLE = "People leave at the second step"

by_name = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "-"))


@pytest.fixture
def app(begun: Settings) -> Flask:
    return create_app(begun)


@pytest.fixture
def database(app: Flask) -> Database:
    found: Database = app.extensions["house"].database
    return found


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def marina(database: Database) -> Person:
    """A researcher; the first person here is an admin."""
    with database.saving() as session:
        make.person(session, "Anna", "admin")
        return make.person(session, "Marina", "researcher")


def status_of(database: Database) -> str:
    """What became of the atom; empty when there is none."""
    with database.reading() as session:
        return session.exec(select(Atom.status).where(Atom.title == TITLE)).first() or ""


def prepare(database: Database, marina: Person, case: Case) -> None:
    with database.saving() as session:
        lay_out(session, marina, case)


def test_there_are_twenty_cases() -> None:
    assert len({case.name for case in CASES}) == 20


@by_name
def test_a_page_keeps_the_rules(
    database: Database, client: FlaskClient, marina: Person, case: Case
) -> None:
    prepare(database, marina, case)
    answer = send(
        sign_in(client, marina),
        "/atoms/new",
        kind=case.kind,
        title=TITLE,
        study="case",
        tags="; ".join(case.tags),
        not_applicable=list(case.not_applicable),
        do="draft" if case.status == "draft" else "publish",
    )
    if case.ends in (OFFENDS, REFUSED):
        assert (answer.status_code, status_of(database)) == (422, "")
        page = answer.get_data(as_text=True)
        assert 'id="f-tags-error"' in page
        assert all(part in page for part in case.advice), page
    else:
        assert (answer.status_code, status_of(database)) == (303, case.ends)


@by_name
def test_the_api_keeps_the_rules(
    database: Database, client: FlaskClient, marina: Person, case: Case
) -> None:
    prepare(database, marina, case)
    with database.saving() as session:
        _, secret = tokens.add(session, marina, marina.id, "robot")
    sent = {
        "kind": case.kind,
        "title": TITLE,
        "study": "case",
        "tags": list(case.tags),
        "not_applicable": list(case.not_applicable),
        "status": case.status,
    }
    answer = client.post("/api/v1/atoms", json=sent, headers={"Authorization": f"Bearer {secret}"})
    if case.ends in (OFFENDS, REFUSED):
        assert (answer.status_code, status_of(database)) == (422, "")
        (problem,) = answer.json["errors"]
        assert problem["field"] == "tags"
        assert all(part in problem["advice"] for part in case.advice), problem
    else:
        assert answer.status_code == 201, answer.json
        assert status_of(database) == answer.json["status"] == case.ends
        assert answer.json["not_applicable"] == list(case.not_applicable)


@by_name
@pytest.mark.parametrize("is_dry_run", [True, False], ids=["tried", "done"])
def test_an_import_keeps_offenders_as_drafts_and_tells_of_them(
    database: Database, marina: Person, case: Case, is_dry_run: bool
) -> None:
    prepare(database, marina, case)
    cells = {
        "kind": case.kind,
        "title": TITLE,
        "study": "case",
        "tags": "; ".join(case.tags),
        "not_applicable": "; ".join(case.not_applicable),
        "status": case.status,
    }
    terms = Terms(file_name="findings.csv", is_dry_run=is_dry_run)
    outcome = imports.run(database, marina, lambda: [Row(2, cells)], terms)
    told = [(one.row, one.column, one.is_refusal) for one in outcome.warnings]
    expected = {
        OFFENDS: ((1, 0), [(2, "tags", False)], "draft"),
        REFUSED: ((0, 1), [(2, "tags", True)], ""),
    }.get(case.ends, ((1, 0), [], case.ends))
    assert ((outcome.created, outcome.refused), told) == expected[:2], outcome.warnings
    assert status_of(database) == ("" if is_dry_run else expected[2])
    assert all(part in str(one.reason) for part in case.advice for one in outcome.warnings)


def test_an_import_makes_no_tag_of_a_closed_group_whoever_brings_it(
    database: Database, marina: Person
) -> None:
    with database.saving() as session:
        prepare_closed(session)
        ilya = session.exec(select(Person).where(Person.name == "Ilya")).one()
    row = Row(2, {"title": TITLE, "kind": "insight", "tags": "Severity > Awful"})
    outcome = imports.run(database, ilya, lambda: [row], Terms(file_name="findings.csv"))
    assert outcome.refused == 1
    with database.reading() as session:
        assert session.exec(select(Tag).where(Tag.status == "candidate")).all() == []


def prepare_closed(session: Session) -> None:
    ilya = make.person(session, "Ilya", "curator")
    schemes.set_rules(session, ilya, "severity", schemes.Rules(who_may_add="curators"))


def test_the_same_file_brought_again_tells_nothing_and_changes_nothing(
    database: Database, marina: Person
) -> None:
    case = next(case for case in CASES if case.ends == OFFENDS)
    prepare(database, marina, case)
    row = Row(2, {"title": TITLE, "study": "case", "tags": "; ".join(case.tags)})
    terms = Terms(file_name="findings.csv")
    imports.run(database, marina, lambda: [row], terms)
    again = imports.run(database, marina, lambda: [row], terms)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 1)
    assert again.warnings == []

"""Owners are told of their claims once a week at most, and of nothing that they cannot decide on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from research_repo.core import claims, notices, reminders, studies
from research_repo.core.clock import months_after, now, today
from research_repo.core.db import Database
from research_repo.core.models import Atom, Notice, Person
from research_repo.worker import Worker
from tests import make


def old(session: Session, by: Person, title: str, **values: object) -> Atom:
    atom = make.atom(session, by, title, kind="insight", **values)  # type: ignore[arg-type]
    atom.observed_on = months_after(today(), -40)
    session.flush()
    return atom


def told(session: Session, by: Person) -> list[str]:
    return [str(one.message) for one in notices.listed(session, by)]


def test_an_owner_is_told_once_how_many_wait(session: Session, researcher: Person) -> None:
    old(session, researcher, "One")
    assert reminders.due(session) == {researcher.id: 1}
    old(session, researcher, "Two")
    found = reminders.due(session)
    reminders.tell(session, found)
    session.flush()
    (sentence,) = told(session, researcher)
    assert sentence.startswith("2 of your claims want a second look")
    assert reminders.due(session) == {}


@pytest.mark.parametrize(
    ("is_read", "days", "is_due"), [(False, 30, 0), (True, 6, 0), (True, 8, 1)]
)
def test_nobody_is_pressed(
    session: Session, researcher: Person, is_read: bool, days: int, is_due: int
) -> None:
    old(session, researcher, "One")
    reminders.tell(session, reminders.due(session))
    session.flush()
    notice = session.exec(select(Notice)).one()
    notice.at = now() - timedelta(days=days)
    notice.read_at = now() if is_read else None
    session.flush()
    assert len(reminders.due(session)) == is_due


def test_what_lies_in_a_study_that_was_closed_to_its_author_is_not_told_of(
    session: Session, researcher: Person, curator: Person
) -> None:
    study = make.study(session, curator, "closed", access="members")
    studies.add_member(session, curator, study.key, researcher.email, may_edit=True)
    atom = old(session, researcher, "One")
    atom.study_id = study.id
    session.flush()
    assert reminders.due(session) == {researcher.id: 1}
    studies.remove_member(session, curator, study.key, researcher.id)
    assert reminders.due(session) == {}


def test_the_address_of_the_notice_leads_to_what_it_counts(
    session: Session, researcher: Person
) -> None:
    old(session, researcher, "One")
    assert reminders.ADDRESS == "/claims?owner=me&kind=any"
    assert claims.waiting_for(session, researcher) == 1


def test_the_worker_looks_once_an_hour(database: Database) -> None:
    with database.saving() as session:
        researcher = make.person(session, "Marina", "researcher")
        old(session, researcher, "One")
    worker = Worker(database, {})
    worker.look_ahead()
    worker.look_ahead()
    with database.reading() as session:
        assert len(told(session, researcher)) == 1

"""Owners hear of drift in what they published: once a week at most, and never the same twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from research_repo.core import atoms, drift_notices, notices
from research_repo.core.clock import now
from research_repo.core.models import Atom, Notice, Person
from tests import frozen, make


@pytest.fixture
def marina(session: Session) -> Person:
    return make.person(session, "Marina", "researcher")


@pytest.fixture
def fact(session: Session, marina: Person) -> Atom:
    found = make.atom(session, marina, "Money takes two weeks")
    frozen.version(session, marina, frozen.row(session, marina), [found])
    return found


def told(session: Session) -> list[str]:
    """What is due is told; gives the sentences."""
    found = drift_notices.due(session)
    drift_notices.tell(session, found)
    session.flush()
    return [str(one.message) for one in found]


def later(session: Session, by: Person) -> None:
    """A week goes by, and what was told has been read."""
    notices.read_all(session, by)
    for notice in session.exec(select(Notice)):
        notice.at = now() - timedelta(days=8)
    session.flush()


def test_owners_hear_of_drift_once(session: Session, marina: Person, fact: Atom) -> None:
    assert told(session) == []
    atoms.set_status(session, marina, fact.key, fact.version, "archived")
    assert told(session) == [
        "1 claim in your published reports is not what it was: How parcels return."
    ]
    (notice,) = notices.listed(session, marina)
    assert notice.address.endswith("/versions/1#drift")
    assert told(session) == []
    later(session, marina)
    assert told(session) == []


def test_more_drift_is_news_a_week_later(session: Session, marina: Person, fact: Atom) -> None:
    other = make.atom(session, marina, "The form is long")
    frozen.version(session, marina, frozen.row(session, marina), [other])
    atoms.set_status(session, marina, fact.key, fact.version, "archived")
    assert len(told(session)) == 1
    atoms.set_status(session, marina, other.key, other.version, "archived")
    assert told(session) == []
    later(session, marina)
    assert told(session)[0].startswith("2 claims in your published reports")


def test_those_who_left_hear_nothing(session: Session, marina: Person, fact: Atom) -> None:
    atoms.set_status(session, marina, fact.key, fact.version, "archived")
    marina.is_active = False
    session.flush()
    assert told(session) == []

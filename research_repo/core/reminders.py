"""Owners are told once a week, at most, how many of their claims want a second look."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import or_
from sqlmodel import Session, col, select

from research_repo.core import claims, notices, people
from research_repo.core.clock import now
from research_repo.core.language import say_many
from research_repo.core.models import Notice, Person

AGAIN_AFTER = timedelta(days=7)
ADDRESS = "/claims?owner=me&kind=any"


def due(session: Session) -> dict[int, int]:
    """Person → how many of their claims wait, for those who are to be told now.

    Whoever was told within the week, or has not read yet what they were told, is left in peace.
    """
    owners = claims.waiting(session, people.system(session)).owners() - {None}
    lately = or_(col(Notice.at) > now() - AGAIN_AFTER, col(Notice.read_at).is_(None))
    told = set(session.exec(select(Notice.person_id).where(Notice.address == ADDRESS, lately)))
    found = {}
    for person in session.exec(select(Person).where(col(Person.id).in_(owners - told))):
        # Of what lies in studies that were closed to them since, they cannot decide.
        if count := claims.waiting_for(session, person):
            found[person.id] = count
    return found


def tell(session: Session, found: Mapping[int, int]) -> None:
    """Tell these people."""
    for person_id, count in found.items():
        message = say_many(
            "%(count)s of your claims wants a second look: nobody confirmed it in time, or others "
            "contradict it.",
            "%(count)s of your claims want a second look: nobody confirmed them in time, or others "
            "contradict them.",
            count,
        )
        notices.tell(session, [person_id], message, ADDRESS)

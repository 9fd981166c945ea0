"""What people are told: added to a team, a job is done, a tag was approved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from research_repo.core.clock import now
from research_repo.core.language import Message
from research_repo.core.models import Notice, Person
from research_repo.core.moments import kept


@dataclass(frozen=True)
class Told:
    """A notice, ready to be put into words."""

    at: datetime
    message: Message
    address: str
    is_new: bool


def tell(session: Session, person_ids: Iterable[int], message: Message, address: str = "") -> None:
    """Tell people something; `address` is the path of the page that it is about."""
    for person_id in set(person_ids):
        session.add(Notice(person_id=person_id, message=message.as_json(), address=address))


def unread_count(session: Session, by: Person) -> int:
    """How many notices the person has not read."""
    return kept(session, ("unread", by.id), lambda: _unread(session, by))


def _unread(session: Session, by: Person) -> int:
    mine = select(func.count()).where(col(Notice.person_id) == by.id)
    return session.exec(mine.where(col(Notice.read_at).is_(None))).one()


def listed(session: Session, by: Person, limit: int = 200) -> list[Told]:
    """The person's notices, newest first."""
    rows = session.exec(
        select(Notice)
        .where(col(Notice.person_id) == by.id)
        .order_by(col(Notice.id).desc())
        .limit(limit)
    )
    return [
        Told(row.at, Message.from_json(row.message), row.address, row.read_at is None)
        for row in rows
    ]


def read_all(session: Session, by: Person) -> None:
    """Mark all the person's notices as read."""
    session.execute(
        update(Notice)
        .where(col(Notice.person_id) == by.id, col(Notice.read_at).is_(None))
        .values(read_at=now())
    )

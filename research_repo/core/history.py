"""Who did what and when. Rows are only added; what a change held lies apart and can be redacted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from research_repo.core.models import History, HistoryPayload, Person


@dataclass(frozen=True)
class Change:
    """One line of history, ready to be shown."""

    id: int
    at: datetime
    who: str
    verb: str
    noun: str
    noun_id: int
    before: Any
    after: Any
    is_redacted: bool


def record(
    session: Session,
    by: Person,
    verb: str,
    noun: str,
    noun_id: int,
    before: Any = None,
    after: Any = None,
) -> None:
    """Note a change in the transaction that makes it. `before` and `after` are plain JSON."""
    line = History(person_id=by.id, verb=verb, noun=noun, noun_id=noun_id)
    session.add(line)
    session.flush()
    if before is not None or after is not None:
        session.add(HistoryPayload(history_id=line.id, before=before, after=after))


def of(session: Session, noun: str, noun_ids: Iterable[int], limit: int = 200) -> list[Change]:
    """What happened to these things, newest first."""
    rows = session.exec(
        select(History, HistoryPayload, Person.name)
        .join(HistoryPayload, isouter=True)
        .join(Person, col(Person.id) == History.person_id)
        .where(History.noun == noun, col(History.noun_id).in_(list(noun_ids)))
        .order_by(col(History.id).desc())
        .limit(limit)
    ).all()
    return [
        Change(
            id=line.id,
            at=line.at,
            who=who,
            verb=line.verb,
            noun=line.noun,
            noun_id=line.noun_id,
            before=payload.before if payload else None,
            after=payload.after if payload else None,
            is_redacted=payload is not None and payload.redacted_at is not None,
        )
        for line, payload, who in rows
    ]

"""Who did what and when. Rows are only added; what a change held lies apart and can be redacted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, update
from sqlmodel import Session, col, select

from research_repo.core.clock import now
from research_repo.core.db import add_rows
from research_repo.core.models import History, HistoryPayload, Person, metadata


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


def record_many(
    session: Session,
    by: Person,
    verb: str,
    noun: str,
    after: Mapping[int, Any],
    before: Mapping[int, Any] | None = None,
) -> None:
    """Note the same change of many things: id → what it is now, and what it was."""
    was = before or {}
    at = now()
    lines = [
        {"at": at, "person_id": by.id, "verb": verb, "noun": noun, "noun_id": noun_id}
        for noun_id in after
    ]
    if lines:
        table = metadata.tables["history"]
        added = insert(table).returning(table.c.id, sort_by_parameter_order=True)
        ids = session.connection().execute(added, lines).scalars()
        payloads = [
            {
                "history_id": line_id,
                "before": was.get(noun_id),
                "after": value,
                "redacted_at": None,
            }
            for line_id, (noun_id, value) in zip(ids, after.items(), strict=True)
        ]
        add_rows(session, HistoryPayload, payloads)


def newest(session: Session) -> int:
    """The last line's number: it rises with everything that anybody does."""
    return session.exec(select(func.max(History.id))).one() or 0


def forget(session: Session, noun: str, noun_ids: Collection[int]) -> None:
    """Take back the lines of what nobody ever saw: things that a broken import had begun to make."""
    mine = select(History.id).where(History.noun == noun, col(History.noun_id).in_(noun_ids))
    session.execute(delete(HistoryPayload).where(col(HistoryPayload.history_id).in_(mine)))
    session.execute(
        delete(History).where(col(History.noun) == noun, col(History.noun_id).in_(noun_ids))
    )


def redact(session: Session, noun: str, noun_id: int) -> None:
    """Empty what the lines of a thing held: that something happened to it stays, what it was not."""
    mine = select(History.id).where(History.noun == noun, History.noun_id == noun_id)
    session.execute(
        update(HistoryPayload)
        .where(col(HistoryPayload.history_id).in_(mine))
        .values(before=None, after=None, redacted_at=now())
    )


def forget_line(session: Session, line_id: int) -> None:
    """The same for one line."""
    session.execute(delete(HistoryPayload).where(col(HistoryPayload.history_id) == line_id))
    session.execute(delete(History).where(col(History.id) == line_id))


def told_again(session: Session, noun: str, noun_ids: Collection[int]) -> set[int]:
    """Those of these things to which something happened after they were made."""
    mine = select(History.noun_id).where(History.noun == noun, col(History.noun_id).in_(noun_ids))
    return set(session.exec(mine.group_by(col(History.noun_id)).having(func.count() > 1)))


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

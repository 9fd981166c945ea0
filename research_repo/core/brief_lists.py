"""Saved briefs in lists, and what became of them: studies avoided, narrowed, gone ahead with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from research_repo.core import access, briefs
from research_repo.core.models import Brief, Person, Study

LISTED = 30


@dataclass(frozen=True)
class BriefCard:
    """A saved brief in a list."""

    key: str
    question: str
    language: str
    author: str
    created_at: datetime
    decision: str
    note: str
    decided_by: str
    decided_at: datetime | None
    days_saved: int | None
    study: tuple[str, str] | None
    """Key and title of the study that came of it, where the reader sees it."""
    version: int
    may_decide: bool
    may_remove: bool


@dataclass(frozen=True)
class Counts:
    """What became of the briefs that a person sees, and of planned studies without one."""

    saved: int = 0
    avoided: int = 0
    narrowed: int = 0
    requested: int = 0
    gone_ahead: int = 0
    """Studies that came of a brief, or began with a written reason instead of one."""
    with_reason: int = 0
    """Of these, those that began with a reason."""
    open: int = 0
    days_saved: int = 0


def card(session: Session, by: Person, key: str) -> BriefCard:
    """One saved brief, or NotFound."""
    brief = briefs.to_read(session, by, key)
    return next(_cards(session, by, [brief]))


def listed(
    session: Session, by: Person, decision: str | None, page: int
) -> tuple[list[BriefCard], int]:
    """A page of the briefs that the person sees, the newest first, and how many there are."""
    chosen = [briefs.sees_brief(by)]
    if decision is not None:
        chosen.append(col(Brief.decision) == decision)
    total = session.exec(select(func.count(col(Brief.id))).where(*chosen)).one()
    newest = select(Brief).where(*chosen).order_by(col(Brief.id).desc())
    rows = session.exec(newest.offset((page - 1) * LISTED).limit(LISTED)).all()
    return list(_cards(session, by, rows)), total


def of_study(session: Session, by: Person, study_id: int) -> list[BriefCard]:
    """The briefs that a study came of, the newest first."""
    mine = select(Brief).where(briefs.sees_brief(by), Brief.study_id == study_id)
    return list(_cards(session, by, session.exec(mine.order_by(col(Brief.id).desc())).all()))


def counts(session: Session, by: Person) -> Counts:
    """How many studies were avoided, narrowed and gone ahead with, as far as the person sees."""
    is_attached = col(Brief.study_id).is_not(None)
    rows = session.execute(
        columns(col(Brief.decision), is_attached, func.count(), func.sum(col(Brief.days_saved)))
        .where(briefs.sees_brief(by))
        .group_by(col(Brief.decision), is_attached)
    ).all()
    found = {(decision, bool(attached)): count for decision, attached, count, _ in rows}
    with_reason = session.exec(
        select(func.count(col(Study.id))).where(access.sees_study(by), Study.started_why != "")
    ).one()
    ahead = sum(found.get((decision, True), 0) for decision in ("", "enough", "request"))
    return Counts(
        saved=sum(found.values()),
        avoided=found.get(("enough", False), 0),
        narrowed=found.get(("narrow", False), 0) + found.get(("narrow", True), 0),
        requested=found.get(("request", False), 0),
        gone_ahead=ahead + with_reason,
        with_reason=with_reason,
        open=found.get(("", False), 0),
        days_saved=sum(days or 0 for _, _, _, days in rows),
    )


def _cards(session: Session, by: Person, rows: Sequence[Brief]) -> Iterator[BriefCard]:
    named = {one for row in rows for one in (row.person_id, row.decided_by) if one}
    names = dict(
        session.exec(select(Person.id, Person.name).where(col(Person.id).in_(named))).all()
    )
    seen = select(Study.id, Study.key, Study.title).where(
        access.sees_study(by), col(Study.id).in_({row.study_id for row in rows if row.study_id})
    )
    known = {study_id: (key, title) for study_id, key, title in session.exec(seen)}
    for row in rows:
        yield BriefCard(
            key=row.key,
            question=row.question,
            language=row.language,
            author=names[row.person_id],
            created_at=row.created_at,
            decision=row.decision,
            note=row.decision_note,
            decided_by=names.get(row.decided_by or 0, ""),
            decided_at=row.decided_at,
            days_saved=row.days_saved,
            study=known.get(row.study_id or 0),
            version=row.version,
            may_decide=briefs.may_decide(by, row),
            may_remove=briefs.may_remove(by, row),
        )

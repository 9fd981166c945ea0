"""What participants agreed to: whose consent is over, and how they are forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, func, or_
from sqlmodel import Session, col, select

from research_repo.core import access, heard, history, report_redaction
from research_repo.core.clock import today
from research_repo.core.errors import Conflict, Invalid
from research_repo.core.heard import Traces
from research_repo.core.language import say_many
from research_repo.core.models import Participant, Person, Study
from research_repo.core.participants import CHANGED, NOUN, in_order, to_edit

SOURCES_NAMED = 5


@dataclass(frozen=True)
class Due:
    """Somebody whose consent was withdrawn or ended: since when, and what there is of them."""

    participant: Participant
    study_key: str
    study_title: str
    since: date
    traces: Traces


def is_due(row: Participant, on: date) -> bool:
    """Whether what is known of a participant must be deleted: consent was withdrawn or is over."""
    return bool(row.withdrawn_on or (row.consent_until and row.consent_until < on))


def counted(session: Session, study_id: int) -> tuple[int, int]:
    """How many participants a study has, and how many of them are due for deletion."""
    heard_here = select(func.count()).where(Participant.study_id == study_id)
    due_here = heard_here.where(_is_due(today()))
    return session.exec(heard_here).one(), session.exec(due_here).one()


def count_due(session: Session, by: Person) -> int:
    """How many are due for deletion in the studies on whose team the person is."""
    mine = select(Study.id).where(access.is_whole(Study), access.is_on_team(by))
    query = select(func.count()).where(_is_due(today()), col(Participant.study_id).in_(mine))
    return session.exec(query).one()


def due(session: Session, by: Person, study_key: str = "") -> list[Due]:
    """Who is due for deletion, of the studies on whose team the person is; the longest due first."""
    query = (
        select(Participant, Study.key, Study.title)
        .join(Study, col(Study.id) == Participant.study_id)
        .where(
            _is_due(today()),
            access.is_whole(Study),
            access.is_on_team(by),
        )
    )
    if study_key:
        study = access.team_study_to_read(session, by, study_key)
        query = query.where(Participant.study_id == study.id)
    rows = session.exec(query).all()
    traces = heard.traces(session, [row.id for row, _, _ in rows])
    found = [
        Due(row, key, title, _since(row), traces.get(row.id, Traces())) for row, key, title in rows
    ]
    return sorted(found, key=lambda one: (one.since, one.study_key, in_order(one.participant.code)))


def remove(session: Session, by: Person, study_key: str, participant_id: int, version: int) -> None:
    """Forget a participant: the code, the consent, and what history kept of them.

    Quotes stay without whoever said them: their words and the code beside them tell nobody. Frozen
    reports lose the code, and those quotes that no claim shows any more.

    Raises:
        Invalid: there is a source in which they are heard, removed or not.
        Conflict: somebody changed the participant since `version`.
    """
    row = to_edit(session, by, study_key, participant_id)
    if row.version != version:
        raise Conflict(CHANGED, row)
    standing = heard.sources_of(session, row.id)
    if standing:
        told = say_many(
            "%(code)s is heard in %(count)s source: “%(titles)s”. Delete it for good, or edit their words "
            "there and take the code off.",
            "%(code)s is heard in %(count)s sources: “%(titles)s”. Delete them for good, or edit "
            "their words there and take the code off.",
            len(standing),
            code=row.code,
            titles="”, “".join(title for _key, title in standing[:SOURCES_NAMED]),
        )
        raise Invalid({"": told})
    report_redaction.forget(session, by, row)
    heard.release(session, by, row.id)
    history.redact(session, NOUN, row.id)
    history.record(session, by, "removed", NOUN, row.id)
    session.delete(row)
    session.flush()


def _is_due(on: date) -> ColumnElement[bool]:
    is_over = col(Participant.consent_until) < on
    return or_(col(Participant.withdrawn_on).is_not(None), is_over)


def _since(row: Participant) -> date:
    # Consent holds to the end of its last day.
    ends = [row.withdrawn_on, row.consent_until and row.consent_until + timedelta(days=1)]
    return min(on for on in ends if on)

"""Words that must go leave frozen versions, too, and each place says that it held some.

An `id` or an `atom_version` of 0 marks such a place: no row and no atom has it.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Collection
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from babel.dates import format_date
from sqlalchemy import String, cast, or_
from sqlmodel import Session, col, select

from research_repo.core import access, history, report_shape
from research_repo.core.clock import now, today
from research_repo.core.errors import NotFound
from research_repo.core.language import say
from research_repo.core.many import among, rows_of
from research_repo.core.models import (
    Atom,
    Evidence,
    Participant,
    Person,
    ReportCitation,
    ReportVersion,
)
from research_repo.core.report_shape import Cited, Finding, Piece, StudyReport

GONE = 0

Value = TypeVar("Value")


def is_taken_out(one: Finding | Cited) -> bool:
    """Whether the words of a claim were taken out of the version that shows it."""
    return one.atom_version == GONE


def take_out(session: Session, by: Person, key: str, atom_key: str) -> int:
    """Take all words of a claim out of every frozen version of a report; tells of how many.

    The claim itself stays as it is.

    Raises:
        NotFound, NotAllowed: the report is not theirs to change.
        NotFound: no version shows the claim.
    """
    report = access.report_to_edit(session, by, key)
    query = (
        select(ReportVersion)
        .join(ReportCitation, col(ReportCitation.version_id) == ReportVersion.id)
        .join(Atom, col(Atom.id) == ReportCitation.atom_id)
        .where(ReportVersion.report_id == report.id, Atom.key == atom_key.lower())
    )
    rows = session.exec(query).all()
    if not rows:
        raise NotFound
    for row in rows:
        made = report_shape.from_plain(row.content)
        _rewrite(session, by, row, without_claim(made, atom_key.lower(), mark(row.language)))
    return len(rows)


def forget(session: Session, by: Person, participant: Participant) -> None:
    """Let no frozen version tell of a participant who is being deleted.

    Their code goes. Quotes of theirs stay where the claim still shows them, as it does without
    whoever said them; those that people took off the claim go from the versions, too.
    """
    # What a version holds is asked of its text: the claim may not quote them any more.
    held = cast(ReportVersion.content, String)
    named = (held.contains(f'"participant_id": {participant.id}{end}') for end in ",}")
    ids = session.exec(select(ReportVersion.id).where(or_(*named))).all()
    for version_id in ids:
        row = session.get_one(ReportVersion, version_id)
        made = report_shape.from_plain(row.content)
        said = {
            piece.id: piece.text
            for finding in made.findings
            for piece in finding.evidence
            if piece.participant_id == participant.id
        }
        standing = rows_of(session, select(Evidence).where(among(Evidence.id)), said)
        kept = {one.id for one in standing if one.text == said[one.id]}
        _rewrite(session, by, row, without_person(made, participant.id, kept, mark(row.language)))


def mark(language: str) -> str:
    """What stands in place of words that were taken out today."""
    day = format_date(today(), "d MMMM y", locale=language)
    return f"[{say('words taken out on %(day)s', day=day).put(language)}]"


def without_claim(report: StudyReport, atom_key: str, mark: str) -> StudyReport:
    """The report with this mark in place of all that a claim says, wherever it is named."""

    def change(one: Any) -> Any:
        if isinstance(one, Finding) and one.key == atom_key:
            bare = replace(one, body="", body_html="", evidence=(), tracker="")
            return replace(bare, title=mark, atom_version=GONE)
        if isinstance(one, Cited) and one.key == atom_key:
            return replace(one, title=mark, atom_version=GONE)
        return one

    return changed(report, change)


def without_person(
    report: StudyReport, participant_id: int, kept: Collection[int], mark: str
) -> StudyReport:
    """The report without the code of a participant; only the quotes in `kept` keep their words."""

    def change(one: Any) -> Any:
        if not isinstance(one, Piece) or one.participant_id != participant_id:
            return one
        if one.id in kept:
            return replace(one, participant_id=None, who="")
        return Piece(GONE, one.kind, mark, report.language)

    return changed(report, change)


def changed(value: Value, change: Callable[[Any], Any]) -> Value:
    """A report, or a part of it, with every value in it changed."""
    if isinstance(value, tuple):
        return typing.cast(Value, tuple(changed(one, change) for one in value))
    if not is_dataclass(value):
        return value
    one = change(value)
    parts = {field.name: getattr(one, field.name) for field in fields(one)}
    inner = {
        name: changed(part, change)
        for name, part in parts.items()
        if isinstance(part, tuple) or is_dataclass(part)
    }
    return typing.cast(Value, replace(one, **inner))


def _rewrite(session: Session, by: Person, row: ReportVersion, made: StudyReport) -> None:
    row.content = report_shape.plain(made)
    row.redacted_at = now()
    history.record(session, by, "redacted", "report", row.report_id, after={"number": row.number})

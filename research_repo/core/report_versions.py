"""Frozen versions of reports: what was published on the day stays, whatever becomes of its claims.

Whoever may read a report may read its versions, but those that draw on a study which they do not see.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from research_repo.core import access, history, links, report_shape, typed
from research_repo.core.clock import now
from research_repo.core.db import add_rows
from research_repo.core.errors import Conflict, Invalid, NotFound
from research_repo.core.language import Message, say
from research_repo.core.many import CHUNK, among, rows_of
from research_repo.core.models import (
    Atom,
    Participant,
    Person,
    Report,
    ReportCitation,
    ReportGround,
    ReportVersion,
    Study,
)
from research_repo.core.report_shape import Finding, StudyReport

NOTE_MAX = 1000
CHANGED = say(
    "A claim of this report was changed at this very moment. Look at the report again, then "
    "publish it."
)


@dataclass(frozen=True)
class Prepared:
    """A report that is ready to be frozen: all that takes long is done."""

    key: str
    report: StudyReport
    content: dict[str, Any]
    citations: dict[int, tuple[int, str]]
    """Atom → the version that is shown, and the level of its strength; "" where it is only named."""
    grounds: frozenset[int]
    """The studies that it draws on."""
    participants: frozenset[int]
    """Whose words it holds."""
    closed: tuple[str, ...]
    """The titles of those studies that only their teams see."""


@dataclass(frozen=True)
class VersionCard:
    """A frozen version in a list."""

    id: int
    number: int
    title: str
    language: str
    note: str
    author: str
    atom_count: int
    published_at: datetime
    redacted_at: datetime | None


@dataclass(frozen=True)
class Version:
    """A frozen version with the report as it was."""

    card: VersionCard
    report: StudyReport


def prepared(session: Session, by: Person, key: str, report: StudyReport, note: str) -> Prepared:
    """All that `publish` needs of a report that `by` has just read: the slow part, done before.

    Raises:
        NotFound, NotAllowed: the report is not theirs to publish.
        Invalid: it shows no claim, or the note is too long.
    """
    row = access.report_to_edit(session, by, key)
    note = typed.lines(note).strip()
    if len(note) > NOTE_MAX:
        raise Invalid({"note": say("A note has at most %(count)s characters.", count=NOTE_MAX)})
    cited = citations(report)
    if not cited:
        raise Invalid({"": say("This report shows no claim yet. Publish it when it does.")})
    grounds = _grounds(session, by, cited) | ({row.study_id} if row.study_id else set())
    frozen = replace(report, note=note, author=by.name)
    return Prepared(
        key=row.key,
        report=frozen,
        content=report_shape.plain(frozen),
        citations=cited,
        grounds=frozenset(grounds),
        participants=frozenset(whose(report)),
        closed=_titles_of_closed(session, grounds),
    )


def publish(
    session: Session, by: Person, ready: Prepared, *, is_confirmed: bool = False
) -> ReportVersion:
    """Freeze a report under its next number. Nothing of it changes but words that must be taken out.

    Raises:
        NotFound, NotAllowed: the report is not theirs to publish.
        Conflict: a claim that it shows was changed since it was read.
        Invalid: it draws on studies that only their teams see, and nobody confirmed that.
    """
    row = access.report_to_edit(session, by, ready.key)
    _require_same(session, ready)
    if ready.closed and not is_confirmed:
        raise Invalid({"is_confirmed": opens(ready.closed)})
    # On a database without one gate for all two publishers must not draw the same number.
    session.exec(select(Report.id).where(Report.id == row.id).with_for_update()).one()
    last = session.exec(
        select(func.max(ReportVersion.number)).where(ReportVersion.report_id == row.id)
    ).one()
    number, at = (last or 0) + 1, now()
    content = ready.content | {
        "version": number,
        "made_on": at.date().isoformat(),
        "address": address(row.key, number),
    }
    version = ReportVersion(
        report_id=row.id, number=number, title=ready.report.title,
        language=ready.report.language, note=ready.report.note, content=content,
        atom_count=len(ready.report.findings), person_id=by.id, published_at=at,
    )  # fmt: skip
    session.add(version)
    session.flush()
    _write_grounds(session, version.id, ready)
    said = {"number": number, "note": version.note, "studies": sorted(ready.grounds)}
    history.record(session, by, "published", "report", row.id, after=said)
    if ready.closed:
        history.record(session, by, "opened", "report", row.id, after=said)
    return version


def address(key: str, number: int) -> str:
    """The path of a version's page."""
    return f"/reports/{key}/versions/{number}"


def opens(closed: Collection[str]) -> Message:
    """What is to be confirmed before words of members-only studies are frozen or shared."""
    return say(
        "This rests on findings that only a study team sees: %(studies)s. Confirm that their words "
        "may be in it.",
        studies=", ".join(closed),
    )


def listed(session: Session, by: Person, report: Report) -> list[VersionCard]:
    """The versions of a report, which `by` sees, that they may read, the newest first."""
    query = _cards().where(access.sees_version(by), ReportVersion.report_id == report.id)
    rows = session.exec(query.order_by(col(ReportVersion.number).desc()))
    return [VersionCard(**row._mapping) for row in rows]


def read(session: Session, by: Person, key: str, number: int) -> Version:
    """A version as it was frozen; NotFound for whoever may not read it."""
    report = access.report_to_read(session, by, key)
    query = _cards().where(access.sees_version(by), ReportVersion.report_id == report.id)
    row = session.exec(query.where(ReportVersion.number == number)).first()
    if row is None:
        raise NotFound
    return Version(VersionCard(**row._mapping), content_of(session, row.id))


def content_of(session: Session, version_id: int) -> StudyReport:
    """The report that a version holds, for whoever was let in already."""
    kept = session.exec(select(ReportVersion.content).where(ReportVersion.id == version_id)).one()
    return report_shape.from_plain(kept)


def closed_studies(session: Session, version_id: int) -> list[str]:
    """The titles of the members-only studies that a version draws on."""
    drawn = select(ReportGround.study_id).where(ReportGround.version_id == version_id)
    query = select(Study.title).where(col(Study.id).in_(drawn), Study.access == "members")
    return list(session.exec(query.order_by(col(Study.title))))


def closed_of(session: Session, by: Person, report: StudyReport) -> tuple[str, ...]:
    """The same of a report that `by` has just read."""
    return _titles_of_closed(session, _grounds(session, by, citations(report)))


def citations(report: StudyReport) -> dict[int, tuple[int, str]]:
    """Atom → its version in a report and the level of its strength there; "" where it is only named."""
    found: dict[int, tuple[int, str]] = {}
    for one in _named(report):
        found.setdefault(one.atom_id, (one.atom_version, ""))
    for finding in report.findings:
        found[finding.atom_id] = (finding.atom_version, finding.strength.level)
    return found


def whose(report: StudyReport) -> set[int]:
    """The participants whose words a report holds."""
    pieces = (piece for finding in report.findings for piece in finding.evidence)
    return {piece.participant_id for piece in pieces if piece.participant_id}


def _named(report: StudyReport) -> Iterator[Any]:
    for section in report.sections:
        yield from section.cited
    for finding in report.findings:
        yield from _around(finding)


def _around(finding: Finding) -> Iterator[Any]:
    yield from finding.supporting
    yield from finding.contradicting


def _grounds(session: Session, by: Person, atom_ids: Collection[int]) -> set[int]:
    # Numbers of a claim's strength are counted from all that it rests on.
    below = links.below(session, by, atom_ids)
    atoms = {*atom_ids, *(one for some in below.values() for one in some)}
    places = rows_of(session, columns(*_columns(Atom.study_id)).where(among(Atom.id)), atoms)
    return {place.study_id for place in places if place.study_id}


def _titles_of_closed(session: Session, study_ids: Collection[int]) -> tuple[str, ...]:
    query = select(Study.title).where(Study.access == "members", among(Study.id))
    return tuple(sorted(rows_of(session, query, study_ids)))


def _require_same(session: Session, ready: Prepared) -> None:
    standing = columns(*_columns(Atom.id, Atom.version)).where(among(Atom.id))
    versions = {row.id: row.version for row in rows_of(session, standing, ready.citations)}
    is_changed = any(versions.get(one) != version for one, (version, _) in ready.citations.items())
    heard = select(Participant.id).where(among(Participant.id))
    if is_changed or len(rows_of(session, heard, ready.participants)) < len(ready.participants):
        raise Conflict(CHANGED)


def _write_grounds(session: Session, version_id: int, ready: Prepared) -> None:
    cited = [
        {"version_id": version_id, "atom_id": one, "atom_version": version, "level": level}
        for one, (version, level) in ready.citations.items()
    ]
    for start in range(0, len(cited), CHUNK):
        add_rows(session, ReportCitation, cited[start : start + CHUNK])
    drawn = [{"version_id": version_id, "study_id": one} for one in sorted(ready.grounds)]
    for start in range(0, len(drawn), CHUNK):
        add_rows(session, ReportGround, drawn[start : start + CHUNK])


def _cards() -> Any:
    # Without the content: a list of versions may be of long reports.
    shown = _columns(
        ReportVersion.id, ReportVersion.number, ReportVersion.title, ReportVersion.language,
        ReportVersion.note, ReportVersion.atom_count, ReportVersion.published_at,
        ReportVersion.redacted_at,
    )  # fmt: skip
    author: Any = col(Person.name).label("author")
    return columns(*shown, author).join(Person, col(Person.id) == ReportVersion.person_id)


def _columns(*named: Any) -> tuple[Any, ...]:
    return named

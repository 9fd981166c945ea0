"""What became of the claims that a frozen version shows, since the day it was frozen.

It is told anew each time somebody looks, from what they may see.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import and_, or_
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from research_repo.core import access, links, strength
from research_repo.core.clock import today
from research_repo.core.many import among, rows_of
from research_repo.core.models import (
    Atom,
    Evidence,
    Link,
    Participant,
    Person,
    Study,
)
from research_repo.core.report_redaction import is_taken_out
from research_repo.core.report_shape import Cited, Finding, Piece, StudyReport
from research_repo.core.report_versions import Version

REASONS = ("archived", "withdrawn", "superseded", "disputed", "changed", "consent")
"""The gravest first."""


@dataclass(frozen=True)
class Newer:
    """The claim that takes another one's place."""

    key: str
    title: str
    language: str


@dataclass(frozen=True)
class Drifted:
    """A claim of a frozen version that is not what it was."""

    key: str
    kind: str
    title: str
    """As the version has it."""
    language: str
    reasons: tuple[str, ...]
    newer: Newer | None = None
    is_seen: bool = True
    """Its page is there for the reader."""


@dataclass(frozen=True)
class Drift:
    """All of them, in the order of the report."""

    number: int
    claims: tuple[Drifted, ...]
    redacted_at: datetime | None = None
    """When words had to be taken out of the version."""

    def __bool__(self) -> bool:
        return bool(self.claims or self.redacted_at)

    @property
    def counts(self) -> dict[str, int]:
        """Reason → how many claims, the gravest first."""
        found = Counter(reason for one in self.claims for reason in one.reasons)
        return {reason: found[reason] for reason in REASONS if found[reason]}


def of_version(session: Session, by: Person, version: Version) -> Drift:
    """What is different today in the claims of a version that `by` may read."""
    shown = _shown(version.report)
    standing = {
        row.id: row for row in rows_of(session, _standings(access.is_admin(by)), shown, me=by.id)
    }
    forgotten = _without_consent(session, by, shown, version.card.published_at.date())
    reasons = _reasons(session, by, shown, standing, forgotten)
    newer = _newer(session, by, [one for one in reasons if "superseded" in reasons[one]])
    claims = tuple(
        Drifted(
            key=one.key,
            kind=one.kind,
            title=one.title,
            language=one.language,
            reasons=tuple(reason for reason in REASONS if reason in reasons[atom_id]),
            newer=newer.get(atom_id),
            is_seen=atom_id in standing,
        )
        for atom_id, one in shown.items()
        if reasons[atom_id]
    )
    return Drift(version.card.number, claims, version.card.redacted_at)


def _shown(report: StudyReport) -> dict[int, Finding | Cited]:
    """Every claim of a report, those shown whole first."""
    found: dict[int, Finding | Cited] = {one.atom_id: one for one in report.findings}
    named: Iterable[Cited] = (
        one
        for some in (
            *(section.cited for section in report.sections),
            *(finding.supporting for finding in report.findings),
            *(finding.contradicting for finding in report.findings),
        )
        for one in some
    )
    for one in named:
        found.setdefault(one.atom_id, one)
    return found


def _reasons(
    session: Session,
    by: Person,
    shown: Mapping[int, Finding | Cited],
    standing: Mapping[int, Any],
    forgotten: Collection[int],
) -> dict[int, set[str]]:
    replaced = links.replaced(session, by, standing)
    weighed = [one for one in standing if isinstance(shown[one], Finding)]
    disputed = {
        one
        for one, weight in strength.of_atoms(session, by, weighed).items()
        if weight.level == "disputed"
    }
    changed = _reworded(session, shown, standing)
    found: dict[int, set[str]] = {}
    for atom_id, one in shown.items():
        row = standing.get(atom_id)
        was_disputed = isinstance(one, Finding) and one.strength.level == "disputed"
        held = {
            "withdrawn": row is None or row.status == "draft",
            "archived": row is not None and row.status == "archived",
            "superseded": atom_id in replaced and one.standing != "replaced",
            "disputed": atom_id in disputed and not was_disputed,
            "changed": atom_id in changed,
            "consent": atom_id in forgotten,
        }
        found[atom_id] = {reason for reason, is_so in held.items() if is_so}
    return found


def _reworded(
    session: Session, shown: Mapping[int, Finding | Cited], standing: Mapping[int, Any]
) -> set[int]:
    """Those that say something else. New tags and another status alone raise a version, too."""
    raised = [
        one for one, row in standing.items()
        if row.version != shown[one].atom_version and not is_taken_out(shown[one])
    ]  # fmt: skip
    said = _said(session, [one for one in raised if isinstance(shown[one], Finding)])
    found = set()
    for row in rows_of(session, _words(), raised):
        one = shown[row.id]
        is_same = (one.kind, one.title) == (row.kind, row.title)
        if is_same and isinstance(one, Finding):
            is_same = one.body == row.body and _rests_alike(one, said.get(row.id, Counter()))
        if not is_same:
            found.add(row.id)
    return found


def _rests_alike(finding: Finding, today_said: Counter[Any]) -> bool:
    pieces = [one for one in finding.evidence if one.kind != "origin"]
    standing = Counter(_content(one) for one in pieces if one.id)
    # What was taken out of the version may still stand in the claim, or not.
    if len(standing) < len(pieces):
        return standing <= today_said
    return standing == today_said


def _content(piece: Piece | Evidence) -> tuple[Any, ...]:
    return piece.kind, piece.text, piece.url, piece.number, piece.unit, piece.n


def _said(session: Session, atom_ids: Collection[int]) -> dict[int, Counter[Any]]:
    query = select(Evidence).where(col(Evidence.kind) != "origin", among(Evidence.atom_id))
    found: dict[int, Counter[Any]] = {}
    for piece in rows_of(session, query, atom_ids):
        found.setdefault(piece.atom_id, Counter())[_content(piece)] += 1
    return found


def _without_consent(
    session: Session, by: Person, atom_ids: Collection[int], since: date
) -> set[int]:
    """Those that quote somebody whose consent ended since, as far as the reader may know of that."""
    mine = select(Study.id).where(access.is_whole(Study), access.is_on_team(by))
    quoted: Any = (Evidence.atom_id,)
    query = columns(*quoted).join(Participant, col(Participant.id) == Evidence.participant_id)
    query = query.where(
        or_(
            col(Participant.withdrawn_on) >= since,
            and_(col(Participant.consent_until) >= since, col(Participant.consent_until) < today()),
        ),
        col(Participant.study_id).in_(mine),
        among(Evidence.atom_id),
    )
    return {row.atom_id for row in rows_of(session, query, atom_ids)}


def _newer(session: Session, by: Person, atom_ids: Collection[int]) -> dict[int, Newer]:
    ends: Any = (Link.to_id, Atom.key, Atom.title, Atom.language)
    query = columns(*ends).join(Atom, col(Atom.id) == col(Link.from_id))
    query = query.where(
        col(Link.kind) == "supersedes",
        col(Atom.status) == "published",
        access.atom_in_sight(access.is_admin(by)),
        among(Link.to_id),
    ).order_by(col(Link.id))
    rows = rows_of(session, query, atom_ids, me=by.id)
    return {row.to_id: Newer(row.key, row.title, row.language) for row in rows}


@cache
def _standings(sees_all: bool) -> Any:
    named: Any = (Atom.id, Atom.status, Atom.version)
    return columns(*named).where(access.atom_in_sight(sees_all), among(Atom.id))


@cache
def _words() -> Any:
    named: Any = (Atom.id, Atom.kind, Atom.title, Atom.body)
    return columns(*named).where(among(Atom.id))

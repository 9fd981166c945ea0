"""What a claim rests on, as one reader sees it: facts for and against, how new they are, what was said."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import select as columns
from sqlmodel import Session, col

from research_repo.core import links
from research_repo.core.many import among, rows_of
from research_repo.core.models import Atom, Evidence, Person, Study


@dataclass(frozen=True)
class Grounds:
    """The published facts that speak for and against a claim, of those that the reader sees."""

    facts_for: frozenset[int]
    facts_against: frozenset[int]
    latest: date
    """When the newest of them, or the claim itself, was observed or written down."""
    newer: str
    """Key of the claim that replaces it, where there is one."""


@dataclass(frozen=True)
class Quote:
    """Words that somebody said, and the study that heard them."""

    text: str
    who: str
    language: str
    study_key: str
    study_title: str
    date: date


@dataclass(frozen=True)
class _Row:
    key: str
    kind: str
    day: date


def of_claims(session: Session, by: Person, atom_ids: Collection[int]) -> dict[int, Grounds]:
    """The grounds of each of these claims, which `by` sees."""
    incoming = links.incoming(session, by, atom_ids)
    others = {one for kinds in incoming.values() for ids in kinds.values() for one in ids}
    rows = _rows(session, {*atom_ids, *others})
    found = {}
    for atom_id in atom_ids:
        if atom_id not in rows:
            continue
        said = incoming.get(atom_id, {})
        for_it = _facts(rows, said.get("supports", ()))
        against = _facts(rows, said.get("contradicts", ()))
        facts = [rows[one] for one in for_it | against]
        newer = next((rows[one].key for one in reversed(said.get("supersedes", []))), "")
        found[atom_id] = Grounds(
            facts_for=for_it,
            facts_against=against,
            latest=max(row.day for row in (rows[atom_id], *facts)),
            newer=newer,
        )
    return found


def quotes(session: Session, atom_ids: Collection[int]) -> dict[int, list[Quote]]:
    """Atom → its quotes in their order. The atoms are ones that the reader sees."""
    found: dict[int, list[Quote]] = {}
    for row in rows_of(session, _said(), atom_ids):
        said = Quote(
            text=row.text,
            who=row.who,
            language=row.language,
            study_key=row.key or "",
            study_title=row.title or "",
            date=_day(row.observed_on, row.created_at),
        )
        found.setdefault(row.atom_id, []).append(said)
    return found


@cache
def _said() -> Any:
    # Columns, not objects: bodies may be long.
    said: Any = (Evidence.atom_id, Evidence.text, Evidence.who, Evidence.language)
    place: Any = (Atom.observed_on, Atom.created_at, Study.key, Study.title)
    return (
        columns(*said, *place)
        .select_from(Evidence)
        .join(Atom, col(Atom.id) == Evidence.atom_id)
        .join(Study, col(Study.id) == Atom.study_id, isouter=True)
        .where(col(Evidence.kind) == "quote", among(Evidence.atom_id))
        .order_by(col(Evidence.position), col(Evidence.id))
    )


def _rows(session: Session, atom_ids: Collection[int]) -> dict[int, _Row]:
    return {
        row.id: _Row(row.key, row.kind, _day(row.observed_on, row.created_at))
        for row in rows_of(session, _standing(), atom_ids)
    }


@cache
def _standing() -> Any:
    place: Any = (Atom.id, Atom.key, Atom.kind, Atom.observed_on, Atom.created_at)
    return columns(*place).where(among(Atom.id))


def _day(observed_on: date | None, created_at: datetime) -> date:
    return observed_on or created_at.date()


def _facts(rows: dict[int, _Row], atom_ids: Collection[int]) -> frozenset[int]:
    return frozenset(one for one in atom_ids if rows[one].kind == "fact")

"""How long claims hold: until when each counts, who confirmed it last, and what wants a second look.

A published claim counts until its review-by date. Without one it counts as many months as its tags
ask for, from the day of its observation or of its last confirmation, whichever is later. One that a
newer claim replaces waits for nobody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, cast

from sqlalchemy import ColumnElement, and_, bindparam, func, or_
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from research_repo.core import access, review_periods, tagging
from research_repo.core.clock import beginning, months_after, today
from research_repo.core.language import Message, say, say_many
from research_repo.core.many import among, rows_of
from research_repo.core.models import Atom, Confirmation, Link, Person
from research_repo.core.moments import kept
from research_repo.core.review_periods import Periods


@dataclass(frozen=True)
class Freshness:
    """How a claim stands today. Drafts and archived ones promise nothing: they are never stale."""

    review_by: date
    """The last day on which it counts without a second look."""
    is_set: bool
    """Whether people set that day; else it follows from the period."""
    months: int
    """The period that holds for it."""
    is_stale: bool
    is_superseded: bool
    """A published claim that the reader sees replaces it."""
    confirmed_at: datetime | None = None
    confirmed_by: str = ""
    note: str = ""
    confirmation_id: int | None = None

    @property
    def reason(self) -> Message | None:
        """Why it is stale, in a sentence."""
        if not self.is_stale:
            return None
        if self.is_set:
            return say("The day until which it was to be looked at again is over.")
        return say_many(
            "Nobody confirmed this in %(count)s month.",
            "Nobody confirmed this in %(count)s months.",
            self.months,
        )


def of_atoms(session: Session, by: Person, atom_ids: Collection[int]) -> dict[int, Freshness]:
    """Atom → how it stands, for those that the person sees."""
    rows = rows_of(session, _standings(access.is_admin(by)), atom_ids, me=by.id)
    seen = {row.id: row for row in rows}
    puts = tagging.of_atoms(session, seen)
    confirmed = _confirmed(session, seen)
    superseded = set(rows_of(session, _superseded(access.is_admin(by)), seen, me=by.id))
    held = review_periods.periods(session)
    found = {}
    for atom_id, one in seen.items():
        months = held.months(put.asserted_id for put in puts.get(atom_id, ()))
        last = confirmed.get(atom_id)
        until = due(one, months, last.at if last else None)
        is_superseded = atom_id in superseded
        found[atom_id] = Freshness(
            review_by=until,
            is_set=one.review_by is not None,
            months=months,
            is_stale=one.status == "published" and until < today() and not is_superseded,
            is_superseded=is_superseded,
            confirmed_at=last.at if last else None,
            confirmed_by=last.name if last else "",
            note=last.note if last else "",
            confirmation_id=last.id if last else None,
        )
    return found


def due(row: Any, months: int, confirmed_at: datetime | None) -> date:
    """The last day on which the atom of a row counts without a second look."""
    if row.review_by is not None:
        return cast(date, row.review_by)
    begins: date = row.observed_on or row.created_at.date()
    return months_after(max(begins, confirmed_at.date()) if confirmed_at else begins, months)


def stale_among(
    session: Session,
    rows: Mapping[int, Any],
    tags: Mapping[int, Iterable[int]],
    superseded: Collection[int],
) -> set[int]:
    """Those of these atoms that are stale, for a list that has read all this of them already."""
    held, day = review_periods.periods(session), today()
    confirmed = _confirmed_ones(session, day)
    return {
        one
        for one, row in rows.items()
        if row.status == "published"
        and one not in superseded
        and due(row, held.months(tags.get(one, ())), None) < day
        and (row.review_by is not None or one not in confirmed)
    }


def is_stale(session: Session, by: Person, day: date) -> ColumnElement[bool]:
    """Condition on `Atom`, of those that the person sees: stale on that day."""
    held = review_periods.periods(session)
    lapsed = col(Atom.review_by) < day
    undated = and_(col(Atom.review_by).is_(None), _is_old(held, day))
    if confirmed := _confirmed_ones(session, day):
        undated = and_(undated, is_none_of(confirmed))
    return and_(col(Atom.status) == "published", or_(lapsed, undated), ~is_superseded(by))


def is_superseded(by: Person) -> ColumnElement[bool]:
    """Condition on `Atom`: a published claim that the person sees replaces it."""
    # Those that are replaced are few: they are read once, not looked up for each atom.
    newer = select(Link.to_id).join(Atom, col(Atom.id) == col(Link.from_id)).correlate(None)
    is_seen = (access.sees_atom(by), col(Atom.status) == "published")
    return col(Atom.id).in_(newer.where(Link.kind == "supersedes", *is_seen))


def is_none_of(atom_ids: Collection[int]) -> ColumnElement[bool]:
    """Condition on `Atom`: it is not among these, however many."""
    named: Any = bindparam(
        "others", sorted(atom_ids), expanding=True, literal_execute=True, unique=True
    )
    return col(Atom.id).not_in(named)


def cutoff(day: date, months: int) -> date:
    """What began before it counts no more on that day."""
    found = months_after(day, -months)
    # A month may lack the day: 31 March is a month after 28 February and after 1 March.
    while months_after(found, months) < day:
        found += timedelta(days=1)
    return found


def _is_old(held: Periods, day: date) -> ColumnElement[bool]:
    every = {*held.by_months, held.others}
    # Most atoms are older or younger than any period: for them nobody looks up tags.
    longest, shortest = (_begun_before(cutoff(day, pick(every))) for pick in (max, min))
    others = _begun_before(cutoff(day, held.others))
    tagged = [
        and_(_begun_before(cutoff(day, months)), tagging.carries(tag_ids))
        for months, tag_ids in held.by_months.items()
        if months < max(every)
    ]
    untagged = and_(others, ~tagging.carries(held.by_tag)) if held.by_tag else others
    return and_(shortest, or_(longest, *tagged, untagged))


def _begun_before(day: date) -> ColumnElement[bool]:
    written = and_(col(Atom.observed_on).is_(None), col(Atom.created_at) < beginning(day))
    return or_(col(Atom.observed_on) < day, written)


def _confirmed_ones(session: Session, day: date) -> frozenset[int]:
    return kept(session, ("confirmed", day), lambda: _still_confirmed(session, day))


def _still_confirmed(session: Session, day: date) -> frozenset[int]:
    """The atoms without a date whose last confirmation counts on that day: as a rule, none.

    Whoever confirms a claim gives it a new date; only when people empty that one it has none.
    """
    query = select(Confirmation.atom_id, func.max(Confirmation.at))
    query = query.join(Atom, col(Atom.id) == col(Confirmation.atom_id))
    undated = query.where(col(Atom.review_by).is_(None))
    rows = session.exec(undated.group_by(col(Confirmation.atom_id)))
    confirmed = {atom_id: at.date() for atom_id, at in rows}
    puts, held = tagging.of_atoms(session, confirmed), review_periods.periods(session)
    months = {one: held.months(put.tag_id for put in puts.get(one, ())) for one in confirmed}
    return frozenset(one for one, at in confirmed.items() if months_after(at, months[one]) >= day)


@cache
def _standings(sees_all: bool) -> Any:
    named: Any = (Atom.id, Atom.status, Atom.review_by, Atom.observed_on, Atom.created_at)
    return columns(*named).where(access.atom_in_sight(sees_all), among(Atom.id))


@cache
def _superseded(sees_all: bool) -> Any:
    newer = select(Link.to_id).join(Atom, col(Atom.id) == col(Link.from_id))
    is_newer = (Link.kind == "supersedes", Atom.status == "published", among(Link.to_id))
    return newer.where(access.atom_in_sight(sees_all), *is_newer)


def _confirmed(session: Session, atom_ids: Collection[int]) -> dict[int, Any]:
    """Atom → its last confirmation."""
    if not atom_ids:
        return {}
    rows = rows_of(session, _last_confirmations(), atom_ids)
    return {row.atom_id: row for row in sorted(rows, key=lambda row: row.id)}


@cache
def _last_confirmations() -> Any:
    said: Any = (Confirmation.id, Confirmation.atom_id, Confirmation.at, Confirmation.note)
    query = columns(*said, col(Person.name)).join(Person, col(Person.id) == Confirmation.person_id)
    return query.where(among(Confirmation.atom_id))

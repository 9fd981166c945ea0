"""Somebody looked at a claim again and says that it still holds: it counts for another period."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import delete, insert, update
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from research_repo.core import access, history, retagging, review_periods, tagging, typed
from research_repo.core.clock import months_after, now, today
from research_repo.core.errors import Conflict, Invalid, NotAllowed, NotFound
from research_repo.core.language import say
from research_repo.core.many import among, rows_of
from research_repo.core.models import Atom, Confirmation, Person, metadata
from research_repo.core.review_periods import MONTHS_MAX

NOTE_MAX = 500

NOT_YOURS = say(
    "Only its author, the study's editors and tag curators may confirm or archive this. "
    "Ask for a study instead."
)


@dataclass(frozen=True)
class Given:
    """A confirmation as it was written, and the atom's date before and after it."""

    atom_id: int
    confirmation_id: int
    before: date | None
    after: date

    def plain(self) -> list[Any]:
        """The same as plain JSON."""
        before = self.before.isoformat() if self.before else None
        return [self.atom_id, self.confirmation_id, before, self.after.isoformat()]


def given(stored: Iterable[Any]) -> list[Given]:
    """What plain JSON holds."""
    return [
        Given(atom_id, made, date.fromisoformat(before) if before else None, date.fromisoformat(at))
        for atom_id, made, before, at in stored
    ]


def checked_note(note: str) -> str:
    """What is said of a confirmation, tidied.

    Raises:
        Invalid: it is too long (field: note).
    """
    line = typed.line(note)
    if len(line) > NOTE_MAX:
        raise Invalid({"note": say("Use at most %(count)s characters.", count=NOTE_MAX)})
    return line


def may_settle(session: Session, by: Person, atom: Atom) -> bool:
    """Whether the person may confirm or archive an atom that they see: who may tag it."""
    return access.may_tag_atom(session, by, atom)


def confirm(
    session: Session, by: Person, key: str, note: str = "", until: date | None = None
) -> int:
    """Say that a published claim still holds, until a day or for another period; the id of this.

    Raises:
        NotFound: there is no such claim for them.
        NotAllowed: it is not theirs to confirm.
        Invalid: it is a draft or archived; the day is over or too far; the note is too long.
    """
    atom = access.atom_to_read(session, by, key)
    if not may_settle(session, by, atom):
        raise NotAllowed(NOT_YOURS)
    problems = {}
    if atom.status != "published":
        problems[""] = say("Only a published claim can be confirmed. Publish it first.")
    if until is not None and not today() < until <= months_after(today(), MONTHS_MAX):
        problems["until"] = say("Choose a day after today, within ten years.")
    if problems:
        raise Invalid(problems)
    (made,) = confirm_many(session, by, [atom.id], checked_note(note), until)
    return made.confirmation_id


def withdraw(session: Session, by: Person, key: str, confirmation_id: int) -> None:
    """Take a confirmation back: whoever gave it, and who may give one. Its date goes with it.

    A date that was set since stays.

    Raises:
        NotFound: the atom has no such confirmation, or not any more.
        NotAllowed: it is not theirs.
    """
    atom = access.atom_to_read(session, by, key)
    kept = session.get(Confirmation, confirmation_id)
    if kept is None or kept.atom_id != atom.id:
        raise NotFound
    if kept.person_id != by.id and not may_settle(session, by, atom):
        raise NotAllowed(NOT_YOURS)
    lines = history.of(session, "atom", [atom.id])
    line = next((one for one in lines if _is_of(one, confirmation_id)), None)
    if line is None or line.is_redacted:
        raise Conflict(say("It is not known any more what stood before. Set the date by hand."))
    before, after = (side["review_by"] for side in (line.before, line.after))
    take_back(session, by, given([(atom.id, confirmation_id, before, after)]))


def confirm_many(
    session: Session,
    by: Person,
    atom_ids: Collection[int],
    note: str,
    until: date | None = None,
) -> list[Given]:
    """The same for published atoms that the person may confirm, all of them looked up already."""
    if not atom_ids:
        return []
    at, day = now(), today()
    lines = [{"atom_id": one, "person_id": by.id, "at": at, "note": note} for one in atom_ids]
    table = metadata.tables["confirmation"]
    added = insert(table).returning(table.c.id, sort_by_parameter_order=True)
    ids = session.connection().execute(added, lines).scalars().all()
    before = dict(rows_of(session, _dates(), atom_ids))
    puts, held = tagging.of_atoms(session, atom_ids), review_periods.periods(session)
    made = [
        Given(
            atom_id,
            made,
            before[atom_id],
            until or months_after(day, held.months(one.tag_id for one in puts.get(atom_id, ()))),
        )
        for atom_id, made in zip(atom_ids, ids, strict=True)
    ]
    _write(session, {one.atom_id: one.after for one in made})
    history.record_many(
        session,
        by,
        "confirmed",
        "atom",
        {one.atom_id: _told(one.after, note, one.confirmation_id) for one in made},
        {one.atom_id: _told(one.before) for one in made},
    )
    return made


def take_back(session: Session, by: Person, made: Collection[Given]) -> list[int]:
    """Take these confirmations back; the atoms from which one was still to be taken.

    A date that people set since then stays.
    """
    ids = [one.confirmation_id for one in made]
    standing = set(rows_of(session, _standing(), ids))
    gone = [one for one in made if one.confirmation_id in standing]
    for one in gone:
        session.execute(delete(Confirmation).where(col(Confirmation.id) == one.confirmation_id))
    dates = dict(rows_of(session, _dates(), [one.atom_id for one in gone]))
    back = {one.atom_id: one.before for one in gone if dates[one.atom_id] == one.after}
    _write(session, back)
    now_on = {**dates, **back}
    history.record_many(
        session,
        by,
        "unconfirmed",
        "atom",
        {one.atom_id: _told(now_on[one.atom_id]) for one in gone},
        {one.atom_id: _told(dates[one.atom_id]) for one in gone},
    )
    return [one.atom_id for one in gone]


def _write(session: Session, dates: Mapping[int, date | None]) -> None:
    by_day: dict[date | None, list[int]] = {}
    for atom_id, day in dates.items():
        by_day.setdefault(day, []).append(atom_id)
    for day, atom_ids in by_day.items():
        session.execute(update(Atom).where(col(Atom.id).in_(atom_ids)).values(review_by=day))
    # Whoever is writing on one of them would put the old date back.
    retagging.touch(session, list(dates))


def _told(day: date | None, note: str = "", confirmation_id: int | None = None) -> dict[str, Any]:
    told = {"review_by": day.isoformat() if day else None, "note": note}
    return told | ({"confirmation": confirmation_id} if confirmation_id else {})


def _is_of(line: history.Change, confirmation_id: int) -> bool:
    return line.verb == "confirmed" and (line.after or {}).get("confirmation") == confirmation_id


def _dates() -> Any:
    return columns(col(Atom.id), col(Atom.review_by)).where(among(Atom.id))


def _standing() -> Any:
    return select(Confirmation.id).where(among(Confirmation.id))

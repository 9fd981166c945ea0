"""What became of recommendations: whether each was accepted, is at work, is done, and where it is tracked."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import select as columns
from sqlmodel import Session, col

from research_repo.core import access, confirmations, evidence, history, typed
from research_repo.core.clock import now
from research_repo.core.errors import Invalid
from research_repo.core.language import say
from research_repo.core.many import among, rows_of
from research_repo.core.models import STAGES, Atom, Person, Recommendation

FIRST = STAGES[0]


@dataclass(frozen=True)
class Stage:
    """How far a recommendation is. Of one that nobody spoke of, nobody is named."""

    name: str = FIRST
    tracker: str = ""
    note: str = ""
    by: str = ""
    at: datetime | None = None


def stages_of(session: Session, atom_ids: Collection[int]) -> dict[int, Stage]:
    """Recommendation → how far it is, for each of these."""
    found = dict.fromkeys(atom_ids, Stage())
    for row in rows_of(session, _told(), found):
        found[row.atom_id] = Stage(row.stage, row.url, row.note, row.name, row.changed_at)
    return found


def set_stage(
    session: Session,
    by: Person,
    key: str,
    stage: str | None = None,
    url: str | None = None,
    note: str | None = None,
) -> bool:
    """Say how far a recommendation is, where it is tracked, and why; whether that is news.

    What is None stays. Of two people the last one holds, and the history tells of both. The words of
    the recommendation are the same, so that nobody who edits them is in conflict with this.

    Raises:
        NotFound: there is no such atom for them.
        NotAllowed: they may not edit it.
        Invalid: it is no recommendation; the stage, the address or the note cannot be used.
    """
    atom = access.atom_to_edit(session, by, key)
    wanted = _wanted(atom, stage, url, note)
    # Taking hold of the atom first, two who speak of it at one moment do so one after the other.
    atom.updated_at = now()
    session.flush()
    row = session.get(Recommendation, atom.id, populate_existing=True)
    before = _kept(row)
    after = before | wanted
    if after == before:
        return False
    row = row or Recommendation(atom_id=atom.id, stage=FIRST, changed_by=by.id)
    row.stage, row.url, row.note = after["stage"], after["tracker"], after["note"]
    row.changed_by, row.changed_at = by.id, now()
    session.add(row)
    session.flush()
    history.record(session, by, "staged", "atom", atom.id, before, after)
    return True


def _wanted(atom: Atom, stage: str | None, url: str | None, note: str | None) -> dict[str, str]:
    problems = {}
    address = typed.line(url) if url is not None else None
    if atom.kind != "recommendation":
        problems["stage"] = say("Only a recommendation is accepted or done. This is another kind.")
    elif stage is not None and stage not in STAGES:
        problems["stage"] = say("Choose one of the list.")
    if address and not evidence.is_address(address):
        problems["tracker"] = say("Write the whole address of the link, beginning with https://.")
    if problems:
        raise Invalid(problems)
    line = confirmations.checked_note(note) if note is not None else None
    told = {"stage": stage, "tracker": address, "note": line}
    return {name: value for name, value in told.items() if value is not None}


def _kept(row: Recommendation | None) -> dict[str, str]:
    stage = Stage(row.stage, row.url, row.note) if row else Stage()
    return {"stage": stage.name, "tracker": stage.tracker, "note": stage.note}


@cache
def _told() -> Any:
    row = Recommendation
    named: Any = (row.atom_id, row.stage, row.url, row.note, row.changed_at, Person.name)
    query = columns(*named).join(Person, col(Person.id) == col(row.changed_by))
    return query.where(among(row.atom_id))

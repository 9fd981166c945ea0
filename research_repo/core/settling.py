"""What is done with many claims that want a second look: confirmed, or archived; and how it goes back.

Each is done for one part of a work on many atoms, in the transaction of that part.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from research_repo.core import access, bulk_weighing, confirmations, history, indexing, retagging
from research_repo.core.bulk_weighing import Weighed
from research_repo.core.clock import now
from research_repo.core.hierarchy import in_chunks
from research_repo.core.language import say
from research_repo.core.models import Atom, BulkStep, BulkTagging, Person

DEEDS = ("confirm", "archive")

DRAFT = say("It is a draft: there is nothing to confirm or to archive yet. Publish it first.")
ARCHIVED = say("It lies in the archive. Take it out first.")


def weighed(session: Session, by: Person, atom_ids: Collection[int], deed: str) -> Weighed:
    """What would become of those atoms that the person sees at this moment, in the order given."""
    rows = in_chunks(
        session, select(Atom.id, Atom.status).where(access.sees_atom(by)), Atom.id, atom_ids
    )
    status_of = dict(rows)
    seen = [one for one in atom_ids if one in status_of]
    mine = bulk_weighing.mine(session, by, seen)
    same = {one for one in mine if deed == "archive" and status_of[one] == "archived"}
    reasons = {"draft": DRAFT, "archived": ARCHIVED}
    refused = {
        one: reasons[status_of[one]]
        for one in seen
        if one in mine - same and status_of[one] in reasons
    }
    return Weighed(
        changing=tuple(one for one in seen if one in mine - same and one not in refused),
        same=tuple(one for one in seen if one in same),
        not_yours=tuple(one for one in seen if one not in mine),
        refused=refused,
    )


def do(session: Session, by: Person, made: BulkTagging, step: BulkStep) -> Weighed:
    """Confirm or archive the atoms of a part; what was written is kept in it."""
    found = weighed(session, by, step.atom_ids, made.deed)
    if made.deed == "confirm":
        given = confirmations.confirm_many(session, by, found.changing, made.note)
        step.images = [one.plain() for one in given]
    else:
        _move(session, by, found.changing, "archived")
        step.images = list(found.changing)
    return found


def take_back(session: Session, by: Person, made: BulkTagging, step: BulkStep) -> None:
    """Undo a part, where it still is as it was left and the person may do so at this moment."""
    if made.deed == "confirm":
        given = confirmations.given(step.images)
        mine = bulk_weighing.mine(session, by, [one.atom_id for one in given])
        back = confirmations.take_back(session, by, [one for one in given if one.atom_id in mine])
    else:
        archived = select(Atom.id).where(Atom.status == "archived")
        back = in_chunks(session, archived, Atom.id, bulk_weighing.mine(session, by, step.images))
        _move(session, by, sorted(back), "published")
    step.taken_back, step.undone_at = len(back), now()
    session.flush()


def _move(session: Session, by: Person, atom_ids: Sequence[int], status: str) -> None:
    named: Any = (Atom.id, Atom.status, Atom.study_id, Atom.author_id)
    rows = in_chunks(session, select(*named), Atom.id, atom_ids)
    # Where it stood tells readers of its history whether they might have seen this.
    before = {atom_id: _place(*place) for atom_id, *place in rows}
    session.execute(update(Atom).where(col(Atom.id).in_(atom_ids)).values(status=status))
    retagging.touch(session, list(atom_ids))
    indexing.enqueue(session, by, atom_ids)
    after = {one: {**place, "status": status} for one, place in before.items()}
    history.record_many(session, by, status, "atom", after, before)


def _place(status: str, study_id: int | None, author_id: int) -> dict[str, Any]:
    return {"status": status, "study_id": study_id, "author_id": author_id}

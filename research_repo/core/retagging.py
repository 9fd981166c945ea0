"""Tags put on many atoms at once, and taken off them; and the atoms that tags are on."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import delete, func, update
from sqlmodel import Session, col, select

from research_repo.core import access, hierarchy, tagging
from research_repo.core.clock import now
from research_repo.core.db import add_rows
from research_repo.core.errors import Invalid
from research_repo.core.language import say
from research_repo.core.many import CHUNK
from research_repo.core.models import Atom, AtomNotApplicable, AtomTag, Person, Tag


def atoms_with(session: Session, tag_ids: Collection[int]) -> set[int]:
    """The atoms on which somebody put one of just these tags."""
    return set(hierarchy.in_chunks(session, select(AtomTag.atom_id), AtomTag.tag_id, tag_ids))


def atoms_seen_with(session: Session, by: Person, tag_ids: Collection[int]) -> set[int]:
    """The same, of those atoms that the person sees."""
    query = select(AtomTag.atom_id).join(Atom).where(access.sees_atom(by))
    return set(hierarchy.in_chunks(session, query, AtomTag.tag_id, tag_ids))


def seen(session: Session, by: Person, atom_ids: Collection[int]) -> list[int]:
    """Those of the atoms that the person sees, in order."""
    query = select(Atom.id).where(access.sees_atom(by))
    return sorted(hierarchy.in_chunks(session, query, Atom.id, set(atom_ids)))


def take_off(session: Session, atom_ids: list[int], tag_ids: list[int]) -> set[int]:
    """Take tags, and all that was merged into them, off atoms; which of the atoms had any."""
    merged = hierarchy.merged_into(session, tag_ids)
    changed: set[int] = set()
    for some in _chunks(atom_ids):
        here = (col(AtomTag.atom_id).in_(some), col(AtomTag.tag_id).in_(merged))
        changed |= set(session.exec(select(AtomTag.atom_id).where(*here)))
        session.execute(delete(AtomTag).where(*here))
    return changed


def put_on(session: Session, by: Person, atom_ids: list[int], added: list[Tag]) -> set[int]:
    """Put tags on those atoms that lack them; which these were.

    Raises:
        Invalid: an atom would get too many.
    """
    changed: set[int] = set()
    at = now()
    for tag in added:
        merged = hierarchy.merged_into(session, [tag.id])
        have: set[int] = set()
        for some in _chunks(atom_ids):
            here = (col(AtomTag.atom_id).in_(some), col(AtomTag.tag_id).in_(merged))
            have |= set(session.exec(select(AtomTag.atom_id).where(*here)))
        wanting = [atom_id for atom_id in atom_ids if atom_id not in have]
        rows = [
            {"atom_id": atom_id, "tag_id": tag.id, "person_id": by.id, "created_at": at}
            for atom_id in wanting
        ]
        if rows:
            add_rows(session, AtomTag, rows)
            _unmark(session, wanting, tag.scheme_id)
        changed |= set(wanting)
    _check_room(session, changed)
    return changed


def touch(session: Session, atom_ids: list[int]) -> None:
    """Count a change of these atoms: whoever is writing on one gets a conflict."""
    at = now()
    for some in _chunks(atom_ids):
        mine = update(Atom).where(col(Atom.id).in_(some))
        session.execute(mine.values(version=Atom.version + 1, updated_at=at))


def _unmark(session: Session, atom_ids: list[int], scheme_id: int) -> None:
    # Whoever puts a tag of a group on an atom says that the group applies after all.
    for some in _chunks(atom_ids):
        marks = (
            col(AtomNotApplicable.atom_id).in_(some),
            col(AtomNotApplicable.scheme_id) == scheme_id,
        )
        session.execute(delete(AtomNotApplicable).where(*marks))


def _check_room(session: Session, atom_ids: Collection[int]) -> None:
    full = 0
    for some in _chunks(sorted(atom_ids)):
        crowded = (
            select(AtomTag.atom_id)
            .where(col(AtomTag.atom_id).in_(some))
            .group_by(col(AtomTag.atom_id))
            .having(func.count() > tagging.TAGS_MAX)
        )
        full += len(session.exec(crowded).all())
    if full:
        advice = say(
            "An atom has at most %(max)s tags; %(count)s would have more. Leave them out.",
            max=tagging.TAGS_MAX,
            count=full,
        )
        raise Invalid({"atoms": advice})


def _chunks(ids: list[int]) -> Iterable[list[int]]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]

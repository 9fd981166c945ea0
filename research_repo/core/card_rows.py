"""The rows that cards of atoms are made from, each sort read for all atoms of a list at once."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

from sqlalchemy import select as columns
from sqlmodel import Session, col

from research_repo.core import access, hierarchy, study_tags, tagging
from research_repo.core.hierarchy import TagCard
from research_repo.core.many import among, rows_of
from research_repo.core.models import Atom, Evidence, Person, Study

TagCards = dict[int, tuple[TagCard, ...]]


def of_atoms(
    session: Session, by: Person, atom_ids: Collection[int], *, has_texts: bool
) -> dict[int, Any]:
    """Atom → its row with its author and study, of those that the person sees."""
    listed = _atoms(access.is_admin(by), has_texts)
    return {row.id: row for row in rows_of(session, listed, atom_ids, me=by.id)}


def quotes(session: Session, atom_ids: Collection[int]) -> dict[int, list[Any]]:
    """Atom → its quotes in their order."""
    found: dict[int, list[Any]] = {}
    for row in rows_of(session, _quotes(), atom_ids):
        found.setdefault(row.atom_id, []).append(row)
    return found


def tags(session: Session, atom_ids: Collection[int], language: str) -> tuple[TagCards, TagCards]:
    """What atoms carry themselves, and what only their studies lend them, each by path."""
    own = {
        atom_id: [put.tag_id for put in listed]
        for atom_id, listed in tagging.of_atoms(session, atom_ids).items()
    }
    lent = {
        atom_id: [one for one in listed if one not in own.get(atom_id, ())]
        for atom_id, listed in study_tags.lent(session, atom_ids).items()
    }
    named = {one for some in (*own.values(), *lent.values()) for one in some}
    made = hierarchy.cards(session, named, language)
    paths = {tag_id: card.full_path for tag_id, card in made.items()}

    def ordered(found: dict[int, list[int]]) -> TagCards:
        return {
            atom_id: tuple(made[one] for one in sorted(ids, key=paths.__getitem__))
            for atom_id, ids in found.items()
        }

    return ordered(own), ordered(lent)


# Columns, not objects: a list shows no bodies, and a hundred objects cost more than their rows.
_ATOM: Any = (Atom.id, Atom.key, Atom.external_id, Atom.kind, Atom.status, Atom.title)
_DATES: Any = (Atom.language, Atom.observed_on, Atom.review_by, Atom.created_at)
_STUDY: Any = (col(Study.key).label("study_key"), col(Study.title).label("study_title"))
_QUOTE: Any = (Evidence.atom_id, Evidence.text, Evidence.language, Evidence.who)
# What strength has to know of them.
_PLACE: Any = (Atom.study_id, Atom.author_id, Study.method)


@cache
def _atoms(sees_all: bool, has_texts: bool) -> Any:
    texts: Any = (Atom.body_html,) if has_texts else ()
    return (
        columns(*_ATOM, *_DATES, col(Person.name).label("author"), *_STUDY, *_PLACE, *texts)
        .select_from(Atom)
        .join(Person, col(Person.id) == Atom.author_id)
        .join(Study, col(Study.id) == Atom.study_id, isouter=True)
        .where(access.atom_in_sight(sees_all), among(Atom.id))
    )


@cache
def _quotes() -> Any:
    quoted = columns(*_QUOTE).where(col(Evidence.kind) == "quote", among(Evidence.atom_id))
    return quoted.order_by(col(Evidence.position), col(Evidence.id))


def standing(status: str, is_replaced: bool, is_stale: bool) -> str:
    """How an atom stands: its status; of a published one also that it is replaced, or stale."""
    if status != "published":
        return status
    return "replaced" if is_replaced else "stale" if is_stale else status

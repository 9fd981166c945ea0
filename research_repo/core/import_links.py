"""Links that a file names by external ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import or_
from sqlmodel import Session, col, select

from research_repo.core import access, links
from research_repo.core.errors import Invalid
from research_repo.core.language import Message, say
from research_repo.core.models import Atom, Person

SEVERAL = 0
"""In `in_file`: several rows of the file have this external id."""


def linked(
    session: Session,
    by: Person,
    atom: Atom,
    kind: str,
    external_ids: Sequence[str],
    in_file: Mapping[str, int] | None = None,
) -> list[Message]:
    """Link the atom to those with these external ids; what could not be.

    An id is looked up in the atom's own study, then in `in_file` (external id → atom), then among
    all atoms that the person sees.
    """
    problems = []
    for external_id in external_ids:
        try:
            end = _other(session, by, atom, external_id, in_file or {})
            links.join(session, by, atom, end, kind)
        except Invalid as refusal:
            problems += [
                say("%(id)s: %(reason)s", id=external_id, reason=advice)
                for advice in refusal.problems.values()
            ]
    return problems


def _other(
    session: Session, by: Person, atom: Atom, external_id: str, in_file: Mapping[str, int]
) -> Atom:
    seen = access.sees_atom(by)
    if atom.import_id is not None:
        seen = or_(seen, col(Atom.import_id) == atom.import_id)
    wanted = select(Atom).where(Atom.external_id == external_id, seen)
    if atom.study_id is not None:
        beside = session.exec(wanted.where(Atom.study_id == atom.study_id)).first()
        if beside:
            return beside
    place = in_file.get(external_id)
    if place:
        return session.get_one(Atom, place)
    everywhere = [] if place == SEVERAL else session.exec(wanted.limit(2)).all()
    if len(everywhere) == 1:
        return everywhere[0]
    if everywhere or place == SEVERAL:
        raise Invalid({"": say("several atoms have this external id. Link them on their pages.")})
    raise Invalid({"": say("no atom has this external id.")})

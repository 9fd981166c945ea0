"""Links between atoms: what supports, contradicts, supersedes or relates to what."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import or_
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from research_repo.core import access, history, indexing
from research_repo.core.errors import Invalid, NotAllowed, NotFound
from research_repo.core.hierarchy import in_chunks
from research_repo.core.language import say
from research_repo.core.many import among, rows_of
from research_repo.core.models import LINK_KINDS, Atom, Link, Person

WITHOUT_CIRCLES = ("supports", "supersedes")


@dataclass(frozen=True)
class Linked:
    """A link seen from one of its atoms."""

    id: int
    kind: str
    other_id: int
    is_outgoing: bool
    may_remove: bool


def add(session: Session, by: Person, from_key: str, to_key: str, kind: str) -> Link:
    """Link two atoms that the person sees; a link that is there already stays as it is.

    Raises:
        Invalid: an atom with itself, or a circle among supports or supersedes.
    """
    access.require_log(by)
    if kind not in LINK_KINDS:
        raise Invalid({"kind": say("Choose how the two are linked.")})
    start = access.atom_to_read(session, by, from_key)
    end = access.atom_to_read(session, by, to_key)
    return join(session, by, start, end, kind)


def join(session: Session, by: Person, start: Atom, end: Atom, kind: str) -> Link:
    """The same for two atoms that were looked up already."""
    if start.id == end.id:
        raise Invalid({"to": say("This is the same claim. Choose another one.")})
    standing = session.exec(
        select(Link).where(Link.from_id == start.id, Link.to_id == end.id, Link.kind == kind)
    ).first()
    if standing:
        return standing
    if kind in WITHOUT_CIRCLES and _leads_to(session, end.id, start.id, kind):
        raise Invalid(
            {"to": say("The other claim rests on this one already: that would be a circle.")}
        )
    link = Link(from_id=start.id, to_id=end.id, kind=kind, person_id=by.id)
    session.add(link)
    session.flush()
    _note(session, by, "linked", link)
    return link


def remove(session: Session, by: Person, link_id: int) -> None:
    """Take a link away: whoever made it, or may edit one of its atoms."""
    link = session.get(Link, link_id)
    if link is None or len(_seen(session, by, _ends(link))) < 2:
        raise NotFound
    if not _may_remove(by, link, _editable(session, by, _ends(link))):
        raise NotAllowed(say("Only who made this link, or may edit one of its claims, removes it."))
    session.delete(link)
    _note(session, by, "unlinked", link)


def put(session: Session, by: Person, atom: Atom, kind: str, texts: Sequence[str]) -> None:
    """Make these the atom's links of one kind; each text is an external id or a key.

    Raises:
        Invalid: field is the kind: nothing or several atoms are called so, or a circle.
    """
    wanted = {}
    for text in texts:
        other = _asked(session, by, atom, kind, text)
        wanted[other.id] = other.key
    for link in of_atom(session, by, atom):
        if link.kind == kind and link.is_outgoing and not wanted.pop(link.other_id, None):
            remove(session, by, link.id)
    for key in wanted.values():
        try:
            add(session, by, atom.key, key, kind)
        except Invalid as refusal:
            raise Invalid({kind: next(iter(refusal.problems.values()))}) from refusal


def support(session: Session, by: Person, atom: Atom, texts: Sequence[str]) -> None:
    """Let the atom rest on these, too, beside what supports it already.

    Raises:
        Invalid: field "rests_on", as in `put`.
    """
    for text in texts:
        other = _asked(session, by, atom, "rests_on", text)
        try:
            join(session, by, other, atom, "supports")
        except Invalid as refusal:
            raise Invalid({"rests_on": next(iter(refusal.problems.values()))}) from refusal


def of_atom(session: Session, by: Person, atom: Atom) -> list[Linked]:
    """The atom's links to and from atoms that the person sees, oldest first."""
    touching = select(Link).where(or_(col(Link.from_id) == atom.id, col(Link.to_id) == atom.id))
    linked = session.exec(touching.order_by(col(Link.id))).all()
    ends = {end for link in linked for end in _ends(link)}
    seen = set(in_chunks(session, select(Atom.id).where(access.sees_atom(by)), Atom.id, ends))
    rows = [link for link in linked if _ends(link) <= seen]
    editable = _editable(session, by, {end for link in rows for end in _ends(link)})
    return [
        Linked(
            id=link.id,
            kind=link.kind,
            other_id=link.to_id if link.from_id == atom.id else link.from_id,
            is_outgoing=link.from_id == atom.id,
            may_remove=_may_remove(by, link, editable),
        )
        for link in rows
    ]


def incoming(
    session: Session, by: Person, atom_ids: Collection[int]
) -> dict[int, dict[str, list[int]]]:
    """Atom → kind of link → the published atoms, seen by the person, that it comes from."""
    rows = rows_of(session, _incoming(access.is_admin(by)), atom_ids, me=by.id)
    found: dict[int, dict[str, list[int]]] = {}
    for to_id, kind, from_id in rows:
        found.setdefault(to_id, {}).setdefault(kind, []).append(from_id)
    return found


@cache
def _incoming(sees_all: bool) -> Any:
    # A list of all that the person sees, instead of a join, would be made anew for each page.
    return (
        select(Link.to_id, Link.kind, Link.from_id)
        .join(Atom, col(Atom.id) == col(Link.from_id))
        .where(access.atom_in_sight(sees_all), Atom.status == "published", among(Link.to_id))
        .order_by(col(Link.id))
    )


def replaced(session: Session, by: Person, atom_ids: Collection[int]) -> set[int]:
    """Those of these atoms in whose place stands a newer published one that the person sees."""
    rows = rows_of(session, _newer(access.is_admin(by)), atom_ids, me=by.id)
    return {atom_id for (atom_id,) in rows}


@cache
def _newer(sees_all: bool) -> Any:
    older: Any = Link.to_id
    return (
        columns(older)
        .join(Atom, col(Atom.id) == col(Link.from_id))
        .where(access.atom_in_sight(sees_all), col(Atom.status) == "published")
        .where(col(Link.kind) == "supersedes", among(Link.to_id))
    )


def outgoing(session: Session, by: Person, atom_ids: Collection[int]) -> dict[int, list[int]]:
    """Atom → the published atoms, seen by the person, that it supports."""
    found: dict[int, list[int]] = {}
    for from_id, to_id in rows_of(session, _outgoing(access.is_admin(by)), atom_ids, me=by.id):
        found.setdefault(from_id, []).append(to_id)
    return found


@cache
def _outgoing(sees_all: bool) -> Any:
    return (
        select(Link.from_id, Link.to_id)
        .join(Atom, col(Atom.id) == col(Link.to_id))
        .where(access.atom_in_sight(sees_all), Atom.status == "published")
        .where(col(Link.kind) == "supports", among(Link.from_id))
        .order_by(col(Link.id))
    )


def below(session: Session, by: Person, atom_ids: Collection[int]) -> dict[int, list[int]]:
    """Atom → the published atoms, seen by the person, that it rests on: the nearest first."""
    under: dict[int, list[int]] = {}
    frontier = set(atom_ids)
    while frontier:
        found = incoming(session, by, frontier)
        under |= {one: found.get(one, {}).get("supports", []) for one in frontier}
        frontier = {one for some in found.values() for one in some.get("supports", ())} - set(under)
    return {atom_id: _downward(atom_id, under) for atom_id in atom_ids}


def _downward(atom_id: int, under: Mapping[int, Sequence[int]]) -> list[int]:
    found: dict[int, None] = {}
    frontier = [atom_id]
    while frontier:
        nearest = dict.fromkeys(one for at in frontier for one in under[at])
        frontier = [one for one in nearest if one not in found]
        found |= dict.fromkeys(frontier)
    return list(found)


def beneath(session: Session, atom_id: int) -> set[int]:
    """All atoms that lead to this one through supports, drafts too, whoever sees them."""
    found: set[int] = set()
    frontier = {atom_id}
    while frontier:
        frontier = {from_id for (from_id,) in rows_of(session, _carriers(), frontier)} - found
        found |= frontier
    return found


@cache
def _carriers() -> Any:
    carrier: Any = Link.from_id
    return columns(carrier).where(col(Link.kind) == "supports", among(Link.to_id))


def _asked(session: Session, by: Person, atom: Atom, kind: str, text: str) -> Atom:
    seen = select(Atom).where(access.sees_atom(by)).limit(2)
    named = seen.where(Atom.external_id == text)
    for query in (
        named.where(Atom.study_id == atom.study_id),
        named,
        seen.where(Atom.key == text.lower()),
    ):
        found = session.exec(query).all()
        if len(found) == 1:
            return found[0]
        if found:
            raise Invalid(
                {kind: say("Several atoms have this external id. Write the key of one of them.")}
            )
    raise Invalid(
        {kind: say("No atom has this external id or key. Take it out, or write it down first.")}
    )


def _leads_to(session: Session, start: int, goal: int, kind: str) -> bool:
    seen: set[int] = set()
    frontier = {start}
    while frontier:
        if goal in frontier:
            return True
        seen |= frontier
        rows = session.exec(
            select(Link.to_id).where(col(Link.from_id).in_(frontier), Link.kind == kind)
        )
        frontier = set(rows) - seen
    return False


def _ends(link: Link) -> set[int]:
    return {link.from_id, link.to_id}


def _seen(session: Session, by: Person, atom_ids: set[int]) -> list[int]:
    query = select(Atom.id).where(col(Atom.id).in_(atom_ids), access.sees_atom(by))
    return list(session.exec(query))


def _editable(session: Session, by: Person, atom_ids: set[int]) -> set[int]:
    return set(in_chunks(session, select(Atom.id).where(access.edits_atom(by)), Atom.id, atom_ids))


def _may_remove(by: Person, link: Link, editable: set[int]) -> bool:
    return access.may_log(by) and (link.person_id == by.id or bool(_ends(link) & editable))


def _note(session: Session, by: Person, verb: str, link: Link) -> None:
    if link.kind in indexing.INDEXED_LINKS:
        indexing.enqueue(session, by, [link.to_id])
    # Both claims tell of it in their history.
    told = {"kind": link.kind, "from": link.from_id, "to": link.to_id}
    for atom_id in (link.from_id, link.to_id):
        history.record(session, by, verb, "atom", atom_id, after=told)

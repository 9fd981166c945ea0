"""What must hold after a change set, and after it is undone: looked at as a whole.

Each line keeps the rules of tags by itself; here is seen what only several rows break together.
What was broken before is no reason to refuse.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlmodel import Session, col, select

from research_repo.core import access, hierarchy, many, rules, upward
from research_repo.core.errors import Invalid
from research_repo.core.language import Message, say
from research_repo.core.models import Atom, Person, Tag, TagLabel, TagParent, TagRelated

TITLES_SHOWN = 5

Homonym = tuple[int, str, str]
"""Scheme, language and folded text of a label that several tags own."""


@dataclass(frozen=True)
class Standing:
    """What is broken around some tags and atoms."""

    circles: frozenset[int]
    """Tags that lie under themselves."""
    clashes: frozenset[tuple[int, int]]
    """Tags that are related though one lies under the other."""
    homonyms: frozenset[Homonym]
    offences: frozenset[tuple[int, int, str]]
    """Atom, scheme, and the kind of rule that it breaks."""


def standing(
    session: Session, tag_ids: Collection[int], atom_ids: Collection[int] = ()
) -> Standing:
    """How it stands around these tags and on these atoms."""
    return Standing(
        circles=frozenset(_circles(session, tag_ids)),
        clashes=frozenset(_clashes(session, tag_ids)),
        homonyms=frozenset(_homonyms(session, tag_ids)),
        offences=frozenset(_offences(session, tag_ids, atom_ids)),
    )


def require(
    session: Session,
    by: Person,
    was: Standing,
    tag_ids: Collection[int],
    atom_ids: Collection[int] = (),
) -> None:
    """Refuse when something is broken that was not so before."""
    now = standing(session, tag_ids, atom_ids)
    language = by.language or "en"
    problems: dict[str, Message] = {}
    if circles := now.circles - was.circles:
        problems["circle"] = say(
            "“%(tag)s” would lie under itself. Choose another place for it first.",
            tag=_name(session, min(circles), language),
        )
    if clashes := now.clashes - was.clashes:
        one, other = min(clashes)
        problems["related"] = say(
            "“%(one)s” and “%(other)s” are related, and one would lie under the other. Take the "
            "relation off first.",
            one=_name(session, one, language),
            other=_name(session, other, language),
        )
    if homonyms := now.homonyms - was.homonyms:
        problems["label"] = say(
            "“%(label)s” would belong to two tags of one group. Give one of them another word first.",
            label=min(homonyms)[2],
        )
    if broken := now.offences - was.offences:
        problems["atoms"] = _told(session, by, broken, language)
    if problems:
        raise Invalid(problems)


def _circles(session: Session, tag_ids: Collection[int]) -> set[int]:
    ends = set(hierarchy.resolved(session, tag_ids).values())
    above = upward.above(session, ends)
    found = set()
    for tag_id in ends:
        over = above.parents.get(tag_id, [])
        if any(tag_id in above.ancestors(parent) for parent in over):
            found.add(tag_id)
    return found


def _clashes(session: Session, tag_ids: Collection[int]) -> set[tuple[int, int]]:
    rows = session.exec(select(TagRelated.one_id, TagRelated.other_id)).all()
    if not rows:
        return set()
    ends = hierarchy.resolved(session, {end for row in rows for end in row})
    pairs = {(ends[one], ends[other]) for one, other in rows} - {(end, end) for end in ends}
    here = set(hierarchy.resolved(session, tag_ids).values())
    moved = here.union(*(hierarchy.descendants(session, tag_id) for tag_id in here))
    near = {pair for pair in pairs if moved.intersection(pair) and pair[0] != pair[1]}
    above = upward.above(session, {end for pair in near for end in pair})
    return {
        (min(pair), max(pair))
        for pair in near
        if pair[0] in above.ancestors(pair[1]) or pair[1] in above.ancestors(pair[0])
    }


def _homonyms(session: Session, tag_ids: Collection[int]) -> set[Homonym]:
    ends = set(hierarchy.resolved(session, tag_ids).values())
    mine = hierarchy.in_chunks(
        session,
        select(TagLabel.folded),
        TagLabel.tag_id,
        hierarchy.merged_into(session, ends),
    )
    rows: list[tuple[str, str, int, int]] = []
    texts = sorted(set(mine))
    for start in range(0, len(texts), many.CHUNK):
        rows += session.exec(
            select(TagLabel.folded, TagLabel.language, TagLabel.tag_id, Tag.scheme_id)
            .join(Tag, col(Tag.id) == TagLabel.tag_id)
            .where(col(TagLabel.folded).in_(texts[start : start + many.CHUNK]))
        ).all()
    stands_for = hierarchy.resolved(session, {row[2] for row in rows})
    owners: dict[Homonym, set[int]] = {}
    for folded, language, tag_id, scheme_id in rows:
        owners.setdefault((scheme_id, language, folded), set()).add(stands_for[tag_id])
    return {homonym for homonym, found in owners.items() if len(found) > 1}


def _offences(
    session: Session, tag_ids: Collection[int], atom_ids: Collection[int]
) -> set[tuple[int, int, str]]:
    touched = set(hierarchy.in_chunks(session, select(Tag.scheme_id), Tag.id, tag_ids))
    ruled = {one: rule for one, rule in rules.in_force(session).items() if one in touched}
    if not ruled or not atom_ids:
        return set()
    query = select(Atom.id).where(Atom.status == "published")
    published = hierarchy.in_chunks(session, query, Atom.id, atom_ids)
    return {
        (atom_id, offence.scheme_id, offence.kind)
        for atom_id, offences in rules.of_atoms(session, published).items()
        for offence in offences
        if offence.scheme_id in ruled
    }


def _told(
    session: Session, by: Person, broken: Collection[tuple[int, int, str]], language: str
) -> Message:
    scheme_id = min(one[1] for one in broken)
    atom_ids = sorted({one[0] for one in broken if one[1] == scheme_id})
    seen = select(Atom.id, Atom.title).where(access.sees_atom(by))
    titles = dict(hierarchy.in_chunks(session, seen, Atom.id, atom_ids[:TITLES_SHOWN]))
    return say(
        "The rules of “%(group)s” would be broken on %(count)s published atoms: %(atoms)s. "
        "Retag them in the same set.",
        group=hierarchy.scheme_labels(session, language)[scheme_id],
        count=len(atom_ids),
        atoms="; ".join(titles[one] for one in sorted(titles)) or "…",
    )


def _name(session: Session, tag_id: int, language: str) -> str:
    return hierarchy.labels_of(session, [tag_id], language)[tag_id][0]


def primaries(session: Session, tag_ids: Collection[int]) -> set[int]:
    """The tags with two places that give the path."""
    rows = hierarchy.in_chunks(
        session,
        select(TagParent.child_id).where(col(TagParent.is_primary)),
        TagParent.child_id,
        tag_ids,
    )
    return {tag_id for tag_id in rows if rows.count(tag_id) > 1}

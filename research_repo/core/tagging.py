"""Tags on atoms: only what a person put there is stored; the one module that reads `atom_tag`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    String,
    Subquery,
    bindparam,
    delete,
    literal,
    or_,
    true,
)
from sqlalchemy import cast as cast_to
from sqlmodel import Session, col, select

from research_repo.core import access, hierarchy, history, indexing, naming, schemes, tags, words
from research_repo.core.clock import now
from research_repo.core.db import add_rows
from research_repo.core.errors import Invalid, NotAllowed, NotFound
from research_repo.core.language import Message, say
from research_repo.core.many import among, rows_of
from research_repo.core.models import (
    Atom,
    AtomNotApplicable,
    AtomTag,
    Person,
    Scheme,
    Study,
    StudyTag,
    Tag,
)

TAGS_MAX = 50


@dataclass(frozen=True)
class Put:
    """A tag on an atom: the effective one, and the merged one that was asserted, if any."""

    tag_id: int
    asserted_id: int


def of_atoms(session: Session, atom_ids: Collection[int]) -> dict[int, list[Put]]:
    """Atom → its tags, each once, whatever was merged since."""
    rows = rows_of(session, _on_atoms(), atom_ids)
    ends = hierarchy.ends_of(session, {tag_id: survivor for _, tag_id, survivor in rows})
    found: dict[int, dict[int, Put]] = {}
    # A tag asserted as itself comes before one that was merged into it.
    own_first = sorted(
        rows, key=lambda row: (row.atom_id, ends[row.tag_id] != row.tag_id, row.tag_id)
    )
    for atom_id, tag_id, _ in own_first:
        found.setdefault(atom_id, {}).setdefault(ends[tag_id], Put(ends[tag_id], tag_id))
    return {atom_id: list(puts.values()) for atom_id, puts in found.items()}


@cache
def _on_atoms() -> Any:
    query = select(AtomTag.atom_id, AtomTag.tag_id, Tag.replaced_by)
    return query.join(Tag, col(Tag.id) == AtomTag.tag_id).where(among(AtomTag.atom_id))


def put(session: Session, by: Person, atom: Atom, tag_ids: Iterable[int]) -> None:
    """Make these the atom's tags: assert what is missing, take off what is not named.

    Asserting an effective tag changes nothing; a merged one is written as its survivor; taking a
    tag off deletes every row that resolves to it. Whoever is writing on the atom gets a conflict.
    """
    if write(session, by, atom, tag_ids):
        atom.version += 1
        atom.updated_at = now()
        session.flush()


def write(session: Session, by: Person, atom: Atom, tag_ids: Iterable[int]) -> bool:
    """The same as a part of a larger change of the atom; whether anything was written."""
    if not access.may_tag_atom(session, by, atom):
        raise NotAllowed(say("Only its author, the study's editors and tag curators may tag this."))
    ends = hierarchy.resolved(session, set(tag_ids))
    wanted = list(dict.fromkeys(ends.values()))
    if len(wanted) > TAGS_MAX:
        raise Invalid({"tags": say("An atom has at most %(count)s tags.", count=TAGS_MAX)})
    stored = list(session.exec(select(AtomTag.tag_id).where(AtomTag.atom_id == atom.id)))
    effective = hierarchy.resolved(session, stored)
    off = [tag_id for tag_id in stored if effective[tag_id] not in wanted]
    on = [tag_id for tag_id in wanted if tag_id not in effective.values()]
    if not off and not on:
        return False
    refuse_retired(session, on)
    session.execute(
        delete(AtomTag).where(col(AtomTag.atom_id) == atom.id, col(AtomTag.tag_id).in_(off))
    )
    session.add_all(AtomTag(atom_id=atom.id, tag_id=tag_id, person_id=by.id) for tag_id in on)
    session.flush()
    indexing.enqueue(session, by, [atom.id])
    history.record(
        session,
        by,
        "tagged",
        "atom",
        atom.id,
        {"tags": stored},
        {"tags": [*on, *set(stored) - set(off)]},
    )
    return True


def named(
    session: Session,
    by: Person,
    texts: Iterable[str],
    language: str,
    study_id: int | None = None,
) -> list[int]:
    """The tags that these labels or paths name; unknown ones are made, in `free` or along the path.

    A researcher's new word in a members-only study waits for a curator, whatever its group says:
    approved tags are known to everybody.

    Raises:
        Invalid: a label that several tags own (the paths are listed), or one that cannot be used.
    """
    study = session.get(Study, study_id) if study_id else None
    is_closed = study is not None and study.access != "open"
    is_to_review = is_closed and not access.may_govern(by)
    hidden, make = unseen(session, by), maker(session, by, is_to_review)
    found = []
    for text in texts:
        try:
            found.append(naming.find(session, text, language, hidden=hidden, make=make))
        except Invalid as refusal:
            raise Invalid({"tags": next(iter(refusal.problems.values()))}) from refusal
    return list(dict.fromkeys(found))


def asked(session: Session, by: Person, text: str, language: str) -> Tag:
    """The tag that a key, a label or a path names, for whoever may know of it.

    Raises:
        Invalid: there is no such tag, or several are called so.
    """
    hidden = unseen(session, by)
    try:
        tag = tags.get(session, text)
    except NotFound:
        try:
            tag_id = naming.find(session, text, language, hidden=hidden)
        except Invalid as refusal:
            raise Invalid({"tag": next(iter(refusal.problems.values()))}) from refusal
        tag = session.get_one(Tag, tag_id)
    if tag.id in hidden:
        advice = say("There is no tag “%(text)s”. Choose one that exists.", text=text)
        raise Invalid({"tag": advice})
    return tag


def maker(session: Session, by: Person, is_to_review: bool = False) -> naming.Make:
    """Makes the tags that `naming.find` misses: where the path says, else in `free`."""

    def make(scheme: Scheme | None, text: str, under: int | None) -> int:
        place = scheme or schemes.free(session, by)
        parent_keys = [session.get_one(Tag, under).key] if under else []
        pref = {words.language_of(text): text}
        tag_words = tags.TagWords(pref=pref)
        return tags.create(
            session, by, place.key, tag_words, parent_keys, is_to_review=is_to_review
        ).id

    return make


def put_on_new(session: Session, by: Person, puts: Mapping[int, Collection[int]]) -> None:
    """Tag atoms that were made in this transaction: atom → tags, none of them retired."""
    ends = hierarchy.resolved(session, {tag_id for tag_ids in puts.values() for tag_id in tag_ids})
    at = now()
    rows = [
        {"atom_id": atom_id, "tag_id": tag_id, "person_id": by.id, "created_at": at}
        for atom_id, tag_ids in puts.items()
        for tag_id in {ends[tag_id] for tag_id in tag_ids}
    ]
    add_rows(session, AtomTag, rows)


def forget(session: Session, atom_ids: Collection[int]) -> None:
    """Take the tags off atoms that are about to go."""
    session.execute(delete(AtomTag).where(col(AtomTag.atom_id).in_(atom_ids)))
    marks = delete(AtomNotApplicable).where(col(AtomNotApplicable.atom_id).in_(atom_ids))
    session.execute(marks)


def lends(kind: Any) -> ColumnElement[bool]:
    """Condition on `Scheme`: atoms of this kind inherit its tags from their study."""
    kinds = cast_to(col(Scheme.kinds), String)
    return or_(kinds == "[]", kinds.like(literal('%"').concat(kind).concat(literal('"%'))))


def carried(scheme_id: int) -> Subquery:
    """(atom_id, tag_id, is_own) of a scheme: what was put on atoms, and what their studies lend.

    Merges are resolved; a tag that an atom has both ways stands there both ways.
    """
    merged = hierarchy.redirects()
    here = (col(Tag.scheme_id) == scheme_id, col(Tag.replaced_by).is_(None))
    own = (
        select(AtomTag.atom_id, merged.c.survivor_id.label("tag_id"), literal(1).label("is_own"))
        .join(merged, merged.c.tag_id == AtomTag.tag_id)
        .join(Tag, col(Tag.id) == merged.c.survivor_id)
        .where(*here)
    )
    lent: Any = (
        select(col(Atom.id).label("atom_id"), merged.c.survivor_id, literal(0))
        .join(StudyTag, col(StudyTag.study_id) == Atom.study_id)
        .join(merged, merged.c.tag_id == StudyTag.tag_id)
        .join(Tag, col(Tag.id) == merged.c.survivor_id)
        .join(Scheme, col(Scheme.id) == Tag.scheme_id)
        .where(*here, lends(Atom.kind))
    )
    return own.union(lent).subquery()


def in_use(session: Session, tag_ids: Collection[int]) -> set[int]:
    """Those of these tags that an atom or a study carries, as it was put there."""
    rows = hierarchy.in_chunks(session, select(AtomTag.tag_id).distinct(), AtomTag.tag_id, tag_ids)
    lent = hierarchy.in_chunks(session, select(StudyTag.tag_id), StudyTag.tag_id, tag_ids)
    return {*rows, *lent}


def is_retired(session: Session, tag_id: int) -> Message | None:
    """Why no atom can get the tag any more; None when it can."""
    try:
        refuse_retired(session, hierarchy.resolved(session, [tag_id]).values())
    except Invalid as refusal:
        return refusal.problems["tags"]
    return None


def is_seen(by: Person) -> ColumnElement[bool]:
    """Condition on `Tag`: a candidate is known to curators, its author and who sees it in use.

    It is in use on the atoms and on the studies that carry it.
    """
    if access.may_govern(by):
        return true()
    # None of these questions speaks of the tag at hand: each is asked once, not for every candidate.
    seen_atoms = select(Atom.id).where(access.sees_atom(by))
    seen_studies = select(Study.id).where(access.sees_study(by))
    on_atoms = select(AtomTag.tag_id).where(col(AtomTag.atom_id).in_(seen_atoms))
    on_studies = select(StudyTag.tag_id).where(col(StudyTag.study_id).in_(seen_studies))
    merged = hierarchy.merges()
    through_merges = select(merged.c.survivor_id).where(
        or_(merged.c.tag_id.in_(on_atoms), merged.c.tag_id.in_(on_studies))
    )
    return or_(
        col(Tag.status) != "candidate",
        col(Tag.person_id) == by.id,
        *(col(Tag.id).in_(used) for used in (on_atoms, on_studies, through_merges)),
    )


def unseen(session: Session, by: Person) -> set[int]:
    """The tags that do not exist for this person."""
    if access.may_govern(by):
        return set()
    return set(session.exec(select(Tag.id).where(~is_seen(by))))


def carries(tag_ids: Collection[int]) -> ColumnElement[bool]:
    """Condition on `Atom`: one of these tags was put on it, as it was asserted."""
    # Written into the statement: databases limit its values, and a period may hold for many tags.
    named: Any = bindparam(
        "carried", list(tag_ids), expanding=True, literal_execute=True, unique=True
    )
    # An atom has few tags: to look through them is less than to look for each of those named.
    put_on = col(AtomTag.tag_id).op("+")(0).in_(named)
    return select(AtomTag.atom_id).where(AtomTag.atom_id == Atom.id, put_on).exists()


def puts(session: Session, by: Person) -> Sequence[tuple[int, int]]:
    """Atom and tag of all that people put on the atoms that this person sees."""
    query = select(AtomTag.atom_id, AtomTag.tag_id).join(Atom, col(Atom.id) == AtomTag.atom_id)
    return session.exec(query.where(access.sees_atom(by))).all()


def put_since(session: Session, by: Person, moment: datetime) -> set[int]:
    """The tags that somebody put, since then, on an atom that this person sees."""
    query = select(AtomTag.tag_id).join(Atom, col(Atom.id) == AtomTag.atom_id).distinct()
    return set(session.exec(query.where(AtomTag.created_at >= moment, access.sees_atom(by))))


def recent(session: Session, by: Person, limit: int = 10) -> list[int]:
    """The tags that the person put on atoms last, newest first."""
    rows = session.exec(
        select(AtomTag.tag_id)
        .where(AtomTag.person_id == by.id)
        .order_by(col(AtomTag.created_at).desc(), col(AtomTag.atom_id).desc())
        .limit(limit * 5)
    ).all()
    ends = hierarchy.resolved(session, rows)
    return list(dict.fromkeys(ends[tag_id] for tag_id in rows))[:limit]


def refuse_retired(session: Session, tag_ids: Collection[int]) -> None:
    """Refuse tags that nothing new may get."""
    retired = session.exec(
        select(Tag.id).where(col(Tag.id).in_(tag_ids), Tag.status == "deprecated")
    ).first()
    if retired is not None:
        label = hierarchy.labels_of(session, [retired], "en")[retired][0]
        raise Invalid({"tags": say("The tag “%(tag)s” is retired. Choose another one.", tag=label)})

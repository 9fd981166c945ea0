"""Finding by SQL, for the minutes in which the search index is being rebuilt: plain word matches."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import ColumnElement, case, exists, func, or_
from sqlmodel import Session, col, select

from research_repo.core.access import sees_atom
from research_repo.core.models import Atom, AtomTag, Evidence, Person, Scheme, StudyTag, Tag
from research_repo.core.tagging import lends
from research_repo.core.words import stem


def find(
    session: Session,
    by: Person,
    words: Iterable[str],
    *,
    kinds: Collection[str] = (),
    statuses: Collection[str] = ("published",),
    study_ids: Collection[int] | None = None,
    tag_groups: Sequence[Collection[int]] = (),
    limit: int = 20,
    offset: int = 0,
) -> tuple[int, list[int]]:
    """How many atoms hold any of the words, and a page of their ids: most words first, then newest.

    Of each group of tags an atom must carry one. Rare words weigh no more than common ones.
    """
    conditions = [sees_atom(by), col(Atom.status).in_(statuses)]
    if kinds:
        conditions.append(col(Atom.kind).in_(kinds))
    if study_ids is not None:
        conditions.append(col(Atom.study_id).in_(study_ids))
    conditions += [_carries(tag_ids) for tag_ids in tag_groups]
    matches = [_holds(word) for word in dict.fromkeys(words)]
    if matches:
        conditions.append(or_(*matches))
    total = session.exec(select(func.count()).select_from(Atom).where(*conditions)).one()
    how_many = [case((match, 0), else_=1) for match in matches]
    order = [sum(how_many[1:], how_many[0])] if how_many else []
    page = select(Atom.id).where(*conditions).order_by(*order, col(Atom.id).desc())
    return total, list(session.exec(page.offset(offset).limit(limit)))


def taggings(session: Session, by: Person) -> list[tuple[int, int]]:
    """(atom, tag) of all published atoms that a person sees: put on them, or lent by their study."""
    own = select(AtomTag.atom_id, AtomTag.tag_id).join(Atom, col(Atom.id) == AtomTag.atom_id)
    lent = (
        select(Atom.id, StudyTag.tag_id)
        .join(StudyTag, col(StudyTag.study_id) == Atom.study_id)
        .join(Tag, col(Tag.id) == StudyTag.tag_id)
        .join(Scheme, col(Scheme.id) == Tag.scheme_id)
        .where(lends(Atom.kind))
    )
    return [
        (atom_id, tag_id)
        for rows in (own, lent)
        for atom_id, tag_id in session.exec(rows.where(sees_atom(by), Atom.status == "published"))
    ]


def _carries(tag_ids: Collection[int]) -> ColumnElement[bool]:
    own = exists().where(col(AtomTag.atom_id) == Atom.id, col(AtomTag.tag_id).in_(tag_ids))
    lent = exists().where(
        col(StudyTag.study_id) == Atom.study_id,
        col(StudyTag.tag_id).in_(tag_ids),
        col(Tag.id) == StudyTag.tag_id,
        col(Scheme.id) == Tag.scheme_id,
        lends(Atom.kind),
    )
    return or_(own, lent)


def _holds(word: str) -> ColumnElement[bool]:
    # SQLite compares only ASCII letters without case; ё may stand for every е.
    root = stem(word).replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    patterns = [
        f"%{form.replace('е', '_').replace('Е', '_')}%"
        for form in (root, root.capitalize(), root.upper())
    ]
    texts = (col(Atom.title), col(Atom.body))
    quoted = exists().where(
        col(Evidence.atom_id) == Atom.id,
        col(Evidence.kind) == "quote",
        or_(*(col(Evidence.text).like(pattern, escape="\\") for pattern in patterns)),
    )
    in_text = (text.like(pattern, escape="\\") for text in texts for pattern in patterns)
    return or_(*in_text, quoted)

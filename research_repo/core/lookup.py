"""Finding by SQL, for the minutes in which the search index is being rebuilt: plain word matches."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from os.path import commonprefix
from typing import Any

from sqlalchemy import ColumnElement, case, exists, false, func, not_, or_
from sqlmodel import Session, col, select

from research_repo.core.access import atom_in_sight, is_admin, sees_atom, sees_study
from research_repo.core.many import among, rows_of
from research_repo.core.models import (
    Atom,
    AtomTag,
    Evidence,
    Person,
    Scheme,
    Study,
    StudyTag,
    Tag,
)
from research_repo.core.moments import kept
from research_repo.core.tagging import lends
from research_repo.core.words import fold, stem, tokens


@dataclass(frozen=True)
class Narrowing:
    """What atoms must be; None asks nothing, and an empty list lets nothing pass.

    Of each group of tags an atom must carry one.
    """

    kinds: Collection[str] | None = None
    study_ids: Collection[int] | None = None
    methods: Collection[str] | None = None
    author_ids: Collection[int] | None = None
    languages: Collection[str] | None = None
    has_quote: bool | None = None
    after: date | None = None
    before: date | None = None
    tag_groups: Sequence[Collection[int]] = ()


NOTHING_ASKED = Narrowing()


def find(
    session: Session,
    by: Person,
    words: Iterable[str],
    asked: Narrowing = NOTHING_ASKED,
    *,
    without: Narrowing = NOTHING_ASKED,
    statuses: Collection[str] = ("published",),
    limit: int = 20,
    offset: int = 0,
) -> tuple[int, list[int]]:
    """How many atoms hold any of the words, and a page of their ids: most words first, then newest.

    What fits any part of `without` is left out. Rare words weigh no more than common ones.
    """
    conditions = [sees_atom(by), col(Atom.status).in_(statuses), *_asked(asked)]
    conditions += [not_(condition) for condition in _asked(without)]
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


def studies_called(session: Session, by: Person, text: str) -> list[str]:
    """The keys of studies that the person sees and that are called so.

    That is the study with this key, or else those with this title, or else those whose title holds
    all of these words.
    """
    asked = fold(text)
    seen = select(Study.key, Study.title).where(sees_study(by)).order_by(col(Study.id))
    if by_key := session.exec(seen.where(Study.folded_key == asked)).first():
        return [by_key[0]]
    titles = session.exec(seen).all()
    called = [key for key, title in titles if fold(title) == asked]
    typed = set(tokens(text))
    return called or [key for key, title in titles if typed and typed <= set(tokens(title))]


def authors_called(session: Session, by: Person, text: str) -> list[int]:
    """Who wrote an atom that the person sees, and is called so: wholly, or with these words.

    A number stands for the person with this id.
    """
    asked = fold(text)
    people = [
        (person_id, fold(name)) for person_id, name in session.exec(select(Person.id, Person.name))
    ]
    called = [person_id for person_id, name in people if name == asked]
    if not called:
        typed = set(asked.split())
        called = [person_id for person_id, name in people if typed and typed <= set(name.split())]
    if not called and asked.isascii() and asked.isdecimal() and len(asked) < _ID_DIGITS:
        called = [int(asked)]
    return list(author_names(session, by, called))


def author_names(session: Session, by: Person, person_ids: Collection[int]) -> Mapping[int, str]:
    """Person → name, of those who wrote an atom that the person sees."""
    sees_all = is_admin(by)
    return kept(
        session,
        ("authors", None if sees_all else by.id, frozenset(person_ids)),
        lambda: dict(rows_of(session, _authors(sees_all), person_ids, me=by.id)),
    )


@cache
def _authors(sees_all: bool) -> Any:
    wrote = exists().where(col(Atom.author_id) == Person.id, atom_in_sight(sees_all))
    return select(Person.id, Person.name).where(among(Person.id), wrote).order_by(col(Person.id))


_ID_DIGITS = 10


def _asked(asked: Narrowing) -> list[ColumnElement[bool]]:
    # NULL is neither in a list nor out of it, so that an atom without a study needs a number.
    study_id = func.coalesce(Atom.study_id, 0)
    by_method = select(Study.id).where(col(Study.method).in_(asked.methods or ()))
    listed: list[tuple[Collection[object] | None, ColumnElement[bool]]] = [
        (asked.kinds, col(Atom.kind).in_(asked.kinds or ())),
        (asked.study_ids, study_id.in_(asked.study_ids or ())),
        (asked.methods, study_id.in_(by_method)),
        (asked.author_ids, col(Atom.author_id).in_(asked.author_ids or ())),
        (asked.languages, col(Atom.language).in_(asked.languages or ())),
    ]
    conditions = [condition for values, condition in listed if values is not None]
    if asked.has_quote is not None:
        quoted = exists().where(col(Evidence.atom_id) == Atom.id, col(Evidence.kind) == "quote")
        conditions.append(quoted if asked.has_quote else false())
    if asked.after:
        conditions.append(_is_from(asked.after))
    if asked.before:
        conditions.append(not_(_is_from(asked.before)))
    return conditions + [_carries(tag_ids) for tag_ids in asked.tag_groups]


def _is_from(day: date) -> ColumnElement[bool]:
    """Observed on that day or later; where that is not told, written down then."""
    written = col(Atom.created_at) >= datetime.combine(day, time(), UTC)
    return case((col(Atom.observed_on).is_(None), written), else_=col(Atom.observed_on) >= day)


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
    # A stem may end in a letter that the word has not: steady, steadi.
    root = (
        (commonprefix((word, stem(word))) or word)
        .replace("\\", "\\\\")
        .replace("%", r"\%")
        .replace("_", r"\_")
    )
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

"""Searches under a name, for oneself or for all: the filters of an address, not what they find.

Whoever reads a shared one finds what they may see themselves. Tags and studies stand in it by key.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, or_
from sqlmodel import Session, col, select

from research_repo.core import access, history, notices, search_pairs, typed, words
from research_repo.core.clock import now
from research_repo.core.errors import Conflict, Invalid, NotAllowed, NotFound
from research_repo.core.keys import new_key
from research_repo.core.language import Message, say
from research_repo.core.many import among, rows_of
from research_repo.core.models import Follow, Person, SavedSearch
from research_repo.core.moments import kept
from research_repo.core.search_pairs import NOWHERE, Pair

NAME_MAX = 120
SEARCHES_MAX = 200
KEPT_DAYS = 30

NOT_YOURS = say("Only whoever saved this search may change it. Save it as your own, or follow it.")
CHANGED = say("This search was changed meanwhile. Look at it again, then make your change.")


@dataclass(frozen=True)
class Saved:
    """A saved search as somebody may know it."""

    id: int
    key: str
    name: str
    wanted: tuple[Pair, ...]
    is_shared: bool
    is_own: bool
    may_change: bool
    who: str
    version: int
    gone: int
    """How many of its tags and studies are not there for this person."""


def save(
    session: Session,
    by: Person,
    name: str,
    wanted: Iterable[Sequence[str]],
    is_shared: bool = False,
) -> SavedSearch:
    """Keep a search under a name of one's own.

    Raises:
        Invalid: no name or one used already, nothing that is searched for, or too many searches.
    """
    pairs = [(pair[0], pair[1]) for pair in wanted]
    name = typed.line(name)
    problems = _name_problems(session, by, name, None) | search_pairs.problems(pairs)
    if len(_own_ids(session, by)) >= SEARCHES_MAX:
        problems[""] = say("You keep %(most)s searches. Delete one first.", most=SEARCHES_MAX)
    if problems:
        raise Invalid(problems)
    saved = SavedSearch(
        key=new_key(session, SavedSearch.key),
        person_id=by.id,
        name=name,
        wanted=[list(pair) for pair in pairs],
        is_shared=is_shared,
    )
    session.add(saved)
    session.flush()
    history.record(session, by, "created", "saved_search", saved.id, after=_told(saved))
    return saved


def change(
    session: Session,
    by: Person,
    key: str,
    version: int,
    *,
    name: str,
    is_shared: bool,
    wanted: Iterable[Sequence[str]] | None = None,
) -> SavedSearch:
    """Rename a search, share it or keep it to oneself, or let it look for something else.

    Who followed it and may read it no more is told.

    Raises:
        Conflict: somebody changed it since this version was read.
    """
    saved = _to_change(session, by, key)
    if saved.version != version:
        raise Conflict(CHANGED, saved.name)
    pairs = None if wanted is None else [(pair[0], pair[1]) for pair in wanted]
    name = typed.line(name)
    problems = _name_problems(session, by, name, saved)
    if pairs is not None:
        problems |= search_pairs.problems(pairs)
    if problems:
        raise Invalid(problems)
    before = _told(saved)
    if saved.is_shared and not is_shared:
        _end_follows_of_others(session, by, saved)
    saved.name, saved.is_shared = name, is_shared
    if pairs is not None and [list(pair) for pair in pairs] != saved.wanted:
        saved.wanted = [list(pair) for pair in pairs]
        _begin_again(session, saved.id)
    if _told(saved) != before:
        saved.version += 1
        history.record(session, by, "changed", "saved_search", saved.id, before, _told(saved))
    return saved


def remove(session: Session, by: Person, key: str) -> SavedSearch:
    """Delete a search; nobody is told of it any more. For some days it can be put back."""
    saved = _to_change(session, by, key)
    saved.deleted_at = now()
    saved.version += 1
    history.record(session, by, "deleted", "saved_search", saved.id, before=_told(saved))
    return saved


def put_back(session: Session, by: Person, key: str) -> SavedSearch:
    """Undo a deletion: who followed the search follows it again."""
    saved = session.exec(select(SavedSearch).where(SavedSearch.key == key.lower())).first()
    if saved is None or saved.person_id != by.id:
        raise NotFound
    if saved.deleted_at is not None:
        saved.deleted_at = None
        saved.version += 1
        history.record(session, by, "restored", "saved_search", saved.id, after=_told(saved))
    return saved


def get(session: Session, by: Person, key: str) -> SavedSearch:
    """The search: one's own, or one that is shared. Others' own ones do not exist."""
    saved = session.exec(
        select(SavedSearch).where(SavedSearch.key == key.lower(), is_seen(by))
    ).first()
    if saved is None:
        raise NotFound
    return saved


def read(session: Session, by: Person, key: str) -> Saved:
    """The search as this person may know it."""
    return cards(session, by, [get(session, by, key)])[0]


def to_change(session: Session, by: Person, key: str) -> Saved:
    """The search, for whoever may change it: its owner, and an admin where it is shared."""
    return cards(session, by, [_to_change(session, by, key)])[0]


def same(session: Session, by: Person, pairs: Iterable[Sequence[str]]) -> Saved | None:
    """A search that looks for just this, if the person knows one: their own before those of others."""
    wanted = {(pair[0], pair[1]) for pair in pairs}
    known = kept(session, ("saved searches", by.id), lambda: _known(session, by))
    is_cut = any(NOWHERE in pair for pair in wanted)
    ids = [saved_id for saved_id, looked_for in known.items() if is_cut or looked_for == wanted]
    likely = rows_of(session, _by_id(), ids)
    found = [one for one in cards(session, by, likely) if set(one.wanted) == wanted]
    return min(found, key=lambda one: (not one.is_own, one.id), default=None)


@cache
def _by_id() -> Any:
    return select(SavedSearch).where(among(SavedSearch.id))


def _known(session: Session, by: Person) -> dict[int, frozenset[Pair]]:
    rows = session.exec(select(SavedSearch).where(is_seen(by))).all()
    return {row.id: frozenset(_pairs(row)) for row in rows}


def listed(session: Session, by: Person) -> list[Saved]:
    """One's own searches by name, then those that others share."""
    found = cards(session, by, session.exec(select(SavedSearch).where(is_seen(by))).all())
    return sorted(found, key=lambda one: (not one.is_own, words.fold(one.name), one.id))


def deleted(session: Session, by: Person) -> list[Saved]:
    """One's own deleted searches, those deleted last first."""
    mine = select(SavedSearch).where(
        SavedSearch.person_id == by.id, col(SavedSearch.deleted_at).is_not(None)
    )
    return cards(session, by, session.exec(mine.order_by(col(SavedSearch.deleted_at).desc())).all())


def is_seen(by: Person) -> ColumnElement[bool]:
    """Condition on `SavedSearch`: it exists for this person."""
    return and_(
        col(SavedSearch.deleted_at).is_(None),
        or_(col(SavedSearch.person_id) == by.id, col(SavedSearch.is_shared)),
    )


def cards(session: Session, by: Person, rows: Sequence[SavedSearch]) -> list[Saved]:
    """These searches as this person may know them, in their order."""
    if not rows:
        return []
    named = {row.id: _pairs(row) for row in rows}
    known = search_pairs.there(session, by, [pair for pairs in named.values() for pair in pairs])
    owners = dict(
        session.exec(
            select(Person.id, Person.name).where(
                col(Person.id).in_({row.person_id for row in rows})
            )
        ).all()
    )
    made = []
    for row in rows:
        is_own = row.person_id == by.id
        made.append(
            Saved(
                id=row.id,
                key=row.key,
                name=row.name,
                wanted=known.as_seen(named[row.id]),
                is_shared=row.is_shared,
                is_own=is_own,
                may_change=is_own or (row.is_shared and access.is_admin(by)),
                who=owners[row.person_id],
                version=row.version,
                gone=sum(not known.holds(pair) for pair in named[row.id]),
            )
        )
    return made


def naming(session: Session, by: Person, tag_keys: Collection[str]) -> set[int]:
    """The searches that this person may know of and that name one of these tags."""
    rows = session.exec(select(SavedSearch).where(is_seen(by))).all()
    return {
        row.id for row in rows if any(search_pairs.tag_of(pair) in tag_keys for pair in _pairs(row))
    }


def outdated(session: Session) -> list[int]:
    """The searches that were deleted too long ago to be put back."""
    since = now() - timedelta(days=KEPT_DAYS)
    return list(session.exec(select(SavedSearch.id).where(col(SavedSearch.deleted_at) < since)))


def forget(session: Session, saved_ids: Collection[int]) -> None:
    """Let go of these deleted searches for good, with all who followed them."""
    session.execute(delete(Follow).where(col(Follow.saved_search_id).in_(saved_ids)))
    session.execute(delete(SavedSearch).where(col(SavedSearch.id).in_(saved_ids)))


def _to_change(session: Session, by: Person, key: str) -> SavedSearch:
    saved = get(session, by, key)
    if saved.person_id != by.id and not access.is_admin(by):
        raise NotAllowed(NOT_YOURS)
    return saved


def _own_ids(session: Session, by: Person) -> list[int]:
    mine = select(SavedSearch.id).where(
        SavedSearch.person_id == by.id, col(SavedSearch.deleted_at).is_(None)
    )
    return list(session.exec(mine))


def _name_problems(
    session: Session, by: Person, name: str, kept: SavedSearch | None
) -> dict[str, Message]:
    if not name or len(name) > NAME_MAX:
        return {"name": say("Name the search in one line of up to %(most)s signs.", most=NAME_MAX)}
    owner_id = kept.person_id if kept else by.id
    others = session.exec(
        select(SavedSearch.id, SavedSearch.name).where(
            SavedSearch.person_id == owner_id, col(SavedSearch.deleted_at).is_(None)
        )
    )
    own_id = kept.id if kept else 0
    if any(words.fold(other) == words.fold(name) and id_ != own_id for id_, other in others):
        return {"name": say("A search of yours has this name already. Choose another one.")}
    return {}


def _end_follows_of_others(session: Session, by: Person, saved: SavedSearch) -> None:
    others = session.exec(
        select(Follow).where(
            Follow.saved_search_id == saved.id, col(Follow.person_id) != saved.person_id
        )
    ).all()
    message = say(
        "The search “%(name)s” is not shared any more; you are not told of it from now on.",
        name=saved.name,
    )
    notices.tell(session, [one.person_id for one in others], message, "/searches")
    for one in others:
        session.delete(one)


def _begin_again(session: Session, saved_id: int) -> None:
    """What it finds from now on is another thing: all of it would be news."""
    for one in session.exec(select(Follow).where(Follow.saved_search_id == saved_id)):
        one.known, one.found, one.looked_at = [], [], None


def _told(saved: SavedSearch) -> dict[str, object]:
    return {"name": saved.name, "is_shared": saved.is_shared, "wanted": saved.wanted}


def _pairs(saved: SavedSearch) -> tuple[Pair, ...]:
    return tuple((str(name), str(value)) for name, value in saved.wanted)

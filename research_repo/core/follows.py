"""People who are told when a saved search finds something new.

What a search finds only the search room knows: whoever calls brings the ids of the atoms.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from research_repo.core import access, hierarchy, history, notices, saved_searches
from research_repo.core.clock import now
from research_repo.core.errors import Invalid, NotFound
from research_repo.core.language import say, say_many
from research_repo.core.models import Atom, Follow, Person, SavedSearch
from research_repo.core.saved_searches import Saved
from research_repo.core.search_pairs import Pair

HITS_MAX = 10_000
"""How much a search may find to be followed: the ids of all of it are kept."""
KNOWN_MAX = 2 * HITS_MAX
FOLLOWS_MAX = 100
FOUND_MAX = 50
NEW_FOR = timedelta(days=7)

TOO_MUCH = say(
    "This search finds more than %(most)s atoms: too much to be told of. Narrow it by words or "
    "filters, then follow it.",
    most=f"{HITS_MAX:,}",
)


@dataclass(frozen=True)
class Followed:
    """A search that somebody follows."""

    search: Saved
    new: int
    """How many of the last days' finds they see."""
    has_feed: bool


@dataclass(frozen=True)
class Look:
    """A follow as it stands before its search is asked again."""

    saved_id: int
    version: int
    person: Person
    wanted: tuple[Pair, ...]
    known: frozenset[int]
    found: frozenset[int]
    is_begun: bool

    def is_news(self, ids: Collection[int]) -> bool:
        """Whether what the search finds now is to be kept: something came, or a new one has gone."""
        return not self.is_begun or not self.known.issuperset(ids) or not self.found <= set(ids)


def follow(session: Session, by: Person, key: str, found: Sequence[int] | None) -> Follow:
    """Be told from now on of what this search finds beside the atoms that it finds now.

    None: nobody could ask now; then what it finds at the first look is where it begins.

    Raises:
        Invalid: it finds too much, or the person follows too many.
    """
    saved = saved_searches.get(session, by, key)
    kept = session.get(Follow, (saved.id, by.id))
    if kept is not None:
        return kept
    ids = found or ()
    if len(ids) > HITS_MAX:
        raise Invalid({"": TOO_MUCH})
    mine = select(func.count()).select_from(Follow).where(Follow.person_id == by.id)
    if session.exec(mine).one() >= FOLLOWS_MAX:
        advice = say("You follow %(most)s searches. Stop following one first.", most=FOLLOWS_MAX)
        raise Invalid({"": advice})
    kept = Follow(
        saved_search_id=saved.id,
        person_id=by.id,
        known=sorted(ids),
        found=_beginning(session, ids),
        looked_at=None if found is None else now(),
    )
    session.add(kept)
    history.record(session, by, "followed", "saved_search", saved.id)
    return kept


def unfollow(session: Session, by: Person, key: str) -> None:
    """Be told no more. Its feed ends, too; also of a search that the person sees no longer."""
    kept = _own(session, by, key)
    session.delete(kept)
    history.record(session, by, "unfollowed", "saved_search", kept.saved_search_id)


def listed(session: Session, by: Person) -> list[Followed]:
    """The searches that somebody follows and sees, with what is new of each, by name."""
    # Not the whole rows: what each search ever found is long, and nobody asks for it here.
    rows = session.exec(
        select(SavedSearch, Follow.found, Follow.created_at, col(Follow.feed_hash).is_not(None))
        .join(Follow, col(SavedSearch.id) == Follow.saved_search_id)
        .where(Follow.person_id == by.id, saved_searches.is_seen(by))
    ).all()
    cards = saved_searches.cards(session, by, [saved for saved, *_ in rows])
    news = [_new(found, since) for _, found, since, _ in rows]
    seen = seen_of(session, by, {one for ids in news for one in ids})
    followed = [
        Followed(card, len(ids & seen), has_feed)
        for card, ids, (*_, has_feed) in zip(cards, news, rows, strict=True)
    ]
    return sorted(followed, key=lambda one: (one.search.name.casefold(), one.search.id))


def is_followed(session: Session, by: Person, key: str) -> bool:
    """Whether the person follows this search."""
    query = (
        select(Follow.person_id)
        .join(SavedSearch, col(SavedSearch.id) == Follow.saved_search_id)
        .where(SavedSearch.key == key.lower(), Follow.person_id == by.id)
    )
    return session.exec(query).first() is not None


def to_look_at(session: Session) -> list[tuple[int, int]]:
    """The follows of people who are here: saved search and person."""
    query = (
        select(Follow.saved_search_id, Follow.person_id)
        .join(Person, col(Person.id) == Follow.person_id)
        .where(Person.is_active)
        .order_by(col(Follow.person_id), col(Follow.saved_search_id))
    )
    return [(saved_id, person_id) for saved_id, person_id in session.exec(query)]


def look(session: Session, saved_id: int, person_id: int) -> Look | None:
    """One follow as it stands now; None when its person has left, or sees the search no longer."""
    person, kept = session.get(Person, person_id), session.get(Follow, (saved_id, person_id))
    if person is None or not person.is_active or kept is None:
        return None
    saved = session.exec(
        select(SavedSearch).where(SavedSearch.id == saved_id, saved_searches.is_seen(person))
    ).first()
    if saved is None:
        return None
    (card,) = saved_searches.cards(session, person, [saved])
    return Look(
        saved_id=saved_id,
        version=saved.version,
        person=person,
        wanted=card.wanted,
        known=frozenset(kept.known),
        found=frozenset(atom_id for atom_id, _ in kept.found),
        is_begun=kept.looked_at is not None,
    )


def note(session: Session, before: Look, ids: Collection[int]) -> int:
    """Keep what the search finds now, and tell the person of what is new; how much that is.

    What they lost from sight since the search was asked waits until they see it again. A search
    that was changed meanwhile is looked at anew.
    """
    current = look(session, before.saved_id, before.person.id)
    if current is None or current.version != before.version:
        return 0
    kept = session.get_one(Follow, (before.saved_id, before.person.id))
    saved = session.get_one(SavedSearch, before.saved_id)
    at = now()
    if len(ids) > HITS_MAX:
        _end(session, kept, saved)
        return 0
    if not current.is_begun:
        kept.known, kept.found, kept.looked_at = sorted(ids), _beginning(session, ids), at
        return 0
    fresh = sorted(seen_of(session, current.person, set(ids) - current.known), reverse=True)
    still = [[atom_id, moment] for atom_id, moment in kept.found if atom_id in set(ids)]
    kept.found = [*([atom_id, at.isoformat()] for atom_id in fresh), *still][:FOUND_MAX]
    kept.known = _known(set(ids) & (current.known | set(fresh)), current.known)
    kept.looked_at = at
    if fresh:
        message = say_many(
            "%(count)s new in “%(name)s”",
            "%(count)s new in “%(name)s”",
            len(fresh),
            name=saved.name,
        )
        notices.tell(session, [current.person.id], message, f"/searches/{saved.key}/newest")
    return len(fresh)


def seen_of(session: Session, by: Person, atom_ids: Iterable[int]) -> set[int]:
    """Those of these atoms that exist for the person."""
    query = select(Atom.id).where(access.sees_atom(by))
    return set(hierarchy.in_chunks(session, query, Atom.id, atom_ids))


def _end(session: Session, kept: Follow, saved: SavedSearch) -> None:
    message = say(
        "“%(name)s” finds more than %(most)s atoms now, and you are not told of it any more. Narrow "
        "it, then follow it again.",
        name=saved.name,
        most=f"{HITS_MAX:,}",
    )
    notices.tell(session, [kept.person_id], message, f"/searches/{saved.key}")
    session.delete(kept)


def _known(found: set[int], before: frozenset[int]) -> list[int]:
    """What is found, and the newest of what was: who sees it again is not told a second time."""
    others = sorted(before - found, reverse=True)[: max(0, KNOWN_MAX - len(found))]
    return sorted(found.union(others))


def _beginning(session: Session, ids: Collection[int]) -> list[list[int | str]]:
    """The newest atoms, each with the moment when it was written down."""
    newest = sorted(ids, reverse=True)[:FOUND_MAX]
    query = select(Atom.id, Atom.created_at)
    moments = dict(hierarchy.in_chunks(session, query, Atom.id, newest))
    return [[atom_id, moments[atom_id].isoformat()] for atom_id in newest if atom_id in moments]


def _new(found: Sequence[tuple[int, str]], begun_at: datetime) -> set[int]:
    since = max(now() - NEW_FOR, begun_at)
    return {atom_id for atom_id, at in found if datetime.fromisoformat(at) > since}


def _own(session: Session, by: Person, key: str) -> Follow:
    kept = session.exec(
        select(Follow)
        .join(SavedSearch, col(SavedSearch.id) == Follow.saved_search_id)
        .where(SavedSearch.key == key.lower(), Follow.person_id == by.id)
    ).first()
    if kept is None:
        raise NotFound
    return kept

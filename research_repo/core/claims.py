"""Claims that want a second look: stale ones and disputed ones, whose they are, page by page.

A claim is its author's; when they have left, or a program wrote it, it is the one's who owns its study.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, and_, case, distinct, func, literal, or_
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from research_repo.core import access, bulk_weighing, cards, staleness, strength
from research_repo.core.cards import AtomCard
from research_repo.core.clock import today
from research_repo.core.hierarchy import in_chunks
from research_repo.core.many import among, rows_of
from research_repo.core.models import KINDS, Atom, Link, Person, Study
from research_repo.core.moments import kept
from research_repo.core.staleness import Freshness
from research_repo.core.strength import Strength

FIRST = ("insight", "recommendation")
"""What a decision rests on is looked at first; facts are one step away."""
REASONS = ("stale", "disputed")
NOBODY = 0

_DAY: Any = (col(Atom.observed_on), col(Atom.created_at))


@dataclass(frozen=True)
class Asked:
    """Which of the claims. Without an owner, a reason or a study: of all."""

    owner: int | None = None
    """A person's id, or NOBODY."""
    reason: str = ""
    kinds: tuple[str, ...] = FIRST
    study_id: int | None = None


@dataclass(frozen=True)
class Disputed:
    """A disputed claim, as counts need it."""

    atom_id: int
    kind: str
    owner: int | None
    is_stale: bool


@dataclass(frozen=True)
class Waiting:
    """All that waits, counted: kind and owner → stale claims; and the disputed ones themselves."""

    stale: dict[tuple[str, int | None], int]
    disputed: tuple[Disputed, ...]

    def count(self, asked: Asked) -> int:
        """How many claims are asked for."""
        stale = sum(
            count for (kind, owner), count in self.stale.items() if _fits(asked, kind, owner)
        )
        disputed = self.disputed_of(asked)
        if asked.reason:
            return stale if asked.reason == "stale" else len(disputed)
        return stale + sum(not one.is_stale for one in disputed)

    def disputed_of(self, asked: Asked) -> list[Disputed]:
        """The disputed ones of those that are asked for, the oldest first."""
        return [one for one in self.disputed if _fits(asked, one.kind, one.owner)]

    def owners(self) -> set[int | None]:
        """Whoever has something waiting."""
        return {owner for _, owner in self.stale} | {one.owner for one in self.disputed}


@dataclass(frozen=True)
class Claim:
    """A claim in the queue."""

    card: AtomCard
    freshness: Freshness
    strength: Strength
    owner: str
    """The owner's name; empty where nobody is."""
    author: str
    """The name of the person who wrote it; empty where a program did."""
    may_settle: bool

    @property
    def is_disputed(self) -> bool:
        return self.strength.level == "disputed"


def waiting(session: Session, by: Person, study_id: int | None = None) -> Waiting:
    """What waits of all that the person sees; in one study, where one is named."""
    name = ("claims", by.id, access.is_admin(by), study_id)
    return kept(session, name, lambda: _waiting(session, by, Asked(study_id=study_id)))


def waiting_for(session: Session, by: Person) -> int:
    """How many claims wait for this person, of whatever kind."""
    mine = Asked(owner=by.id, kinds=KINDS)
    found = kept(session, ("claims of", by.id), lambda: _waiting(session, by, mine))
    return found.count(mine)


def ids(session: Session, by: Person, asked: Asked, first: int = 0, count: int = -1) -> list[int]:
    """The claims that are asked for: disputed ones before others, then the oldest."""
    found = waiting(session, by, asked.study_id)
    contested = [one.atom_id for one in found.disputed_of(asked)]
    if asked.reason == "stale":
        contested = []
    last = None if count < 0 else first + count
    shown = contested[first:last]
    if asked.reason == "disputed":
        return shown
    query = _stale(session, by, asked).where(staleness.is_none_of(contested))
    query = query.order_by(func.coalesce(*_DAY), col(Atom.id))
    query = query.offset(max(0, first - len(contested)))
    if last is not None:
        query = query.limit(count - len(shown))
    return [*shown, *session.execute(query).scalars()]


def of_atoms(session: Session, by: Person, atom_ids: Sequence[int], language: str) -> list[Claim]:
    """Atoms that the person sees as the queue shows them, in the order given."""
    stand = staleness.of_atoms(session, by, atom_ids)
    strong = strength.of_atoms(session, by, atom_ids)
    places = {row[0]: (row[1], row[2]) for row in rows_of(session, _places(), atom_ids)}
    owner_of = _owner_of(session, set(places.values()))
    authors = {author_id for author_id, _ in places.values()}
    names = people(session, set(owner_of.values()) | authors)
    mine = bulk_weighing.mine(session, by, atom_ids) if access.may_log(by) else set()
    return [
        Claim(
            card=card,
            freshness=stand[card.id],
            strength=strong[card.id],
            owner=names.get(owner_of[places[card.id]], ""),
            author=names.get(places[card.id][0], ""),
            may_settle=card.id in mine and card.status == "published",
        )
        for card in cards.of_atoms(session, by, atom_ids, language)
    ]


def people(session: Session, person_ids: Collection[int | None]) -> dict[int | None, str]:
    """The names of those of them who are people."""
    named = select(Person.id, Person.name).where(~col(Person.is_system))
    return dict(in_chunks(session, named, Person.id, set(person_ids) - {None}))


def _waiting(session: Session, by: Person, asked: Asked) -> Waiting:
    every = replace(asked, kinds=KINDS)
    place = (col(Atom.kind), col(Atom.author_id), _left_in().label("left_in"))
    stale = _stale(session, by, every).with_only_columns(*place, func.count())
    rows = session.execute(stale.group_by(*place[:2], "left_in")).all()
    owner_of = _owner_of(session, [(row[1], row[2]) for row in rows])
    counts: dict[tuple[str, int | None], int] = {}
    for kind, author_id, left_in, count in rows:
        owned = kind, owner_of[author_id, left_in]
        counts[owned] = counts.get(owned, 0) + count
    return Waiting(counts, tuple(_disputed(session, by, every)))


def _disputed(session: Session, by: Person, asked: Asked) -> Iterator[Disputed]:
    """What `strength` would say of all claims that anything contradicts, without their evidence."""
    against: dict[int, int] = dict(session.execute(_against(by)).all())
    is_stale = case((staleness.is_stale(session, by, today()), 1), else_=0)
    place = (col(Atom.author_id), _left_in())
    named = (col(Atom.id), col(Atom.kind), *place, is_stale, *_DAY, col(Atom.title))
    seen = _asked(by, asked).where(~staleness.is_superseded(by)).with_only_columns(*named)
    rows = in_chunks(session, seen, Atom.id, against)
    facts = _facts_for(session, by, {row[0]: row[-1] if row[1] == "fact" else None for row in rows})
    owner_of = _owner_of(session, [(row[2], row[3]) for row in rows])
    for atom_id, kind, author_id, left_in, stale, *_ in sorted(rows, key=_begun):
        if strength.is_disputed(against[atom_id], len(facts[atom_id])):
            yield Disputed(atom_id, kind, owner_of[author_id, left_in], bool(stale))


def _facts_for(
    session: Session, by: Person, claims: Mapping[int, str | None]
) -> dict[int, set[str]]:
    """Claim → the words of the facts that it rests on; of a fact itself, its own among them."""
    told: dict[int, list[tuple[int, str | None]]] = {}
    asked: set[int] = set()
    frontier = set(claims)
    while frontier:
        asked |= frontier
        for to_id, from_id, kind, title in rows_of(session, _supporting(by), frontier):
            told.setdefault(to_id, []).append((from_id, title if kind == "fact" else None))
        frontier = {below for one in frontier for below, _ in told.get(one, ())} - asked
    found = {}
    for claim, own in claims.items():
        words, reached, waiting = {own}, {claim}, [claim]
        while waiting:
            for below, title in told.get(waiting.pop(), ()):
                words.add(title)
                if below not in reached:
                    reached.add(below)
                    waiting.append(below)
        found[claim] = {one for one in words if one is not None}
    return found


def _asked(by: Person, asked: Asked) -> Any:
    """The published atoms that are asked for, whether they wait for anything or not."""
    query = columns(col(Atom.id)).where(access.sees_atom(by), col(Atom.status) == "published")
    if set(asked.kinds) != set(KINDS):
        query = query.where(col(Atom.kind).in_(asked.kinds))
    if asked.study_id is not None:
        query = query.where(col(Atom.study_id) == asked.study_id)
    return query if asked.owner is None else query.where(_is_owned(asked.owner))


def _stale(session: Session, by: Person, asked: Asked) -> Any:
    return _asked(by, asked).where(staleness.is_stale(session, by, today()))


def _against(by: Person) -> Any:
    """Claim → how many published claims contradict it; such as say the same word for word are one."""
    told = columns(col(Link.to_id), func.count(distinct(col(Atom.title))))
    return _linked(by, told, "contradicts").group_by(col(Link.to_id))


def _supporting(by: Person) -> Any:
    told = columns(col(Link.to_id), col(Link.from_id), col(Atom.kind), col(Atom.title))
    return _linked(by, told, "supports").where(among(Link.to_id))


def _linked(by: Person, told: Any, kind: str) -> Any:
    told = told.join(Atom, col(Atom.id) == col(Link.from_id))
    counts = (access.sees_atom(by), col(Atom.status) == "published", ~staleness.is_superseded(by))
    return told.where(col(Link.kind) == kind, *counts)


def _here() -> Any:
    """People who can be asked to look at a claim."""
    return select(Person.id).where(Person.is_active, ~col(Person.is_system))


def _left_in() -> Any:
    """Where the study's owner stands in for an author who cannot be asked: that study."""
    return case((col(Atom.author_id).in_(_here()), None), else_=func.coalesce(Atom.study_id, 0))


def _owner_of(
    session: Session, places: Collection[tuple[int, int | None]]
) -> dict[tuple[int, int | None], int | None]:
    """Author and `_left_in` → whose claims these are."""
    studies = {left_in for _, left_in in places if left_in}
    kept_by = select(Study.id, Study.owner_id).where(col(Study.owner_id).in_(_here()))
    owners = dict(in_chunks(session, kept_by, Study.id, studies))
    return {
        (author_id, left_in): author_id if left_in is None else owners.get(left_in)
        for author_id, left_in in places
    }


def _is_owned(person_id: int) -> ColumnElement[bool]:
    """The same as a condition, which finds one person's claims without a look at all."""
    has_left = col(Atom.author_id).not_in(_here())
    if person_id == NOBODY:
        kept_by = select(Study.id).where(col(Study.owner_id).in_(_here()))
        alone = or_(col(Atom.study_id).is_(None), col(Atom.study_id).not_in(kept_by))
        return and_(has_left, alone)
    theirs = col(Atom.study_id).in_(select(Study.id).where(Study.owner_id == person_id))
    is_here = literal(person_id).in_(_here())
    return and_(is_here, or_(col(Atom.author_id) == person_id, and_(has_left, theirs)))


@cache
def _places() -> Any:
    return columns(col(Atom.id), col(Atom.author_id), _left_in()).where(among(Atom.id))


def _begun(row: Any) -> Any:
    atom_id, _, _, _, _, observed_on, created_at, _ = row
    return observed_on or created_at.date(), atom_id


def _fits(asked: Asked, kind: str, owner: int | None) -> bool:
    return kind in asked.kinds and (asked.owner is None or (owner or NOBODY) == asked.owner)

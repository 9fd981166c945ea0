"""The chain that a claim stands in: what it rests on down to people's words, and what it leads to."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice, zip_longest
from typing import Any

from sqlalchemy import func
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from research_repo.core import cards, links
from research_repo.core.cards import AtomCard, AtomPage, LinkCard
from research_repo.core.many import among, rows_of
from research_repo.core.models import Evidence, Person

CardsById = dict[int, AtomCard]
WORDS_SHOWN = 3
"""So many quotes and numbers of its grounds stand on the page of a claim that has none itself."""
UNFOLDED = 12
NEAREST = 40
"""So many claims under each one are looked through for quotes, the nearest first."""


@dataclass(frozen=True)
class Said:
    """A quote or another piece of evidence, and the claim that it stands with."""

    piece: Evidence
    atom: AtomCard


SaidById = dict[int, tuple[Said, ...]]


@dataclass(frozen=True)
class Step:
    """A claim that speaks for or against another one, with what was said in its grounds."""

    link: LinkCard
    said: tuple[Said, ...]
    counts: Mapping[int, int]
    """Atom in its grounds → how many pieces of evidence stand with it."""
    beneath: int
    """How many claims it rests on itself, directly or through others."""

    @property
    def said_count(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True)
class Lead:
    """A claim that rests on this one, and those that rest on it in turn."""

    link: LinkCard
    further: tuple[AtomCard, ...]


@dataclass(frozen=True)
class Chain:
    """All that is linked with a claim, as one reader sees it."""

    supporting: tuple[Step, ...]
    against: tuple[Step, ...]
    leads: tuple[Lead, ...]
    opposes: tuple[LinkCard, ...]
    """What the claim itself contradicts."""
    newer: tuple[LinkCard, ...]
    older: tuple[LinkCard, ...]
    near: tuple[LinkCard, ...]
    words: tuple[Said, ...]
    """The first words of its grounds, one claim after another."""
    word_count: int


def of_page(session: Session, by: Person, page: AtomPage, language: str) -> Chain:
    """What stands under a claim and above it; `by` sees its page."""
    supporting, against = _linked(page, "supports", False), _linked(page, "contradicts", False)
    leads = _linked(page, "supports", True)
    steps = _steps(session, by, [*supporting, *against], language)
    for_it = tuple(steps[link.id] for link in supporting)
    carrying = [step for step in for_it if step.link.atom.status == "published"]
    return Chain(
        supporting=for_it,
        against=tuple(steps[link.id] for link in against),
        leads=tuple(_leads(session, by, leads, language)),
        opposes=_linked(page, "contradicts", True),
        newer=_linked(page, "supersedes", False),
        older=_linked(page, "supersedes", True),
        near=(*_linked(page, "relates", False), *_linked(page, "relates", True)),
        words=tuple(_one_after_another(carrying)),
        # A fact may carry several of the claims below.
        word_count=sum(ChainMap(*(dict(step.counts) for step in carrying)).values()),
    )


def _said(
    session: Session, by: Person, atom_ids: Collection[int], known: CardsById, language: str
) -> SaidById:
    unknown = [one for one in atom_ids if one not in known]
    seen = {**known, **{one.id: one for one in cards.of_atoms(session, by, unknown, language)}}
    pieces = _pieces(session, seen)
    return {
        atom_id: tuple(Said(piece, card) for piece in pieces.get(atom_id, ()))
        for atom_id, card in seen.items()
    }


def _linked(page: AtomPage, kind: str, is_outgoing: bool) -> tuple[LinkCard, ...]:
    found = (one for one in page.links if one.kind == kind and one.is_outgoing == is_outgoing)
    # What is published comes first: a draft carries nothing yet.
    return tuple(sorted(found, key=lambda link: link.atom.status != "published"))


def _steps(
    session: Session, by: Person, linked: Collection[LinkCard], language: str
) -> dict[int, Step]:
    ids = [link.atom.id for link in linked]
    below = links.below(session, by, ids)
    near = {one: [one, *below[one][:NEAREST]] for one in ids}
    known = {link.atom.id: link.atom for link in linked}
    said = _said(session, by, {one for some in near.values() for one in some}, known, language)
    counts = _counts(session, {*ids, *(one for some in below.values() for one in some)})
    return {link.id: _step(link, below[link.atom.id], said, counts) for link in linked}


def _step(link: LinkCard, below: Sequence[int], said: SaidById, counts: Mapping[int, int]) -> Step:
    own = link.atom.id
    near = chain.from_iterable(said.get(one, ()) for one in (own, *below[:NEAREST]))
    mine = {one: counts[one] for one in (own, *below) if one in counts}
    return Step(link, tuple(islice(near, UNFOLDED)), mine, len(below))


def _leads(
    session: Session, by: Person, linked: Collection[LinkCard], language: str
) -> Iterator[Lead]:
    above = links.outgoing(session, by, [link.atom.id for link in linked])
    ids = list(dict.fromkeys(one for some in above.values() for one in some))
    made = {card.id: card for card in cards.of_atoms(session, by, ids, language)}
    for link in linked:
        yield Lead(link, tuple(made[one] for one in above.get(link.atom.id, ())))


def _one_after_another(steps: Iterable[Step]) -> list[Said]:
    turns = zip_longest(*(step.said for step in steps))
    found: dict[int, Said] = {}
    for one in chain.from_iterable(turns):
        if one is not None and len(found) < WORDS_SHOWN:
            found.setdefault(one.piece.id, one)
    return list(found.values())


def _pieces(session: Session, atoms: Mapping[int, AtomCard]) -> dict[int, list[Evidence]]:
    found: dict[int, list[Evidence]] = {}
    for row in rows_of(session, _brought(), atoms):
        found.setdefault(row.atom_id, []).append(row)
    return found


@cache
def _brought() -> Any:
    brought = select(Evidence).where(col(Evidence.kind) != "origin", among(Evidence.atom_id))
    return brought.order_by(col(Evidence.position), col(Evidence.id))


def _counts(session: Session, atom_ids: Collection[int]) -> dict[int, int]:
    return dict(rows_of(session, _counted(), atom_ids))


@cache
def _counted() -> Any:
    owner: Any = Evidence.atom_id
    brought = columns(owner, func.count()).where(col(Evidence.kind) != "origin")
    return brought.where(among(Evidence.atom_id)).group_by(owner)

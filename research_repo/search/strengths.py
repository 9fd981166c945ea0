"""How strong claims are, counted for many documents at once: the same as `core.strength` counts.

That is shown by a test which compares the two over repositories made by chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from research_repo.core import strength
from research_repo.core.models import KINDS, METHODS
from research_repo.core.strength import LEVELS, Strength
from research_repo.search.postings import Documents, Mask, Numbers, distinct, ranges
from research_repo.search.schema import MEASURED, NOBODY
from research_repo.search.study_methods import NO_METHOD
from research_repo.search.view import View

FACT = KINDS.index("fact")
UNKNOWN = METHODS.index(strength.UNKNOWN_METHOD)
WEAK, FAIR, STRONG, DISPUTED = range(len(LEVELS))
_PLACE_BITS = 32
_PLACE = (1 << _PLACE_BITS) - 1
_SPREAD = np.int64(-7046029254386353131)

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Speaking:
    """What may speak for and against claims, and the methods of the studies that it comes from."""

    view: View
    speaks: Mask
    methods: Numbers

    def incoming(self, kind: str, places: Numbers) -> tuple[Numbers, Numbers]:
        """Links of a kind to these documents: the position of each, and where a link comes from."""
        to, sources = self.view.incoming(kind)
        # Most have none: to look each of them up would take longer than all the rest.
        has_some = self.view.nowhere()
        has_some[to] = True
        at = np.flatnonzero(has_some[places])
        starts = np.searchsorted(to, places[at])
        sizes = np.searchsorted(to, places[at], "right") - starts
        found, at = sources[ranges(starts, sizes)], np.repeat(at, sizes)
        speak = self.speaks[found]
        return at[speak], found[speak]


COUNTS = (
    "respondents",
    "studies",
    "methods",
    "supporting",
    "facts",
    "contradicting",
    "measured",
)


@dataclass(frozen=True)
class Weighed:
    """The counts of some documents, each an array in their order."""

    respondents: Counts
    studies: Counts
    methods: Counts
    supporting: Counts
    facts: Counts
    contradicting: Counts
    measured: Counts
    latest: Counts

    @property
    def levels(self) -> Counts:
        """The place of each level in LEVELS."""
        several = self.studies >= strength.SEVERAL
        is_disputed = (self.contradicting > 0) & (
            self.contradicting * strength.DISPUTED_SHARE >= self.facts
        )
        is_enough = (self.respondents >= strength.RESPONDENTS_STRONG) | (
            self.measured >= strength.MEASURED_STRONG
        )
        is_fair = (self.respondents >= strength.RESPONDENTS_FAIR) | (self.measured > 0)
        is_fair |= several & (self.respondents >= strength.RESPONDENTS_FAIR_ACROSS)
        is_strong = several & (self.methods >= strength.SEVERAL) & is_enough
        return np.select([is_disputed, is_strong, is_fair], [DISPUTED, STRONG, FAIR], WEAK)

    def told(self) -> list[Strength]:
        """The same as plain values."""
        rows = zip(*(getattr(self, name).tolist() for name in COUNTS), strict=True)
        days, levels = self.latest.tolist(), self.levels.tolist()
        return [
            Strength(
                **dict(zip(COUNTS, row, strict=True)),
                latest=date.fromordinal(day),
                level=LEVELS[level],
            )
            for row, day, level in zip(rows, days, levels, strict=True)
        ]


def weighed(speaking: Speaking, places: Documents) -> Weighed:
    """What stands behind these documents, for whom only what `speaks` speaks."""
    facts = speaking.view.facts
    own: dict[str, Counts] = {
        name: facts[name][places].astype(np.int64)
        for name in ("respondents", "studies", "measured")
    }
    own["methods"] = own["studies"].copy()
    own["facts"] = (facts["kind"][places] == FACT).astype(np.int64)
    own["latest"] = facts["date"][places].astype(np.int64)
    own["supporting"] = np.zeros(len(places), np.int64)
    resting = distinct(speaking.incoming("supports", places)[0])
    if len(resting):
        for name, counts in _of_chains(speaking, places[resting]).items():
            own[name][resting] = counts
    return Weighed(**own, contradicting=_against(speaking, places))


def _of_chains(speaking: Speaking, places: Documents) -> dict[str, Counts]:
    """The counts of documents that others support."""
    view, size = speaking.view, len(places)
    claims, atoms = _below(speaking, places)
    said_for, said_in, people = _counted(view, claims, atoms)
    study = view.facts["study"][said_in].astype(np.int64)
    first = _firsts(said_for, study)
    studies, found_in = said_for[first], study[first]
    is_measured = people == MEASURED[0]
    is_person = ~is_measured & (people != NOBODY[0])
    is_fact = view.facts["kind"][atoms] == FACT
    dated = np.concatenate([claims[is_fact], said_for])
    days = view.facts["date"][np.concatenate([atoms[is_fact], said_in])]
    return {
        "respondents": _different(said_for[is_person], people[is_person], size),
        "studies": np.bincount(studies, minlength=size),
        "methods": _methods(speaking, studies, found_in, size),
        "measured": _different(said_for[is_measured], study[is_measured], size),
        "supporting": np.bincount(claims, minlength=size) - 1,
        "facts": _different(claims[is_fact], _titles(view, atoms[is_fact]), size),
        "latest": _newest(dated, days, view.facts["date"][places]),
    }


def _below(speaking: Speaking, places: Documents) -> tuple[Numbers, Numbers]:
    """Pairs of a position among the places and a document that it rests on, itself among them."""
    frontier = known = np.arange(len(places)) << _PLACE_BITS | places
    while len(frontier):
        at, sources = speaking.incoming("supports", frontier & _PLACE)
        come = distinct((frontier >> _PLACE_BITS)[at] << _PLACE_BITS | sources)
        frontier = come[known[np.minimum(np.searchsorted(known, come), len(known) - 1)] != come]
        known = np.sort(np.concatenate([known, frontier]))
    return known >> _PLACE_BITS, known & _PLACE


def _counted(view: View, claims: Numbers, atoms: Numbers) -> tuple[Numbers, Numbers, Counts]:
    """The pieces that count: for which claim, in which document, who said it. Of copies the oldest."""
    pieces = view.pieces
    sizes = pieces.sizes[atoms]
    at = ranges(pieces.starts[atoms], sizes)
    claims, atoms = np.repeat(claims, sizes), np.repeat(atoms, sizes)
    chosen = _firsts(claims, pieces.copied[at], view.facts["atom"][atoms])
    return claims[chosen], atoms[chosen], pieces.people[at[chosen]]


def _methods(speaking: Speaking, claims: Numbers, studies: Counts, size: int) -> Counts:
    known = np.append(speaking.methods, NO_METHOD)  # a study that is newer than the list has none
    method = known[np.minimum(studies, len(known) - 1)]
    is_named = (method != UNKNOWN) & (method != NO_METHOD)
    named = _different(claims[is_named], method[is_named], size)
    return np.maximum(named, np.bincount(claims, minlength=size) > 0)


def _against(speaking: Speaking, places: Documents) -> Counts:
    at, sources = speaking.incoming("contradicts", places)
    return _different(at, _titles(speaking.view, sources), len(places))


def _titles(view: View, places: Documents) -> Counts:
    low = view.facts["claim_low"][places].astype(np.int64) & _PLACE
    return view.facts["claim_high"][places].astype(np.int64) << _PLACE_BITS | low


def _different(claims: Numbers, numbers: Counts, size: int) -> Counts:
    """How many different numbers each claim has."""
    return np.bincount(claims[_firsts(claims, numbers)], minlength=size)


def _firsts(claims: Numbers, numbers: Counts, rank: Numbers | None = None) -> Numbers:
    """Where each pair of a claim and a number stands, once: where its rank is the least."""
    # One column is sorted twenty times as fast as two. The factor is odd, so that no two claims
    # get the same value, and wide, so that what is near each other afterwards was not before.
    mixed = claims * _SPREAD ^ numbers
    order = np.argsort(mixed)
    starts = np.flatnonzero(_changes(mixed[order]))
    if rank is None or not len(order):
        return order[starts]
    ranked = rank[order].astype(np.int64) << _PLACE_BITS | order
    return np.minimum.reduceat(ranked, starts) & _PLACE


def _newest(claims: Numbers, days: Numbers, own: Numbers) -> Counts:
    """The greatest day of each claim, or its own where it has none."""
    newest = own.astype(np.int64)
    if len(claims):
        order = np.argsort(claims)
        ordered = claims[order]
        starts = np.flatnonzero(_changes(ordered))
        newest[ordered[starts]] = np.maximum.reduceat(days[order], starts)
    return newest


def _changes(ordered: Numbers) -> Mask:
    """Where a number differs from the one before it."""
    return np.concatenate([np.ones(min(len(ordered), 1), bool), ordered[1:] != ordered[:-1]])

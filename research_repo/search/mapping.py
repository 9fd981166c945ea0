"""How all that is found spreads over two sets of tags, over months, and over levels of strength.

Asked through `Search.counted`: whoever asks sees nothing counted but what a search would find for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from research_repo.core.models import KINDS
from research_repo.core.strength import LEVELS
from research_repo.search.backing import Backed
from research_repo.search.counting import by_month
from research_repo.search.finding import Question
from research_repo.search.masks import holding
from research_repo.search.postings import Mask
from research_repo.search.schema import NO_STUDY


@dataclass(frozen=True)
class Side:
    """One side of a map: some tags of a level, and how many of them there are in all."""

    tag_ids: tuple[int, ...]
    total: int


@dataclass(frozen=True)
class Cross:
    """For each tag of the rows and each of the columns: how many findings carry both."""

    rows: Side
    columns: Side
    values: tuple[tuple[int, ...], ...]
    row_totals: tuple[int, ...]
    column_totals: tuple[int, ...]
    total: int
    """All that was counted, whatever it carries of the two levels."""


@dataclass(frozen=True)
class Covered:
    """What lies under a tag: findings by kind, the newest day, and how many are no older than a day."""

    kinds: Mapping[str, int]
    latest: date | None
    recent: int
    tags: int
    """The tags below it that the person may know of."""
    empty: int
    """Those of them without a finding."""

    @property
    def total(self) -> int:
        return sum(self.kinds.values())


@dataclass(frozen=True)
class Coverage:
    """A level of tags with what is known under each."""

    tags: Mapping[int, Covered]
    """In the order asked for."""
    totals: tuple[int, ...]
    """How many findings lie under each tag of the level, also of those that are not told."""
    found: int
    """All findings that were counted, whatever they carry."""


@dataclass(frozen=True)
class Levels:
    """How many findings have each level of strength, in the order of LEVELS, by what they are of."""

    kinds: Mapping[str, tuple[int, ...]]
    studies: Mapping[int, tuple[int, ...]]
    """Without those of no study."""
    months: Mapping[tuple[int, int], tuple[int, ...]]


ORDERS = ("most", "least", "oldest")
OLDEST_AMONG = 200

Place = tuple[int, str]
"""A group of tags and the key of one of them whose level is meant; "" is the top of the group."""


def crossed(question: Question, rows: Place, columns: Place, most: tuple[int, int]) -> Cross:
    """The map of two levels; of a long level the tags with the most findings, `most` of them.

    Below a tag nothing but what lies under it is on the map.
    """
    allowed = question.allowed
    for _, key in (rows, columns):
        if key:
            allowed = allowed & holding(question.view, question.known, "tag", [key])
    counts = question.view.tag_counts(question.dictionary.closure, allowed)
    sides = [
        _side(question, place, counts, limit)
        for place, limit in zip((rows, columns), most, strict=True)
    ]
    # One who carries no tag of a side is not looked at again for each of its cells.
    masks = [[_under(question, tag_id) & allowed for tag_id in side.tag_ids] for side in sides]
    values = tuple(
        tuple(int(np.count_nonzero(row & column)) for column in masks[1]) for row in masks[0]
    )
    return Cross(
        rows=sides[0],
        columns=sides[1],
        values=values,
        row_totals=tuple(counts.get(tag_id, 0) for tag_id in sides[0].tag_ids),
        column_totals=tuple(counts.get(tag_id, 0) for tag_id in sides[1].tag_ids),
        total=int(np.count_nonzero(allowed)),
    )


def coverage(question: Question, place: Place, since: date, order: str, most: int) -> Coverage:
    """What is known under the tags of a level, in one of ORDERS, `most` of them.

    Of a level of thousands the oldest are looked for among those with the most findings.
    """
    counts = question.view.tag_counts(question.dictionary.closure, question.allowed)
    level = _level(question, place)
    first = sorted(level, key=lambda one: -counts.get(one, 0) * (-1 if order == "least" else 1))
    chosen = first[: max(most, OLDEST_AMONG) if order == "oldest" else most]
    found = {tag_id: _covered(question, tag_id, counts, since) for tag_id in chosen}
    if order == "oldest":
        dated = sorted(found, key=lambda one: found[one].latest or date.min)
        found = {tag_id: found[tag_id] for tag_id in dated[:most]}
    return Coverage(
        tags=found,
        totals=tuple(counts.get(one, 0) for one in level),
        found=int(np.count_nonzero(question.allowed)),
    )


def _covered(question: Question, tag_id: int, counts: Mapping[int, int], since: date) -> Covered:
    view, below = question.view, _below(question, tag_id)
    places = np.flatnonzero(_under(question, tag_id) & question.allowed)
    spread = np.bincount(view.facts["kind"][places], minlength=len(KINDS)).tolist()
    days = view.facts["date"][places]
    return Covered(
        kinds=dict(zip(KINDS, spread, strict=False)),
        latest=date.fromordinal(int(days.max())) if len(days) else None,
        recent=int(np.count_nonzero(days >= since.toordinal())),
        tags=len(below),
        empty=sum(not counts.get(one, 0) for one in below),
    )


def over_time(question: Question, tag_ids: Iterable[int]) -> dict[int, dict[tuple[int, int], int]]:
    """Tag → year and month → how many findings under it were observed then."""
    days, found = question.view.facts["date"], {}
    for tag_id in tag_ids:
        counted = by_month(days[_under(question, tag_id) & question.allowed])
        found[tag_id] = {(month // 12, month % 12 + 1): n for month, n in counted.items()}
    return found


def levels(question: Question) -> Levels:
    """How strong all that is found is, as the person sees it."""
    view = question.view
    places = np.flatnonzero(question.allowed)
    level = Backed(view, question.seen, question.known.methods).levels(places)
    kinds, studies = view.facts["kind"][places], view.facts["study"][places]
    months = _month_of(view.facts["date"][places])
    return Levels(
        kinds={KINDS[one]: counts for one, counts in _spread(kinds, level) if one < len(KINDS)},
        studies={one: counts for one, counts in _spread(studies, level) if one != NO_STUDY},
        months={(one // 12, one % 12 + 1): counts for one, counts in _spread(months, level)},
    )


def _side(question: Question, place: Place, counts: Mapping[int, int], most: int) -> Side:
    tag_ids = _level(question, place)
    first = sorted(tag_ids, key=lambda one: -counts.get(one, 0))[:most]
    chosen = set(first)
    return Side(tuple(one for one in tag_ids if one in chosen), len(tag_ids))


def _level(question: Question, place: Place) -> list[int]:
    """The tags of a level that the person may know of, in the order of the vocabulary."""
    closure, (scheme_id, key) = question.dictionary.closure, place
    under = question.known.tag(key) if key else None
    level = closure.tops(scheme_id) if under is None else closure.children(under)
    return [tag_id for tag_id in level if tag_id not in question.unseen]


def _under(question: Question, tag_id: int) -> Mask:
    return question.view.under(question.dictionary.closure, tag_id)


def _below(question: Question, tag_id: int) -> list[int]:
    closure = question.dictionary.closure
    survivors = {closure.survivors[one] for one in closure.subtree(tag_id).tolist()}
    return [one for one in survivors if one != tag_id and one not in question.unseen]


def _spread(
    values: NDArray[np.int64], level: NDArray[np.int64]
) -> Iterable[tuple[int, tuple[int, ...]]]:
    present, at = np.unique(values, return_inverse=True)
    size = len(LEVELS)
    counts = np.bincount(at * size + level, minlength=size * len(present)).reshape(-1, size)
    return zip(present.tolist(), map(tuple, counts.tolist()), strict=True)


def _month_of(days: NDArray[np.int64]) -> NDArray[np.int64]:
    present, at = np.unique(days, return_inverse=True)
    months = [one.year * 12 + one.month - 1 for one in map(date.fromordinal, present.tolist())]
    return np.array(months, np.int64)[at]

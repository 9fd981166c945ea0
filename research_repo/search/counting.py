"""How what was found spreads over kinds, studies, methods, authors, languages, times and tags.

Each facet is counted without the choice made in it, so that its other values can be chosen, too.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from research_repo.core.models import KINDS, METHODS
from research_repo.search.carried import TagCounts
from research_repo.search.found import Found, Options
from research_repo.search.masks import Filtered, Known
from research_repo.search.postings import Documents, Mask
from research_repo.search.schema import NO_STUDY
from research_repo.search.view import View
from research_repo.settings import LANGUAGES

UNIX_EPOCH = 719_163  # the day from which numpy counts, as date.toordinal tells it
MONTHS = 12
EPOCH_YEAR = 1970
DAYS_COUNTED_APART = 100_000

Counts = dict[int, int]


class Counting:
    """The counts of one search, over the documents that answer its words."""

    def __init__(self, view: View, known: Known, filtered: Filtered, matched: Mask) -> None:
        self._view, self._known = view, known
        self._filtered, self._matched = filtered, matched
        self._kept: dict[tuple[str, str], Counts] = {}

    @cached_property
    def mask(self) -> Mask:
        """The documents that pass all filters."""
        return self._matched & self._filtered.all()

    def found(self) -> Found:
        """The counts without hits."""
        months = self._counted("date", "")
        return Found(
            total=len(self._all_places),
            hits=(),
            tag_counts=self._tags(self.mask),
            kind_counts=self._named("kind", KINDS, ""),
            study_counts=self._studies(""),
            year_counts=_years(months),
            month_counts={(month // MONTHS, month % MONTHS + 1): n for month, n in months.items()},
            options=self._options(),
            unseen=self._known.unseen,
            closure=self._known.closure,
        )

    def _options(self) -> Options:
        return Options(
            kinds=self._named("kind", KINDS, "kind"),
            studies=self._studies("study"),
            methods=self._methods(),
            authors=self._counted("author", "by"),
            languages=self._named("language", LANGUAGES, "lang"),
            years=_years(self._counted("date", "date")),
            tags={
                int(facet.removeprefix("tag:")): self._tags(self._without(facet))
                for facet in self._filtered.chosen
                if facet.startswith("tag:") and facet != "tag:"
            },
        )

    def _without(self, facet: str) -> Mask:
        return self._matched & self._filtered.but(facet)

    @cached_property
    def _all_places(self) -> Documents:
        return np.flatnonzero(self.mask)

    def _counted(self, fact: str, facet: str) -> Counts:
        """How many documents there are for each value of a fact; days are counted by month."""
        is_chosen = facet in self._filtered.chosen
        # Most facets have no choice to leave out, and share their counts.
        key = (fact, facet if is_chosen else "")
        if key not in self._kept:
            places = np.flatnonzero(self._without(facet)) if is_chosen else self._all_places
            values = self._view.facts[fact][places]
            self._kept[key] = by_month(values) if fact == "date" else _counted(values)
        return self._kept[key]

    def _tags(self, mask: Mask) -> TagCounts:
        return self._view.tag_counts(self._known.closure, mask).without(self._known.unseen)

    def _named(self, fact: str, names: tuple[str, ...], facet: str) -> dict[str, int]:
        counts = self._counted(fact, facet)
        return {names[place]: count for place, count in counts.items() if place < len(names)}

    def _studies(self, facet: str) -> Counts:
        counts = self._counted("study", facet)
        counts.pop(NO_STUDY, None)
        return counts

    def _methods(self) -> dict[str, int]:
        counts = self._studies("method")
        ids = np.fromiter(counts.keys(), np.int64, len(counts))
        often = np.fromiter(counts.values(), np.int64, len(counts))[ids < len(self._known.methods)]
        places = self._known.methods[ids[ids < len(self._known.methods)]]
        summed = np.bincount(places[places >= 0], often[places >= 0], len(METHODS))
        return {METHODS[place]: int(summed[place]) for place in np.flatnonzero(summed)}


def _counted(values: NDArray[np.int64]) -> Counts:
    counts = np.bincount(values)
    present = np.flatnonzero(counts)
    return dict(zip(present.tolist(), counts[present].tolist(), strict=True))


def by_month(days: NDArray[np.int64]) -> Counts:
    """By number of the month: year * 12 + month, January being 0."""
    if not len(days):
        return {}
    first = int(days.min())
    if int(days.max()) - first > DAYS_COUNTED_APART:
        present, counts = np.unique(days, return_counts=True)
    else:
        per_day = np.bincount(days - first)
        offsets = np.flatnonzero(per_day)
        present, counts = offsets + first, per_day[offsets]
    # The calendar is asked for each day once, not for each document.
    dates = (present - UNIX_EPOCH).astype("datetime64[D]")
    months = dates.astype("datetime64[M]").astype(np.int64) + EPOCH_YEAR * MONTHS
    is_first = np.append(True, months[1:] != months[:-1])
    summed = np.add.reduceat(counts, np.flatnonzero(is_first))
    return dict(zip(months[is_first].tolist(), summed.tolist(), strict=True))


def _years(months: Counts) -> Counts:
    years: Counts = {}
    for month, count in months.items():
        years[month // MONTHS] = years.get(month // MONTHS, 0) + count
    return years

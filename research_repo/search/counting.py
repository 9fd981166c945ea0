"""How what was found spreads over kinds, studies, methods, authors, languages, times and tags.

Each facet is counted without the choice made in it, so that its other values can be chosen, too.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from research_repo.core.models import KINDS, METHODS
from research_repo.search.found import Found, Options
from research_repo.search.masks import Filtered, Known
from research_repo.search.postings import Documents, Mask
from research_repo.search.schema import NO_STUDY
from research_repo.search.view import View
from research_repo.settings import LANGUAGES

UNIX_EPOCH = 719_163  # the day from which numpy counts, as date.toordinal tells it
MONTHS = 12
EPOCH_YEAR = 1970


class Counting:
    """The counts of one search, over the documents that answer its words."""

    def __init__(self, view: View, known: Known, filtered: Filtered, matched: Mask) -> None:
        self._view, self._known = view, known
        self._filtered, self._matched = filtered, matched

    @cached_property
    def mask(self) -> Mask:
        """The documents that pass all filters."""
        return self._matched & self._filtered.all()

    def found(self) -> Found:
        """The counts without hits."""
        places = self._places("")
        months = _months(self._view.facts["date"][places])
        return Found(
            total=len(places),
            hits=(),
            tag_counts=self._tags(self.mask),
            kind_counts=self._named("kind", KINDS, places),
            study_counts=self._studies(places),
            year_counts=_years(months),
            month_counts=months,
            options=self._options(),
            unseen=self._known.unseen,
        )

    def _options(self) -> Options:
        studies = self._studies(self._places("study"))
        return Options(
            kinds=self._named("kind", KINDS, self._places("kind")),
            studies=studies,
            methods=self._methods(),
            authors=_counted(self._view.facts["author"][self._places("by")]),
            languages=self._named("language", LANGUAGES, self._places("lang")),
            years=_years(_months(self._view.facts["date"][self._places("date")])),
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

    def _places(self, facet: str) -> Documents:
        if facet not in self._filtered.chosen:
            return self._all_places
        return np.flatnonzero(self._without(facet))

    def _tags(self, mask: Mask) -> dict[int, int]:
        counts = self._view.tag_counts(self._known.closure, mask)
        for tag_id in self._known.unseen & counts.keys():
            del counts[tag_id]
        return counts

    def _named(self, fact: str, names: tuple[str, ...], places: Documents) -> dict[str, int]:
        counts = _counted(self._view.facts[fact][places])
        return {names[place]: count for place, count in counts.items() if place < len(names)}

    def _studies(self, places: Documents) -> dict[int, int]:
        counts = _counted(self._view.facts["study"][places])
        counts.pop(NO_STUDY, None)
        return counts

    def _methods(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        for study_id, count in self._studies(self._places("method")).items():
            place = (
                int(self._known.methods[study_id]) if study_id < len(self._known.methods) else -1
            )
            if place >= 0:
                counts[METHODS[place]] = counts.get(METHODS[place], 0) + count
        return counts


def _counted(values: NDArray[np.int64]) -> dict[int, int]:
    counts = np.bincount(values)
    present = np.flatnonzero(counts)
    return dict(zip(present.tolist(), counts[present].tolist(), strict=True))


def _months(days: NDArray[np.int64]) -> dict[tuple[int, int], int]:
    if not len(days):
        return {}
    months = (days - UNIX_EPOCH).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    first = int(months.min())
    return {
        (EPOCH_YEAR + month // MONTHS, month % MONTHS + 1): count
        for month, count in (
            (first + offset, count) for offset, count in _counted(months - first).items()
        )
    }


def _years(months: dict[tuple[int, int], int]) -> dict[int, int]:
    years: dict[int, int] = {}
    for (year, _), count in months.items():
        years[year] = years.get(year, 0) + count
    return years

"""What stands behind each document, counted from the links and quotes that a person sees."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from research_repo.core.models import ATOM_STATUSES
from research_repo.search.found import Backing
from research_repo.search.postings import Documents, Mask, distinct
from research_repo.search.schema import NO_STUDY
from research_repo.search.view import View

PUBLISHED = ATOM_STATUSES.index("published")
_PLACE_BITS = 32

Counts = NDArray[np.int64]


class Backed:
    """Counts for every document of a view; only what the person sees and is published speaks."""

    def __init__(self, view: View, seen: Mask) -> None:
        self._view = view
        self._speaks = seen & (view.facts["status"] == PUBLISHED)

    def of(self, places: Documents) -> list[Backing]:
        """The numbers of these documents."""
        counts = (
            self.studies,
            self.supporting,
            self.contradicting,
            self._view.facts["quotes"],
            self.superseded,
        )
        return list(map(Backing, *(column[places].tolist() for column in counts)))

    def keys(self, places: Documents) -> list[Counts]:
        """What strength compares, the weightiest first: studies, support less dissent, a quote."""
        balance = self.supporting[places] - self.contradicting[places]
        has_quote = (self._view.facts["quotes"][places] > 0).astype(np.int64)
        return [self.studies[places], balance, has_quote]

    @cached_property
    def studies(self) -> Counts:
        """In how many different studies that was found which supports each document."""
        to, sources = self._links("supports")
        study = self._view.facts["study"][sources]
        pairs = distinct((to << _PLACE_BITS | study)[study != NO_STUDY])
        return self._counted(pairs >> _PLACE_BITS)

    @cached_property
    def supporting(self) -> Counts:
        return self._counted(self._links("supports")[0])

    @cached_property
    def contradicting(self) -> Counts:
        return self._counted(self._links("contradicts")[0])

    @cached_property
    def superseded(self) -> Counts:
        """How many newer atoms take the place of each."""
        return self._counted(self._links("supersedes")[0])

    def _links(self, kind: str) -> tuple[Documents, Documents]:
        to, sources = self._view.incoming(kind)
        speak = self._speaks[sources]
        return to[speak], sources[speak]

    def _counted(self, places: Documents) -> Counts:
        return np.bincount(places, minlength=self._view.size)

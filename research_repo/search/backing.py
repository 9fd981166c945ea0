"""What stands behind each document, counted from the links and the evidence that a person sees."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from research_repo.core.models import ATOM_STATUSES
from research_repo.search import strengths
from research_repo.search.found import Backing
from research_repo.search.postings import Documents, Mask, Numbers
from research_repo.search.strengths import DISPUTED, Speaking
from research_repo.search.view import View

PUBLISHED = ATOM_STATUSES.index("published")

Counts = NDArray[np.int64]


class Backed:
    """Counts for the documents of a view; only what the person sees and is published speaks.

    `methods` tells for each study id its place in METHODS.
    """

    def __init__(self, view: View, seen: Mask, methods: Numbers) -> None:
        self._view = view
        self._published = seen & (view.facts["status"] == PUBLISHED)
        self._methods = methods

    def of(self, places: Documents) -> list[Backing]:
        """The strength of these documents, and how many newer ones take the place of each."""
        told = strengths.weighed(self._speaking, places).told()
        return list(map(Backing, told, self.superseded[places].tolist()))

    def keys(self, places: Documents) -> list[Counts]:
        """What strength compares, the weightiest first: the level, then the counts behind it.

        What is disputed comes last: others that rest on little nobody has contradicted so far.
        """
        found = strengths.weighed(self._speaking, places)
        levels = found.levels
        return [
            np.where(levels == DISPUTED, -1, levels),
            found.studies,
            found.methods,
            found.respondents,
            found.measured,
            found.facts - found.contradicting,
        ]

    def levels(self, places: Documents) -> Counts:
        """How strong these documents are: for each the place of its level in LEVELS."""
        return strengths.weighed(self._speaking, places).levels

    @cached_property
    def superseded(self) -> Counts:
        """How many newer atoms take the place of each."""
        to, sources = self._view.incoming("supersedes")
        return np.bincount(to[self._published[sources]], minlength=self._view.size)

    @cached_property
    def _speaking(self) -> Speaking:
        # What was replaced speaks no more.
        return Speaking(self._view, self._published & (self.superseded == 0), self._methods)

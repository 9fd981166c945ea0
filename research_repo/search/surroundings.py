"""What a search has to know of the database first, kept for as long as nothing is saved there."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from research_repo.core import indexing, tagging
from research_repo.core.access import Reach, reach
from research_repo.core.db import Session
from research_repo.core.indexing import Standing
from research_repo.core.models import Person
from research_repo.core.moments import moment
from research_repo.search import masks
from research_repo.search.postings import Mask
from research_repo.search.study_methods import NewestMethods
from research_repo.search.study_shelf import readable
from research_repo.search.view import View

PEOPLE_MAX = 20  # of one place; each takes some 200 kB at 100,000 atoms
PLACES_MAX = 30


@dataclass
class Surroundings:
    """Who asks sees this much, at one moment of the database."""

    sight: Reach
    stale: Mapping[int, Standing | None]
    unseen: frozenset[int]
    """Tags that do not exist for the person."""
    vocabulary: int
    """The edition of the tags."""
    studies: tuple[int, int, int]
    """The edition of the studies."""
    methods: NDArray[np.int64]
    """For each study id the place of its method."""
    is_waiting: bool
    """A change of the person's own is not in the index yet."""
    _seen: tuple[View, Mask] | None = field(default=None, repr=False)
    _readable: tuple[View, Mask] | None = field(default=None, repr=False)

    def seen_in(self, view: View) -> Mask:
        """The documents that the person sees, not to be written to."""
        kept = self._seen
        if kept is None or kept[0] is not view:
            mask = masks.in_reach(view, self.sight, self.stale)
            mask.flags.writeable = False
            self._seen = kept = view, mask
        return kept[1]

    def readable_in(self, studies: View) -> Mask:
        """The studies that exist for the person, not to be written to."""
        kept = self._readable
        if kept is None or kept[0] is not studies:
            mask = readable(studies, self.sight)
            mask.flags.writeable = False
            self._readable = kept = studies, mask
        return kept[1]


class NewestSurroundings:
    """Reads for each person what has changed, and nothing while nothing has.

    Whatever is saved, by whomever, ends all that was kept: who lost access a moment ago is judged
    by the database as it is.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._methods = NewestMethods()
        self._places: OrderedDict[Hashable, tuple[Hashable, dict[Hashable, Surroundings]]] = (
            OrderedDict()
        )

    def of(self, session: Session, by: Person) -> Surroundings:
        """What holds for `by` as the session sees the database."""
        seen = moment(session)
        if seen is None:
            return self._read(session, by)
        who = (by.id, by.role, by.is_active)
        with self._turn:
            people = self._people(*seen)
            found = people.get(who)
        if found is None:
            found = self._read(session, by)
            with self._turn:
                if len(people) >= PEOPLE_MAX:
                    people.clear()
                people[who] = found
        return found

    def _people(self, place: Hashable, state: Hashable) -> dict[Hashable, Surroundings]:
        standing = self._places.get(place)
        if standing is None or standing[0] != state:
            standing = self._places[place] = state, {}
        self._places.move_to_end(place)
        if len(self._places) > PLACES_MAX:
            self._places.popitem(last=False)
        return standing[1]

    def _read(self, session: Session, by: Person) -> Surroundings:
        studies = indexing.studies_edition(session)
        return Surroundings(
            sight=reach(session, by),
            stale=indexing.stale(session),
            unseen=frozenset(tagging.unseen(session, by)),
            vocabulary=indexing.vocabulary_edition(session),
            studies=studies,
            methods=self._methods.newest(session, studies),
            is_waiting=indexing.is_waiting_for(session, by.id),
        )

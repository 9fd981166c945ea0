"""Segments beside each other as one: what a view asks for, it asks of one or two of these."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cached_property, reduce
from itertools import count

import numpy as np
from numpy.typing import NDArray

from research_repo.core.models import KINDS
from research_repo.search import vocabulary
from research_repo.search.carried import Carried, Pairs
from research_repo.search.closure import Closure, Kinds
from research_repo.search.kept import KEPT
from research_repo.search.postings import (
    NOWHERE,
    Documents,
    Numbers,
    Postings,
    both,
    distinct,
    ranges,
)
from research_repo.search.schema import FACTS, TAIL
from research_repo.search.segments import Segment
from research_repo.search.vocabulary import Words

PLACE_BITS = 32
_NUMBERS = count()


class Stretch:
    """Documents are numbered 0, 1, … over its segments. It never changes."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self.segments = tuple(segments)
        self.size = sum(segment.size for segment in segments)
        sizes = [segment.size for segment in segments]
        self._bases = np.cumsum([0, *sizes])[:-1].tolist()
        self.facts = {name: _joined([one.facts[name] for one in segments]) for name in FACTS}
        self._tail = {name: _joined([one.tail[name] for one in segments]) for name in TAIL}
        self._share()
        self._is_lent_to = all(segment.is_lent_to for segment in segments)
        self._number = next(_NUMBERS)
        self._turn = threading.Lock()
        self._carried: Carried | None = None

    def pairs(self, name: str) -> Pairs:
        """Documents, each with an id of what belongs to it: its tags, or links of a kind."""
        documents = np.repeat(np.arange(self.size, dtype=np.int32), self.facts[name])
        return documents, self._tail[name]

    def marks(self, name: str) -> NDArray[np.int64]:
        """What belongs to the documents, one after another, where two numbers make one."""
        return self._tail[name].view(np.int64)

    def postings(self, field: str, term: str) -> Postings:
        """The postings of a term, read once and kept while there is room."""
        return Postings(*KEPT.get((self._number, field, term), lambda: self._postings(field, term)))

    def phrase(self, terms: Sequence[str]) -> Documents:
        """The documents that hold the terms one after another."""
        held = {term: self.postings("text", term) for term in terms}
        together = reduce(both, sorted((one.documents for one in held.values()), key=len))
        if not len(together):
            return together
        wide = together.astype(np.int64) << PLACE_BITS
        starts = [
            self._places_in(term, held[term], together, wide) - offset
            for offset, term in enumerate(terms)
        ]
        # Where one phrase begins, each of its words has been moved to the same place.
        return distinct(reduce(both, sorted(starts, key=len)) >> PLACE_BITS)

    def with_beginning(self, prefix: str, words: Sequence[str]) -> Documents:
        """The documents in which any of these words, all of which begin so, is written."""

        def read() -> tuple[Documents]:
            found = [segment.with_beginning(prefix, words) for segment in self.segments]
            return (distinct(self._over(found)),)

        # A view decides on the words: the same beginning may stand for others in the next one.
        key = (self._number, "beginning", prefix, hash(tuple(words)))
        return KEPT.get(key, read)[0]

    @cached_property
    def words(self) -> Words:
        """All written words of the stretch."""
        return vocabulary.together([segment.words() for segment in self.segments])

    def carried(self, closure: Closure) -> Carried:
        """The tags of the documents, as the vocabulary has them in this edition."""
        with self._turn:
            if self._carried is None or self._carried.edition != closure.edition:
                self._carried = Carried(
                    closure,
                    self.size,
                    self.pairs("tags"),
                    self.facts["study"],
                    self.facts["kind"] if self._is_lent_to else None,
                )
            return self._carried

    def of_studies(self, studies: Numbers, kinds: Kinds = ()) -> Documents:
        """The documents of these studies that inherit; of some kinds only, where any are named."""
        found = np.isin(self.facts["study"], studies)
        if kinds:
            found &= np.isin(self.facts["kind"], [KINDS.index(kind) for kind in kinds])
        return np.flatnonzero(found & self._is_lent_to)

    def _share(self) -> None:
        # A segment outlives a stretch: its numbers are not kept twice.
        starts = dict.fromkeys(TAIL, 0)
        for segment, base in zip(self.segments, self._bases, strict=True):
            end = base + segment.size
            segment.facts = {name: all_[base:end] for name, all_ in self.facts.items()}
            for name, start in starts.items():
                starts[name] = start + len(segment.tail[name])
                segment.tail[name] = self._tail[name][start : starts[name]]

    def _postings(self, field: str, term: str) -> tuple[Numbers, NDArray[np.float32]]:
        found = [segment.postings(field, term) for segment in self.segments]
        weights = [one.weights for one in found]
        return self._over([one.documents for one in found]), np.concatenate(
            [NOWHERE.weights, *weights], dtype=np.float32
        )

    def _places_in(
        self, term: str, held: Postings, documents: Documents, wide: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Where a term stands in these documents, each place told with its document."""

        def read() -> tuple[Numbers]:
            return (_joined([segment.places(term) for segment in self.segments]),)

        (places,) = KEPT.get((self._number, "places", term), read)
        sizes = held.weights.astype(np.int64)
        at = np.searchsorted(held.documents, documents)
        starts = (np.cumsum(sizes) - sizes)[at]
        return np.repeat(wide, sizes[at]) + places[ranges(starts, sizes[at])]

    def _over(self, found: Sequence[Documents]) -> Documents:
        """Documents of the segments as documents of the stretch."""
        moved = [some + base for some, base in zip(found, self._bases, strict=True) if len(some)]
        return np.concatenate([NOWHERE.documents, *moved], dtype=np.int32)


def _joined(some: Sequence[Numbers]) -> Numbers:
    return np.concatenate([NOWHERE.documents, *some], dtype=np.int32, casting="same_kind")

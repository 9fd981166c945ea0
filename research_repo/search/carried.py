"""Which tags documents carry, themselves or by a descendant or by their study, as arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from research_repo.core.models import KINDS
from research_repo.search.closure import Closure
from research_repo.search.postings import Documents, Mask, Numbers, distinct, ranges

Pairs = tuple[Documents, Numbers]
"""Documents, ascending, each with an id of something that belongs to it."""

_TAG_BITS = 32
_TAG_MASK = (1 << _TAG_BITS) - 1
# A posting list of pairs is walked for up to so many of its documents; else all tags are summed up.
_FEW = 5


class Carried:
    """The tags of some documents under one closure.

    Twice the same pairs: by document for counting few of them, by tag for counting many and for
    finding. Of a tag the documents to which it or a descendant was given come first.
    """

    def __init__(
        self, closure: Closure, size: int, tagged: Pairs, studies: Numbers, kinds: Numbers | None
    ) -> None:
        self.edition = closure.edition
        given = _given(closure, tagged)
        lent = given[:0] if kinds is None else _lent(closure, studies, kinds)
        lent = lent[~_is_in(lent, given)]
        pairs = np.concatenate([given, lent])
        is_lent = np.arange(len(pairs)) >= len(given)
        tags, documents = pairs & _TAG_MASK, pairs >> _TAG_BITS
        order = np.lexsort((is_lent, tags))
        self._documents = documents[order].astype(np.int32)
        ordered = tags[order]
        self.tag_ids = distinct(ordered)
        self._starts = np.append(np.searchsorted(ordered, self.tag_ids), len(ordered))
        self._lent_from = self._starts[:-1] + np.bincount(
            np.searchsorted(self.tag_ids, tags[~is_lent]), minlength=len(self.tag_ids)
        )
        place_type = np.uint16 if len(self.tag_ids) <= 1 << 16 else np.uint32
        by_document = np.argsort(documents, kind="stable")
        self._places = np.searchsorted(self.tag_ids, tags[by_document]).astype(place_type)
        self._sizes = np.bincount(documents, minlength=size).astype(np.int32)
        self._firsts = (np.cumsum(self._sizes) - self._sizes).astype(np.int32)

    def given(self, tag_id: int) -> Documents:
        """The documents to which the tag or a descendant was given, ascending."""
        start, lent_from, _ = self._bounds(tag_id)
        return self._documents[start:lent_from]

    def lent(self, tag_id: int) -> Documents:
        """The other documents whose study lends the tag or a descendant, ascending."""
        _, lent_from, end = self._bounds(tag_id)
        return self._documents[lent_from:end]

    def counts(self, mask: Mask) -> Numbers:
        """How many of the masked documents carry each of `tag_ids`."""
        if not len(self._places):
            return np.zeros(len(self.tag_ids), np.int64)
        documents = np.flatnonzero(mask)
        if _FEW * len(documents) < len(mask):
            sizes = self._sizes[documents]
            places = self._places.take(ranges(self._firsts[documents], sizes))
            return np.bincount(places, minlength=len(self.tag_ids))
        is_in = mask.view(np.uint8).take(self._documents)
        found: Numbers = np.add.reduceat(is_in, self._starts[:-1], dtype=np.int64)
        return found

    def _bounds(self, tag_id: int) -> tuple[int, int, int]:
        place = int(np.searchsorted(self.tag_ids, tag_id))
        if place == len(self.tag_ids) or self.tag_ids[place] != tag_id:
            return 0, 0, 0
        return int(self._starts[place]), int(self._lent_from[place]), int(self._starts[place + 1])


def _given(closure: Closure, tagged: Pairs) -> NDArray[np.int64]:
    documents, tag_ids = tagged
    which, at = np.unique(tag_ids, return_inverse=True)
    above, sizes = closure.above(which)
    starts = np.cumsum(sizes) - sizes
    tags = above[ranges(starts[at], sizes[at])]
    pairs = np.repeat(documents, sizes[at]).astype(np.int64) << _TAG_BITS | tags
    return distinct(pairs).astype(np.int64)


def _lent(closure: Closure, studies: Numbers, kinds: Numbers) -> NDArray[np.int64]:
    found = [np.empty(0, np.int64)]
    for names, (lenders, tags) in closure.lent_pairs.items():
        starts = np.searchsorted(lenders, studies, "left")
        sizes = np.searchsorted(lenders, studies, "right") - starts
        if names:
            sizes[~np.isin(kinds, [KINDS.index(name) for name in names])] = 0
        documents = np.repeat(np.arange(len(studies)), sizes)
        found.append(documents << _TAG_BITS | tags[ranges(starts, sizes)])
    return distinct(np.concatenate(found)).astype(np.int64)


def _is_in(some: NDArray[np.int64], all_: NDArray[np.int64]) -> Mask:
    """Which of some numbers are among all; both ascend."""
    if not len(all_):
        return np.zeros(len(some), bool)
    at = np.minimum(np.searchsorted(all_, some), len(all_) - 1)
    return all_[at] == some

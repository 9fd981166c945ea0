"""Which tags documents carry, themselves or by a descendant or by their study, as arrays."""

from __future__ import annotations

from collections.abc import Collection, ItemsView, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from research_repo.core.models import KINDS
from research_repo.search.closure import TAG_BITS, TAG_MASK, Closure
from research_repo.search.postings import Documents, Mask, Numbers, distinct, ranges

Pairs = tuple[Documents, Numbers]
"""Documents, ascending, each with an id of something that belongs to it."""

_AT_ONCE = 8_192
# Up to a quarter of the documents are looked at one by one, or of those left out; else all pairs are
# summed up.
_FEW = 4
_COUNTED_AT_ONCE = 4_000  # documents


class TagCounts(Mapping[int, int]):
    """For each tag that any document carries, how many do: arrays, of which few are looked at."""

    def __init__(self, tag_ids: Numbers, counts: Numbers) -> None:
        has_any = counts > 0
        self._tag_ids, self._counts = tag_ids[has_any], counts[has_any]

    def without(self, tag_ids: Collection[int]) -> TagCounts:
        """The same, as if these tags were not there."""
        if not tag_ids:
            return self
        is_left = ~np.isin(self._tag_ids, list(tag_ids))
        return TagCounts(self._tag_ids[is_left], self._counts[is_left])

    def __getitem__(self, tag_id: int) -> int:
        place = int(np.searchsorted(self._tag_ids, tag_id))
        if place == len(self) or self._tag_ids[place] != tag_id:
            raise KeyError(tag_id)
        return int(self._counts[place])

    def __iter__(self) -> Iterator[int]:
        return iter(self._tag_ids.tolist())

    def __len__(self) -> int:
        return len(self._tag_ids)

    def items(self) -> ItemsView[int, int]:
        """As a whole they are taken out of the arrays in one go."""
        return dict(zip(self._tag_ids.tolist(), self._counts.tolist(), strict=True)).items()


class Carried:
    """The tags of some documents under one closure.

    Twice the same pairs: by document for counting few of them, by tag for counting many and for
    finding. Of a tag the documents to which it or a descendant was given come first.
    """

    def __init__(
        self, closure: Closure, size: int, tagged: Pairs, studies: Numbers, kinds: Numbers | None
    ) -> None:
        self.edition = closure.edition
        self.tag_ids = np.array(sorted(set(closure.survivors.values())), np.int64)
        codes, self._sizes = self._read(closure, size, tagged, studies, kinds)
        self._firsts = (np.cumsum(self._sizes) - self._sizes).astype(np.int32)
        self._places = codes >> 1
        self._documents = np.repeat(np.arange(size, dtype=np.int32), self._sizes)[
            np.argsort(codes, kind="stable")
        ]
        bounds = np.cumsum(np.bincount(codes, minlength=2 * len(self.tag_ids)))
        self._starts = np.append(0, bounds[1::2])
        self._lent_from = bounds[::2]

    def _read(
        self, closure: Closure, size: int, tagged: Pairs, studies: Numbers, kinds: Numbers | None
    ) -> tuple[NDArray[np.unsignedinteger[Any]], NDArray[np.int32]]:
        """By document its tags, twice the place of each, and one more for those lent; how many each."""
        documents, tag_ids = tagged
        code_type = np.uint16 if 2 * len(self.tag_ids) < 1 << 16 else np.uint32
        codes, sizes = [np.empty(0, code_type)], [np.empty(0, np.int32)]
        # In parts: what is needed on the way takes ten times the memory of what is kept.
        for start in range(0, size, _AT_ONCE):
            end = min(start + _AT_ONCE, size)
            low, high = np.searchsorted(documents, [start, end])
            given = _given(closure, (documents[low:high] - start, tag_ids[low:high]))
            lent = given[:0]
            if kinds is not None:
                lent = _lent(closure, studies[start:end], kinds[start:end])
                lent = lent[~_is_in(lent, given)]
            pairs = np.concatenate([given, lent])
            is_lent = np.arange(len(pairs)) >= len(given)
            order = np.argsort(pairs >> TAG_BITS, kind="stable")
            code = 2 * np.searchsorted(self.tag_ids, pairs & TAG_MASK) + is_lent
            codes.append(code[order].astype(code_type))
            sizes.append(np.bincount(pairs >> TAG_BITS, minlength=end - start).astype(np.int32))
        return np.concatenate(codes), np.concatenate(sizes)

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
        count = int(np.count_nonzero(mask))
        if _FEW * count < len(mask):
            return self._counted(np.flatnonzero(mask))
        if _FEW * (len(mask) - count) < len(mask):
            return np.diff(self._starts) - self._counted(np.flatnonzero(~mask))
        found = np.zeros(len(self.tag_ids), np.int64)
        is_carried = self._starts[1:] > self._starts[:-1]
        found[is_carried] = np.add.reduceat(
            mask.view(np.uint8).take(self._documents), self._starts[:-1][is_carried], dtype=np.int32
        )
        return found

    def _counted(self, documents: Documents) -> Numbers:
        found = np.zeros(len(self.tag_ids), np.int64)
        # In parts, so that the pairs of each stay near the processor and take little memory.
        for start in range(0, len(documents), _COUNTED_AT_ONCE):
            some = documents[start : start + _COUNTED_AT_ONCE]
            places = self._places.take(ranges(self._firsts[some], self._sizes[some]))
            found += np.bincount(places, minlength=len(self.tag_ids))
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
    pairs = np.repeat(documents, sizes[at]).astype(np.int64) << TAG_BITS | tags
    return distinct(pairs).astype(np.int64)


def _lent(closure: Closure, studies: Numbers, kinds: Numbers) -> NDArray[np.int64]:
    found = [np.empty(0, np.int64)]
    for names, (lenders, tags) in closure.lent_pairs.items():
        starts = np.searchsorted(lenders, studies, "left")
        sizes = np.searchsorted(lenders, studies, "right") - starts
        if names:
            sizes[~np.isin(kinds, [KINDS.index(name) for name in names])] = 0
        documents = np.repeat(np.arange(len(studies)), sizes)
        found.append(documents << TAG_BITS | tags[ranges(starts, sizes)])
    return distinct(np.concatenate(found)).astype(np.int64)


def _is_in(some: NDArray[np.int64], all_: NDArray[np.int64]) -> Mask:
    """Which of some numbers are among all; both ascend."""
    if not len(all_):
        return np.zeros(len(some), bool)
    at = np.minimum(np.searchsorted(all_, some), len(all_) - 1)
    return all_[at] == some

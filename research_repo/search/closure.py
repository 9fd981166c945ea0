"""The tag hierarchy in memory: redirects resolved, each tag with its ancestors and its subtree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from research_repo.core.indexing import Vocabulary
from research_repo.search.postings import distinct, ranges

# A document or a tag, and a tag, packed into one number.
TAG_BITS = 32
TAG_MASK = (1 << TAG_BITS) - 1

TagIds = NDArray[np.int64]
Kinds = tuple[str, ...]
Lent = Mapping[Kinds, NDArray[np.int64]]
"""Studies by the kinds of atom that inherit a tag of theirs; no kind stands for all."""


class Closure:
    """Answers for one edition of the vocabulary.

    A merged tag stands for its survivor: its children and atoms become the survivor's, its own
    parents sleep. A tag that the edition does not know has no ancestors and an empty subtree.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        replaced_by = {tag.id: tag.replaced_by for tag in vocabulary.tags}
        self.edition = vocabulary.edition
        self.survivors = {tag_id: _survivor(tag_id, replaced_by) for tag_id in replaced_by}
        parents: dict[int, dict[int, None]] = defaultdict(dict)
        for child, parent in vocabulary.edges:
            over = self.survivors.get(parent)
            if self.survivors.get(child) == child and over not in (None, child):
                parents[child][over] = None
        self.scheme_of = {tag.id: tag.scheme_id for tag in vocabulary.tags}
        pairs = [(child, over) for child, above in parents.items() for over in above]
        within = [pair for pair in pairs if len({*map(self.scheme_of.__getitem__, pair)}) == 1]
        itself = _columns(sorted(self.survivors.items()))
        self._parents_within = Listed(*_columns(within))
        self._children = Listed(*reversed(_columns(pairs)))
        self._stands_for = Listed(*reversed(itself))
        tag_ids, ancestors = _upward(*itself, Listed(*_columns(pairs)))
        self._ancestors, self._subtrees = Listed(tag_ids, ancestors), Listed(ancestors, tag_ids)
        self.by_key = {tag.key: self.survivors[tag.id] for tag in vocabulary.tags}
        lent: _Gathered = defaultdict(lambda: defaultdict(set))
        lent_itself: _Gathered = defaultdict(lambda: defaultdict(set))
        for lending in vocabulary.lendings:
            for top in self.ancestors(lending.tag_id):
                lent[top][lending.kinds].add(lending.study_id)
            lent_itself[self.survivors[lending.tag_id]][lending.kinds].add(lending.study_id)
        self._lent, self._lent_itself = _as_arrays(lent), _as_arrays(lent_itself)

    def ancestors(self, tag_id: int) -> frozenset[int]:
        """The survivor of a tag and all tags above it."""
        return frozenset(self._ancestors.of(tag_id).tolist())

    def parents(self, tag_id: int) -> list[int]:
        """The tags that a survivor lies directly under within its own scheme, the primary first."""
        return self._parents_within.of(tag_id).tolist()

    def children(self, tag_id: int) -> list[int]:
        """The tags that lie directly under a survivor, those of other schemes too."""
        return self._children.of(tag_id).tolist()

    def tops(self, scheme_id: int) -> list[int]:
        """The tags of a scheme that lie under none of it."""
        return self._tops.get(scheme_id, [])

    @cached_property
    def _tops(self) -> dict[int, list[int]]:
        tops: dict[int, list[int]] = defaultdict(list)
        for tag_id, scheme_id in self.scheme_of.items():
            if self.survivors[tag_id] == tag_id and not self.parents(tag_id):
                tops[scheme_id].append(tag_id)
        return tops

    def subtree(self, tag_id: int) -> TagIds:
        """All tags, merged ones too, whose atoms belong under this tag."""
        return self._subtrees.of(self.survivors.get(tag_id, tag_id))

    def lent(self, tag_id: int) -> Lent:
        """The studies that lend their atoms a tag of this subtree, by the kinds that inherit it."""
        return self._lent.get(self.survivors.get(tag_id, tag_id), {})

    def itself(self, tag_id: int) -> TagIds:
        """The tag and what was merged into it, without what lies below."""
        return self._stands_for.of(self.survivors.get(tag_id, tag_id))

    def lent_itself(self, tag_id: int) -> Lent:
        """The studies that lend their atoms this very tag, by the kinds that inherit it."""
        return self._lent_itself.get(self.survivors.get(tag_id, tag_id), {})

    def above(self, tag_ids: TagIds) -> tuple[TagIds, TagIds]:
        """The ancestors of these tags, ascending for each, one tag's after another's; and how many."""
        return self._ancestors.of_all(tag_ids)

    @cached_property
    def lent_pairs(self) -> dict[Kinds, tuple[NDArray[np.int64], TagIds]]:
        """By kinds that inherit: studies, ascending, each with a tag that it lends, or one above."""
        gathered: dict[Kinds, list[tuple[int, int]]] = defaultdict(list)
        for tag_id, lent in self._lent.items():
            for kinds, studies in lent.items():
                gathered[kinds] += [(study_id, tag_id) for study_id in studies.tolist()]
        columns = {kinds: np.array(sorted(pairs)).T for kinds, pairs in gathered.items()}
        return {kinds: (studies, tags) for kinds, (studies, tags) in columns.items()}


class Listed:
    """Numbers by the number that they belong to, in the order in which they came, in one piece."""

    def __init__(self, numbers: TagIds, belonging: TagIds) -> None:
        self._all = belonging[np.argsort(numbers, kind="stable")]
        sizes = np.bincount(numbers, minlength=1)
        self._starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])

    def of(self, number: int) -> TagIds:
        """What belongs to a number; nothing to one that is not known."""
        if not 0 <= number < len(self._starts) - 1:
            return self._all[:0]
        return self._all[self._starts[number] : self._starts[number + 1]]

    def of_all(self, numbers: TagIds) -> tuple[TagIds, TagIds]:
        """What belongs to these numbers, one after another; and how many to each."""
        # No tag has the number 0, so that nothing belongs to it.
        known = np.where(numbers < len(self._starts) - 1, numbers, 0)
        sizes = self._starts[known + 1] - self._starts[known]
        return self._all[ranges(self._starts[known], sizes)], sizes


_Gathered = dict[int, dict[Kinds, set[int]]]


def _as_arrays(gathered: _Gathered) -> dict[int, Lent]:
    return {
        tag_id: {kinds: np.array(sorted(studies)) for kinds, studies in by_kinds.items()}
        for tag_id, by_kinds in gathered.items()
    }


def _survivor(tag_id: int, replaced_by: Mapping[int, int | None]) -> int:
    seen = {tag_id}
    while (following := replaced_by.get(tag_id)) is not None:
        if following in seen:
            break
        seen.add(following)
        tag_id = following
    return tag_id


def _upward(tag_ids: TagIds, survivors: TagIds, parents: Listed) -> tuple[TagIds, TagIds]:
    """Each tag with its survivor and all that lies above it, both ascending."""
    fresh = reached = tag_ids << TAG_BITS | survivors
    while len(fresh):
        above, sizes = parents.of_all(fresh & TAG_MASK)
        found = distinct(np.repeat(fresh >> TAG_BITS, sizes) << TAG_BITS | above)
        fresh = np.setdiff1d(found, reached, assume_unique=True)
        reached = distinct(np.concatenate([reached, fresh]))
    return reached >> TAG_BITS, reached & TAG_MASK


def _columns(pairs: Sequence[tuple[int, int]]) -> tuple[TagIds, TagIds]:
    both = np.array(pairs, np.int64).reshape(-1, 2)
    return both[:, 0], both[:, 1]

"""The tag hierarchy in memory: redirects resolved, each tag with its ancestors and its subtree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from research_repo.core.indexing import Vocabulary

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
        self._ancestors = {
            tag_id: _upward(survivor, parents) for tag_id, survivor in self.survivors.items()
        }
        subtrees: dict[int, list[int]] = defaultdict(list)
        for tag_id, ancestors in self._ancestors.items():
            for ancestor in ancestors:
                subtrees[ancestor].append(tag_id)
        self._subtrees = {top: np.array(sorted(ids)) for top, ids in subtrees.items()}
        self.scheme_of = {tag.id: tag.scheme_id for tag in vocabulary.tags}
        self._parents = parents
        # Facets ask it of every tag that has a hit, in every search.
        self._parents_within = {
            child: [one for one in above if self.scheme_of[one] == self.scheme_of[child]]
            for child, above in parents.items()
        }
        self.by_key = {tag.key: self.survivors[tag.id] for tag in vocabulary.tags}
        lent: _Gathered = defaultdict(lambda: defaultdict(set))
        lent_itself: _Gathered = defaultdict(lambda: defaultdict(set))
        for lending in vocabulary.lendings:
            for top in self.ancestors(lending.tag_id):
                lent[top][lending.kinds].add(lending.study_id)
            lent_itself[self.survivors[lending.tag_id]][lending.kinds].add(lending.study_id)
        self._lent, self._lent_itself = _as_arrays(lent), _as_arrays(lent_itself)
        stands_for: dict[int, list[int]] = defaultdict(list)
        for tag_id, survivor in self.survivors.items():
            stands_for[survivor].append(tag_id)
        self._stands_for = {survivor: sorted(ids) for survivor, ids in stands_for.items()}

    def ancestors(self, tag_id: int) -> frozenset[int]:
        """The survivor of a tag and all tags above it."""
        return self._ancestors.get(tag_id, frozenset())

    def parents(self, tag_id: int) -> list[int]:
        """The tags that a survivor lies directly under within its own scheme, the primary first."""
        return self._parents_within.get(tag_id, [])

    def children(self, tag_id: int) -> list[int]:
        """The tags that lie directly under a survivor, those of other schemes too."""
        return self._children.get(tag_id, [])

    def tops(self, scheme_id: int) -> list[int]:
        """The tags of a scheme that lie under none of it."""
        return self._tops.get(scheme_id, [])

    @cached_property
    def _children(self) -> dict[int, list[int]]:
        children: dict[int, list[int]] = defaultdict(list)
        for child, above in self._parents.items():
            for parent in above:
                children[parent].append(child)
        return children

    @cached_property
    def _tops(self) -> dict[int, list[int]]:
        tops: dict[int, list[int]] = defaultdict(list)
        for tag_id, scheme_id in self.scheme_of.items():
            if self.survivors[tag_id] == tag_id and not self.parents(tag_id):
                tops[scheme_id].append(tag_id)
        return tops

    def subtree(self, tag_id: int) -> TagIds:
        """All tags, merged ones too, whose atoms belong under this tag."""
        survivor = self.survivors.get(tag_id, tag_id)
        return self._subtrees.get(survivor, np.empty(0, np.int64))

    def lent(self, tag_id: int) -> Lent:
        """The studies that lend their atoms a tag of this subtree, by the kinds that inherit it."""
        return self._lent.get(self.survivors.get(tag_id, tag_id), {})

    def itself(self, tag_id: int) -> TagIds:
        """The tag and what was merged into it, without what lies below."""
        return np.array(self._stands_for.get(self.survivors.get(tag_id, tag_id), ()), np.int64)

    def lent_itself(self, tag_id: int) -> Lent:
        """The studies that lend their atoms this very tag, by the kinds that inherit it."""
        return self._lent_itself.get(self.survivors.get(tag_id, tag_id), {})

    def above(self, tag_ids: TagIds) -> tuple[TagIds, TagIds]:
        """The ancestors of these tags, ascending for each, one tag's after another's; and how many."""
        found = [sorted(self.ancestors(tag_id)) for tag_id in tag_ids.tolist()]
        sizes = np.fromiter(map(len, found), np.int64, len(found))
        return np.fromiter(chain.from_iterable(found), np.int64, int(sizes.sum())), sizes

    @cached_property
    def lent_pairs(self) -> dict[Kinds, tuple[NDArray[np.int64], TagIds]]:
        """By kinds that inherit: studies, ascending, each with a tag that it lends, or one above."""
        gathered: dict[Kinds, list[tuple[int, int]]] = defaultdict(list)
        for tag_id, lent in self._lent.items():
            for kinds, studies in lent.items():
                gathered[kinds] += [(study_id, tag_id) for study_id in studies.tolist()]
        columns = {kinds: np.array(sorted(pairs)).T for kinds, pairs in gathered.items()}
        return {kinds: (studies, tags) for kinds, (studies, tags) in columns.items()}


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


def _upward(tag_id: int, parents: Mapping[int, Iterable[int]]) -> frozenset[int]:
    reached, fresh = {tag_id}, [tag_id]
    while fresh:
        found = set(parents.get(fresh.pop(), ())) - reached
        reached |= found
        fresh += found
    return frozenset(reached)

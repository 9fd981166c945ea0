"""Tags for what somebody is typing: any word of any label, in either language, however it was typed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from functools import cached_property
from heapq import nsmallest

from rapidfuzz import process
from rapidfuzz.distance import OSA

from research_repo.core import packed, words
from research_repo.core.indexing import Vocabulary
from research_repo.core.likeness import EDIT, Likeness, Near
from research_repo.core.packed import Numbers
from research_repo.search.closure import Closure
from research_repo.search.found import Suggestion
from research_repo.search.tails import Tails

TYPED_MAX = 100
SHORTEST_WITH_TYPO = 4
# From the surest reading of what was typed to the most daring one.
EXACT, ALIKE, BEGINS, INSIDE, MISSPELT, STEMS, OTHER_KEYS, TYPO = range(8)


class Labels:
    """All labels of one edition, ready for typing ahead. Retired tags are not offered.

    `before` tells how labels of an earlier edition are compared, which need not be found out again.
    """

    def __init__(
        self, vocabulary: Vocabulary, closure: Closure, before: Likeness | None = None
    ) -> None:
        retired = {tag.id for tag in vocabulary.tags if tag.status == "deprecated"}
        rows = [
            (closure.survivors[row.tag_id], row)
            for row in vocabulary.labels
            if closure.survivors[row.tag_id] not in retired
        ]
        self._labels = packed.Labels((tag_id, row.text) for tag_id, row in rows)
        self._before = before
        own = [
            (tag_id, place, row.language)
            for place, (tag_id, row) in enumerate(rows)
            if row.kind == "pref" and row.tag_id == tag_id
        ]
        self._names = Numbers((tag_id, place) for tag_id, place, _ in own)
        self._named = Numbers(((tag_id, language), place) for tag_id, place, language in own)
        stems = (
            (words.stem(token), place)
            for place, text in enumerate(self._labels.texts)
            for token in dict.fromkeys(words.tokens(text))
        )
        self._holding = Numbers(stems)
        self._tails = Tails(words.fold(text) for text in self._labels.texts)

    def suggest(
        self,
        typed: str,
        language: str,
        *,
        used: Mapping[int, int],
        recent: Sequence[int],
        unseen: Set[int],
        limit: int,
    ) -> list[Suggestion]:
        """The tags that `typed` may mean, the surest first, then those used recently and most."""
        text = words.fold(typed[:TYPED_MAX])
        best: dict[int, tuple[int, int]] = {}
        alike = {one.tag_id: one for one in self.likeness.near(text)} if text else {}
        for tag_id, near in alike.items():
            best[tag_id] = ALIKE if near.distance < EDIT else MISSPELT, -1
        for certainty, place in self._readings(text, bool(alike)):
            tag_id = self._labels.tag_ids[place]
            best[tag_id] = min(best.get(tag_id, (certainty, place)), (certainty, place))
        if not text:
            known = filter(self._names.__contains__, {*recent, *used})
            best = dict.fromkeys(known, (INSIDE, -1))
        fresh = {tag_id: age for age, tag_id in enumerate(recent)}

        def order(tag_id: int) -> tuple[int, float, int, int]:
            certainty = best[tag_id][0]
            distance = alike[tag_id].distance if certainty in (ALIKE, MISSPELT) else 0.0
            return certainty, distance, fresh.get(tag_id, len(fresh)), -used.get(tag_id, 0)

        def suggestion(tag_id: int) -> Suggestion:
            certainty, place = best[tag_id]
            name = self.name(tag_id, language)
            near = alike.get(tag_id) if place < 0 else None
            matched = near.label if near else self._labels.texts[place] if place >= 0 else name
            is_near = near is not None and not words.fold(near.label).startswith(text)
            count = used.get(tag_id, 0)
            return Suggestion(tag_id, name or matched, matched, certainty == EXACT, count, is_near)

        ranks = {tag_id: order(tag_id) for tag_id in best.keys() - unseen}
        # Names are looked up only of those that may be among the first.
        last = max(nsmallest(limit, ranks.values()), default=())
        first = [tag_id for tag_id, rank in ranks.items() if rank <= last]
        first.sort(key=lambda tag_id: (ranks[tag_id], self.name(tag_id, language)))
        return [suggestion(tag_id) for tag_id in first[:limit]]

    @cached_property
    def likeness(self) -> Likeness:
        """The same labels, to tell which of them mean the same."""
        before, self._before = self._before, None
        return Likeness(self._labels, before)

    @cached_property
    def doubles(self) -> list[tuple[Near, Near]]:
        """Tags that may be one: each pair once, the likeliest first. Takes seconds for thousands."""
        return self.likeness.pairs()

    def near(self, text: str, unseen: Set[int], limit: int) -> list[Near]:
        """The tags that `text` may be another word for, the nearest first."""
        found = self.likeness.near(text[:TYPED_MAX])
        return [one for one in found if one.tag_id not in unseen][:limit]

    def name(self, tag_id: int, language: str) -> str:
        """The tag's preferred label in a language, or in the one that it has."""
        places = self._named.of((tag_id, language)) or self._names.of(tag_id)
        return self._labels.texts[places[0]] if places else ""

    def _readings(self, text: str, found: bool) -> Iterator[tuple[int, int]]:
        if not text:
            return
        for reading in (*self._beginning(text), *self._with_stems(text)):
            found = True
            yield reading
        for other in (words.other_layout(text), words.transliterate(text)):
            for _, place in self._beginning(words.fold(other)):
                found = True
                yield OTHER_KEYS, place
        if not found and len(text) >= SHORTEST_WITH_TYPO:
            yield from self._nearly(text)

    def _beginning(self, text: str) -> Iterator[tuple[int, int]]:
        for place, is_first, is_all in self._tails.beginning(text):
            yield EXACT if is_all else BEGINS if is_first else INSIDE, place

    def _with_stems(self, text: str) -> Iterator[tuple[int, int]]:
        holding = [set(self._holding.of(stem)) for stem in words.stems(text)]
        if holding:
            yield from ((STEMS, place) for place in set.intersection(*holding))

    def _nearly(self, text: str) -> Iterator[tuple[int, int]]:
        *before, last = text.split(" ")
        allowed = 1 if len(last) < 8 else 2
        known = self._tails.words()
        # The last word may not be finished: it is compared with beginnings of the same length.
        beginnings = [*dict.fromkeys([*(word[: len(last)] for word in known), *known])]
        for near, _, _ in process.extract(
            last, beginnings, scorer=OSA.distance, score_cutoff=allowed, limit=5
        ):
            for _, place in self._beginning(" ".join([*before, near])):
                yield TYPO, place

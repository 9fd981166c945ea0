"""Tags for what somebody is typing: any word of any label, in either language, however it was typed."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import cached_property

from rapidfuzz import process
from rapidfuzz.distance import OSA

from research_repo.core import words
from research_repo.core.indexing import LabelRow, Vocabulary
from research_repo.core.likeness import EDIT, Likeness, Near
from research_repo.search.closure import Closure
from research_repo.search.found import Suggestion

TYPED_MAX = 100
SHORTEST_WITH_TYPO = 4
# From the surest reading of what was typed to the most daring one.
EXACT, ALIKE, BEGINS, INSIDE, MISSPELT, STEMS, OTHER_KEYS, TYPO = range(8)


class Labels:
    """All labels of one edition, ready for typing ahead. Retired tags are not offered."""

    def __init__(self, vocabulary: Vocabulary, closure: Closure) -> None:
        retired = {tag.id for tag in vocabulary.tags if tag.status == "deprecated"}
        self._labels: list[tuple[int, LabelRow]] = []
        self._named: dict[int, dict[str, str]] = defaultdict(dict)
        self._holding: dict[str, set[int]] = defaultdict(set)
        tails: list[tuple[str, int]] = []
        for row in vocabulary.labels:
            tag_id = closure.survivors[row.tag_id]
            if tag_id in retired:
                continue
            if row.kind == "pref" and row.tag_id == tag_id:
                self._named[tag_id][row.language] = row.text
            place = len(self._labels)
            self._labels.append((tag_id, row))
            tails += [(tail, place) for tail in _tails(row.text)]
            for token in words.tokens(row.text):
                self._holding[words.stem(token)].add(place)
        self._tails = sorted(tails)
        self._words = sorted({token for tail, _ in tails for token in words.tokens(tail)[:1]})

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
            tag_id = self._labels[place][0]
            best[tag_id] = min(best.get(tag_id, (certainty, place)), (certainty, place))
        if not text:
            best = dict.fromkeys({*recent, *used} & self._named.keys(), (INSIDE, -1))
        fresh = {tag_id: age for age, tag_id in enumerate(recent)}

        def order(tag_id: int) -> tuple[int, float, int, int, str]:
            certainty = best[tag_id][0]
            distance = alike[tag_id].distance if certainty in (ALIKE, MISSPELT) else 0.0
            age = fresh.get(tag_id, len(fresh))
            return certainty, distance, age, -used.get(tag_id, 0), self.name(tag_id, language)

        def suggestion(tag_id: int) -> Suggestion:
            certainty, place = best[tag_id]
            name = self.name(tag_id, language)
            near = alike.get(tag_id) if place < 0 else None
            matched = near.label if near else self._labels[place][1].text if place >= 0 else name
            is_near = near is not None and not words.fold(near.label).startswith(text)
            count = used.get(tag_id, 0)
            return Suggestion(tag_id, name or matched, matched, certainty == EXACT, count, is_near)

        return [suggestion(tag_id) for tag_id in sorted(best.keys() - unseen, key=order)[:limit]]

    @cached_property
    def likeness(self) -> Likeness:
        """The same labels, to tell which of them mean the same."""
        return Likeness((tag_id, row.text) for tag_id, row in self._labels)

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
        named = self._named.get(tag_id, {})
        return named.get(language) or next(iter(named.values()), "")

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
        start = bisect_left(self._tails, (text, -1))
        for tail, place in self._tails[start:]:
            if not tail.startswith(text):
                return
            whole = words.fold(self._labels[place][1].text)
            yield EXACT if whole == text else BEGINS if whole == tail else INSIDE, place

    def _with_stems(self, text: str) -> Iterator[tuple[int, int]]:
        holding = [self._holding.get(stem, set()) for stem in words.stems(text)]
        if holding:
            yield from ((STEMS, place) for place in set.intersection(*holding))

    def _nearly(self, text: str) -> Iterator[tuple[int, int]]:
        *before, last = text.split(" ")
        allowed = 1 if len(last) < 8 else 2
        # The last word may not be finished: it is compared with beginnings of the same length.
        beginnings = {word[: len(last)] for word in self._words} | set(self._words)
        for near, _, _ in process.extract(
            last, beginnings, scorer=OSA.distance, score_cutoff=allowed, limit=5
        ):
            for _, place in self._beginning(" ".join([*before, near])):
                yield TYPO, place


def _tails(label: str) -> Iterator[str]:
    """The label from each of its words on: a typed beginning of any word begins one of these."""
    folded = words.fold(label)
    yield folded
    for start, _, _ in words.spans(folded):
        if start:
            yield folded[start:]

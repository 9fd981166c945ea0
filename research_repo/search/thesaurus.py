"""What the words of a query mean: which of them name a tag, and by what other words it goes."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

from research_repo.core.indexing import Vocabulary
from research_repo.core.packed import Numbers, Texts
from research_repo.core.words import stems, tokens
from research_repo.search.closure import Closure

Stems = tuple[str, ...]


@dataclass(frozen=True)
class Span:
    """Stems `start` to `end` of a query. `names` are tags called just so; `hints` only hold the word."""

    start: int
    end: int
    names: frozenset[int] = frozenset()
    hints: frozenset[int] = frozenset()


class Thesaurus:
    """The labels of one edition by their stems, in both languages; merged tags lend theirs."""

    def __init__(self, vocabulary: Vocabulary, closure: Closure) -> None:
        self._texts = Texts(label.text for label in vocabulary.labels)
        self._keys = Texts(" ".join(dict.fromkeys(stems(text))) for text in self._texts)
        self._named, self._labels = Numbers(), Numbers()
        self._holding, self._writing = Numbers(), Numbers()
        written = set[str]()
        lengths: dict[str, int] = {}
        for place, label in enumerate(vocabulary.labels):
            tag_id = closure.survivors[label.tag_id]
            for word in tokens(label.text):
                written.add(word)
                self._writing.add(word, tag_id)
            key = self._key(place)
            if not key:
                continue
            self._named.add(key, tag_id)
            self._labels.add(tag_id, place)
            lengths[key[0]] = max(len(key), lengths.get(key[0], 0))
            for stem in key:
                self._holding.add(stem, tag_id)
        for numbers in (self._named, self._labels, self._holding, self._writing):
            numbers.settle()
        self._longest = Numbers(lengths.items())
        self.words = Texts(sorted(written))
        """The words of the labels as they are written."""

    def labels(self, tag_id: int) -> dict[Stems, str]:
        """The labels of a tag by their stems; of those that have the same stems the first."""
        found: dict[Stems, str] = {}
        for place in self._labels.of(tag_id):
            found.setdefault(self._key(place), self._texts[place])
        return found

    def holding(self, stem: str, unseen: Set[int] = frozenset()) -> frozenset[int]:
        """The tags that have the word in a label, but for those that are unseen."""
        return frozenset(self._holding.of(stem)) - unseen

    def writing(self, word: str, unseen: Set[int]) -> frozenset[int]:
        """The tags that have the word in a label just as it is written, but for those unseen."""
        return frozenset(self._writing.of(word)) - unseen

    def _key(self, place: int) -> Stems:
        return tuple(self._keys[place].split())

    def spans(self, query: Sequence[str], unseen: Set[int] = frozenset()) -> list[Span]:
        """The query in spans, from left to right, the longest label first."""
        found, start = [], 0
        while start < len(query):
            span = self._longest_label(query, start, unseen) or Span(
                start, start + 1, hints=self.holding(query[start], unseen)
            )
            found.append(span)
            start = span.end
        return found

    def _longest_label(self, query: Sequence[str], start: int, unseen: Set[int]) -> Span | None:
        for length in range(max(self._longest.of(query[start]), default=0), 0, -1):
            key = tuple(query[start : start + length])
            names = frozenset(self._named.of(key)) - unseen
            if names:
                return Span(start, start + len(key), names=names)
        return None

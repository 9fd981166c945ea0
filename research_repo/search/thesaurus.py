"""What the words of a query mean: which of them name a tag, and by what other words it goes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence, Set
from dataclasses import dataclass

from research_repo.core.indexing import Vocabulary
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
        self._named: dict[Stems, tuple[int, ...]] = {}
        self._holding: dict[str, set[int]] = defaultdict(set)
        self._longest: dict[str, int] = {}
        self.labels: dict[int, dict[Stems, str]] = defaultdict(dict)
        self.written: dict[str, set[int]] = defaultdict(set)
        """Words of the labels as they are written, with the tags that have them."""
        for label in vocabulary.labels:
            tag_id = closure.survivors[label.tag_id]
            for word in tokens(label.text):
                self.written[word].add(tag_id)
            key = tuple(dict.fromkeys(stems(label.text)))
            if not key:
                continue
            self._named[key] = (*self._named.get(key, ()), tag_id)
            self._longest[key[0]] = max(len(key), self._longest.get(key[0], 0))
            self.labels[tag_id].setdefault(key, label.text)
            for stem in key:
                self._holding[stem].add(tag_id)

    def holding(self, stem: str, unseen: Set[int] = frozenset()) -> frozenset[int]:
        """The tags that have the word in a label, but for those that are unseen."""
        return frozenset(self._holding.get(stem, frozenset()) - unseen)

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
        for length in range(self._longest.get(query[start], 0), 0, -1):
            key = tuple(query[start : start + length])
            names = frozenset(self._named.get(key, ())) - unseen
            if names:
                return Span(start, start + len(key), names=names)
        return None

"""How well each document answers: BM25F per word, or what the word means to the vocabulary.

Each span of the query counts once, as the best of its own words, another label of the tag that it
names, or the tag itself. Adding these up instead, or weighing them alike, loses quality.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from research_repo.core import words
from research_repo.search.closure import Closure
from research_repo.search.found import Why
from research_repo.search.postings import Documents, Mask, Scores
from research_repo.search.thesaurus import Span, Stems, Thesaurus
from research_repo.search.view import View

TITLE_BONUS = 0.3
LABEL_WEIGHT = 0.5  # another label's words, and the subtree of a tag that the span names
HINT_WEIGHT = 1.0  # the subtree of a tag whose label merely holds the word


@dataclass(frozen=True)
class Meant:
    """Another way to read a span: the documents that it finds, and what each of them is worth."""

    why: Why
    documents: Documents
    scores: Scores


class Ranked:
    """The scores of one query over a view, and for each document the reasons."""

    def __init__(
        self,
        view: View,
        thesaurus: Thesaurus,
        closure: Closure,
        query: Sequence[str],
        *,
        expand: bool,
    ) -> None:
        self.view, self.thesaurus, self.closure = view, thesaurus, closure
        self.words = list(query)
        self.stems = [words.stem(word) for word in query]
        plain = [Span(place, place + 1) for place in range(len(self.stems))]
        self.spans = thesaurus.spans(self.stems) if expand else plain
        self._terms = {stem: _of_term(view, stem) for stem in dict.fromkeys(self.stems)}
        self._meant = [list(self._readings(span)) for span in self.spans]

    @cached_property
    def scores(self) -> Scores:
        """What each document is worth, 0 where nothing of the query applies."""
        total = self.view.nothing()
        counted: set[Stems] = set()
        for span, meant in zip(self.spans, self._meant, strict=True):
            key = self._key(span)
            if key in counted:
                continue
            counted.add(key)
            best = self._own(span)
            for reading in meant:
                best[reading.documents] = np.maximum(best[reading.documents], reading.scores)
            total += best
        return total

    def with_all(self) -> Mask:
        """The documents that answer every span, by its words or by its meaning."""
        mask = ~self.view.nowhere()
        for span, meant in zip(self.spans, self._meant, strict=True):
            answers = np.logical_and.reduce([self._terms[stem] > 0 for stem in self._key(span)])
            for reading in meant:
                answers[reading.documents] = True
            mask &= answers
        return mask

    def why(self, document: int) -> tuple[Why, ...]:
        """For each span that the document answers, the reading that is worth most."""
        reasons = []
        for span, meant in zip(self.spans, self._meant, strict=True):
            best = self._own_of(span, document)
            why = Why("field", self.text_of(span)) if best else None
            for reading in meant:
                place = np.searchsorted(reading.documents, document)
                is_in = place < len(reading.documents) and reading.documents[place] == document
                if is_in and reading.scores[place] > best:
                    best, why = float(reading.scores[place]), reading.why
            if why is not None:
                reasons.append(why)
        return tuple(dict.fromkeys(reasons))

    def text_of(self, span: Span) -> str:
        """The span as it was typed."""
        return " ".join(self.words[span.start : span.end])

    def marks(self) -> frozenset[str]:
        """All stems that answer the query, those of other labels included."""
        names = [tag_id for span in self.spans for tag_id in span.names]
        meant = [stem for tag_id in names for key in self.thesaurus.labels[tag_id] for stem in key]
        return frozenset(self.stems) | frozenset(meant)

    def _key(self, span: Span) -> Stems:
        return tuple(dict.fromkeys(self.stems[span.start : span.end]))

    def _own(self, span: Span) -> Scores:
        return np.sum([self._terms[stem] for stem in self._key(span)], axis=0)

    def _own_of(self, span: Span, document: int) -> float:
        return float(sum(self._terms[stem][document] for stem in self._key(span)))

    def _worth(self, span: Span) -> float:
        counts = [len(self.view.postings("text", stem).documents) for stem in self._key(span)]
        return sum(self.view.idf(count) for count in counts)

    def _readings(self, span: Span) -> Iterator[Meant]:
        worth = self._worth(span)
        for tag_id in sorted(span.names):
            yield from self._other_labels(span, tag_id, worth)
            yield from self._subtree(span, tag_id, LABEL_WEIGHT, worth)
        for tag_id in sorted(span.hints):
            yield from self._subtree(span, tag_id, HINT_WEIGHT, worth)

    def _subtree(self, span: Span, tag_id: int, weight: float, worth: float) -> Iterator[Meant]:
        documents = np.flatnonzero(self.view.under(self.closure, tag_id))
        if len(documents):
            score = weight * min(self.view.idf(len(documents)), worth)
            why = Why("tag", self.text_of(span), tag_id)
            yield Meant(why, documents, np.full(len(documents), score))

    def _other_labels(self, span: Span, tag_id: int, worth: float) -> Iterator[Meant]:
        own = set(self._key(span))
        for key, label in self.thesaurus.labels[tag_id].items():
            if set(key) <= own:
                continue
            terms = [self._terms.get(stem, None) for stem in key]
            scores = [
                _of_term(self.view, stem) if t is None else t
                for stem, t in zip(key, terms, strict=True)
            ]
            documents = np.flatnonzero(np.logical_and.reduce([score > 0 for score in scores]))
            if len(documents):
                worths = np.sum(scores, axis=0)[documents]
                yield Meant(
                    Why("label", label, tag_id),
                    documents,
                    LABEL_WEIGHT * np.minimum(worths, 2.2 * worth),
                )


def _of_term(view: View, stem: str) -> Scores:
    return view.scores("text", stem) + TITLE_BONUS * view.scores("title", stem)

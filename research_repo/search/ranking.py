"""How well each document answers: BM25F per word, or what the word means to the vocabulary.

Each span of the query counts once, as the best of its own words, another label of the tag that it
names, or the tag itself. Adding these up instead, or weighing them alike, loses quality.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import compress

import numpy as np

from research_repo.core import words
from research_repo.search.closure import TagIds
from research_repo.search.dictionary import Dictionary
from research_repo.search.found import Why
from research_repo.search.postings import Documents, Mask, Scores, both
from research_repo.search.thesaurus import Span, Stems
from research_repo.search.view import K1, View

TITLE_BONUS = 0.2
LABEL_WEIGHT = 0.5
INHERITED_WEIGHT = 0.5  # what a study is about, each of its atoms is about a little


@dataclass(frozen=True)
class Reading:
    """Another way to read a span: the documents that it finds, and for each its worth and its tag."""

    kind: str
    text: str
    documents: Documents
    scores: Scores
    tag_ids: TagIds

    def at(self, documents: Documents) -> tuple[Scores, TagIds]:
        """What the reading is worth for each of these, 0 where it says nothing; and by which tag."""
        if not len(self.documents):
            return np.zeros(len(documents)), np.zeros(len(documents), np.int64)
        place = np.minimum(np.searchsorted(self.documents, documents), len(self.documents) - 1)
        is_there = self.documents[place] == documents
        return np.where(is_there, self.scores[place], 0.0), self.tag_ids[place]


class Ranked:
    """The scores of one query over a view, and for each document the reasons."""

    def __init__(
        self,
        view: View,
        dictionary: Dictionary,
        query: Sequence[str],
        *,
        expand: bool,
        unseen: Set[int] = frozenset(),
    ) -> None:
        self.view, self.dictionary = view, dictionary
        self.words = list(query)
        self.stems = [words.stem(word) for word in query]
        plain = [Span(place, place + 1) for place in range(len(self.stems))]
        self.spans = dictionary.thesaurus.spans(self.stems, unseen) if expand else plain
        self._terms: dict[str, Scores] = {}
        self._readings = [list(self._read(span)) for span in self.spans]

    @cached_property
    def scores(self) -> Scores:
        """What each document is worth, 0 where nothing of the query applies."""
        total = self.view.nothing()
        counted: set[Stems] = set()
        for span, readings in zip(self.spans, self._readings, strict=True):
            key = self._key(span)
            if key in counted:
                continue
            counted.add(key)
            if not readings and len(key) == 1:
                total += self._worth(key[0])
                continue
            best = self._own(span)
            for reading in readings:
                better = np.maximum(best[reading.documents], reading.scores)
                best[reading.documents] = better
            total += best
        return total

    def with_all(self) -> Mask:
        """The documents that answer every span, by its words or by its meaning."""
        mask = ~self.view.nowhere()
        for span, readings in zip(self.spans, self._readings, strict=True):
            answers = np.logical_and.reduce([self._worth(stem) > 0 for stem in self._key(span)])
            # A tag that merely holds the word is a guess: good for ranking, too loose to count as all.
            for reading in readings if span.names else ():
                answers[reading.documents] = True
            mask &= answers
        return mask

    def literal(self) -> Ranked:
        """The same words, without what they mean."""
        plain = Ranked(self.view, self.dictionary, self.words, expand=False)
        plain._terms = self._terms
        return plain

    def why(self, document: int) -> tuple[Why, ...]:
        """For each span that the document answers, the reading that is worth most."""
        return self.reasons(np.array([document]))[0]

    def reasons(self, documents: Documents) -> list[tuple[Why, ...]]:
        """Why each of these documents was found."""
        reasons: list[dict[Why, None]] = [{} for _ in documents]
        for span, readings in zip(self.spans, self._readings, strict=True):
            best = np.sum([self._worth(stem)[documents] for stem in self._key(span)], axis=0)
            told = [Why("field", held) if held else None for held in self._held(span, documents)]
            for reading in readings:
                scores, tag_ids = reading.at(documents)
                for at in np.flatnonzero(scores > best).tolist():
                    told[at] = Why(reading.kind, reading.text, int(tag_ids[at]))
                best = np.maximum(best, scores)
            for listed, why in zip(reasons, told, strict=True):
                if why is not None:
                    listed[why] = None
        return [tuple(listed) for listed in reasons]

    def text_of(self, span: Span) -> str:
        """The span as it was typed."""
        return " ".join(self.words[span.start : span.end])

    def _held(self, span: Span, documents: Documents) -> list[str]:
        """The words of the span that stand in each of these documents."""
        places = range(span.start, span.end)
        columns = [(self._worth(self.stems[at])[documents] > 0).tolist() for at in places]
        written = self.words[span.start : span.end]
        return [" ".join(compress(written, row)) for row in zip(*columns, strict=True)]

    def marks(self) -> frozenset[str]:
        """All stems that answer the query; those of another label, which count together, as one."""
        names = [tag_id for span in self.spans for tag_id in span.names]
        meant = [
            " ".join(key) for tag_id in names for key in self.dictionary.thesaurus.labels(tag_id)
        ]
        return frozenset(self.stems) | frozenset(meant)

    def _key(self, span: Span) -> Stems:
        return tuple(dict.fromkeys(self.stems[span.start : span.end]))

    def _own(self, span: Span) -> Scores:
        own = self.view.nothing()
        for stem in self._key(span):
            own += self._worth(stem)
        return own

    def _worth(self, stem: str) -> Scores:
        """BM25F of a word for every document; one in the title counts a little more."""
        if stem not in self._terms:
            worth = self.view.nothing()
            self.view.add_scores(worth, "text", stem)
            self.view.add_scores(worth, "title", stem, TITLE_BONUS)
            self._terms[stem] = worth
        return self._terms[stem]

    def _rarity(self, stem: str) -> float:
        return self.view.idf(len(self.view.postings("text", stem).documents))

    def _read(self, span: Span) -> Iterator[Reading]:
        for tag_id in sorted(span.names):
            yield from self._other_labels(span, tag_id)
        if span.names or span.hints:
            yield self._tagged(span, sorted(span.names or span.hints))

    def _tagged(self, span: Span, tag_ids: Sequence[int]) -> Reading:
        """As if each of the tags wrote the words of the span once more into what it covers."""
        view, closure = self.view, self.dictionary.closure
        covered = [view.given_and_inherited(closure, tag_id) for tag_id in tag_ids]
        times = np.zeros(view.size, np.float32)
        rare = [view.idf(len(given) + len(inherited)) for given, inherited in covered]
        # The rarest tag of a document is why it was found: it is written last, and so it stays.
        rarest = np.zeros(view.size, np.int32)
        for place in sorted(range(len(covered)), key=lambda place: (rare[place], -place)):
            given, inherited = covered[place]
            times[given] += 1
            times[inherited] += INHERITED_WEIGHT
            rarest[given] = rarest[inherited] = place
        documents = np.flatnonzero(times > 0)
        which = rarest[documents]
        rarity = np.array(rare)[which]
        saturation = view.saturation(documents, times[documents])
        scores = np.zeros(len(documents))
        for stem in self._key(span):
            worth = np.minimum(rarity, self._rarity(stem)) * saturation
            scores += np.maximum(worth, self._worth(stem)[documents])
        return Reading(
            "tag", self.text_of(span), documents, scores, np.array(tag_ids, np.int64)[which]
        )

    def _other_labels(self, span: Span, tag_id: int) -> Iterator[Reading]:
        own = set(self._key(span))
        limit = (K1 + 1) * sum(map(self._rarity, own))
        for key, label in self.dictionary.thesaurus.labels(tag_id).items():
            if set(key) <= own:
                continue
            documents = self._holding(key)
            if not len(documents):
                continue
            scores = np.sum([self._worth(stem)[documents] for stem in key], axis=0)
            scores = LABEL_WEIGHT * np.minimum(scores, limit)
            yield Reading("label", label, documents, scores, np.full(len(documents), tag_id))

    def _holding(self, key: Stems) -> Documents:
        """The documents that hold all of these words."""
        held = (self.view.postings("text", stem).documents for stem in key)
        return reduce(both, sorted(held, key=len))

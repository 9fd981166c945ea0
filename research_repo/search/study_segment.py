"""Studies as a segment in memory: analysed, scored and filtered like atoms, by the same code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from research_repo.core import words
from research_repo.core.indexing import Document
from research_repo.core.study_texts import StudyText
from research_repo.search.closure import Closure, Kinds
from research_repo.search.postings import NOWHERE, Documents, Mask, Postings
from research_repo.search.schema import FACTS, TAIL, Occurrences, Places, as_fields
from research_repo.search.segments import Segment

_NONE = np.empty(0, np.int64)
_FORMAT = Places()


@dataclass
class _Listed:
    """The documents that hold a term so far, how often, and where."""

    documents: list[int] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    places: list[bytes] = field(default_factory=list)


class StudySegment(Segment):
    """Some studies, one document each, in the order in which they were given.

    A tag is one of the study's own: nothing is lent to a study, and no atom's tag is counted here.
    """

    def __init__(self, texts: Sequence[StudyText]) -> None:
        self.size = len(texts)
        self._listed: dict[tuple[str, str], _Listed] = defaultdict(_Listed)
        facts = []
        for place, text in enumerate(texts):
            numbers, terms = as_fields(_document(text))
            facts.append(np.frombuffer(numbers, "<u4").astype(np.int64))
            self._list(place, terms)
        self._arrays = {
            key: Postings(np.array(listed.documents, np.int64), np.array(listed.weights))
            for key, listed in self._listed.items()
        }
        self._spelling = sorted(term for name, term in self._listed if name == "written")
        self._take(facts)

    def postings(self, field: str, term: str) -> Postings:
        return self._arrays.get((field, term), NOWHERE)

    def phrase(self, terms: list[str]) -> Documents:
        """The documents that hold the terms one after another."""
        held = [self._places(term) for term in terms]
        together = set(held[0]).intersection(*held[1:])
        return np.array(sorted(one for one in together if _follow(held, one)), np.int64)

    def written(self) -> dict[str, int]:
        """All written words, each with the number of studies that hold it."""
        return {word: len(self._listed["written", word].documents) for word in self._spelling}

    def of_studies(self, study_ids: NDArray[np.int64], kinds: Kinds = ()) -> Documents:
        return _NONE

    def tag_counts(self, closure: Closure, mask: Mask, tags: int) -> NDArray[np.int64]:
        return np.zeros(tags, np.int64)

    def _list(self, place: int, terms: dict[str, Occurrences]) -> None:
        for name, occurrences in terms.items():
            for term, (weight, places) in occurrences.items():
                listed = self._listed[name, term.decode()]
                listed.documents.append(place)
                listed.weights.append(weight)
                listed.places.append(places)

    def _places(self, term: str) -> dict[int, set[int]]:
        listed = self._listed.get(("text", term))
        if listed is None:
            return {}
        return {
            document: set(_FORMAT.decode_positions(places))
            for document, places in zip(listed.documents, listed.places, strict=True)
        }

    def _take(self, rows: Sequence[NDArray[np.int64]]) -> None:
        self.facts = {
            name: np.array([row[place] for row in rows], np.int64)
            for place, name in enumerate(FACTS)
        }
        self.facts["quotes"] = np.zeros(self.size, np.int64)
        tagged = [row[len(FACTS) :] for row in rows]
        self._tagged = np.repeat(np.arange(self.size), [len(tags) for tags in tagged])
        self._tags = np.concatenate([_NONE, *tagged])
        self._by_tag = np.argsort(self._tags, kind="stable")
        self._tags_in_order = self._tags[self._by_tag]
        self.tail = dict.fromkeys(TAIL, (_NONE, _NONE))
        self.tail["tags"] = self._tagged, self._tags


def _document(text: StudyText) -> Document:
    return Document(
        atom_id=text.study_id,
        kind="fact",
        study_id=text.study_id,
        status="published",
        author_id=text.owner_id,
        date=text.date,
        language=words.language_of(text.title),
        title=text.title,
        body="",
        quotes=(*text.questions, *text.prose),
        tag_ids=text.tag_ids,
    )


def _follow(held: Sequence[dict[int, set[int]]], document: int) -> bool:
    starts = [{place - step for place in places[document]} for step, places in enumerate(held)]
    return bool(set.intersection(*starts))

"""Studies as a segment in memory: analysed, scored and filtered like atoms, by the same code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from research_repo.core import words
from research_repo.core.indexing import Document
from research_repo.core.study_texts import StudyText
from research_repo.search import vocabulary
from research_repo.search.postings import NOWHERE, Documents, Numbers, Postings
from research_repo.search.schema import FACTS, TAIL, Occurrences, as_fields
from research_repo.search.segments import Segment
from research_repo.search.vocabulary import Words


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

    is_lent_to = False

    def __init__(self, texts: Sequence[StudyText]) -> None:
        self.size = len(texts)
        self._listed: dict[tuple[str, str], _Listed] = defaultdict(_Listed)
        facts = []
        for place, text in enumerate(texts):
            numbers, terms = as_fields(_document(text))
            facts.append(np.frombuffer(numbers, "<u4").astype(np.int32))
            self._list(place, terms)
        self._arrays = {
            key: Postings(np.array(listed.documents, np.int32), np.array(listed.weights))
            for key, listed in self._listed.items()
        }
        self._take(facts)

    def postings(self, field: str, term: str) -> Postings:
        return self._arrays.get((field, term), NOWHERE)

    def places(self, term: str) -> Numbers:
        listed = self._listed.get(("text", term), _Listed())
        return np.frombuffer(b"".join(listed.places), np.uint32).astype(np.int32)

    def words(self) -> Words:
        return vocabulary.of_counts(
            (term, len(listed.documents))
            for (name, term), listed in self._listed.items()
            if name == "written"
        )

    def with_beginning(self, prefix: str, words: Collection[str]) -> Documents:
        held = [self.postings("written", word).documents for word in words]
        return np.concatenate([NOWHERE.documents, *held])

    def _list(self, place: int, terms: dict[str, Occurrences]) -> None:
        for name, occurrences in terms.items():
            for term, (weight, places) in occurrences.items():
                listed = self._listed[name, term.decode()]
                listed.documents.append(place)
                listed.weights.append(weight)
                listed.places.append(places)

    def _take(self, rows: Sequence[NDArray[np.int32]]) -> None:
        self.facts = {
            name: np.array([row[place] for row in rows], np.int32)
            for place, name in enumerate(FACTS)
        }
        self.facts["quotes"] = np.zeros(self.size, np.int32)
        tags = [row[len(FACTS) :] for row in rows]
        self.tail: dict[str, Numbers] = dict.fromkeys(TAIL, NOWHERE.documents)
        self.tail["tags"] = np.concatenate([NOWHERE.documents, *tags])


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

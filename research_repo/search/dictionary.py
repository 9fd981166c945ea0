"""The vocabulary as searches use it, read anew when its edition has risen."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

from research_repo.core import indexing
from research_repo.core.db import Database
from research_repo.core.indexing import Vocabulary
from research_repo.search.closure import Closure
from research_repo.search.labels import Labels
from research_repo.search.thesaurus import Thesaurus


@dataclass(frozen=True)
class Dictionary:
    """Hierarchy, thesaurus and type-ahead of one edition."""

    closure: Closure
    thesaurus: Thesaurus
    labels: Labels


class NewestDictionary:
    """Holds the newest edition for all threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._turn = threading.Lock()
        self._newest: Dictionary | None = None
        self._read_from: Vocabulary | None = None

    def newest(self) -> Dictionary:
        """What tags mean at this moment."""
        with self._turn, self._database.reading() as session:
            edition = indexing.vocabulary_edition(session)
            if self._newest is None or self._newest.closure.edition != edition:
                self._newest = self._read(indexing.vocabulary(session))
            return self._newest

    def _read(self, vocabulary: Vocabulary) -> Dictionary:
        closure = Closure(vocabulary)
        before, self._read_from = self._read_from, vocabulary
        if self._newest and before and _has_same_words(before, vocabulary):
            # Only studies or rules changed: stemming thousands of labels again would tell the same.
            return replace(self._newest, closure=closure)
        return Dictionary(closure, Thesaurus(vocabulary, closure), Labels(vocabulary, closure))


def _has_same_words(one: Vocabulary, other: Vocabulary) -> bool:
    return one.tags == other.tags and one.labels == other.labels

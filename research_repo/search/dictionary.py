"""The vocabulary as searches use it, read anew when its edition has risen."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

from research_repo.core import indexing
from research_repo.core.db import Database
from research_repo.core.indexing import Vocabulary
from research_repo.search.aside import aside
from research_repo.search.closure import Closure
from research_repo.search.labels import Labels
from research_repo.search.thesaurus import Thesaurus

PREPARED_AT_ONCE = 3_000  # labels: a tenth of a second


@dataclass(frozen=True)
class Dictionary:
    """Hierarchy, thesaurus and type-ahead of one edition."""

    closure: Closure
    thesaurus: Thesaurus
    labels: Labels


class NewestDictionary:
    """Holds the newest edition for all threads.

    Where tags stand is always new. The words of a large vocabulary take seconds to prepare: after a
    change they are prepared in a thread of their own, and the ones before it serve meanwhile.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._turn = threading.Lock()
        self._newest: Dictionary | None = None
        self._read_from: Vocabulary | None = None
        self._words_of: Vocabulary | None = None
        self._is_preparing = False

    def newest(self, edition: int | None = None) -> Dictionary:
        """What tags mean at this moment, or in the edition that somebody has just read."""
        held = self._newest
        if held is not None and held.closure.edition == edition:
            return held
        with self._turn, self._database.reading() as session:
            edition = indexing.vocabulary_edition(session)
            if self._newest is None or self._newest.closure.edition != edition:
                self._newest = self._read(indexing.vocabulary(session))
            return self._newest

    def warm_up(self) -> None:
        """Prepare all that the first question would have to wait for."""
        _ = self.newest().labels.likeness

    def _read(self, vocabulary: Vocabulary) -> Dictionary:
        self._read_from = vocabulary
        closure = Closure(vocabulary)
        standing, told = self._newest, self._words_of
        if standing is None or told is None:
            self._words_of = vocabulary
            return _prepared(vocabulary, closure)
        # Only studies or rules changed: stemming thousands of labels again would tell the same.
        if not _has_same_words(told, vocabulary):
            if len(vocabulary.labels) <= PREPARED_AT_ONCE:
                self._words_of = vocabulary
                return _prepared(vocabulary, closure)
            if not self._is_preparing:
                self._is_preparing = True
                aside(self._prepare, "words of tags")
        return replace(standing, closure=closure)

    def _prepare(self) -> None:
        try:
            while vocabulary := self._with_new_words():
                prepared = _prepared(vocabulary, Closure(vocabulary))
                _ = prepared.labels.likeness
                with self._turn:
                    self._words_of = vocabulary
                    if self._newest is not None:
                        self._newest = replace(prepared, closure=self._newest.closure)
        finally:
            self._is_preparing = False

    def _with_new_words(self) -> Vocabulary | None:
        with self._turn:
            read, told = self._read_from, self._words_of
            is_told = read is None or (told is not None and _has_same_words(told, read))
            return None if is_told else read


def _prepared(vocabulary: Vocabulary, closure: Closure) -> Dictionary:
    return Dictionary(closure, Thesaurus(vocabulary, closure), Labels(vocabulary, closure))


def _has_same_words(one: Vocabulary, other: Vocabulary) -> bool:
    return one.tags == other.tags and one.labels == other.labels

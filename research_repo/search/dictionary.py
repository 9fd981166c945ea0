"""The vocabulary as searches use it, read anew when its edition has risen."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

from research_repo.core import indexing
from research_repo.core.db import Database
from research_repo.core.indexing import Vocabulary
from research_repo.core.likeness import Likeness
from research_repo.search.aside import aside, give_back
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
        self._read = self._told = 0
        self._is_preparing = False

    def newest(self, edition: int | None = None) -> Dictionary:
        """What tags mean at this moment, or in the edition that somebody has just read."""
        held = self._newest
        if held is not None and held.closure.edition == edition:
            return held
        with self._turn, self._database.reading() as session:
            edition = indexing.vocabulary_edition(session)
            if self._newest is None or self._newest.closure.edition != edition:
                self._newest = self._newer(indexing.vocabulary(session))
            return self._newest

    def warm_up(self) -> None:
        """Prepare all that the first question would have to wait for."""
        _ = self.newest().labels.likeness

    def _newer(self, vocabulary: Vocabulary) -> Dictionary:
        self._read, closure, standing = _words_in(vocabulary), Closure(vocabulary), self._newest
        # Only studies or rules changed: stemming thousands of labels again would tell the same.
        if standing is not None and self._told == self._read:
            return replace(standing, closure=closure)
        if standing is None or len(vocabulary.labels) <= PREPARED_AT_ONCE:
            self._told = self._read
            return _prepared(vocabulary, closure)
        if not self._is_preparing:
            self._is_preparing = True
            aside(self._prepare, "words of tags")
        return replace(standing, closure=closure)

    def _prepare(self) -> None:
        try:
            while self._is_told_anew():
                give_back()
        except BaseException:
            self._is_preparing = False
            raise

    def _is_told_anew(self) -> bool:
        """Prepare the words that are the newest now; whether there were any."""
        with self._turn, self._database.reading() as session:
            standing = self._newest
            if standing is None or self._told == self._read:
                self._is_preparing = False
                return False
            vocabulary = indexing.vocabulary(session)
            told = self._read = _words_in(vocabulary)
        before = standing.labels.likeness
        prepared = _prepared(vocabulary, Closure(vocabulary), before)
        _ = prepared.labels.likeness
        with self._turn:
            self._told = told
            closure = self._newest.closure if self._newest else prepared.closure
            self._newest = replace(prepared, closure=closure)
        return True


def _prepared(
    vocabulary: Vocabulary, closure: Closure, before: Likeness | None = None
) -> Dictionary:
    labels = Labels(vocabulary, closure, before)
    return Dictionary(closure, Thesaurus(vocabulary, closure), labels)


def _words_in(vocabulary: Vocabulary) -> int:
    """A number that differs when tags or labels do: a vocabulary that is kept takes 20 MB."""
    return hash((vocabulary.tags, vocabulary.labels))

"""Known words that are one or two slips of the keys away from a typed one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA

from research_repo.core.packed import Lexicon, Texts
from research_repo.core.words import language_of
from research_repo.search.view import View

SHORTEST = 4
FIRST_LETTER_FROM = 6  # letters: the first one is hardly ever wrong; of a long word that is certain
TWO_SLIPS_FROM = 8
CANDIDATES = 8

_LETTERS = {"ru": "абвгдежзийклмнопрстуфхцчшщъыьэюя", "en": "abcdefghijklmnopqrstuvwxyz"}

NO_LABELS = Texts()


class Spelled:
    """All words of an index as they are written, ready to look for those near to a typed one.

    It only grows: words that stand nowhere any more, or nowhere that a person sees, are told apart
    by who counts them. So a new view costs no more than its new segments.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._taken: set[str] = set()
        self._labels = NO_LABELS
        self._words = Lexicon()

    def of(self, view: View, labels: Texts = NO_LABELS) -> Spelled:
        """The same, with all words of this view and of these labels."""
        with self._turn:
            if labels is not self._labels and labels is not NO_LABELS:
                self._words.add(labels)
                self._labels = labels
            for name, segment in view.segments.items():
                if name not in self._taken:
                    self._words.add(segment.words())
            self._taken = set(view.segments)
        return self

    def near(self, word: str) -> Iterator[set[str]]:
        """Known words one slip away; then, for long words, those two slips away that begin alike.

        Looking up each possible slip takes a fraction of comparing with all words that are known.
        """
        slips = {slip for slip in _one_slip(word) if _may_stand_for(word, slip)}
        yield self._words.known(slips)
        if len(word) >= TWO_SLIPS_FROM:
            yield {
                candidate
                for known in self._about(word)
                for candidate, _, _ in process.extract(
                    word, known, scorer=OSA.distance, score_cutoff=2, limit=CANDIDATES
                )
                if _begins_alike(word, candidate)
            }

    def _about(self, word: str) -> Iterator[list[str]]:
        for letter in dict.fromkeys(word[:2]):
            for length in range(len(word) - 2, len(word) + 3):
                yield self._words.alike(letter, length)


def nearest_first(word: str, counts: Mapping[str, int]) -> Callable[[str], Any]:
    """The order among words equally near: those that begin alike, then the more frequent."""
    return lambda candidate: (not _begins_alike(word, candidate), -counts[candidate], candidate)


def _one_slip(word: str) -> Iterator[str]:
    letters = _LETTERS[language_of(word)]
    for place in range(len(word) + 1):
        before, after = word[:place], word[place:]
        yield from (before + letter + after for letter in letters)
        if after:
            yield before + after[1:]
            yield from (before + letter + after[1:] for letter in letters)
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]


def _may_stand_for(word: str, slip: str) -> bool:
    is_word = len(slip) >= SHORTEST and slip != word
    return is_word and (len(word) >= FIRST_LETTER_FROM or _begins_alike(word, slip))


def _begins_alike(typed: str, candidate: str) -> bool:
    return candidate[0] in typed[:2] and typed[0] in candidate[:2]

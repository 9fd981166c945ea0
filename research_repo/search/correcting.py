"""What was probably meant: the other keyboard layout first, then the nearest known spelling.

Only words that the person may see somewhere count as known, so that no correction tells what a
closed study speaks of.
"""

from __future__ import annotations

from collections.abc import Iterable, Set

from rapidfuzz import process
from rapidfuzz.distance import OSA

from research_repo.core import words
from research_repo.search.asking import Query, parse
from research_repo.search.found import Correction
from research_repo.search.postings import Mask
from research_repo.search.thesaurus import Thesaurus
from research_repo.search.view import View

SHORTEST = 4  # letters: a shorter word is one edit away from too many others
TWO_EDITS_FROM = 8
CANDIDATES = 8


class Corrector:
    """Knows the words of a view that a person sees, and those of the labels."""

    def __init__(self, view: View, thesaurus: Thesaurus, seen: Mask, unseen: Set[int]) -> None:
        self._view, self._thesaurus = view, thesaurus
        self._seen, self._unseen = seen, unseen

    def correct(self, text: str) -> tuple[Query, tuple[Correction, ...]]:
        """The query to run, and what was changed for it."""
        query = parse(text)
        flipped = words.other_layout(text)
        other = parse(flipped)
        if self._known_among(other.words) > self._known_among(query.words):
            return other, (Correction("layout", text, flipped),)
        better = {word: self._nearest(word) for word in query.words if self._is_odd(word)}
        changed = {word: used for word, used in better.items() if used is not None}
        if not changed:
            return query, ()
        corrected = Query(
            words=tuple(changed.get(word, word) for word in query.words),
            phrases=tuple(
                tuple(changed.get(word, word) for word in phrase) for phrase in query.phrases
            ),
            prefixes=query.prefixes,
            without=query.without,
        )
        return corrected, tuple(Correction("spelling", *pair) for pair in changed.items())

    def _known_among(self, query: Iterable[str]) -> int:
        return sum(self._is_known(word) for word in query)

    def _is_known(self, word: str) -> bool:
        stem = words.stem(word)
        return bool(self._thesaurus.holding(stem, self._unseen)) or bool(
            self._seen[self._view.postings("text", stem).documents].any()
        )

    def _is_odd(self, word: str) -> bool:
        return len(word) >= SHORTEST and word.isalpha() and not self._is_known(word)

    def _nearest(self, word: str) -> str | None:
        allowed = 2 if len(word) >= TWO_EDITS_FROM else 1
        near: dict[str, float] = {}
        known: list[Iterable[str]] = [*self._view.written(), self._thesaurus.written]
        for written in known:
            for candidate, distance, _ in process.extract(
                word, list(written), scorer=OSA.distance, score_cutoff=allowed, limit=CANDIDATES
            ):
                if _begins_alike(word, candidate):
                    near[candidate] = distance
        counts = {candidate: self._count(candidate) for candidate in near}
        usable = [candidate for candidate, count in counts.items() if count]
        return min(usable, key=lambda word: (near[word], -counts[word], word), default=None)

    def _count(self, word: str) -> int:
        seen = int(self._seen[self._view.postings("written", word).documents].sum())
        return seen + len(self._thesaurus.written.get(word, set()) - self._unseen)


def _begins_alike(typed: str, candidate: str) -> bool:
    # People miss keys inside a word, hardly ever its first one; two swapped letters are still there.
    is_word = len(candidate) >= SHORTEST
    return is_word and candidate[0] in typed[:2] and typed[0] in candidate[:2]

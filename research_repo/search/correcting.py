"""What was probably meant: the other keyboard layout first, then the nearest known spelling.

Only words that the person may see somewhere count as known, so that no correction tells what a
closed study speaks of. What stands in quotes, or after a minus, is meant as it is typed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import chain

import numpy as np

from research_repo.core import words
from research_repo.search.asking import Query, cut, parse, plain_parts
from research_repo.search.found import Correction
from research_repo.search.postings import Mask
from research_repo.search.spelling import Spelled, nearest_first
from research_repo.search.thesaurus import Thesaurus
from research_repo.search.view import View

SHORTEST = 4  # letters: a shorter word is one edit away from too many others
SHORTEST_FLIPPED = 2
CORRECTED_MAX = 8  # words: a text full of unknown ones is no misspelling, and each takes its time

_CHUNK = re.compile(r"\S+")
_AROUND = ".,;:!?…()"


@dataclass(frozen=True)
class Shelf:
    """Documents of one sort, and what a person sees of them."""

    view: View
    seen: Mask
    spelled: Spelled = field(default_factory=Spelled)

    def count(self, name: str, term: str) -> int:
        """In how many documents that the person sees a term stands."""
        return int(np.count_nonzero(self.seen[self.view.postings(name, term).documents]))


class Corrector:
    """Knows the words of shelves that a person sees, and those of the labels.

    A word of any shelf is a word: it is not bent into one that another holds. Of words equally near
    those of the first shelf are meant. `offered` are the shelves whose words may be meant at all, by
    default every one.
    """

    def __init__(
        self,
        thesaurus: Thesaurus,
        unseen: Set[int],
        shelves: Sequence[Shelf],
        offered: Sequence[Shelf] | None = None,
    ) -> None:
        self._thesaurus, self._unseen = thesaurus, unseen
        self._shelves, self._offered = shelves, shelves if offered is None else offered

    def correct(self, text: str) -> tuple[Query, tuple[Correction, ...]]:
        """The query to run, and what was changed for it."""
        text = cut(text)
        flipped = self._with_right_keys(text)
        query = parse(flipped)
        layout = [Correction("layout", text, flipped)] if flipped != text else []
        as_meant = {word for phrase in query.phrases for word in phrase}
        odd = [word for word in dict.fromkeys(query.words) if word not in as_meant]
        odd = [word for word in odd if self._is_odd(word)][:CORRECTED_MAX]
        better = {word: used for word in odd if (used := self._nearest(word))}
        if not better:
            return query, tuple(layout)
        meant = tuple(better.get(word, word) for word in query.words)
        corrected = replace(query, words=meant)
        return corrected, (*layout, *(Correction("spelling", *pair) for pair in better.items()))

    def _with_right_keys(self, text: str) -> str:
        """The text with what makes sense only on the other keyboard typed on that one."""
        chunks = [
            Chunk(start + found.start(), found.group(), self._is_known)
            for start, end in plain_parts(text)
            for found in _CHUNK.finditer(text[start:end])
        ]
        wrong = [chunk for chunk in chunks if chunk.is_wrong]
        if len(wrong) > sum(chunk.is_right for chunk in chunks):
            # Then words that nobody knows on either keyboard, and short ones, were typed alike.
            wrong = [chunk for chunk in chunks if chunk.is_wrong or not chunk.is_right]
        for chunk in reversed(wrong):
            text = text[: chunk.start] + chunk.flipped + text[chunk.start + len(chunk.typed) :]
        return text

    def _is_known(self, word: str) -> bool:
        stem = words.stem(word)
        return bool(self._thesaurus.holding(stem, self._unseen)) or any(
            shelf.count("text", stem) for shelf in self._shelves
        )

    def _is_odd(self, word: str) -> bool:
        return len(word) >= SHORTEST and word.isalpha() and not self._is_known(word)

    def _nearest(self, word: str) -> str | None:
        near = (
            shelf.spelled.of(shelf.view, self._thesaurus.words).near(word)
            for shelf in self._offered
        )
        for candidates in chain.from_iterable(zip(*near, strict=True)):
            counts = {candidate: self._count(candidate) for candidate in candidates}
            usable = [candidate for candidate, count in counts.items() if count]
            if usable:
                return min(usable, key=nearest_first(word, counts))
        return None

    def _count(self, word: str) -> int:
        """In how many documents and labels the word stands in any form, as the person sees it."""
        seen = sum(shelf.count("written", word) for shelf in self._shelves)
        return seen + len(self._thesaurus.writing(word, self._unseen))


class Chunk:
    """A piece of text between spaces, as it was typed and as the other keyboard would have it."""

    def __init__(self, start: int, typed: str, is_known: Callable[[str], bool]) -> None:
        self.start, self.typed = start, typed
        own = words.tokens(typed)
        is_clear = _is_clear(own)
        # A word that is known as it was typed needs no second look.
        self.is_right = is_clear and _all_known(own, is_known)
        self.flipped = words.other_layout(typed)
        self.is_wrong = False
        if not self.is_right and not _all_known(own, is_known):
            self.is_wrong = self._makes_sense(is_known)

    def _makes_sense(self, is_known: Callable[[str], bool]) -> bool:
        bare = self.typed.strip(_AROUND)
        at = self.typed.find(bare)
        around = self.typed[:at], self.typed[at + len(bare) :]
        # Signs around a word may be letters of the other keyboard, or signs.
        for flipped in (self.flipped, words.other_layout(bare).join(around)):
            other = words.tokens(flipped)
            if _is_clear(other) and _all_known(other, is_known):
                self.flipped = flipped
                return True
        return False


def _is_clear(tokens: Sequence[str]) -> bool:
    """Whether there is a word among them that hardly stands there by chance."""
    return any(
        len(token) >= SHORTEST_FLIPPED and not token.isdigit() and token not in words.STOP_WORDS
        for token in tokens
    )


def _all_known(tokens: Iterable[str], is_known: Callable[[str], bool]) -> bool:
    return all(token in words.STOP_WORDS or token.isdigit() or is_known(token) for token in tokens)

"""The words of a query marked in a text, and the part of a text that shows most of them."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache

from research_repo.core import words

SNIPPET_LENGTH = 240

Mark = tuple[int, int, str]
"""From where to where a word that answers stands in a text, and what of the query it answers."""


class _Answering(dict[str, str | None]):
    """Word as written → what of the query it answers, if anything; found out once a word."""

    def __init__(self, stems: frozenset[str]) -> None:
        super().__init__()
        asked = [frozenset(stem.split()) for stem in stems]
        self._alone = {stem for some in asked if len(some) == 1 for stem in some}
        self._together = [some for some in asked if len(some) > 1]
        self._known = self._alone.union(*self._together)
        self._beginnings = tuple(stem[:-1] for stem in stems if stem.endswith("*"))

    def __missing__(self, word: str) -> str | None:
        token = words.token(word)
        stem = words.stem(token)
        begun = next((one for one in self._beginnings if token.startswith(one)), None)
        found: str | None = None
        if token and begun is not None and stem not in self._alone:
            found = f"{begun}*"
        elif token and stem in self._known:
            found = stem
        # What is too long to be a word is not remembered, and neither is a book.
        if len(word) <= words.TOKEN_MAX and len(self) < WORDS_KEPT:
            self[word] = found
        return found

    def only(self, marks: list[Mark]) -> list[Mark]:
        """Those that answer alone, or together with all others of their label."""
        if not self._together:
            return marks
        held = {answered for _, _, answered in marks}
        whole = (some for some in self._together if some <= held)
        meant = {one for one in held if one in self._alone or one.endswith("*")}.union(*whole)
        return [mark for mark in marks if mark[2] in meant]


WORDS_KEPT = 5_000


@lru_cache(64)
def _answering(stems: frozenset[str]) -> _Answering:
    # A page cuts sixty texts for one query, and people turn its pages.
    return _Answering(stems)


def marked(text: str, stems: Collection[str]) -> list[tuple[str, bool]]:
    """The text in pieces that make it up again, each with whether it answers the query.

    A stem that ends in * is the beginning of words; several with spaces answer only together.
    """
    plain = unicodedata.normalize("NFC", text)
    pieces, end = [], 0
    for start, stop, _ in _marks(plain, stems):
        if start > end:
            pieces.append((plain[end:start], False))
        pieces.append((plain[start:stop], True))
        end = stop
    if end < len(plain):
        pieces.append((plain[end:], False))
    return pieces


def snippet(text: str, stems: Collection[str], length: int = SNIPPET_LENGTH) -> str:
    """At most `length` characters of the text, whole words, where most different words meet."""
    plain = " ".join(unicodedata.normalize("NFC", text).split())
    if len(plain) <= length:
        return plain
    marks = _marks(plain, stems)
    start = max(
        (_window_start(plain, mark[0], length) for mark in marks),
        key=lambda begin: _variety(marks, begin, begin + length),
        default=0,
    )
    return _whole_words(plain, start, length)


def best(texts: Iterable[str], stems: Collection[str], length: int = SNIPPET_LENGTH) -> str:
    """The snippet of the text that answers best; of equal ones the first that is not empty."""
    snippets = [snippet(text, stems, length) for text in texts if text.strip()]
    if len(snippets) < 2:
        return snippets[0] if snippets else ""
    return max(snippets, key=lambda text: _variety(_marks(text, stems)))


def _marks(text: str, stems: Collection[str]) -> Sequence[Mark]:
    return _known_marks(text, frozenset(stems))


# A snippet that was compared with others is marked next.
@lru_cache(64)
def _known_marks(text: str, stems: frozenset[str]) -> Sequence[Mark]:
    answering = _answering(stems)
    return answering.only(
        [
            (found.start(), found.end(), answered)
            for found in words.written(text)
            if (answered := answering[found.group()]) is not None
        ]
    )


def _variety(marks: Sequence[Mark], begin: int = 0, end: int | None = None) -> int:
    return len({stem for s, e, stem in marks if s >= begin and (end is None or e <= end)})


def _window_start(text: str, mark: int, length: int) -> int:
    # A quarter of the window before the mark; from the sentence's beginning when it is that near.
    earliest = max(mark - length // 4, 0)
    sentence = max(text.rfind(sign, earliest, mark) for sign in (". ", "! ", "? ", "… "))
    return min(sentence + 2 if sentence >= 0 else earliest, max(len(text) - length, 0))


def _whole_words(text: str, start: int, length: int) -> str:
    end = start + length - 2
    if start > 0 and text[start - 1] != " ":
        start = text.find(" ", start, end) + 1 or start
    if end < len(text) and text[end] != " ":
        end = max(text.rfind(" ", start, end), start + 1) if " " in text[start:end] else end
    before = "…" if start > 0 else ""
    after = "…" if end < len(text) else ""
    return before + text[start:end].strip() + after

"""The words of a query marked in a text, and the part of a text that shows most of them."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable

from research_repo.core import words

SNIPPET_LENGTH = 240


def marked(text: str, stems: Collection[str]) -> list[tuple[str, bool]]:
    """The text in pieces that make it up again, each with whether it answers the query."""
    plain = unicodedata.normalize("NFC", text)
    pieces, end = [], 0
    for start, stop in _marks(plain, stems):
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
    marks = list(_marks(plain, stems))
    start = max(
        (_window_start(plain, mark[0], length) for mark in marks),
        key=lambda begin: _variety(plain, marks, begin, begin + length),
        default=0,
    )
    return _whole_words(plain, start, length)


def best(texts: Iterable[str], stems: Collection[str], length: int = SNIPPET_LENGTH) -> str:
    """The snippet of the text that answers best; of equal ones the first that is not empty."""
    snippets = [snippet(text, stems, length) for text in texts if text.strip()]
    return max(snippets, key=lambda text: _variety(text, list(_marks(text, stems))), default="")


def _marks(text: str, stems: Collection[str]) -> Iterable[tuple[int, int]]:
    prefixes = tuple(stem[:-1] for stem in stems if stem.endswith("*"))
    for start, stop, token in words.spans(text):
        if words.stem(token) in stems or (prefixes and token.startswith(prefixes)):
            yield start, stop


def _variety(
    text: str, marks: list[tuple[int, int]], begin: int = 0, end: int | None = None
) -> int:
    within = [text[s:e] for s, e in marks if s >= begin and (end is None or e <= end)]
    return len({words.stem(token) for word in within for token in words.tokens(word)})


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

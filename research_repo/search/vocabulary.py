"""The written words of a part of the index, packed: in order, each with its number of documents."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from whoosh.reading import SegmentReader

from research_repo.search.postings import ABOUT_TERM, Numbers

_AFTER_ALL = b"\xff"  # no text in UTF-8 has it
_HEAD_BYTES = 10  # two lengths and the field's number, before the term
# Within what is told about a term: the number of documents, and the first and the last of them.
_COUNT_OFFSET, _FIRST_OFFSET, _LAST_OFFSET = 5, 15, 19
_BREAK = b"\n"


class Words:
    """As text in one piece: an object for each of 100,000 words would take ten times the memory."""

    def __init__(self, words: Sequence[bytes], counts: Numbers) -> None:
        self._text = _BREAK.join(words)
        sizes = np.fromiter(map(len, words), np.int32, len(words)) + len(_BREAK)
        self._starts = np.concatenate([np.zeros(1, np.int32), np.cumsum(sizes, dtype=np.int32)])
        self.counts = counts

    def __len__(self) -> int:
        return len(self.counts)

    def __iter__(self) -> Iterator[str]:
        return iter(self.beginning("")[0])

    def beginning(self, prefix: str) -> tuple[list[str], Numbers]:
        """The words that begin so, in order, each with the number of documents that hold it."""
        first = self._place(prefix.encode())
        last = self._place(prefix.encode() + _AFTER_ALL)
        if first == last:
            return [], self.counts[:0]
        text = self._text[self._starts[first] : self._starts[last] - len(_BREAK)]
        return text.decode().split(_BREAK.decode()), self.counts[first:last]

    def _place(self, word: bytes) -> int:
        return bisect_left(range(len(self)), word, key=self._word)

    def _word(self, place: int) -> bytes:
        return self._text[self._starts[place] : self._starts[place + 1] - len(_BREAK)]


@dataclass(frozen=True)
class Entries:
    """Terms of a segment in order: how many documents hold each, the first and the last of them,
    and where its postings are.
    """

    terms: list[bytes]
    counts: Numbers
    firsts: Numbers
    lasts: Numbers
    starts: Numbers
    sizes: Numbers


def entries(reader: SegmentReader, field: str, prefix: bytes = b"") -> Entries:
    """The terms of a field that begin so, read in one go."""
    index, file = reader._terms._tindex, reader._terms._tindex.dbfile
    key = reader._terms._keycoder(field, prefix)
    first, after = index.closest_key_pos(key), index.closest_key_pos(key + _AFTER_ALL)
    if first is None or first == after:
        return Entries([], *(np.empty(0, np.int64) for _ in range(5)))
    end = index.endofdata if after is None else after
    positions = np.array(file.get_array(index.indexbase, index.extras["indextype"], index.indexlen))
    raw = file.get(first, end - first)
    low, high = np.searchsorted(positions, [first, end])
    starts = positions[low:high].astype(np.int64) - first
    ends = np.append(starts[1:], end - first)
    about = ends - ABOUT_TERM.size
    terms = [raw[a:b] for a, b in zip((starts + _HEAD_BYTES).tolist(), about.tolist(), strict=True)]
    there = np.frombuffer(raw, np.uint8)
    return Entries(
        terms,
        _numbers(there, about + _COUNT_OFFSET, ">u4"),
        _numbers(there, about + _FIRST_OFFSET, ">u4"),
        _numbers(there, about + _LAST_OFFSET, ">u4"),
        _numbers(there, ends - 12, ">i8"),
        _numbers(there, ends - 4, ">i4"),
    )


def together(parts: Sequence[Words]) -> Words:
    """The words of all parts, their documents added up."""
    if len(parts) == 1:
        return parts[0]
    counted: Counter[str] = Counter()
    for part in parts:
        words, counts = part.beginning("")
        counted.update(dict(zip(words, counts.tolist(), strict=True)))
    return of_counts(counted.items())


def of_counts(counted: Iterable[tuple[str, int]]) -> Words:
    """Words with the number of documents that hold them, in any order."""
    ordered = sorted((word.encode(), count) for word, count in counted)
    counts = np.array([count for _, count in ordered], np.int32)
    return Words([word for word, _ in ordered], counts)


def _numbers(there: NDArray[np.uint8], starts: Numbers, kind: str) -> Numbers:
    width = np.dtype(kind).itemsize
    some = there[starts[:, None] + np.arange(width)]
    return np.ascontiguousarray(some).view(kind).ravel().astype(np.int64)

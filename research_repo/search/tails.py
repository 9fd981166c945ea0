"""Labels from each of their words on, to look up what a typed beginning begins."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

import numpy as np

from research_repo.core import words

_END = "\0"  # of a label; stands before all that may follow a beginning


class Tails:
    """Folded labels in one text, with the places in it where words begin, in alphabetical order."""

    def __init__(self, labels: Iterable[str]) -> None:
        whole = [label + _END for label in labels]
        self._text = "".join(whole)
        self._ends = np.cumsum([*map(len, whole)], dtype=np.int32)
        written: set[str] = set()
        places, start = array("i"), 0
        for label in whole:
            places.append(start)
            for at, _, word in words.spans(label):
                written.add(word)
                if at:
                    places.append(start + at)
            start += len(label)
        self._places = np.array(sorted(places, key=self._tail), np.int32)
        self._words = "\n".join(sorted(written))

    def words(self) -> list[str]:
        """The words of all labels, in order."""
        return self._words.split()

    def _tail(self, at: int) -> str:
        return self._text[at : self._text.index(_END, at)]

    def beginning(self, text: str) -> Iterator[tuple[int, bool, bool]]:
        """By its number each label with a word from which on it begins so, as often as there are
        such; whether that word is the first one, and whether the text is all of the label.
        """
        if _END in text:
            return
        size, whole = len(text), self._text
        first = bisect_left(self._places, text, key=lambda at: whole[at : at + size])
        after = bisect_right(self._places, text, first, key=lambda at: whole[at : at + size])
        found = self._places[first:after]
        labels = np.searchsorted(self._ends, found, "right")
        starts = np.where(labels, self._ends[labels - 1], 0)
        is_first = found == starts
        is_all = is_first & (found + size + len(_END) == self._ends[labels])
        yield from zip(labels.tolist(), is_first.tolist(), is_all.tolist(), strict=True)

"""Texts, words and what belongs to them, each many in one piece.

An object for each of 100,000 takes ten times the memory, and a process made by forking copies it as
soon as it looks at it.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence

FEW = 4  # words of one shape: looking for each of them is faster than taking all apart

_BREAK = "\n"  # stands in no word


class Texts:
    """Texts by their place, in the order in which they came."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        whole = bytearray()
        self._ends = array("l", [0])
        for text in texts:
            whole += text.encode("utf-8", "surrogatepass")
            self._ends.append(len(whole))
        self._whole = bytes(whole)

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, place: int) -> str:
        start, end = self._ends[place], self._ends[place + 1]
        return self._whole[start:end].decode("utf-8", "surrogatepass")

    def __iter__(self) -> Iterator[str]:
        return map(self.__getitem__, range(len(self)))


class Labels:
    """Labels, each with the id of its tag, by their place."""

    def __init__(self, labels: Iterable[tuple[int, str]]) -> None:
        self.tag_ids = array("q")

        def texts() -> Iterator[str]:
            for tag_id, text in labels:
                self.tag_ids.append(tag_id)
                yield text

        self.texts = Texts(texts())

    def __len__(self) -> int:
        return len(self.tag_ids)

    def __getitem__(self, place: int) -> tuple[int, str]:
        return self.tag_ids[place], self.texts[place]

    def __iter__(self) -> Iterator[tuple[int, str]]:
        return zip(self.tag_ids, self.texts, strict=True)


class Numbers:
    """Numbers by what they belong to. All are added first, then settled, then asked for.

    The key itself is not kept, only its hash of 64 bits: two keys that share one do not occur.
    """

    def __init__(self, pairs: Iterable[tuple[Hashable, int]] = ()) -> None:
        self._keys, self._numbers = array("q"), array("i")
        for key, number in pairs:
            self.add(key, number)
        self.settle()

    def add(self, key: Hashable, number: int) -> None:
        """One more number of a key, unsettled."""
        self._keys.append(hash(key))
        self._numbers.append(number)

    def settle(self) -> None:
        """Put all in order; the numbers of a key stay as they came."""
        order = sorted(range(len(self._keys)), key=self._keys.__getitem__)
        self._keys = array("q", map(self._keys.__getitem__, order))
        self._numbers = array("i", map(self._numbers.__getitem__, order))

    def renumbered(self, numbers: Sequence[int]) -> Numbers:
        """The same with `numbers[n]` for each n; what would be below 0 is left out."""
        other = Numbers()
        for key, number in zip(self._keys, self._numbers, strict=True):
            if numbers[number] >= 0:
                other._keys.append(key)
                other._numbers.append(numbers[number])
        return other

    def of(self, key: Hashable) -> Sequence[int]:
        """The numbers of a key; none where it is not known."""
        wanted = hash(key)
        start = bisect_left(self._keys, wanted)
        if start == len(self._keys) or self._keys[start] != wanted:
            return ()
        return self._numbers[start : bisect_right(self._keys, wanted, start)]

    def __contains__(self, key: Hashable) -> bool:
        wanted = hash(key)
        start = bisect_left(self._keys, wanted)
        return start < len(self._keys) and self._keys[start] == wanted


class Lexicon:
    """Words by how they begin and how long they are, so that few are compared with a misspelt one.

    It only grows; whoever reads meanwhile sees a word or does not see it yet.
    """

    def __init__(self, words: Iterable[str] = ()) -> None:
        self._alike: dict[tuple[str, int], str] = {}
        self.add(words)

    def add(self, words: Iterable[str]) -> None:
        """Take in those of the words that are not known yet."""
        for shape, some in _by_shape(words).items():
            known = self.alike(*shape)
            fresh = some.difference(known)
            if fresh:
                self._alike[shape] = _BREAK.join(["", *known, *sorted(fresh), ""])

    def alike(self, first: str, length: int) -> list[str]:
        """The words that begin with a letter and are so long."""
        return self._alike.get((first, length), "").split(_BREAK)[1:-1]

    def known(self, words: Iterable[str]) -> set[str]:
        """Those of the words that are known."""
        found: set[str] = set()
        for shape, some in _by_shape(words).items():
            if len(some) > FEW:
                found.update(some.intersection(self.alike(*shape)))
                continue
            text = self._alike.get(shape, "")
            found.update(word for word in some if f"{_BREAK}{word}{_BREAK}" in text)
        return found


def _by_shape(words: Iterable[str]) -> dict[tuple[str, int], set[str]]:
    found: dict[tuple[str, int], set[str]] = defaultdict(set)
    for word in words:
        found[word[0], len(word)].add(word)
    return found

"""Places in a text that changes: where the words that stood there stand now. Pure.

A place is found again by what stands around it, not by its words alone: another person may have
said the same ones.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import Any

Span = tuple[int, int]
"""From the first code point to before the last."""

_Block = tuple[int, int, int]
"""What both texts have in common: where it begins in the old one, in the new one, its length."""

_WORD = re.compile(r"\w+|[^\w\s]")
# So many words in a row that stand once in both texts tell a place; between two such, fewer do.
_RUNS = (32, 12, 4, 1)
_PLACES_MAX = 200
_AROUND = 32
_AROUND_ENOUGH = 8


def moved(
    old: str, new: str, spans: Sequence[Span], kept: tuple[int, int] = (0, 0)
) -> list[Span | None]:
    """Where the words of each span of the old text stand in the new one; None where they went.

    What comes back always holds the very words. An edit elsewhere loses nothing, and words that
    stand once in both texts are found wherever they were taken. Of words that stand often, those
    count that stand where the others around them do; never those of another place that stayed.
    `kept` is how much nobody touched at the start and at the end, where that is known: in a row of
    the same answers the text alone does not tell which one went.
    """
    head, tail = kept
    if old[:head] != new[:head] or old[len(old) - tail :] != new[len(new) - tail :]:
        head = tail = 0
    stop, shift = len(old) - tail, len(new) - len(old)
    inside = [one for one in spans if head <= one[0] and one[1] <= stop]
    across = [one for one in spans if one[0] < head < one[1] or one[0] < stop < one[1]]
    places = _moved(old[head:stop], new[head : stop + shift], _shifted(inside, -head))
    found = dict(zip(inside, _shifted(places, head), strict=True))
    found |= dict(zip(across, _moved(old, new, across), strict=True))
    for start, end in spans:
        if end <= head:
            found[start, end] = (start, end)
        elif start >= stop:
            found[start, end] = (start + shift, end + shift)
    return [found[one] for one in spans]


def _shifted(spans: Sequence[Span | None], by: int) -> list[Any]:
    return [one and (one[0] + by, one[1] + by) for one in spans]


def _moved(old: str, new: str, spans: Sequence[Span]) -> list[Span | None]:
    whole = (0, len(old)), (0, len(new))
    before, after = _alike_start(old, new, *whole), _alike_end(old, new, *whole)
    shift = len(new) - len(old)
    found: list[Span | None] = []
    blocks: list[_Block] | None = None
    for start, end in spans:
        if end <= before:
            found.append((start, end))
        elif start >= len(old) - after:
            found.append((start + shift, end + shift))
        else:
            if blocks is None:
                blocks = [one for one in _shared(old, new, *whole, _RUNS) if one[2]]
            place = _in_line(old, new, (start, end), blocks)
            if place is None:
                place = _elsewhere(old, new, (start, end), blocks)
            found.append(None if place is None else (place, place + end - start))
    return found


def found(text: str, words: str, near: int) -> Span | None:
    """Where the words stand in the text, nearest to a place; None when they do not."""
    if not words:
        return None
    left, right = text.rfind(words, 0, near + len(words)), text.find(words, near)
    places = [place for place in (left, right) if place >= 0]
    if not places:
        return None
    place = min(places, key=lambda one: abs(one - near))
    return place, place + len(words)


def _in_line(old: str, new: str, span: Span, blocks: Sequence[_Block]) -> int | None:
    start, end = span
    at = max(bisect_right(blocks, start, key=lambda one: one[0]) - 1, 0)
    for from_old, from_new, length in blocks[at:]:
        if from_old >= end:
            break
        place = start + from_new - from_old
        if from_old + length > start and place >= 0 and new.startswith(old[start:end], place):
            return place
    return None


def _elsewhere(old: str, new: str, span: Span, blocks: Sequence[_Block]) -> int | None:
    words = old[span[0] : span[1]]
    standing = new.count(words)
    if standing == 0 or standing > _PLACES_MAX:
        return None
    if standing == 1 and old.count(words) == 1:
        return new.index(words)
    starts = sorted(blocks, key=lambda one: one[1])
    free = [place for place in _places(new, words) if not _stayed(place, len(words), starts)]
    best = max(free, key=lambda place: _alike(old, span, new, place), default=None)
    return best if best is not None and _alike(old, span, new, best) >= _AROUND_ENOUGH else None


def _places(text: str, words: str) -> Iterator[int]:
    place = text.find(words)
    while place >= 0:
        yield place
        place = text.find(words, place + 1)


def _stayed(place: int, length: int, blocks: Sequence[_Block]) -> bool:
    """Whether the words at this place of the new text are those of another place of the old one."""
    at = bisect_right(blocks, place, key=lambda one: one[1]) - 1
    return at >= 0 and place + length <= blocks[at][1] + blocks[at][2]


def _alike(old: str, span: Span, new: str, place: int) -> int:
    """How many code points around are the same."""
    start, end = span
    stop = place + end - start
    before = (max(start - _AROUND, 0), start), (max(place - _AROUND, 0), place)
    after = (end, min(end + _AROUND, len(old))), (stop, min(stop + _AROUND, len(new)))
    return _alike_end(old, new, *before) + _alike_start(old, new, *after)


def _shared(
    old: str, new: str, ours: Span, theirs: Span, runs: tuple[int, ...]
) -> Iterator[_Block]:
    """What two stretches have in common, in order."""
    (a, last), (b, stop) = ours, theirs
    length = _alike_start(old, new, ours, theirs)
    yield a, b, length
    a, b = a + length, b + length
    length = _alike_end(old, new, (a, last), (b, stop))
    last, stop = last - length, stop - length
    for i, j in _chain(old, new, (a, last), (b, stop), runs[0]) if runs else ():
        if i < a or j < b:
            continue
        back = _alike_end(old, new, (a, i), (b, j))
        i, j = i - back, j - back
        yield from _shared(old, new, (a, i), (b, j), runs[1:])
        size = _alike_start(old, new, (i, last), (j, stop))
        yield i, j, size
        a, b = i + size, j + size
    if runs and a < last and b < stop:
        yield from _shared(old, new, (a, last), (b, stop), runs[1:])
    yield last, stop, length


def _chain(old: str, new: str, ours: Span, theirs: Span, run: int) -> list[Span]:
    """Where runs of words that stand once in both begin: the most that have the same order."""
    was, now = _once(old, ours, run), _once(new, theirs, run)
    pairs = [(place, now[words]) for words, place in was.items() if words in now]
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for at, (_, place) in enumerate(pairs):
        length = bisect_left(tails, place)
        before.append(ends[length - 1] if length else -1)
        tails[length : length + 1] = [place]
        ends[length : length + 1] = [at]
    chain: list[Span] = []
    at = ends[-1] if ends else -1
    while at >= 0:
        chain.append(pairs[at])
        at = before[at]
    return chain[::-1]


def _once(text: str, within: Span, run: int) -> dict[tuple[str, ...], int]:
    """Runs of words that stand once in a stretch, and where they begin, in order."""
    if within[0] == within[1]:
        return {}
    tokens = [(one[0], one.start()) for one in _WORD.finditer(text, *within)]
    words = [word for word, _ in tokens]
    found: dict[tuple[str, ...], int] = {}
    for at in range(len(words) - run + 1):
        key = tuple(words[at : at + run])
        found[key] = -1 if key in found else tokens[at][1]
    return {key: place for key, place in found.items() if place >= 0}


def _alike_start(old: str, new: str, ours: Span, theirs: Span) -> int:
    """How many code points two stretches begin with that are the same."""
    (i, last), (j, stop) = ours, theirs
    most, alike, step = min(last - i, stop - j), 0, 32
    while step and alike < most:
        size = min(step, most - alike)
        a, b = i + alike, j + alike
        is_same = old[a : a + size] == new[b : b + size]
        alike += size if is_same else 0
        step = step * 2 if is_same else size // 2
    return alike


def _alike_end(old: str, new: str, ours: Span, theirs: Span) -> int:
    """How many code points two stretches end with that are the same."""
    (first, i), (begin, j) = ours, theirs
    most, alike, step = min(i - first, j - begin), 0, 32
    while step and alike < most:
        size = min(step, most - alike)
        a, b = i - alike, j - alike
        is_same = old[a - size : a] == new[b - size : b]
        alike += size if is_same else 0
        step = step * 2 if is_same else size // 2
    return alike

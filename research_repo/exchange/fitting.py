"""How much text fits on a slide, by its letters: told rather too little than too much."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from research_repo.exchange.blocks import Runs, plain, words

SANS, SERIF, BOLD, MONO = 0.51, 0.56, 0.62, 0.62
"""How wide a letter is, in shares of its size; Cyrillic ones are wider than Latin ones."""
LINE = 1.25
"""How high a line is, in shares of its size."""
BETWEEN = 0.45
"""The space before a paragraph, in the same."""
_WIDE = frozenset("ЖМФШЩЪЫЮжшщюWMmw@%—…")
INDENT_POINTS = 27.0


@dataclass(frozen=True)
class Line:
    """A paragraph on a slide. Level 0 is text; items of lists are deeper."""

    runs: Runs
    level: int = 0
    language: str = ""
    is_lead: bool = False
    number: int = 0
    """Of an item in an ordered list."""


@dataclass(frozen=True)
class Room:
    """A place for text, in points, with the sizes of letters that may be tried in it."""

    width: float
    height: float
    sizes: tuple[int, ...]
    letter: float = SANS
    spread: int = 18
    """The size on all slides where one does not hold everything."""


def height(lines: Sequence[Line], room: Room, size: float) -> float:
    """How high these paragraphs stand in the room."""
    return sum(_height(line, room, size) for line in lines)


def size_for(lines: Sequence[Line], room: Room) -> int | None:
    """The largest size at which all of it fits; None when it does at none."""
    fitting = (size for size in room.sizes if height(lines, room, size) <= room.height)
    return next(fitting, None)


def title_size(text: str, room: Room) -> int:
    """The size of a title, which stands in its place at any length: the smallest fits 500 letters."""
    return size_for([Line(plain(text))], room) or room.sizes[-1]


def pages(lines: Sequence[Line], first: Room, others: Room) -> list[tuple[int, list[Line]]]:
    """The paragraphs over as many slides as they need, with the size on each.

    One slide takes all where it can, with smaller letters; more of them have the same.
    """
    if (size := size_for(lines, first)) is not None:
        return [(size, list(lines))]
    made: list[tuple[int, list[Line]]] = []
    room, here, used = first, list[Line](), 0.0
    waiting = [piece for line in lines for piece in _pieces(line, others)]
    for line in waiting:
        needed = _height(line, room, room.spread)
        if here and used + needed > room.height:
            made.append((room.spread, here))
            room, here, used = others, [], 0.0
            needed = _height(line, room, room.spread)
        here.append(line)
        used += needed
    return [*made, (room.spread, here)] if here else made


def rows_of(text: str, size: float, width: float, letter: float) -> int:
    """How many lines a text takes at this width."""
    most = max(1.0, width / (size * letter))
    return sum(_rows_of_line(line, most) for line in text.split("\n"))


def _rows_of_line(line: str, most: float) -> int:
    left, rows = most, 1
    for word in line.split(" "):
        length = sum(map(_width, word))
        if length > left and left < most:
            rows, left = rows + 1, most
        if length > most:
            more = math.ceil(length / most) - 1
            rows, length = rows + more, length - more * most
        left -= length + 1
    return rows


@cache
def _width(letter: str) -> float:
    """The width of a letter, in those that are as wide as most."""
    if letter in _WIDE or unicodedata.east_asian_width(letter) in "WF":
        return 2.0
    return 1.35 if letter.isupper() else 1.0


def _height(line: Line, room: Room, size: float) -> float:
    size *= 1.3 if line.is_lead else 1
    letter = MONO if any(run.is_code for run in line.runs) else room.letter
    width = max(room.width - INDENT_POINTS * line.level, size * 8)
    return size * (rows_of(words(line.runs), size, width, letter) * LINE + BETWEEN)


def _pieces(line: Line, room: Room) -> Iterator[Line]:
    """The paragraph, or the parts of one that is too long for a slide of its own."""
    size = room.spread
    if _height(line, room, size) <= room.height / 2:
        yield line
        return
    # Less than half a slide each, so that they fill what is left of it.
    most = int(room.width / (size * room.letter) * room.height / (size * LINE) / 2.5)
    text, start = words(line.runs), 0
    while start < len(text):
        end = _end(text, start, most)
        yield replace(line, runs=_cut(line.runs, start, end))
        start = end


def _end(text: str, start: int, most: int) -> int:
    end = start + most
    if end >= len(text):
        return len(text)
    for mark in (". ", "\n", " "):
        found = text.rfind(mark, start + most // 2, end)
        if found > 0:
            return found + len(mark)
    return end


def _cut(runs: Runs, start: int, end: int) -> Runs:
    made, place = [], 0
    for run in runs:
        piece = run.text[max(0, start - place) : max(0, end - place)]
        place += len(run.text)
        if piece:
            made.append(replace(run, text=piece))
    return tuple(made)

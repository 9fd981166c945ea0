"""Lines of a text file and records of a csv, never more of them in memory than one."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from research_repo.core.errors import Invalid
from research_repo.core.language import Message, say

LINE_MAX = 1_000_000
"""Characters of a row: a body of the greatest length, and all else, fit in."""


@dataclass(frozen=True)
class Line:
    """A line of a file. One that `is_cut` was too long: only how many quotes it has is known."""

    number: int
    text: str
    is_cut: bool = False
    quotes: int = 0


def lines_of(path: Path, encoding: str) -> Iterator[Line]:
    """The lines, from the first.

    Raises:
        Invalid: the file is not what its beginning said.
    """
    try:
        with path.open(encoding=encoding, newline="", errors="strict") as file:
            number = 0
            while text := file.readline(LINE_MAX):
                number += 1
                quotes, is_cut = text.count('"'), False
                while len(text) == LINE_MAX and not text.endswith(("\n", "\r")):
                    is_cut = True
                    text = file.readline(LINE_MAX)
                    quotes += text.count('"')
                yield Line(number, "" if is_cut else text, is_cut, quotes)
    except UnicodeError:
        raise Invalid(
            {"file": say("The characters of the file cannot be read. Save it as UTF-8.")}
        ) from None


def records(lines: Iterator[Line], separator: str) -> Iterator[tuple[int, list[str] | Message]]:
    """The records of a csv, each with the number of its first line.

    One that is too long is told in its place, and the next one is read as if nothing were amiss.
    """
    csv.field_size_limit(LINE_MAX)
    feed = _Feed(lines)
    reader = csv.reader(feed, delimiter=separator)
    while True:
        feed.begin_record()
        try:
            found = next(reader)
        except StopIteration:
            return
        except (_TooLong, csv.Error):
            feed.end_record()
            reader = csv.reader(feed, delimiter=separator)
            yield feed.first, say("The row has over %(count)s characters.", count=LINE_MAX)
            continue
        if feed.is_broken_off:
            yield feed.first, say("A quote that begins here has no end. Close it, or double it.")
        else:
            yield feed.first, found


class _TooLong(Exception):  # noqa: N818 (told in its row, never raised to anybody)
    pass


class _Feed:
    """Lines for a csv reader, which asks for another one while a quoted cell is open."""

    def __init__(self, lines: Iterator[Line]) -> None:
        self._lines = lines
        self._size = self._quotes = self._count = 0
        self._is_at_end = False
        self.first = 0

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        line = self._next()
        if line.is_cut or self._size > LINE_MAX:
            raise _TooLong
        return line.text

    @property
    def is_broken_off(self) -> bool:
        """The file ended within a quoted cell of several lines."""
        return self._is_at_end and self._count > 1 and self._quotes % 2 == 1

    def begin_record(self) -> None:
        self._size = self._quotes = self._count = 0

    def end_record(self) -> None:
        """Pass over the rest of the record: up to the quote that closes its open cell."""
        while self._quotes % 2 and not self._is_at_end:
            try:
                self._next()
            except StopIteration:
                return

    def _next(self) -> Line:
        try:
            line = next(self._lines)
        except StopIteration:
            self._is_at_end = True
            raise
        if not self._count:
            self.first = line.number
        self._count += 1
        self._size += len(line.text)
        self._quotes += line.quotes
        return line

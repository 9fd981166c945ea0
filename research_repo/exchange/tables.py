"""Tables as people keep them (csv, xlsx, jsonl): row after row, whatever their encoding.

A row that cannot be read says so in its place; a file that cannot be read is refused whole.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from research_repo.core import words
from research_repo.core.errors import Invalid
from research_repo.core.import_terms import Row
from research_repo.core.language import Message, say
from research_repo.core.rows import READ_COLUMNS, Cell, guess
from research_repo.exchange import cells, encodings, sheets
from research_repo.exchange.lines import LINE_MAX, Line, lines_of, records
from research_repo.exchange.sheet_writing import CELL_MAX, is_over

KINDS = (".csv", ".tsv", ".txt", ".xlsx", ".jsonl", ".ndjson")
ROWS_SHOWN = 5
FIRST_LINES = 200

Raw = tuple[int, Sequence[Cell] | Mapping[str, Any] | Message]
Note = tuple[str, Message]


@dataclass(frozen=True)
class Table:
    """A file that was looked into. `raw` reads it from the start, each time it is called."""

    headers: tuple[str, ...]
    raw: Callable[[], Iterator[Raw]]
    total: int
    """About how many rows there are."""
    notes: tuple[Message, ...] = ()

    def rows(self, mapping: Mapping[str, str]) -> Iterator[Row]:
        """The rows by the names of the columns: `mapping` is header → column."""
        columns = {n: mapping[name] for n, name in enumerate(self.headers) if name in mapping}
        unknown = set(self.headers)
        for number, found in self.raw():
            if isinstance(found, Message):
                yield Row(number, {}, refused=(("", found),))
            elif isinstance(found, Mapping):
                row = _from_object(number, found, mapping)
                new = [name for name in found if name not in unknown and name not in mapping]
                unknown.update(new)
                yield replace(row, notes=(*row.notes, *((name, _not_used(name)) for name in new)))
            else:
                yield _from_cells(number, found, columns, len(self.headers))

    def kept_out(self, problems: Mapping[int, str]) -> Iterator[list[str]]:
        """The rows with these numbers as cells no spreadsheet computes, after what is wrong."""
        yield ["row", "problem", *map(cells.neutral, self.headers)]
        for number, found in self.raw():
            if number not in problems:
                continue
            if isinstance(found, Mapping):
                told = [_text(found.get(name)) for name in self.headers]
            else:
                told = [] if isinstance(found, Message) else [str(cell) for cell in found]
            yield [str(number), problems[number], *map(cells.neutral, told)]

    def unused(self, mapping: Mapping[str, str]) -> list[Note]:
        """The headers that no column takes."""
        return [(name, _not_used(name)) for name in self.headers if name and name not in mapping]

    def shown(self, count: int = ROWS_SHOWN) -> list[list[str]]:
        """The first rows as they stand, in the order of the headers."""
        found = []
        for _, row in self.raw():
            if isinstance(row, Mapping):
                found.append([_text(row.get(name, "")) for name in self.headers])
            elif not isinstance(row, Message):
                found.append([str(cell) for cell in row[: len(self.headers)]])
            if len(found) == count:
                break
        return found


def opened(path: Path, name: str = "") -> Table:
    """The table in a file; its ending (or that of `name`) says what kind it is.

    Raises:
        Invalid: it is empty, damaged, too large, or no table.
    """
    ending = Path(name or path).suffix.lower()
    if ending not in KINDS:
        raise Invalid({"file": say("Choose a file of csv, xlsx or jsonl.")})
    if path.stat().st_size == 0:
        raise Invalid({"file": say("The file is empty.")})
    table = _sheet(path) if ending == ".xlsx" else _text_file(path, ending)
    if not any(table.headers):
        raise Invalid({"file": say("The file is empty.")})
    return table


def mapping_of(table: Table, chosen: Mapping[str, str] | None = None) -> dict[str, str]:
    """Header → column: as chosen, else by the columns' own names, else by what headers mean.

    `chosen` may be written either way round.

    Raises:
        Invalid: it names what is not there, or no header holds the claim.
    """
    if chosen is not None:
        found = dict(_pair(table, *pair) for pair in chosen.items())
    else:
        own = {words.fold(name): name for name in reversed(table.headers)}
        found = {own[column]: column for column in READ_COLUMNS if column in own}
        if "title" not in found.values():
            found = guess(table.headers)
    if len(set(found.values())) < len(found):
        raise Invalid({"mapping": say("Two headers are mapped to the same column.")})
    if "title" not in found.values():
        raise Invalid(
            {"mapping": say("No column holds the claim. Call one “title”, or map one to it.")}
        )
    return found


def guessed(mapping: Mapping[str, str]) -> list[Note]:
    """What to know about headers that were taken for a column of another name."""
    return [
        (header, say("“%(header)s” is read as %(column)s.", header=header, column=column))
        for header, column in mapping.items()
        if words.fold(header) != column
    ]


def _pair(table: Table, one: str, other: str) -> tuple[str, str]:
    for header, column in ((one, other), (other, one)):
        if header in table.headers and column in READ_COLUMNS:
            return header, column
    raise Invalid(
        {
            "mapping": say(
                "The mapping “%(one)s”: “%(other)s” fits no header and column. Write a header of "
                "the file and one of: %(columns)s.",
                one=one,
                other=other,
                columns=", ".join(READ_COLUMNS),
            )
        }
    )


def _from_cells(number: int, found: Sequence[Cell], columns: Mapping[int, str], width: int) -> Row:
    if any(found[width:]):
        extra = say(
            "The row has %(cells)s cells, the header %(width)s. Put quotes around a cell that "
            "holds the separator.",
            cells=len(found),
            width=width,
        )
        return Row(number, {}, refused=(("", extra),))
    kept = {
        column: cells.original(str(found[n])) if n < len(found) else ""
        for n, column in columns.items()
    }
    notes: tuple[Note, ...] = ()
    if len(found) < width:
        short = say("The row has fewer cells than the header; the rest is taken as empty.")
        notes = (("", short),)
    return _without_nul(Row(number, kept, notes))


def _from_object(number: int, found: Mapping[str, Any], mapping: Mapping[str, str]) -> Row:
    kept: dict[str, Cell] = {}
    for name, value in found.items():
        column = mapping.get(name)
        if column is None:
            continue
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            kept[column] = value
        elif isinstance(value, list | dict):
            advice = say("Write a text here, or a list of texts.")
            return Row(number, {}, refused=((column, advice),))
        else:
            kept[column] = _text(value)
    return _without_nul(Row(number, kept))


def _without_nul(row: Row) -> Row:
    holds = [column for column, cell in row.cells.items() if "\0" in str(cell)]
    told = say("Characters that nobody sees (NUL) were left out.")
    return replace(row, notes=(*row.notes, *((column, told) for column in holds)))


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return "" if value is None else str(value)


def _not_used(name: str) -> Message:
    return say("No column is called “%(name)s”; it was left out.", name=name)


def _sheet(path: Path) -> Table:
    sheet = sheets.opened(path)
    first = next(iter(sheet), (1, []))
    headers = _named(first[1])

    def raw() -> Iterator[Raw]:
        for number, row in sheet:
            if number > first[0] and any(row):
                yield number, _cut(row) or row

    return Table(headers, raw, len(sheet))


def _cut(row: Sequence[str]) -> Message | None:
    # A spreadsheet cuts what is longer, and what is cut would take the place of the whole text.
    if any(is_over(cell, CELL_MAX - 1) for cell in row):
        return say(
            "A cell is full (%(count)s characters), so its end may be cut off. "
            "Bring this row in from csv or jsonl.",
            count=CELL_MAX,
        )
    return None


def _text_file(path: Path, ending: str) -> Table:
    encoding, notes = encodings.of(path)
    total = encodings.line_count(path)

    def lines() -> Iterator[Line]:
        return lines_of(path, encoding)

    if ending in (".jsonl", ".ndjson"):
        return Table(_keys(lines()), lambda: _objects(lines()), total, notes)
    header = next(lines(), None)
    separator = _separator(header.text if header else "")
    first = next(records(lines(), separator), (0, []))
    headers = _named([] if isinstance(first[1], Message) else first[1])

    def raw() -> Iterator[Raw]:
        for number, found in records(lines(), separator):
            if number > first[0] and (isinstance(found, Message) or any(found)):
                yield number, found

    return Table(headers, raw, max(total - 1, 0), notes)


def _named(found: Sequence[str]) -> tuple[str, ...]:
    headers = [" ".join(name.split()) for name in found]
    while headers and not headers[-1]:
        headers.pop()
    return tuple(headers)


def _separator(header: str) -> str:
    return max(",;\t|", key=header.count)


def _keys(lines: Iterator[Line]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for place, (_, row) in enumerate(_objects(lines)):
        if isinstance(row, Mapping):
            found.update(dict.fromkeys(row))
        if place == FIRST_LINES:
            break
    if not found:
        raise Invalid({"file": say("No line of the file is a JSON object.")})
    return tuple(found)


def _objects(lines: Iterator[Line]) -> Iterator[Raw]:
    for line in lines:
        if line.is_cut:
            yield line.number, say("The row has over %(count)s characters.", count=LINE_MAX)
            continue
        if not line.text.strip():
            continue
        try:
            found = json.loads(line.text)
        except (ValueError, RecursionError):
            yield line.number, say("The line is no JSON. Write one object in each line.")
            continue
        if isinstance(found, dict):
            yield line.number, found
        else:
            yield line.number, say("The line is no JSON object.")

"""Lines and ranges of cells, as they come from the clipboard: rows of cells, each with its line.

A spreadsheet puts tabs between cells, and quotes around a cell that holds a tab, a quote or a line
break. A quote that is closed nowhere is a quote that somebody typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from research_repo.core import typed
from research_repo.core.rows import guess

SEPARATORS = ("\t", ";", ",")
LINES = ""
"""No separator: each line is one cell."""

_CELL = {
    mark: re.compile(rf'"((?:[^"]|"")*+)"[ ]*(?=[{mark}\n]|\Z)|([^{mark}\n]*)')
    for mark in (*SEPARATORS, LINES)
}
_BULLET = re.compile(r"\s*(?:[-–—•*·▪◦‣]|\(?\d{1,3}[.)])\s+(?=\S)")


@dataclass(frozen=True)
class Line:
    """Cells of a row that holds something, and the number of the line where it begins, from 1."""

    number: int
    cells: tuple[str, ...]


def separator_of(text: str) -> str:
    """What stands between cells: a tab wherever there is one, else `;` or `,` where all lines agree.

    Commas stand in sentences, too: only a table whose first line names its columns, or that has
    quoted cells, is taken for one.
    """
    text = typed.lines(text)
    if "\t" in text:
        return "\t"
    for mark in SEPARATORS[1:]:
        found = rows(text, mark)
        widths = {len(line.cells) for line in found}
        if len(found) > 1 and len(widths) == 1 and widths != {1}:
            is_quoted = bool(re.search(rf'(?:^|{mark})"[^"]*"(?:{mark}|$)', text, re.MULTILINE))
            if is_quoted or "title" in guess(found[0].cells).values():
                return mark
    return LINES


def rows(text: str, separator: str) -> list[Line]:
    """The rows that hold anything. Bullets and numbers before the lines of a list are left out."""
    found = [line for line in _rows(typed.lines(text), separator) if any(line.cells)]
    is_list = separator == LINES and len(found) > 1
    if is_list and all(_BULLET.match(line.cells[0]) for line in found):
        return [Line(line.number, (_BULLET.sub("", line.cells[0], 1),)) for line in found]
    return found


def written(lines: Sequence[Line], separator: str) -> str:
    """The rows as a text that `rows` reads as the same cells."""
    return "\n".join(
        (separator or "\n").join(_quoted(cell, separator) for cell in line.cells) for line in lines
    )


def _rows(text: str, separator: str) -> Iterator[Line]:
    cell, place, number = _CELL[separator], 0, 1
    while place <= len(text):
        first, cells = number, []
        while True:
            found = cell.match(text, place)
            assert found is not None, "an empty cell matches everywhere"  # noqa: S101
            quoted, plain = found.groups()
            cells.append((plain if quoted is None else quoted.replace('""', '"')).strip())
            number += found.group().count("\n")
            place = found.end()
            if place < len(text) and text[place] == separator:
                place += 1
                continue
            break
        yield Line(first, tuple(cells))
        place, number = place + 1, number + 1


def _quoted(cell: str, separator: str) -> str:
    if '"' in cell or "\n" in cell or (separator and separator in cell):
        return '"' + cell.replace('"', '""') + '"'
    return cell

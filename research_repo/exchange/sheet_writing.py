"""A table as xlsx: text stays text, days are days, and little of a long one is held at once."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from research_repo.exchange import cells

CELL_MAX = 32_767
"""Letters that a cell holds; those beyond U+FFFF count twice."""
LINKS_MAX = 10_000
"""So many addresses can be clicked, as each is held in memory to the end; the rest are text."""
UNFIT_MARK = "\ufffd"
BLOCK_BYTES = 1 << 16

# What XML cannot hold. Excel would write most of it as _x0001_, which others show as it stands.
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_FIRST_DAY = date(1900, 3, 1)
"""Before it spreadsheets count a day that never was."""
_MADE = datetime(1980, 1, 1)  # noqa: DTZ001  a file of the same data has the same bytes
_OPTIONS = {"constant_memory": True, "strings_to_urls": False}
_PLAIN = {"valign": "top"}
_FORMATS = {
    "text": _PLAIN,
    "wrapped": _PLAIN | {"text_wrap": True},
    "day": _PLAIN | {"num_format": "yyyy-mm-dd"},
    "link": _PLAIN | {"font_color": "blue", "underline": 1},
    "literal": _PLAIN | {"quote_prefix": True},
    "header": {"bold": True, "bottom": 1},
}

Cell = str | date


@dataclass(frozen=True)
class Column:
    """A column by its header. `look` is text, wrapped, day or link."""

    name: str
    width: int = 16
    look: str = "text"


def written(
    columns: Sequence[Column], rows: Iterable[Sequence[Cell]], cut_mark: str
) -> Iterator[bytes]:
    """The file, a block after the other: the header stays in sight, and no cell is ever computed.

    What no cell can hold ends with `cut_mark`; what no file can, stands as U+FFFD.

    Raises:
        OSError: the folder of the system for what is written meanwhile is full.
    """
    # Few ever ask for such a file, and with this at hand every process takes 12 MB more.
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import FileCreateError

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "table.xlsx"
        try:
            with Workbook(str(file), _OPTIONS | {"tmpdir": folder}) as book:
                _fill(book, columns, rows, cut_mark)
        except FileCreateError as fault:
            raise fault.args[0] from None
        with file.open("rb") as made:
            while block := made.read(BLOCK_BYTES):
                yield block


def _fill(
    book: Any, columns: Sequence[Column], rows: Iterable[Sequence[Cell]], cut_mark: str
) -> None:
    book.set_properties({"created": _MADE})
    formats = {name: book.add_format(look) for name, look in _FORMATS.items()}
    sheet = book.add_worksheet()
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width, formats[column.look])
        sheet.write_string(0, place, column.name, formats["header"])
    sheet.freeze_panes(1, 0)
    last = 0
    for last, row in enumerate(rows, 1):
        for place, cell in enumerate(row):
            if isinstance(cell, date) and cell >= _FIRST_DAY:
                sheet.write_datetime(last, place, cell)
            elif cell and columns[place].look == "link" and last <= LINKS_MAX:
                sheet.write_url(last, place, str(cell), formats["link"])
            elif cell:
                _write_text(sheet, last, place, _fit(str(cell), cut_mark), formats["literal"])
    sheet.autofilter(0, 0, last, len(columns) - 1)


def _write_text(sheet: Any, row: int, place: int, text: str, literal: Any) -> None:
    if text.startswith("<r>") and text.endswith("</r>"):
        # The library takes it for its own markup and would write it as it stands.
        sheet.write_rich_string(row, place, text[:1], text[1:2], text[2:])
    elif cells.neutral(text) != text:
        # A text already, it would be computed once somebody has been in the cell. The import takes
        # the first of several apostrophes off.
        sheet.write_string(row, place, f"'{text}" if text.startswith("'") else text, literal)
    else:
        sheet.write_string(row, place, text)


def writable(text: str) -> str:
    """The text with U+FFFD where a letter is one that no table can hold."""
    return _UNFIT.sub(UNFIT_MARK, text)


def _fit(text: str, cut_mark: str) -> str:
    fit = writable(text)
    if not is_over(fit):
        return fit
    room = CELL_MAX - len(cut_mark)
    kept = fit.encode("utf-16-le")[: room * 2].decode("utf-16-le", "ignore")
    # A full cell is how the import knows one that was cut.
    return kept + " " * (room - letters(kept)) + cut_mark


def letters(text: str) -> int:
    """How many of the letters of a cell it takes."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def is_over(text: str, limit: int = CELL_MAX) -> bool:
    """Whether it takes more letters of a cell than these."""
    return len(text) * 2 > limit and letters(text) > limit

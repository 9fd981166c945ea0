"""The first sheet of an xlsx with anything in it, after its sizes were found harmless."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from research_repo.core.errors import Invalid
from research_repo.core.language import say
from research_repo.exchange import zips

UNPACKED_MAX = 256 * 1024 * 1024


class Sheet:
    """Rows with their numbers, as often as they are asked for."""

    def __init__(self, sheet: Any) -> None:
        self._sheet = sheet
        start = sheet.start or (0, 0)
        self._first = start[0] + 1

    def __len__(self) -> int:
        return int(self._sheet.height)

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        for place, row in enumerate(self._sheet.to_python(skip_empty_area=True)):
            yield self._first + place, [_cell(value) for value in row]


def opened(path: Path) -> Sheet:
    """The sheet.

    Raises:
        Invalid: it is no xlsx, holds nothing, or would unpack to something huge.
    """
    _weigh(path)
    try:
        book = CalamineWorkbook.from_path(str(path))
        for name in book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            if sheet.height:
                return Sheet(sheet)
    except CalamineError:
        raise _damaged() from None
    raise Invalid({"file": say("The file is empty.")})


def _weigh(path: Path) -> None:
    try:
        zips.weigh(path, UNPACKED_MAX)
    except zips.TooHeavy:
        raise _too_large() from None
    except zips.NoZip:
        raise _damaged() from None


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _too_large() -> Invalid:
    return Invalid({"file": say("The file unpacks to over 256 MB. Save it as csv instead.")})


def _damaged() -> Invalid:
    return Invalid({"file": say("The file is no whole xlsx. Save it again, or as csv.")})

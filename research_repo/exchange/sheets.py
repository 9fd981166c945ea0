"""The first sheet of an xlsx with anything in it, after its sizes were found harmless."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from research_repo.core.errors import Invalid
from research_repo.core.language import say

UNPACKED_MAX = 256 * 1024 * 1024
PARTS_MAX = 1000
BLOCK = 1 << 20


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
    # What a zip declares may be a lie; what comes out of it is counted, too.
    try:
        with zipfile.ZipFile(path) as parts:
            listed = parts.infolist()
            if len(listed) > PARTS_MAX or sum(part.file_size for part in listed) > UNPACKED_MAX:
                raise _too_large()
            left = UNPACKED_MAX
            for part in listed:
                with parts.open(part) as stream:
                    while block := stream.read(BLOCK):
                        left -= len(block)
                        if left < 0:
                            raise _too_large()
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError):
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

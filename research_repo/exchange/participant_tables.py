"""Participants as a table: pasted from a spreadsheet, read from a file, written as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from research_repo.core import rows, words
from research_repo.core.errors import Invalid
from research_repo.core.heard import Traces
from research_repo.core.language import Message, say
from research_repo.core.models import Participant
from research_repo.core.participants import COLUMNS, ParticipantValues, ready
from research_repo.exchange import cells, pasted, tables

ROWS_MAX = 20_000
DAYS = ("consent_on", "consent_until", "withdrawn_on")

_HEADERS = {
    "code": "participant|respondent|id|who|код|респондент|участник|код респондента",
    "segment": "group|type|сегмент|группа|тип",
    "consent_purpose": "purpose|agreed to|цель|цель согласия|зачем",
    "consent_scope": "scope|what for|объем|объем согласия|на что|что можно",
    "consent_on": "consent|consent date|agreed on|date|согласие|дата согласия|дата",
    "consent_until": "until|expires|consent expires|expiry|до|согласие до|срок|действует до",
    "withdrawn_on": "withdrawn|withdrawal|отозвано|отзыв|дата отзыва|согласие отозвано",
}
_COLUMN_OF = {
    words.fold(name): column
    for column, listed in _HEADERS.items()
    for name in (*listed.split("|"), column.replace("_", " "))
}

Cells = tuple[int, Sequence[str]]


@dataclass
class Read:
    """What a table says: participants that can be written, and what is wrong in which row."""

    values: list[ParticipantValues] = field(default_factory=list)
    problems: list[tuple[int, str, Message]] = field(default_factory=list)


def from_text(text: str) -> Read:
    """A range of a spreadsheet or lines of codes, as they come from the clipboard."""
    first = text.lstrip().partition("\n")[0]
    mark = next((mark for mark in pasted.SEPARATORS if mark in first), pasted.LINES)
    return _read((line.number, line.cells) for line in pasted.rows(text, mark))


def from_file(path: Path, name: str = "") -> Read:
    """A file of csv or xlsx.

    Raises:
        Invalid: it is empty, damaged, too large, or no table.
    """
    table = tables.opened(path, name)

    def found() -> Iterable[Cells]:
        yield 1, table.headers
        for number, row in table.raw():
            if isinstance(row, Mapping):
                yield number, [str(row.get(header) or "") for header in table.headers]
            elif not isinstance(row, Message):
                yield number, [str(cell) for cell in row]

    return _read(found())


def written(listed: Iterable[Participant], traces: Mapping[int, Traces]) -> str:
    """CSV that `from_file` reads as the same participants; no cell of it is computed."""
    text = io.StringIO(newline="")
    lines = csv.writer(text, lineterminator="\r\n")
    lines.writerow([*COLUMNS, "quotes", "sources"])
    for row in listed:
        told = [getattr(row, name) for name in COLUMNS]
        heard = traces.get(row.id, Traces())
        shown = [cells.neutral(str(value)) if value else "" for value in told]
        lines.writerow([*shown, heard.quotes, heard.sources])
    return text.getvalue()


def _read(found: Iterable[Cells]) -> Read:
    taken = list(islice(found, ROWS_MAX + 2))
    read = Read()
    columns, body = _columns_of(taken)
    if len(body) > ROWS_MAX:
        told = say("A table has at most %(count)s rows. Send it in parts.", count=ROWS_MAX)
        return Read(problems=[(0, "", told)])
    seen: dict[str, int] = {}
    for number, row in body:
        if not any(cell.strip() for cell in row):
            continue
        try:
            values = _values(dict(zip(columns, row, strict=False)))
        except Invalid as refusal:
            read.problems += [(number, name, told) for name, told in refusal.problems.items()]
            continue
        first = seen.setdefault(words.fold(values.code), number)
        if first != number:
            told = say("Row %(row)s has this code already. Give each their own.", row=first)
            read.problems.append((number, "code", told))
        read.values.append(values)
    return read


def _columns_of(taken: Sequence[Cells]) -> tuple[Sequence[str], Sequence[Cells]]:
    """The columns that the first line names, or the usual ones in their order, and the rows."""
    if not taken:
        return COLUMNS, ()
    named = [_COLUMN_OF.get(words.fold(cell.replace("_", " ")), "") for cell in taken[0][1]]
    if "code" in named:
        return named, taken[1:]
    return COLUMNS, taken


def _values(row: Mapping[str, str]) -> ParticipantValues:
    told = {name: cells.original(row.get(name, "").strip()) for name in COLUMNS}
    problems: dict[str, Message] = {}
    days: dict[str, date | None] = {}
    for name in DAYS:
        try:
            days[name] = rows.day(told.pop(name), name)
        except Invalid as refusal:
            problems |= refusal.problems
    if problems:
        raise Invalid(problems)
    given: dict[str, Any] = {**told, **days}
    return ready(ParticipantValues(**given))

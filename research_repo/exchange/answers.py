"""Survey exports: a row is a respondent, or one answer of theirs; each answer becomes a passage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from research_repo.core import words
from research_repo.core.errors import Invalid
from research_repo.core.language import Message, say, say_many
from research_repo.core.source_texts import Turn
from research_repo.exchange import cells, tables
from research_repo.exchange.tables import Table

REFUSED_SHOWN = 3

CODES = (
    "respondent|respondent id|respondent code|participant|participant id|participant code|user|"
    "user id|person|who|code|id|session|response id|submission id|респондент|код респондента|"
    "id респондента|участник|код участника|код|пользователь|кто|номер|номер анкеты|№|id ответа"
)
QUESTIONS = "question|question text|prompt|вопрос|текст вопроса"
ANSWERS = "answer|answer text|response|text|verbatim|quote|ответ|текст ответа|текст|цитата"
MOMENTS = (
    "timestamp|time|date|start date|end date|start time|end time|date submitted|time started|"
    "submitted at|created at|completion time|recorded date|отметка времени|дата|время|дата ответа|"
    "дата и время|время начала|время завершения|начало|завершение"
)


def _folded(listed: str) -> list[str]:
    return [_plain(name) for name in listed.split("|")]


def _plain(header: str) -> str:
    return words.fold(header).replace("_", " ")


class Columns:
    """Which column says what: the respondent's code, and the question and the answer in long tables."""

    def __init__(self, headers: Sequence[str], code: str | None) -> None:
        plain = [_plain(header) for header in headers]
        if code is None:
            self.code = _first(plain, CODES)
        else:
            # Some tables have a column without a name; no name is still nobody.
            self.code = list(headers).index(code) if code and code in headers else None
        self.question = _first(plain, QUESTIONS)
        self.answer = _first(plain, ANSWERS) if self.question is not None else None
        moments = set(_folded(MOMENTS))
        self.moments = [place for place, name in enumerate(plain) if name in moments]
        self.is_long = self.answer is not None and self.code is not None

    def asked(self, width: int) -> list[int]:
        """The columns whose headers are questions."""
        return [n for n in range(width) if n != self.code and n not in self.moments]


def read(
    path: Path, name: str, code_column: str | None, most: int
) -> tuple[list[Turn], Table, str, list[Message]]:
    """The answers respondent after respondent, the table, the header of the codes, and what to know.

    Raises:
        Invalid: it is no table, `code_column` is no header of it, or the answers have over `most`
            characters.
    """
    table = tables.opened(path, name)
    if code_column and code_column not in table.headers:
        raise Invalid({"code_column": say("The table has no column “%(name)s”.", name=code_column)})
    columns = Columns(table.headers, code_column)
    refused: list[Message] = []
    turns: list[Turn] = []
    left = most
    for turn in _turns(table, columns, refused):
        left -= len(turn.text)
        if left < 0:
            raise too_long(most)
        turns.append(turn)
    code = table.headers[columns.code] if columns.code is not None else ""
    return turns, table, code, [*table.notes, *_left_out(table, columns, refused)]


def too_long(most: int) -> Invalid:
    """The text is longer than a source may be."""
    return Invalid(
        {"file": say("The text has over %(count)s characters. Divide it into parts.", count=most)}
    )


def _turns(table: Table, columns: Columns, refused: list[Message]) -> Iterator[Turn]:
    headers = table.headers
    asked = columns.asked(len(headers))
    for number, found in table.raw():
        if isinstance(found, Message):
            refused.append(say("Row %(row)s: %(reason)s", row=number, reason=found))
            continue
        row = _cells(found, headers)
        # A row without a code is one person all the same, and nobody else's.
        code = _at(row, columns.code) or f"#{number}"
        if columns.is_long:
            yield Turn(_at(row, columns.answer), code, _at(row, columns.question))
            continue
        for place in asked:
            answer = _at(row, place)
            if answer:
                yield Turn(answer, code, headers[place])


def _cells(found: Sequence[Any] | Mapping[str, Any], headers: Sequence[str]) -> list[str]:
    row = [found.get(name) for name in headers] if isinstance(found, Mapping) else found
    return ["" if cell is None else cells.original(str(cell)).strip() for cell in row]


def _at(row: Sequence[str], place: int | None) -> str:
    return row[place] if place is not None and place < len(row) else ""


def _first(plain: Sequence[str], listed: str) -> int | None:
    return next((plain.index(name) for name in _folded(listed) if name in plain), None)


def _left_out(table: Table, columns: Columns, refused: Sequence[Message]) -> Iterator[Message]:
    if columns.moments:
        names = ", ".join(f"“{table.headers[place]}”" for place in columns.moments)
        yield say("Left out, because nobody said it: %(names)s.", names=names)
    if columns.code is None:
        yield say(
            "No column says who answered: each row counts as one person. Choose the column with the "
            "respondents' codes if there is one."
        )
    if refused:
        yield say_many(
            "%(count)s row could not be read.", "%(count)s rows could not be read.", len(refused)
        )
        yield from refused[:REFUSED_SHOWN]

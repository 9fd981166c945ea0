"""Rows of a file as atoms: the columns, what their cells mean, and which header means which column."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from research_repo.core import evidence, typed, words
from research_repo.core.atoms import AtomValues
from research_repo.core.errors import Invalid
from research_repo.core.language import Message, say

COLUMNS = (
    "external_id",
    "kind",
    "title",
    "body",
    "study",
    "observed_on",
    "tags",
    "quote",
    "source",
    "language",
    "status",
    "supports",
    "contradicts",
)
MORE_COLUMNS = (
    "respondent",
    "not_applicable",
    "review_by",
    "supersedes",
    "relates",
)
READ_COLUMNS = COLUMNS + MORE_COLUMNS
EXTERNAL_ID_MAX = 200

Cell = str | Sequence[str]

_HEADERS = {
    "external_id": "external id|id|key|no|number|внешний id|код|номер|№|идентификатор|ключ",
    "kind": "type|вид|тип",
    "title": "fact|claim|finding|observation|text|name|summary|issue|problem|insight|факт|заголовок"
    "|название|наблюдение|находка|текст|проблема|вывод|утверждение|инсайт",
    "body": "description|details|notes|note|comment|описание|подробности|комментарий|заметки"
    "|заметка|детали",
    "study": "research|project|study key|исследование|проект|ключ исследования",
    "observed_on": "date|observed on|observed|day|дата|когда|дата наблюдения",
    "tags": "tag|labels|label|category|categories|topic|topics|теги|тег|метки|метка|категория"
    "|категории|тема|темы",
    "quote": "verbatim|evidence|quotes|цитата|цитаты|дословно|доказательство",
    "respondent": "who|participant|who said it|респондент|участник|кто|код респондента",
    "source": "from|origin|источник|откуда",
    "language": "lang|язык",
    "status": "state|статус|состояние",
    "supports": "support|подтверждает",
    "contradicts": "contradict|противоречит",
    "supersedes": "replaces|заменяет",
    "relates": "relates to|related|связано|связан с",
    "not_applicable": "not applicable|does not apply|не применимо|неприменимо",
    "review_by": "review by|look again by|valid until|пересмотреть до|пересмотр|действует до",
}
_COLUMN_OF = {
    words.fold(name): column
    for column, listed in _HEADERS.items()
    for name in (*listed.split("|"), column)
}
_VALUES = {
    "kind": {"факт": "fact", "инсайт": "insight", "рекомендация": "recommendation"},
    "status": {
        "черновик": "draft",
        "опубликован": "published",
        "опубликовано": "published",
        "в архиве": "archived",
        "архив": "archived",
    },
    "language": {"english": "en", "английский": "en", "russian": "ru", "русский": "ru"},
}
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ].*)?")
_RUSSIAN_DAY = re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}")


def guess(headers: Sequence[str]) -> dict[str, str]:
    """Header → the column that it seems to mean; each column once, exact names first."""
    found: dict[str, str] = {}
    for header in headers:
        if header in READ_COLUMNS:
            found[header] = header
    for header in headers:
        column = _COLUMN_OF.get(words.fold(header.replace("_", " ")))
        if header not in found and column and column not in found.values():
            found[header] = column
    return found


def values_of(row: Mapping[str, Cell]) -> AtomValues:
    """What a row says of an atom, by the names of `COLUMNS`; `atoms.ready` checks the rest.

    Raises:
        Invalid: column → what to write instead.
    """
    external_id = typed.line(text(row, "external_id"))
    if len(external_id) > EXTERNAL_ID_MAX:
        raise Invalid(
            {
                "external_id": say(
                    "An external id has at most %(count)s characters.", count=EXTERNAL_ID_MAX
                )
            }
        )
    return AtomValues(
        kind=_word(row, "kind") or "fact",
        title=text(row, "title"),
        body=text(row, "body"),
        study_key=typed.line(text(row, "study")),
        tags=listed(row, "tags"),
        evidence=evidence.of_columns(
            text(row, "quote"), text(row, "source"), respondent=text(row, "respondent")
        ),
        status=_word(row, "status") or "published",
        observed_on=day(text(row, "observed_on"), "observed_on"),
        review_by=day(text(row, "review_by"), "review_by"),
        language=_word(row, "language"),
        external_id=external_id or None,
        not_applicable=listed(row, "not_applicable") if "not_applicable" in row else None,
    )


def text(row: Mapping[str, Cell], column: str) -> str:
    """A cell as one text."""
    cell = row.get(column, "")
    return cell if isinstance(cell, str) else "; ".join(cell)


def listed(row: Mapping[str, Cell], column: str) -> list[str]:
    """A cell that holds several texts, parted by `;` where it is no list already."""
    cell = row.get(column, "")
    parts = cell.split(";") if isinstance(cell, str) else cell
    return list(dict.fromkeys(filter(None, map(typed.line, parts))))


def field_of(name: str) -> str:
    """The column that a refusal of `atoms.ready` is about."""
    return "quote" if name == "evidence" else name


def problems_of(refusal: Invalid) -> list[tuple[str, Message]]:
    """Column and advice for each thing that is wrong with a row."""
    return [(field_of(name), advice) for name, advice in refusal.problems.items()]


def _word(row: Mapping[str, Cell], column: str) -> str:
    typed_word = words.fold(text(row, column))
    return _VALUES[column].get(typed_word, typed_word)


def day(cell: str, column: str) -> date | None:
    """A date as files write it, 2026-03-31 or 31.03.2026; None for an empty cell.

    Raises:
        Invalid: the column, when it is none.
    """
    cell = cell.strip()
    if not cell:
        return None
    try:
        if found := _DAY.fullmatch(cell):
            return date.fromisoformat(found.group(1))
        if _RUSSIAN_DAY.fullmatch(cell):
            return datetime.strptime(cell, "%d.%m.%Y").date()  # noqa: DTZ007 (a date has no zone)
    except ValueError:
        pass
    raise Invalid({column: say("Write a date such as 2026-03-31.")})

"""Lists of tags as people keep them: columns known by their meaning, names and paths, no ids.

Such are the exports of Dovetail and Taguette, tables of Airtable and sheets that somebody typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from research_repo.core import words
from research_repo.core.language import Message, say
from research_repo.core.tag_lists import Flaw, TagLine, TagList
from research_repo.core.tag_words import TagWords
from research_repo.core.upward import PATH_MAX
from research_repo.exchange import cells
from research_repo.exchange.qdc_reading import steps_of

# What headers mean, in both languages; where several fit, the first one is taken.
HEADERS = {
    "name": "name|title|tag|tag name|label|code|code name|term|concept|keyword|preferred label"
    "|название|имя|наименование|тег|теги|метка|код|термин|понятие|ключевое слово|заголовок"
    "|tags|labels|codes|category|theme|topic|категория|тема|рубрика",
    "path": "path|full path|hierarchy|путь|полный путь|иерархия",
    "parent": "parent|parent tag|parent name|parent code|broader|category|theme|родитель"
    "|родительский тег|выше|категория|раздел",
    "group": "group|tag group|scheme|vocabulary|facet|tag board|board|группа|группа тегов|схема"
    "|словарь|фасет|доска",
    "alt": "synonyms|synonym|aliases|alias|alt labels|alternative labels|also known as"
    "|синонимы|синоним|псевдонимы|варианты|другие названия",
    "definition": "description|definition|meaning|memo|описание|определение|значение|мемо",
    "note": "scope note|scope|usage|note|notes|примечание|примечания|пояснение|применение",
    "example": "example|examples|пример|примеры",
}
SPOKEN = ("name", "alt", "definition", "note", "example")
_LANGUAGE = re.compile(
    r"(?P<what>.+?)[\s_-]*[(\[]?\b(?:(?P<ru>ru|rus|russian|рус|русский|по-русски)"
    r"|(?P<en>en|eng|english|англ|английский|по-английски))\b\.?[)\]]?"
)
_STEP = re.compile("[>›]")
_LIST = re.compile("[|;,\n]")
TAGUETTE = {"tag", "number of highlights"}

Column = tuple[str, str]
"""What it means, and in which language; an empty one is told by the letters of each cell."""


@dataclass(frozen=True)
class Row:
    """One row by the meaning of its cells."""

    number: int
    cells: Mapping[Column, str]

    def cell(self, what: str) -> str:
        """The first filled cell that means it."""
        return next((text for (meant, _), text in self.cells.items() if meant == what and text), "")

    def texts(self, what: str) -> dict[str, str]:
        """Language → text."""
        found: dict[str, str] = {}
        for (meant, language), text in self.cells.items():
            if meant == what and text:
                found.setdefault(language or words.language_of(text), text)
        return found


def columns_of(header: Sequence[str]) -> dict[int, Column]:
    """Place → column, as far as headers mean one; empty when none tells how tags are called."""
    asked = [_asked(text) for text in header]
    found: dict[int, Column] = {}
    for what, listed in HEADERS.items():
        for name in listed.split("|"):
            for place, (text, language) in enumerate(asked):
                column = (what, language if what in SPOKEN else "")
                if text == name and place not in found and column not in found.values():
                    found[place] = column
            if any(meant == what for meant, _ in found.values()):
                # Of "Tag" and "Category" the first is the name, and the other is what lies above.
                break
    return found if {"name", "path"} & {what for what, _ in found.values()} else {}


def told(header: Sequence[str], columns: Mapping[int, Column]) -> list[Flaw]:
    """What every column was taken for."""
    flaws = []
    for place, text in enumerate(header):
        if place in columns:
            what, language = columns[place]
            column = f"{what}_{language}" if language else what
            reason = say("“%(header)s” is read as %(column)s.", header=text[:100], column=column)
            flaws.append(Flaw(1, text[:100], reason, "guess"))
        elif text:
            reason = say("Nothing is read from the column “%(header)s”.", header=text[:100])
            flaws.append(Flaw(1, text[:100], reason, "column"))
    return flaws


def read(header: Sequence[str], rows: Iterable[tuple[int, list[str]]]) -> TagList:
    """The tags of such a list. A name that is a path is one."""
    columns = columns_of(header)
    known = [
        Row(number, {columns[n]: _text(cell) for n, cell in enumerate(row) if n in columns})
        for number, row in rows
    ]
    has_dots = {words.fold(text) for text in header} >= TAGUETTE
    paths = _Paths(known, has_dots=has_dots)
    lines, refused = [], []
    for row in known:
        if path := paths.of(row):
            lines.append(_line(row, path))
        else:
            refused.append(Flaw(row.number, "name", say("The tag has no name. Give it one.")))
    warnings = [*told(header, columns), *paths.flaws]
    return TagList(tuple(lines), {}, frozenset({"parents"}), tuple(refused), tuple(warnings))


def split(path: str) -> tuple[str, ...]:
    """The steps of a path that is written with > or ›; of too many the last ones."""
    return tuple(step.strip() for step in _STEP.split(path) if step.strip())[-PATH_MAX - 1 :]


class _Paths:
    def __init__(self, rows: Sequence[Row], *, has_dots: bool) -> None:
        self.has_dots = has_dots
        self.flaws: list[Flaw] = []
        self.named: dict[tuple[str, str], list[Row]] = {}
        for row in rows:
            if name := row.cell("name"):
                self.named.setdefault((row.cell("group"), words.fold(name)), []).append(row)

    def of(self, row: Row) -> tuple[str, ...]:
        """Names from the top down to this row's own; nothing when it has none."""
        own = self._own(row)
        place = split(row.cell("path"))
        if place:
            is_whole = not own or words.fold(place[-1]) == words.fold(own[-1])
            return place if is_whole else (*place, *own)
        if not own or len(own) > 1:
            return own
        above: list[str] = []
        seen = {row.number}
        here = row
        while parent := here.cell("parent"):
            there = self.named.get((row.cell("group"), words.fold(parent)), [])
            if len(there) != 1:
                above = [*split(parent), *above]
                break
            here = there[0]
            if here.number in seen:
                return self._at_the_top(
                    row, own, say("“%(tag)s” would lie under itself.", tag=own[-1])
                )
            if len(seen) > PATH_MAX:
                reason = say(
                    "“%(tag)s” lies deeper than %(count)s levels.", tag=own[-1], count=PATH_MAX
                )
                return self._at_the_top(row, own, reason)
            seen.add(here.number)
            above = [*self._own(here), *above]
        return (*above, *own)

    def _at_the_top(self, row: Row, own: tuple[str, ...], reason: Message) -> tuple[str, ...]:
        told = say("A place is left out. %(why)s", why=reason)
        self.flaws.append(Flaw(row.number, "parent", told, "place"))
        return own

    def _own(self, row: Row) -> tuple[str, ...]:
        name = row.cell("name")
        return tuple(steps_of(name)) if self.has_dots and name else split(name)


def _line(row: Row, path: tuple[str, ...]) -> TagLine:
    names = row.texts("name")
    pref = {code: split(name)[-1] for code, name in names.items() if split(name)}
    if not any(words.fold(name) == words.fold(path[-1]) for name in pref.values()):
        pref = {words.language_of(path[-1]): path[-1]}
    return TagLine(
        guid="",
        group=row.cell("group"),
        words=TagWords(
            pref=pref,
            alt={code: _LIST.split(text) for code, text in row.texts("alt").items()},
            note=row.texts("note"),
            definition=row.texts("definition"),
            example=row.texts("example"),
        ),
        row=row.number,
        path=path,
        is_loose=True,
    )


def _asked(header: str) -> Column:
    text = words.fold(header.replace("_", " "))
    if found := _LANGUAGE.fullmatch(text):
        return found["what"].strip(" ,:-"), "ru" if found["ru"] else "en"
    return text, ""


def _text(cell: str) -> str:
    return cells.original(cell).strip()

"""Filters as people type them: `kind:fact`, `-тег:"Возврат денег"`, `after:2025-03`. Pure.

Their names and the values that are known beforehand are understood in English and Russian, whatever
the case. What a tag, a study or a person is called, only the database knows: see `meant`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from research_repo.core import words
from research_repo.core.models import ATOM_STATUSES, KINDS, METHODS
from research_repo.core.terms import term
from research_repo.settings import LANGUAGES

NAMES = {
    "tag": ("tag", "тег"),
    "also": ("also", "также"),
    "kind": ("kind", "вид"),
    "study": ("study", "исследование"),
    "method": ("method", "метод"),
    "by": ("by", "автор"),
    "after": ("after", "после"),
    "before": ("before", "до"),
    "status": ("status", "статус"),
    "has": ("has", "есть"),
    "lang": ("lang", "язык"),
}
"""Each filter's name in English and in Russian."""
OTHER_NAMES = {"author": "by", "language": "lang", "теги": "tag", "tags": "tag"}
_CALLED = {called: name for name, both in NAMES.items() for called in both} | OTHER_NAMES
_QUOTED = r"«[^«»]*»|“[^“”]*”|„[^„“”]*[“”]|\"[^\"]*\""
_PATTERN = re.compile(
    rf"(?P<phrase>{_QUOTED})"
    rf"|(?<!\S)(?P<turned>[-−]?)(?P<name>{'|'.join(_CALLED)}):(?P<exact>=?)"
    rf"(?P<value>{_QUOTED}|[^\s«»“”„\"]+)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Typed:
    """A filter in a text. `name` is that of an address; `start` and `end` tell where it stands."""

    name: str
    value: str
    is_without: bool
    start: int
    end: int


def typed(text: str) -> list[Typed]:
    """The filters in a text, in their order. What stands in quotes is no filter."""
    return list(_typed(text))


def without(text: str, some: Iterable[Typed]) -> str:
    """The text without these of its filters."""
    for one in sorted(some, key=lambda one: -one.start):
        text = text[: one.start] + text[one.end :]
    return " ".join(text.split())


def as_words(text: str) -> str:
    """The text with every filter in it turned into the words of its value."""
    for one in reversed(typed(text)):
        sign = "-" if one.is_without else ""
        said = " ".join(sign + word for word in words.tokens(one.value))
        text = f"{text[: one.start]} {said} {text[one.end :]}"
    return text


def known_values(filter_: Typed) -> tuple[str, ...]:
    """What the value of a filter stands for, where that needs no database; empty: nothing known."""
    if filter_.name in ("after", "before"):
        day = first_day(filter_.value)
        return (day.isoformat(),) if day else ()
    if filter_.name not in _TABLES:
        return ()
    found = _values_of(filter_.name).get(_comparable(filter_.value))
    return (found,) if found else ()


def choices(name: str, language: str) -> list[str]:
    """What can be typed for a filter whose values need no database."""
    return [said(name, value, language) for value in _TABLES[name][1]]


def said(name: str, value: str, language: str) -> str:
    """What to type for a value that is known without a database."""
    table, values = _TABLES.get(name, ("", ()))
    # Languages are called in their own words; two letters say it in both.
    return term(table, value).put(language) if value in values and name != "lang" else value


def quoted(value: str) -> str:
    """The value as it stands behind the colon of a filter."""
    if _BARE.fullmatch(value):
        return value
    if '"' in value and not re.search("[«»]", value):
        return f"«{value}»"
    return '"' + value.replace('"', "") + '"'


def first_day(text: str) -> date | None:
    """The first day of 2025, 2025-03, 2025-03-31 or 31.03.2025; None for what is no date."""
    for pattern in _DATES:
        if found := pattern.fullmatch(text.strip()):
            parts = {name: int(number) for name, number in found.groupdict().items()}
            try:
                return date(parts["year"], parts.get("month", 1), parts.get("day", 1))
            except ValueError:
                return None
    return None


_BARE = re.compile(r"[\w.+-]+")
_DATES = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        r"(?P<year>\d{4})",
        r"(?P<year>\d{4})-(?P<month>\d{1,2})",
        r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})",
        r"(?P<month>\d{1,2})\.(?P<year>\d{4})",
        r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})",
    )
)
_TABLES: dict[str, tuple[str, tuple[str, ...]]] = {
    "kind": ("kind", KINDS),
    "method": ("method", METHODS),
    "status": ("atom_status", ATOM_STATUSES),
    "has": ("evidence", ("quote",)),
    "lang": ("language", LANGUAGES),
}
_ALSO = {
    "status": {"черновик": "draft", "опубликованные": "published", "архив": "archived"},
    "lang": {"russian": "ru", "русский": "ru", "английский": "en", "english": "en"},
    "method": {"interview": "interviews", "тикеты": "support tickets", "другой": "other"},
}


def _typed(text: str) -> Iterator[Typed]:
    for found in _PATTERN.finditer(text):
        if found["phrase"] is not None:
            continue
        name = _CALLED[found["name"].lower()]
        value = found["value"].strip('«»“”„"').strip()
        if found["exact"] and name != "tag":
            value = f"={value}"
        if value:
            name = "exact" if found["exact"] and name == "tag" else name
            # What must not be there stands beside nothing.
            name = "tag" if found["turned"] and name == "also" else name
            yield Typed(name, value, bool(found["turned"]), found.start(), found.end())


@cache
def _values_of(name: str) -> dict[str, str]:
    table, values = _TABLES[name]
    known = {_comparable(said): value for said, value in _ALSO.get(name, {}).items()}
    for value in values:
        for said in (value, *(term(table, value).put(code) for code in LANGUAGES)):
            known[_comparable(said)] = value
    return known


def _comparable(text: str) -> str:
    # Факт and факты, «юзабилити-тест» and «юзабилити тест» say the same.
    return " ".join(words.stem(token) for token in words.tokens(text))

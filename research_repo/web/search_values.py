"""The filters of a search and their values, with how many results each would leave."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from research_repo.core import cards, words
from research_repo.core.language import Message, say
from research_repo.core.models import ATOM_STATUSES, METHODS, Person
from research_repo.core.terms import term
from research_repo.search import Found
from research_repo.settings import LANGUAGES
from research_repo.web.search_commands import begins
from research_repo.web.words import put


@dataclass(frozen=True)
class Value:
    """A value as people call it, as it is written into the field, and how many results it leaves."""

    name: str
    written: str
    count: int | None = None
    sub: str = ""


Values = Callable[[Any, Person, Found], Iterator[Value]]


@dataclass(frozen=True)
class Filter:
    """A filter by its names in both languages, what it is for, and its values."""

    name: str
    names: Mapping[str, str]
    meaning: Message
    values: Values


def _terms(table: str, counts: Callable[[Found], Mapping[str, int]]) -> Values:
    def values(_session: Any, _by: Person, found: Found) -> Iterator[Value]:
        counted = counts(found)
        for value, count in sorted(counted.items(), key=lambda pair: -pair[1]):
            if count:
                yield Value(put(term(table, value)), value, count)

    return values


def _studies(session: Any, by: Person, found: Found) -> Iterator[Value]:
    counted = sorted(found.study_counts.items(), key=lambda pair: (-pair[1], pair[0]))
    names = cards.study_names(session, by, [study_id for study_id, _ in counted])
    for study_id, count in counted:
        if study_id in names:
            key, title = names[study_id]
            yield Value(title, key, count, key)


def _statuses(_session: Any, _by: Person, _found: Found) -> Iterator[Value]:
    yield from (Value(put(term("atom_status", status)), status) for status in ATOM_STATUSES)


def _years(is_from: bool) -> Values:
    def values(_session: Any, _by: Person, found: Found) -> Iterator[Value]:
        for year in sorted(found.year_counts, reverse=True):
            told = [n for other, n in found.year_counts.items() if (other >= year) is is_from]
            yield Value(str(year), str(year), sum(told))

    return values


def _quotes(_session: Any, _by: Person, _found: Found) -> Iterator[Value]:
    yield Value(put(say("a quote")), "quote")


def _languages(_session: Any, _by: Person, _found: Found) -> Iterator[Value]:
    yield from (Value(put(term("language", code)), code) for code in LANGUAGES)


def _methods(_session: Any, _by: Person, _found: Found) -> Iterator[Value]:
    yield from (Value(put(term("method", method)), method) for method in METHODS)


def _none(_session: Any, _by: Person, _found: Found) -> Iterator[Value]:
    yield from ()


FILTERS = (
    Filter("tag", {"en": "tag", "ru": "тег"}, say("a tag with what lies under it"), _none),
    Filter(
        "kind",
        {"en": "kind", "ru": "вид"},
        say("fact, insight or recommendation"),
        _terms("kind", lambda found: found.kind_counts),
    ),
    Filter("study", {"en": "study", "ru": "исследование"}, say("where it was found"), _studies),
    Filter("method", {"en": "method", "ru": "метод"}, say("how it was found"), _methods),
    Filter("by", {"en": "by", "ru": "автор"}, say("who wrote it down"), _none),
    Filter("after", {"en": "after", "ru": "после"}, say("from this day on"), _years(is_from=True)),
    Filter("before", {"en": "before", "ru": "до"}, say("before this day"), _years(is_from=False)),
    Filter(
        "status", {"en": "status", "ru": "статус"}, say("draft, published or archived"), _statuses
    ),
    Filter("has", {"en": "has", "ru": "есть"}, say("with a quote"), _quotes),
    Filter("lang", {"en": "lang", "ru": "язык"}, say("in which language"), _languages),
)


def filter_called(name: str) -> Filter | None:
    """The filter that goes by this name in either language."""
    asked = words.fold(name)
    return next((one for one in FILTERS if asked in one.names.values()), None)


def values_of(session: Any, by: Person, found: Found, asked: Filter, typed: str) -> Iterator[Value]:
    """The values of a filter that have a word which begins as typed, those with most results first."""
    folded = words.fold(typed)
    for value in asked.values(session, by, found):
        if any(begins(words.fold(text), folded) for text in (value.name, value.written)):
            yield value

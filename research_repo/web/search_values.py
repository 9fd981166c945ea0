"""The filters of a search and their values, with how many results each would leave."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from research_repo.core import cards, lookup, words
from research_repo.core.language import Message, say
from research_repo.core.models import ATOM_STATUSES, Person
from research_repo.core.terms import term
from research_repo.search import Found
from research_repo.search.typed_filters import NAMES, said
from research_repo.settings import LANGUAGES
from research_repo.web.search_commands import begins
from research_repo.web.words import language, put


@dataclass(frozen=True)
class Value:
    """A value as people call it, as it is written into the field, and how many results it leaves."""

    name: str
    written: str
    count: int | None = None
    sub: str = ""
    also: tuple[str, ...] = ()
    """What it is called in other languages."""


MEANINGS: dict[str, Message] = {
    "tag": say("a tag with what lies under it"),
    "also": say("a tag that must be there besides, of whatever group"),
    "kind": say("fact, insight or recommendation"),
    "study": say("where it was found"),
    "method": say("how it was found"),
    "by": say("who wrote it down"),
    "after": say("from this day on"),
    "before": say("before this day"),
    "status": say("draft, published or archived"),
    "has": say("with a quote"),
    "lang": say("in which language"),
}
"""What each filter asks about; that of tags offers its values elsewhere."""


def names_of(name: str) -> tuple[str, ...]:
    """How a filter is called: first in the language of the page."""
    called = dict(zip(LANGUAGES, NAMES[name], strict=True))
    return (called[language()], *NAMES[name])


def filter_called(text: str) -> str | None:
    """The filter that goes by this name in either language."""
    asked = words.fold(text)
    return next((name for name in MEANINGS if asked in NAMES[name]), None)


def values_of(session: Any, by: Person, found: Found, name: str, typed: str) -> Iterator[Value]:
    """The values of a filter that have a word which begins as typed, those with most results first."""
    folded = words.fold(typed)
    for value in _all_values(session, by, found, name):
        if any(
            begins(words.fold(text), folded) for text in (value.name, value.written, *value.also)
        ):
            yield value


def _all_values(session: Any, by: Person, found: Found, name: str) -> Iterator[Value]:
    if name == "study":
        yield from _studies(session, by, found)
    elif name == "by":
        yield from _authors(session, by, found)
    elif name in ("after", "before"):
        yield from _years(found, is_from=name == "after")
    elif name in _KNOWN:
        table, counts = _KNOWN[name]
        for value, count in sorted(counts(found).items(), key=lambda pair: -(pair[1] or 0)):
            said_so = term(table, value)
            also = tuple(said_so.put(code) for code in LANGUAGES)
            yield Value(put(said_so), said(name, value, language()), count, also=also)


_KNOWN: dict[str, tuple[str, Callable[[Found], Mapping[str, int | None]]]] = {
    "kind": ("kind", lambda found: found.options.kinds),
    "method": ("method", lambda found: found.options.methods),
    "lang": ("language", lambda found: found.options.languages),
    "status": ("atom_status", lambda _found: dict.fromkeys(ATOM_STATUSES)),
    "has": ("evidence", lambda _found: {"quote": None}),
}


def _studies(session: Any, by: Person, found: Found) -> Iterator[Value]:
    counted = sorted(found.options.studies.items(), key=lambda pair: (-pair[1], pair[0]))
    names = cards.study_names(session, by, [study_id for study_id, _ in counted])
    for study_id, count in counted:
        if study_id in names:
            key, title = names[study_id]
            yield Value(title, key, count, key)


def _authors(session: Any, by: Person, found: Found) -> Iterator[Value]:
    names = lookup.author_names(session, by, list(found.options.authors))
    for person_id, count in sorted(found.options.authors.items(), key=lambda pair: -pair[1]):
        if person_id in names:
            yield Value(names[person_id], names[person_id], count)


def _years(found: Found, *, is_from: bool) -> Iterator[Value]:
    years = found.options.years
    for year in sorted(years, reverse=True):
        count = sum(n for other, n in years.items() if (other >= year) is is_from)
        yield Value(str(year), str(year), count)

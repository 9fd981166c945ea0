"""A search with a filter more, and a search as somebody could type it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import TypeVar

from research_repo.core.models import ATOM_STATUSES
from research_repo.search.asking import FIELDS, FILTER_MAX, Wanted
from research_repo.search.typed_filters import NAMES, Typed, quoted, said
from research_repo.settings import LANGUAGES

T = TypeVar("T")


def narrowed(wanted: Wanted, filter_: Typed, values: Iterable[str]) -> Wanted:
    """The search with a typed filter as well, whose value stands for these; not for statuses."""
    name, listed = filter_.name, tuple(values)
    if name in ("after", "before"):
        return _with_day(wanted, name, date.fromisoformat(listed[0]), filter_.is_without)
    if filter_.is_without:
        pairs = (*wanted.without, *((name, value) for value in listed))
        return replace(wanted, without=_each_once(pairs))
    chosen = wanted.choosing(name, _each_once((*wanted.chosen(name), *listed)))
    return replace(chosen, offset=wanted.offset)


def with_statuses(wanted: Wanted, chosen: Iterable[str], turned: Iterable[str]) -> Wanted:
    """The search for these statuses, the usual one where none is chosen, less the turned ones.

    Where something is only taken away, it is taken from all statuses.
    """
    listed, gone = tuple(chosen), set(turned)
    if wanted.statuses != Wanted.statuses:
        listed = (*wanted.statuses, *listed)
    left = tuple(one for one in listed or ATOM_STATUSES if one not in gone)
    return replace(wanted, statuses=_each_once(left) or Wanted.statuses)


def as_text(wanted: Wanted, names: Mapping[tuple[str, str], str], language: str = "en") -> str:
    """The search as somebody could type it; read back, it means the same.

    `names` tells what to write for a tag, a study or a person (filter and value → text); without a
    name the value itself is written. How to match and to sort cannot be typed.
    """
    at = LANGUAGES.index(language) if language in LANGUAGES else 0
    parts = []
    for name, value, is_turned in _chosen(wanted):
        called = NAMES["tag" if name == "exact" else name][at]
        written = names.get((name, value)) or said(name, value, language)
        sign, exact = "-" if is_turned else "", "=" if name == "exact" else ""
        parts.append(f"{sign}{called}:{exact}{quoted(written)}")
    # Filters come first: a quotation mark without its other half would swallow them.
    return " ".join([*parts, *([wanted.text] if wanted.text else [])])


def _chosen(wanted: Wanted) -> Iterator[tuple[str, str, bool]]:
    for name in FIELDS:
        yield from ((name, value, False) for value in wanted.chosen(name))
    for name, day in (("after", wanted.after), ("before", wanted.before)):
        if day:
            yield name, day.isoformat(), False
    if wanted.statuses != Wanted.statuses:
        yield from (("status", status, False) for status in wanted.statuses)
    yield from ((name, value, True) for name, value in wanted.without)


def _with_day(wanted: Wanted, name: str, day: date, is_without: bool) -> Wanted:
    # Not after a day is before it, and the other way round.
    if (name == "after") is not is_without:
        return replace(wanted, after=max(day, wanted.after or day))
    return replace(wanted, before=min(day, wanted.before or day))


def _each_once(values: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(values))[:FILTER_MAX]

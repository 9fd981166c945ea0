"""The filters that are in force, above the results: each can be taken off by a click."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from research_repo.core import hierarchy, lookup, studies, tagging
from research_repo.core.language import Message, say
from research_repo.core.models import Person
from research_repo.core.terms import term
from research_repo.search import Wanted
from research_repo.search.asking import FIELDS, TAGS, person_ids
from research_repo.web.search_address import address_of
from research_repo.web.search_facets import year_of
from research_repo.web.words import day, language, put

TABLES = {"kind": "kind", "method": "method", "lang": "language", "has": "evidence"}


@dataclass(frozen=True)
class Chip:
    """A filter: what it is called, for a tag the path to it, and the address without it."""

    path: Sequence[str]
    href: str
    is_out: bool = False
    """Whether it says what must not be there."""


def filters(session: Any, by: Person, wanted: Wanted) -> list[Chip]:
    """All filters of a search. What the person may not know is called by its key."""
    names = _Names(session, by, wanted)
    chips = []
    for name in FIELDS:
        for value in wanted.chosen(name):
            rest = tuple(one for one in wanted.chosen(name) if one != value)
            href = address_of(wanted.choosing(name, rest))
            chips.append(Chip(names.of(name, value), href))
    chips += _days(wanted)
    if wanted.statuses != Wanted.statuses:
        path = [", ".join(put(term("atom_status", status)) for status in wanted.statuses)]
        chips.append(Chip(path, address_of(wanted, statuses=Wanted.statuses)))
    for pair in wanted.without:
        href = address_of(wanted, without=tuple(one for one in wanted.without if one != pair))
        chips.append(Chip(names.of(*pair), href, is_out=True))
    return chips


def _days(wanted: Wanted) -> Iterator[Chip]:
    if not wanted.after and not wanted.before:
        return
    yield Chip([put(_span(wanted))], address_of(wanted, after=None, before=None))


def _span(wanted: Wanted) -> Message:
    year = year_of(wanted)
    if year:
        return Message(str(year))
    last = wanted.before - timedelta(1) if wanted.before and wanted.before.toordinal() > 1 else None
    if wanted.after and last:
        return say("%(first)s to %(last)s", first=day(wanted.after), last=day(last))
    if wanted.after:
        return say("from %(day)s on", day=day(wanted.after))
    return say("before %(day)s", day=day(wanted.before) if wanted.before else "")


class _Names:
    """What the values of filters are called, as far as the person may know."""

    def __init__(self, session: Any, by: Person, wanted: Wanted) -> None:
        keys = [key for name in TAGS for key in wanted.named(name)]
        hidden = tagging.unseen(session, by) if keys else set()
        known = hierarchy.cards_of_keys(session, keys, language()) if keys else {}
        self._tags = {key: card for key, card in known.items() if card.id not in hidden}
        self._studies = studies.titles(session, by, wanted.named("study"))
        wrote = lookup.author_names(session, by, person_ids(wanted.named("by")))
        self._authors = {**wrote, by.id: by.name}

    def of(self, name: str, value: str) -> Sequence[str]:
        """The name of a value; several steps where it is a tag."""
        if name in TAGS:
            card = self._tags.get(value)
            steps = card.steps if card else (value,)
            return (
                steps if name != "exact" else (*steps[:-1], put(say("only %(tag)s", tag=steps[-1])))
            )
        if name == "study":
            return [self._studies.get(value, value)]
        if name == "by":
            ids = person_ids([value])
            return [self._authors.get(ids[0], value) if ids else value]
        return [put(term(TABLES[name], value))]

"""A search without a hit: what to take off, how many are found then, and tags that sound alike."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from research_repo.core import hierarchy
from research_repo.core.hierarchy import TagCard
from research_repo.core.language import say
from research_repo.core.models import Person
from research_repo.search import Wanted, from_address
from research_repo.web.door import search
from research_repo.web.search_address import address_of
from research_repo.web.search_chips import Chip
from research_repo.web.words import language, put

WAYS_MAX = 6
"""Each way is a search of its own."""
NEAR_SHOWN = 4

_PLAIN_WORDS = re.compile(r"[^\W_]{3,}(?:\s+[^\W_]{3,})*")


@dataclass(frozen=True)
class Way:
    """A search with one thing less: what is taken off, how many it finds, and its address."""

    text: str
    count: int
    href: str


@dataclass(frozen=True)
class Nothing:
    """What a page without results offers."""

    ways: tuple[Way, ...]
    begun: Way | None
    """The words as beginnings of longer ones, where something begins so."""
    near: tuple[tuple[TagCard, str], ...]
    bare: str
    """The address of the words alone."""


def nothing(session: Any, by: Person, wanted: Wanted, chips: Sequence[Chip]) -> Nothing:
    """What to take off so that something is found, the way that keeps most results first."""
    found = sorted(_ways(by, wanted, chips), key=lambda way: -way.count)
    bare = Wanted(text=wanted.text, sort=wanted.sort)
    return Nothing(
        ways=tuple(way for way in found if way.count),
        begun=_begun(by, wanted),
        near=tuple(_near(session, by, wanted)),
        bare=address_of(bare),
    )


def _ways(by: Person, wanted: Wanted, chips: Sequence[Chip]) -> Iterator[Way]:
    for chip in chips[:WAYS_MAX]:
        less = from_address(parse_qs(urlsplit(chip.href).query))
        yield Way(chip.path[-1], _count(by, less), chip.href)
    if wanted.match == "all":
        less = replace(wanted, match="any", offset=0)
        yield Way(put(say("“all of the words”")), _count(by, less), address_of(less))
    if wanted.text and chips:
        less = replace(wanted, text="", offset=0)
        words = put(say("the words “%(words)s”", words=wanted.text))
        yield Way(words, _count(by, less), address_of(less))


def _begun(by: Person, wanted: Wanted) -> Way | None:
    if not _PLAIN_WORDS.fullmatch(wanted.text):
        return None
    begun = replace(wanted, text=" ".join(f"{word}*" for word in wanted.text.split()), offset=0)
    count = _count(by, begun)
    return Way(begun.text, count, address_of(begun)) if count else None


def _count(by: Person, wanted: Wanted) -> int:
    return search().find(replace(wanted, limit=1, offset=0), by, is_counted=False).total


def _near(session: Any, by: Person, wanted: Wanted) -> Iterator[tuple[TagCard, str]]:
    if not wanted.text:
        return
    near = [one.tag_id for one in search().near(wanted.text, by, NEAR_SHOWN)]
    if not near:
        offered = search().suggest(wanted.text, by, language(), NEAR_SHOWN)
        near = [one.tag_id for one in offered]
    cards = hierarchy.cards(session, near, language())
    for tag_id in near:
        if tag_id in cards:
            yield cards[tag_id], address_of(Wanted(tags=(cards[tag_id].key,)))

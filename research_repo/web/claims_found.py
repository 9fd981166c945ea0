"""Claims found by what is typed, to be ticked: for links, and for what a new claim rests on."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from research_repo.core import bulk, cards
from research_repo.core.cards import AtomCard
from research_repo.core.models import Person
from research_repo.search import Wanted
from research_repo.web.door import search
from research_repo.web.words import language

OFFERED = 10
STATUSES = ("published", "draft")
_BEGUN = re.compile(r"\w{3,}$")


@dataclass(frozen=True)
class Offer:
    """What is ticked already, and what the words find besides."""

    ticked: list[AtomCard]
    offered: list[AtomCard]


def offer(
    session: Any,
    by: Person,
    typed: str,
    ticked: Sequence[str],
    besides: Collection[int] = (),
    kinds: tuple[str, ...] = (),
) -> Offer:
    """The claims with these keys, and those that the words find; `besides` are never offered.

    Typed may also be a claim's key, or its address.
    """
    ids = [one for one in bulk.picked(session, by, list(ticked)) if one not in besides]
    left_out = {*ids, *besides}
    found = [one for one in _found(session, by, typed, kinds, len(left_out)) if one not in left_out]
    made = cards.of_atoms(session, by, [*ids, *found[:OFFERED]], language())
    return Offer([one for one in made if one.id in ids], [one for one in made if one.id not in ids])


def _found(
    session: Any, by: Person, typed: str, kinds: tuple[str, ...], more: int
) -> Sequence[int]:
    words = typed.strip()
    if not words:
        return []
    named = bulk.picked(session, by, [words.rstrip("/").rpartition("/")[2]])
    if named:
        return named
    # The last word may be half typed.
    text = words + "*" if _BEGUN.search(words) else words
    wanted = Wanted(text=text, kinds=kinds, statuses=STATUSES, limit=OFFERED + more)
    return [hit.atom_id for hit in search().find(wanted, by).hits]

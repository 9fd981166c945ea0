"""Saved searches in words: what each of them looks for, for lists of many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from research_repo.core import hierarchy, lookup
from research_repo.core.models import Person
from research_repo.core.saved_searches import Saved
from research_repo.core.search_pairs import NOWHERE
from research_repo.search.asking import TAGS, Wanted, person_ids
from research_repo.search.keeping import from_pairs
from research_repo.search.typed_wanted import as_text


def in_words(session: Any, by: Person, searches: Sequence[Wanted], language: str) -> list[str]:
    """Each search as somebody could type it, with the names that this person may know."""
    keys = {key for one in searches for name in TAGS for key in one.named(name)}
    authors = {one for each in searches for one in person_ids(each.named("by"))}
    names: dict[tuple[str, str], str] = {}
    for key, card in hierarchy.cards_of_keys(session, keys, language).items():
        names |= {(name, key): card.name for name in TAGS}
    for person_id, name in lookup.author_names(session, by, authors).items():
        names["by", str(person_id)] = name
    return [as_text(one, names, language) for one in searches]


def described(session: Any, by: Person, searches: Sequence[Saved], language: str) -> dict[int, str]:
    """Search → what it looks for, in one line."""
    words = in_words(session, by, [_there(one) for one in searches], language)
    return {one.id: text for one, text in zip(searches, words, strict=True)}


def _there(one: Saved) -> Wanted:
    return from_pairs(pair for pair in one.wanted if pair[1] != NOWHERE)

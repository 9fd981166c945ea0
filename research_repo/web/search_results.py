"""The hits of a search as its page shows them: a list, or under the studies that they come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from research_repo.core import cards, prose
from research_repo.core.cards import AtomCard, AtomTexts
from research_repo.core.hierarchy import TagCard
from research_repo.core.indexing import Texts
from research_repo.core.models import Person
from research_repo.search import Found
from research_repo.search.snippets import best, marked
from research_repo.web.search_why import reasons

Marked = list[tuple[str, bool]]
Made = Mapping[int, tuple[AtomCard, AtomTexts]]


@dataclass(frozen=True)
class Result:
    """A hit as the page shows it."""

    atom: AtomCard
    title: Marked
    snippet: Marked
    is_quote: bool
    why: Sequence[str]


@dataclass(frozen=True)
class Group:
    """What a page shows of one study, and how much was found in it; without a key, of none."""

    key: str
    title: str
    count: int
    results: tuple[Result, ...]


def results(found: Found, made: Made, tags: dict[int, TagCard]) -> list[Result]:
    """The hits in their order; what was not `made`, since it may not be seen any more, is left out."""
    listed = []
    for hit in found.hits:
        if hit.atom_id not in made:
            continue
        atom, texts = made[hit.atom_id]
        body, quotes = prose.words_of(texts.body_html), texts.quotes
        chosen = best([body, *quotes], found.words)
        listed.append(
            Result(
                atom=atom,
                title=marked(atom.title, found.words),
                snippet=marked(chosen, found.words) if chosen else [],
                is_quote=bool(chosen) and any(chosen.strip("… ") in quote for quote in quotes),
                why=reasons(hit.why, atom, Texts(atom.title, body, quotes), tags),
            )
        )
    return listed


def by_study(session: Any, by: Person, found: Found, listed: Sequence[Result]) -> list[Group]:
    """The results of a page under their studies, in the order of each study's first one."""
    places: dict[str, list[Result]] = {}
    for result in listed:
        places.setdefault(result.atom.study_key, []).append(result)
    names = cards.study_names(session, by, list(found.study_counts))
    counts = {names[one][0]: n for one, n in found.study_counts.items() if one in names}
    outside = found.total - sum(found.study_counts.values())
    return [
        Group(
            key=key,
            title=some[0].atom.study_title,
            count=counts.get(key, len(some)) if key else outside,
            results=tuple(some),
        )
        for key, some in places.items()
    ]

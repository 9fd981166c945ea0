"""The hits of a search as its page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from research_repo.core import cards, prose
from research_repo.core.cards import AtomCard
from research_repo.core.hierarchy import TagCard
from research_repo.core.language import say
from research_repo.core.models import Person
from research_repo.search import Found, Why
from research_repo.search.snippets import best, marked
from research_repo.web.words import language, put

Marked = list[tuple[str, bool]]


@dataclass(frozen=True)
class Result:
    """A hit as the page shows it."""

    atom: AtomCard
    title: Marked
    snippet: Marked
    is_quote: bool
    why: str


def results(session: Any, by: Person, found: Found, tags: dict[int, TagCard]) -> list[Result]:
    made = {
        card.id: card
        for card in cards.of_atoms(session, by, [hit.atom_id for hit in found.hits], language())
    }
    texts = cards.texts_of(session, list(made))
    results = []
    for hit in found.hits:
        atom = made.get(hit.atom_id)
        if atom is None:
            continue
        html, quotes = texts[atom.id]
        body = prose.words_of(html)
        chosen = best([body, *quotes], found.words)
        results.append(
            Result(
                atom=atom,
                title=marked(atom.title, found.words),
                snippet=marked(chosen, found.words) if chosen else [],
                is_quote=bool(chosen) and any(chosen.strip("… ") in quote for quote in quotes),
                why=_why(hit.why, tags),
            )
        )
    return results


def _why(reasons: tuple[Why, ...], tags: dict[int, TagCard]) -> str:
    # Words of the atom itself are marked in the text: only what cannot be seen there is said.
    for why in reasons:
        if why.kind in ("tag", "label") and why.tag_id in tags:
            path = " › ".join(tags[why.tag_id].steps)
            return put(say("Found by the tag “%(tag)s”", tag=path))
    return ""

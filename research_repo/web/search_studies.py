"""The studies of a search as its page shows them: a few beside the answer, or all as a list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from research_repo.core import cards, study_texts
from research_repo.core.cards import StudyCard
from research_repo.core.hierarchy import TagCard
from research_repo.core.language import say
from research_repo.core.models import Person
from research_repo.core.study_texts import StudyText
from research_repo.search import StudiesFound, StudyHit
from research_repo.search.snippets import best, marked
from research_repo.web.words import put

SHOWN = 3

Marked = list[tuple[str, bool]]


@dataclass(frozen=True)
class StudyResult:
    """A study as the page shows it, with the question or the text that answers."""

    study: StudyCard
    title: Marked
    number: int | None
    """Which of its questions the snippet is; None for a part of its texts."""
    snippet: Marked
    why: str


def few(
    session: Any, by: Person, found: StudiesFound, tags: dict[int, TagCard]
) -> list[StudyResult]:
    """The best of those that answer enough of what was asked to stand above the results."""
    return listed(session, by, found, tags, [hit for hit in found.hits if hit.is_near][:SHOWN])


def listed(
    session: Any,
    by: Person,
    found: StudiesFound,
    tags: dict[int, TagCard],
    hits: Iterable[StudyHit] | None = None,
) -> list[StudyResult]:
    """The studies in their order; what `by` may not see any more by now is left out."""
    wanted = list(found.hits if hits is None else hits)
    ids = [hit.study_id for hit in wanted]
    made = {card.id: card for card in cards.of_studies(session, by, ids)} if ids else {}
    texts = {text.study_id: text for text in study_texts.of_studies(session, list(made))}
    return [
        _result(made[hit.study_id], texts[hit.study_id], hit, found.words, tags)
        for hit in wanted
        if hit.study_id in made
    ]


def _result(
    card: StudyCard,
    text: StudyText,
    hit: StudyHit,
    words: frozenset[str],
    tags: dict[int, TagCard],
) -> StudyResult:
    number, chosen = _answering(text, words)
    return StudyResult(
        study=card,
        title=marked(card.title, words),
        number=number,
        snippet=marked(chosen, words) if chosen else [],
        why=_why(hit, tags),
    )


def _answering(text: StudyText, words: frozenset[str]) -> tuple[int | None, str]:
    """The question that holds most of the words; without one that holds any, a part of the texts."""
    counts = [
        len({piece for piece, is_hit in marked(one, words) if is_hit}) for one in text.questions
    ]
    if any(counts):
        place = counts.index(max(counts))
        return place + 1, text.questions[place]
    return None, best(text.prose, words)


def _why(hit: StudyHit, tags: dict[int, TagCard]) -> str:
    # Words are marked where they stand: only what cannot be seen there is said.
    named = (tags[why.tag_id] for why in hit.why if why.tag_id in tags and why.kind == "tag")
    for tag in named:
        return put(say("Found by the tag “%(tag)s”", tag=" › ".join(tag.steps)))
    return ""

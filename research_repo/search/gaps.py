"""Where nobody has looked lately: narrower tags of those that a question names, without new facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from research_repo.search import finding
from research_repo.search.finding import Question
from research_repo.search.postings import Mask

MOST = 60


@dataclass(frozen=True)
class Held:
    """How many facts lie under a tag, of those that the person sees, and when the newest was observed."""

    facts: int
    latest: date | None


@dataclass(frozen=True)
class Gaps:
    """The tags that a question names, and those of them, or below them, that hold no new fact.

    Of a branch without any the topmost tag alone is told.
    """

    named: tuple[int, ...] = ()
    tags: tuple[int, ...] = ()


def of(question: Question, since: date) -> Gaps:
    """The gaps since that day. The question asks for published facts, with its words alone."""
    view, closure = question.view, question.dictionary.closure
    named = finding.named(question)
    facts = question.seen & question.filtered.all()
    is_new = view.facts["date"] >= since.toordinal()
    counts = view.tag_counts(closure, facts & is_new)
    found: dict[int, None] = {}
    known: set[int] = set()
    frontier: Sequence[int] = named
    while frontier:
        known.update(frontier)
        empty = [tag_id for tag_id in frontier if not counts.get(tag_id, 0)]
        found |= dict.fromkeys(empty)
        held = [tag_id for tag_id in frontier if tag_id not in found]
        below = (child for tag_id in held for child in closure.children(tag_id))
        hidden = known | question.unseen
        frontier = list(dict.fromkeys(child for child in below if child not in hidden))
    return Gaps(tuple(named), tuple(found)[:MOST])


def held(question: Question, tag_ids: Iterable[int]) -> Iterator[tuple[int, Held]]:
    """What the person sees under each of these tags, of the facts that pass the filters."""
    view, closure = question.view, question.dictionary.closure
    facts = question.seen & question.filtered.all()
    for tag_id in tag_ids:
        if tag_id not in question.unseen:
            yield tag_id, _held(facts & view.under(closure, tag_id), view.facts["date"])


def _held(facts: Mask, days: np.ndarray) -> Held:
    count = int(facts.sum())
    return Held(count, date.fromordinal(int(days[facts].max())) if count else None)

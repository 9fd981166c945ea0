"""Atoms that say nearly what another one says: by its most telling words, and by the tags it carries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from rapidfuzz.fuzz import token_sort_ratio

from research_repo.core import words
from research_repo.core.indexing import Document, Texts
from research_repo.core.models import ATOM_STATUSES
from research_repo.search.closure import Closure
from research_repo.search.postings import Mask, Scores
from research_repo.search.schema import distinct_parts
from research_repo.search.view import View

SHOWN = 5
CANDIDATES = 20
TERMS = 14
COMMON_SHARE = 0.1
"""A word that more of the atoms hold tells none of them apart."""
COMMON_FROM = 200
TITLE_TIMES = 2  # the claim says in one sentence what the rest only explains
TAG_WEIGHT = 0.5
NEAR = 0.3
"""What shares less of an atom's own worth than this is about something else."""
NEAR_TYPED = 0.45
"""The same for a claim that is being typed: it has no body that would dilute what it shares."""
TYPED_TERMS = 2
SAME_WORDS = 84
"""From this ratio of sorted stems on, two of three pairs mean the same (measured on STS-B)."""


@dataclass(frozen=True)
class Similar:
    """A near atom: how near, 0 to 1, and whether its claim has almost the same words."""

    atom_id: int
    score: float
    has_same_words: bool = False


def candidates(
    view: View, closure: Closure, document: Document, allowed: Mask
) -> list[tuple[int, float]]:
    """The nearest of the allowed atoms, with how near they are; none while it is not in the index."""
    held = view.places_of([document.atom_id])
    if not held:
        return []
    here = held[0]
    scores = _scores(view, closure, document)
    own = float(scores[here])
    scores[~allowed] = 0
    scores[here] = 0
    return _nearest(view, scores, own, NEAR)


def for_text(view: View, text: str, allowed: Mask) -> list[tuple[int, float]]:
    """The allowed atoms nearest to a claim that is being typed; none before it tells enough."""
    stems = _telling_in(view, [text], held=1)
    if len(stems) < TYPED_TERMS:
        return []
    scores = view.nothing()
    for stem in stems:
        view.add_scores(scores, "text", stem)
    scores[~allowed] = 0
    length = max(1, len(words.stems(text)))
    own = sum(view.score_of("text", stem, length) for stem in stems)
    return _nearest(view, scores, own, NEAR_TYPED)


def chosen(
    title: str, near: Sequence[tuple[int, float]], texts: Mapping[int, Texts]
) -> list[Similar]:
    """Those with almost the same words first, then the nearest."""
    own = _sorted_stems(title)
    titles = {atom_id: _sorted_stems(text.title) for atom_id, text in texts.items()}
    found = [
        Similar(atom_id, score, token_sort_ratio(own, titles[atom_id]) >= SAME_WORDS)
        for atom_id, score in near
        if atom_id in titles
    ]
    return sorted(found, key=lambda one: (not one.has_same_words, -one.score))[:SHOWN]


def published(view: View) -> Mask:
    """What is neither a draft nor archived."""
    return view.facts["status"] == ATOM_STATUSES.index("published")


def _scores(view: View, closure: Closure, document: Document) -> Scores:
    scores = view.nothing()
    for stem in _telling(view, document):
        view.add_scores(scores, "text", stem)
    survivors = {closure.survivors[one] for one in document.tag_ids if one in closure.survivors}
    for tag_id in sorted(survivors):
        given, inherited = view.given_and_inherited(closure, tag_id)
        carrying = np.union1d(given, inherited)
        scores[carrying] += TAG_WEIGHT * view.idf(len(carrying))
    return scores


def _nearest(view: View, scores: Scores, own: float, least: float) -> list[tuple[int, float]]:
    places = np.flatnonzero(scores >= max(least * own, np.finfo(float).tiny))
    order = np.lexsort((-view.facts["atom"][places], -scores[places]))[:CANDIDATES]
    atoms = view.facts["atom"][places[order]].tolist()
    near = np.minimum(scores[places[order]] / own, 1).round(4).tolist()
    return list(zip(atoms, near, strict=True))


def _telling(view: View, document: Document) -> list[str]:
    return _telling_in(view, distinct_parts(document), held=2)


def _telling_in(view: View, parts: Sequence[str], held: int) -> list[str]:
    """The words that tell most: said often here, the first part above all, and rarely elsewhere.

    Those that fewer than `held` documents hold bring nothing near.
    """
    times: Counter[str] = Counter()
    for place, part in enumerate(parts):
        weight = TITLE_TIMES if place == 0 else 1
        for token in words.tokens(part):
            # Two claims with the same number need not speak of the same thing.
            if token not in words.STOP_WORDS and not token.isnumeric():
                times[words.stem(token)] += weight
    counts = {stem: len(view.postings("text", stem).documents) for stem in times}
    most = max(COMMON_FROM, COMMON_SHARE * view.size)
    worth = {
        stem: min(times[stem], 3) * view.idf(count)
        for stem, count in counts.items()
        if held <= count <= most
    }
    return sorted(worth, key=lambda stem: (-worth[stem], stem))[:TERMS]


def _sorted_stems(text: str) -> str:
    return " ".join(words.stems(text))

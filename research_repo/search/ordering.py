"""In which order what was found is shown, and which part of it stands on the page.

By relevance, freshness and standing only break near ties: together they take less than
`GENTLEST`, so that a note which answers clearly better always stays before.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from research_repo.core.clock import now
from research_repo.core.models import ATOM_STATUSES
from research_repo.search.asking import Wanted
from research_repo.search.backing import Backed
from research_repo.search.postings import Documents, Mask, Scores
from research_repo.search.view import View

AGE_SHARE = 0.02  # what the oldest note loses against one of today
AGE_HALVES_DAYS = 730.0  # after two years half of that is lost, after four three quarters
SUPERSEDED_SHARE = 0.03
STATUS_SHARE = {"archived": 0.03, "draft": 0.01}
GENTLEST = 1 - AGE_SHARE - max(SUPERSEDED_SHARE, *STATUS_SHARE.values())
"""No tie-breaker makes a score smaller than this share of it."""

Numbers = Scores | NDArray[np.int64]


def ordered(
    view: View, scores: Scores, mask: Mask, wanted: Wanted, backed: Backed
) -> tuple[Documents, Scores]:
    """The documents of the page that is wanted, the first first, and what each is worth."""
    facts = view.facts
    needed = wanted.offset + wanted.limit
    places = np.flatnonzero(mask)
    if wanted.sort == "relevance":
        # What cannot reach the page even untouched is not looked at again.
        places = _reaching(places, scores[places], needed, GENTLEST)
    worth = scores[places] * gentle(view, places, backed)
    keys: list[Numbers] = [worth, facts["date"][places], -facts["atom"][places]]
    if wanted.sort == "date":
        keys = [keys[1], worth, keys[2]]
    elif wanted.sort == "strength":
        keys = [*backed.keys(places), *keys]
    chosen = _first(keys, needed)[wanted.offset :]
    return places[chosen], worth[chosen]


def gentle(view: View, places: Documents, backed: Backed) -> Scores:
    """The share of its score that each document keeps: less with age, as a draft, when it is over."""
    days = np.maximum(now().date().toordinal() - view.facts["date"][places], 0)
    lost = AGE_SHARE * (1 - np.exp2(-days / AGE_HALVES_DAYS))
    by_status = np.array([STATUS_SHARE.get(status, 0.0) for status in ATOM_STATUSES])
    standing = by_status[view.facts["status"][places]]
    return 1 - lost - np.where(backed.superseded[places] > 0, SUPERSEDED_SHARE, standing)


def _reaching(places: Documents, scores: Scores, needed: int, share: float) -> Documents:
    if len(places) <= needed:
        return places
    last = np.partition(scores, -needed)[-needed]
    return places[scores >= last * share]


def _first(keys: Sequence[Numbers], needed: int) -> NDArray[np.int64]:
    """The positions of the `needed` greatest by these keys, the greatest first.

    Sorting 100,000 ties to show twenty of them takes longer than all the rest of a search.
    """
    kept: list[NDArray[np.int64]] = []
    tied = np.arange(len(keys[0]))
    for key in keys:
        missing = needed - sum(map(len, kept))
        if len(tied) <= missing:
            break
        values = key[tied]
        last = np.partition(values, -missing)[-missing]
        kept.append(tied[values > last])
        tied = tied[values == last]
    some = np.concatenate([*kept, tied])
    order = np.lexsort(tuple(-key[some] for key in reversed(keys)))
    return some[order][:needed]

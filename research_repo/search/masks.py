"""Which documents count for a person and a search, decided before anything is counted or ranked."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray

from research_repo.core.access import Reach
from research_repo.core.indexing import Standing
from research_repo.core.models import ATOM_STATUSES, KINDS
from research_repo.search.closure import Closure
from research_repo.search.postings import Mask
from research_repo.search.schema import NO_STUDY
from research_repo.search.view import View

DRAFT = ATOM_STATUSES.index("draft")


def in_reach(view: View, reach: Reach, stale: Mapping[int, Standing | None]) -> Mask:
    """The live documents that a person sees; `stale` atoms are judged as the database has them."""
    mask = view.live.copy()
    if not reach.is_admin:
        mask &= _seen(view, reach)
    for place in view.places_of(stale):
        standing = stale[int(view.facts["atom"][place])]
        mask[place] = standing is not None and reach.sees(
            standing.status, standing.study_id, standing.author_id
        )
    return mask


def filtered(
    view: View,
    closure: Closure,
    *,
    tags: Collection[str],
    kinds: Collection[str],
    studies: Collection[int] | None,
    statuses: Collection[str],
) -> Mask:
    """The documents that pass the filters. A tag key that nobody knows lets nothing pass."""
    mask = _one_of(view.facts["status"], ATOM_STATUSES, statuses)
    if kinds:
        mask &= _one_of(view.facts["kind"], KINDS, kinds)
    if studies is not None:
        mask &= np.isin(view.facts["study"], list(studies))
    for key in tags:
        tag_id = closure.by_key.get(key)
        mask &= view.nowhere() if tag_id is None else view.under(closure, tag_id)
    return mask


def _seen(view: View, reach: Reach) -> Mask:
    study, is_draft = view.facts["study"], view.facts["status"] == DRAFT
    in_place = _chosen(study, {NO_STUDY, *reach.studies})
    in_team = _chosen(study, reach.team_studies)
    is_own = view.facts["author"] == reach.person_id
    return in_team | in_place & (~is_draft | is_own)


def _chosen(column: NDArray[np.int64], chosen: Collection[int]) -> Mask:
    table = np.zeros(int(column.max(initial=0)) + 1, bool)
    table[[number for number in chosen if number < len(table)]] = True
    return table[column]


def _one_of(column: NDArray[np.int64], names: tuple[str, ...], wanted: Collection[str]) -> Mask:
    return _chosen(column, [names.index(name) for name in wanted if name in names])

"""How what was found spreads over kinds, studies, times and tags."""

from __future__ import annotations

from datetime import date

import numpy as np

from research_repo.core.models import KINDS
from research_repo.search.closure import Closure
from research_repo.search.found import Found
from research_repo.search.postings import Mask
from research_repo.search.schema import NO_STUDY
from research_repo.search.view import View


def counted(view: View, closure: Closure, mask: Mask) -> Found:
    """The counts of the documents in a mask, without hits."""
    facts = view.facts
    kinds = np.bincount(facts["kind"][mask], minlength=len(KINDS))
    studies, per_study = np.unique(facts["study"][mask], return_counts=True)
    days, per_day = np.unique(facts["date"][mask], return_counts=True)
    years: dict[int, int] = {}
    months: dict[tuple[int, int], int] = {}
    for ordinal, count in zip(days.tolist(), per_day.tolist(), strict=True):
        day = date.fromordinal(ordinal)
        years[day.year] = years.get(day.year, 0) + count
        months[day.year, day.month] = months.get((day.year, day.month), 0) + count
    return Found(
        total=int(mask.sum()),
        hits=(),
        tag_counts=view.tag_counts(closure, mask),
        kind_counts={kind: int(n) for kind, n in zip(KINDS, kinds, strict=True) if n},
        study_counts={
            study: count
            for study, count in zip(studies.tolist(), per_study.tolist(), strict=True)
            if study != NO_STUDY
        },
        year_counts=years,
        month_counts=months,
    )

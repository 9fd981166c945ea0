"""In which order what was found is shown, and which part of it stands on the page."""

from __future__ import annotations

import numpy as np

from research_repo.search.asking import Wanted
from research_repo.search.postings import Documents, Mask, Scores
from research_repo.search.view import View


def ordered(view: View, scores: Scores, mask: Mask, wanted: Wanted) -> Documents:
    """The documents of the page that is wanted, the first first."""
    facts = view.facts
    places = np.flatnonzero(mask)
    first = scores if wanted.sort == "relevance" else facts["date"].astype(float)
    needed = wanted.offset + wanted.limit
    if len(places) > needed:
        # Only what can reach the page is sorted; ties with the last one stay in.
        values = first[places]
        places = places[values >= np.partition(values, -needed)[-needed]]
    order = np.lexsort((-facts["atom"][places], -facts["date"][places], -first[places]))
    return places[order][wanted.offset : needed]

"""Words and counts: the only room that knows Whoosh and numpy.

`Search` answers; `Wanted` says what is asked; `Found` is the answer; `asking` and `snippets` help
pages to put both into addresses and text.
"""

# ruff: noqa: E402 (Whoosh 2.7.4 is from 2016; Python complains about its source when compiling it)
import warnings

warnings.filterwarnings("ignore", category=SyntaxWarning, module=r".*\bwhoosh\b")

from research_repo.search.asking import Wanted, from_address, to_address
from research_repo.search.facets import Facet, FacetLine
from research_repo.search.found import Correction, Found, Hit, Meaning, Suggestion, Why
from research_repo.search.gaps import Held
from research_repo.search.meant import Meant, as_typed, meant, narrowed_by
from research_repo.search.searching import Search
from research_repo.search.studies import StudiesFound, StudyHit

__all__ = [
    "Correction",
    "Facet",
    "FacetLine",
    "Found",
    "Held",
    "Hit",
    "Meaning",
    "Meant",
    "Search",
    "StudiesFound",
    "StudyHit",
    "Suggestion",
    "Wanted",
    "Why",
    "as_typed",
    "from_address",
    "meant",
    "narrowed_by",
    "to_address",
]

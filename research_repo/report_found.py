"""What the search of a report finds: the claims that it is rolled up from, each time it is read."""

from __future__ import annotations

from urllib.parse import urlencode

from research_repo.bulk_jobs import ATOMS_MAX, all_matching
from research_repo.core import search_pairs
from research_repo.core.db import Session
from research_repo.core.models import Person, Report
from research_repo.core.search_pairs import Pair
from research_repo.search import Search


def pairs_seen(session: Session, by: Person, report: Report) -> list[Pair]:
    """What the report's search asks for, as far as what it names exists for the person."""
    pairs = [(str(name), str(value)) for name, value in report.wanted or ()]
    return list(search_pairs.there(session, by, pairs).as_seen(pairs))


def claims_found(
    search: Search, session: Session, by: Person, report: Report, language: str
) -> list[int]:
    """The ids, as the person finds them now; none for a report that is not rolled up from a search.

    Raises:
        Unavailable: nobody can tell all that match while the index is rebuilt.
    """
    if report.scope != "search":
        return []
    address = urlencode(pairs_seen(session, by, report))
    return search.ids(all_matching(session, by, address, language), by, ATOMS_MAX)

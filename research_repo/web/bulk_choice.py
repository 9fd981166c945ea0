"""What was chosen on a page of results: ticked findings, or all that the search finds."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode

from flask import url_for

from research_repo.bulk_jobs import ATOMS_MAX, all_matching
from research_repo.core import bulk
from research_repo.core.errors import Invalid
from research_repo.core.language import say
from research_repo.core.models import Person
from research_repo.search import Found, Wanted, from_address, to_address
from research_repo.web.door import is_on, number, reading, search, text, texts
from research_repo.web.words import language


@dataclass(frozen=True)
class Choice:
    """The chosen findings, as the person sees them now. `search` is the address of the page."""

    atom_ids: tuple[int, ...]
    keys: tuple[str, ...]
    """Those that were ticked; none when all that match were chosen."""
    search: str
    is_all: bool
    seen: int
    """How many matched when the person last looked; 0 when they were ticked."""

    @property
    def count(self) -> int:
        return len(self.atom_ids)

    @property
    def has_changed(self) -> bool:
        """Whether another number matches than when they looked."""
        return self.is_all and bool(self.seen) and self.seen != self.count

    @property
    def print(self) -> str:
        """Differs when other findings would be worked on."""
        told = ",".join(map(str, sorted(self.atom_ids)))
        return hashlib.sha256(told.encode()).hexdigest()[:32]

    @property
    def text(self) -> str:
        """The words that were searched."""
        return from_address(parse_qs(self.search)).text

    @property
    def back(self) -> str:
        """The page that they came from."""
        return url_for("search.page") + (f"?{self.search}" if self.search else "")


@dataclass(frozen=True)
class Bar:
    """What can be chosen on a page: `total` hold all the words, `loose` any of them."""

    search: str
    total: int
    loose: int


def bar(wanted: Wanted, found: Found) -> Bar | None:
    """For the bar under the results; None where nothing can be chosen."""
    if not found.hits:
        return None
    # While the index is rebuilt nobody can tell all that match.
    total = found.total_all if found.rebuilding is None else 0
    return Bar(search_of(wanted), total, found.total_any)


def search_of(wanted: Wanted) -> str:
    """The address of a search, its first page."""
    return urlencode(to_address(wanted, offset=0))


def chosen(by: Person) -> Choice:
    """What the form says, under what the person sees at this moment.

    Raises:
        Invalid: nothing was chosen, or more than a form takes.
        Unavailable: all that match cannot be told while the index is rebuilt.
    """
    address = _address(text("search"))
    is_all = is_on("all")
    keys = () if is_all else tuple(dict.fromkeys(texts("atom")))
    if is_all:
        with reading() as session:
            wanted = all_matching(session, by, address, language())
        atom_ids = search().ids(wanted, by, ATOMS_MAX)
    else:
        with reading() as session:
            atom_ids = bulk.picked(session, by, keys)
    if not atom_ids:
        raise Invalid({"atoms": say("Tick the findings first, or choose all that match.")})
    return Choice(tuple(atom_ids), keys, address, is_all, _seen() if is_all else 0)


def _address(sent: str) -> str:
    # Only what an address of ours can say comes back in a link.
    return search_of(from_address(parse_qs(sent)))


def _seen() -> int:
    try:
        return max(0, number("count") or 0)
    except Invalid:
        return 0


def fields(choice: Choice) -> list[tuple[str, Any]]:
    """The same choice for the next form."""
    told: list[tuple[str, Any]] = [("search", choice.search)]
    if choice.is_all:
        return [*told, ("all", "1"), ("count", choice.count)]
    return [*told, *(("atom", key) for key in choice.keys)]

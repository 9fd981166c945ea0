"""Searches that are kept: as pairs, and as they are asked again on somebody's behalf."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

from research_repo.search.asking import Wanted, from_address, to_address

ADDRESS_MAX = 20_000
FIELDS_MAX = 400

Pairs = list[tuple[str, str]]


def to_pairs(wanted: Wanted) -> Pairs:
    """What a search's address says, whatever page of it is open."""
    return to_address(wanted, offset=0)


def to_query(wanted: Wanted) -> str:
    """The same as one text, for a field of a form or for a program."""
    return urlencode(to_pairs(wanted))


def from_pairs(pairs: Iterable[Sequence[str]]) -> Wanted:
    """The search that these pairs ask for; what they get wrong is left out."""
    args: dict[str, list[str]] = {}
    for pair in pairs:
        args.setdefault(pair[0], []).append(pair[1])
    return from_address(args)


def from_query(text: str) -> Wanted:
    """The same from one text, such as "q=refund&kind=insight" or a whole address."""
    text = text[:ADDRESS_MAX]
    if text.startswith(("/", "http")):
        text = text.partition("?")[2]
    try:
        return from_pairs(parse_qsl(text, max_num_fields=FIELDS_MAX))
    except ValueError:
        return Wanted()


def followed(pairs: Iterable[Sequence[str]]) -> Wanted:
    """The search as it is followed: all words must match, and the newest comes first."""
    return replace(from_pairs(pairs), match="all", sort="date")

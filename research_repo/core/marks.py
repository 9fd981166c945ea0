"""Quotes marked in the passages of a page, those that overlap, too. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True)
class Mark:
    """A quote where it stands in its source, and the claim that rests on it."""

    evidence_id: int
    start: int
    end: int
    atom_key: str
    atom_kind: str
    atom_title: str
    atom_language: str
    atom_status: str
    author: str


@dataclass(frozen=True)
class Part:
    """A stretch of a passage that the same quotes cover; the first and last words of some of them."""

    text: str
    quotes: tuple[int, ...] = ()
    begins: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()
    """The numbers on the page of those that end here."""


@dataclass(frozen=True)
class Marked:
    """A passage cut at the ends of its quotes; `notes` are those that end in it, with their numbers."""

    parts: Sequence[Part]
    notes: Sequence[tuple[int, Mark]]


class _Placed(NamedTuple):
    """A mark with its number on the page, and the first and last passage that it touches."""

    number: int
    mark: Mark
    first: int
    last: int


def marked(passages: Sequence[tuple[int, str]], marks: Sequence[Mark]) -> list[Marked]:
    """The passages of a page, each its start and its words, with the quotes that touch them."""
    within = [(start, start + len(text)) for start, text in passages]
    placed: list[_Placed] = []
    for one in marks:
        touched = [at for at, (a, b) in enumerate(within) if one.start < b and one.end > a]
        if touched:
            placed.append(_Placed(len(placed) + 1, one, touched[0], touched[-1]))
    found = []
    for at, (start, text) in enumerate(passages):
        here = [one for one in placed if one.first <= at <= one.last]
        notes = [(one.number, one.mark) for one in here if one.last == at]
        found.append(Marked(_parts(start, text, here, at), notes))
    return found


def _parts(start: int, text: str, here: Sequence[_Placed], at: int) -> list[Part]:
    stop = start + len(text)
    within = {one: (max(one.mark.start, start), min(one.mark.end, stop)) for one in here}
    edges = sorted({start, stop, *(edge for ends in within.values() for edge in ends)})
    found = []
    for a, b in zip(edges, edges[1:], strict=False):
        over = [one for one, (first, last) in within.items() if first < b and last > a]
        begins = [one for one in over if one.first == at and within[one][0] == a]
        ends = [one for one in over if one.last == at and within[one][1] == b]
        found.append(
            Part(
                text[a - start : b - start],
                tuple(one.mark.evidence_id for one in over),
                tuple(one.mark.evidence_id for one in begins),
                tuple(one.number for one in ends),
            )
        )
    return found

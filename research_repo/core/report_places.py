"""Where each claim stands in a report: by the questions that it answers, or where the author put it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

HIDDEN = "hidden"
PICKED = "list"
ALSO = "also"
RECOMMENDED = "recommendations"
LAST = 1 << 30
"""The position of what nobody put anywhere: behind all that somebody did, in the order of logging."""

Put = Mapping[str, int]
"""Place → position, of one claim."""


def of_question(number: int) -> str:
    """The place of a question, by the number of its row."""
    return f"q{number}"


@dataclass(frozen=True)
class Placed:
    """The claims of a report by place, each in the author's order."""

    by_place: Mapping[str, Sequence[int]]

    def at(self, place: str) -> Sequence[int]:
        """The claims in one place."""
        return self.by_place.get(place, ())

    @property
    def everything(self) -> list[int]:
        """All claims, each once, those that are hidden, too."""
        return sorted({atom_id for ids in self.by_place.values() for atom_id in ids})

    @property
    def shown(self) -> list[int]:
        """All that are not hidden, each once, in the order of logging."""
        shown = (ids for place, ids in self.by_place.items() if place != HIDDEN)
        return sorted({atom_id for ids in shown for atom_id in ids})


def placed(
    kinds: Mapping[int, str],
    answered: Mapping[int, Iterable[int]],
    questions: Iterable[int],
    puts: Mapping[int, Put],
) -> Placed:
    """Every claim in its places. `answered` are the questions of a claim, `kinds` what it is.

    A claim stands where it belongs by itself until the author puts it anywhere else; from then on it
    stands only where they put it. A place that is no more counts for nothing.
    """
    asked = {of_question(number) for number in questions}
    found: dict[str, list[int]] = {}
    for atom_id, kind in kinds.items():
        own = _own(kind, {of_question(one) for one in answered.get(atom_id, ())} & asked)
        for place in chosen(own, puts.get(atom_id, {}), asked):
            found.setdefault(place, []).append(atom_id)
    return Placed({place: _ordered(ids, place, puts) for place, ids in found.items()})


def chosen(own: frozenset[str], put: Put, asked: Iterable[str]) -> frozenset[str]:
    """Where a claim stands that belongs to `own` by itself."""
    if HIDDEN in put:
        return frozenset({HIDDEN})
    there = put.keys() & {*asked, ALSO, RECOMMENDED}
    return frozenset(there) if there - own else own


def _own(kind: str, asked: set[str]) -> frozenset[str]:
    if kind == "recommendation":
        return frozenset({RECOMMENDED})
    return frozenset(asked or {ALSO})


def _ordered(atom_ids: list[int], place: str, puts: Mapping[int, Put]) -> list[int]:
    def position(atom_id: int) -> tuple[int, int, int]:
        put = puts.get(atom_id, {})
        return put.get(place, LAST), put.get(PICKED, LAST), atom_id

    return sorted(atom_ids, key=position)

"""What lies under what, as plain names: puts edges in order and finds those that a hierarchy cannot have."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

Above = Mapping[str, Iterable[str]]
Edge = tuple[str, str]
"""(child, parent)"""


@dataclass(frozen=True)
class Settled:
    """A hierarchy without circles, and the edges that it could not take."""

    above: dict[str, tuple[str, ...]]
    circles: tuple[Edge, ...]
    redundant: tuple[Edge, ...]


def settle(above: Above, kept: Collection[Edge] = ()) -> Settled:
    """Leave out, edge by edge, what would close a circle and what a longer way says already.

    The edges of `kept` stay even where a longer way says the same.
    """
    found = {child: list(dict.fromkeys(parents)) for child, parents in above.items()}
    circles = _break_circles(found)
    redundant = []
    for child, parents in found.items():
        if len(parents) > 1:
            higher = {parent: ancestors(found, parent) for parent in parents}
            for parent in list(parents):
                others = (higher[other] for other in parents if other != parent)
                if (child, parent) not in kept and any(parent in some for some in others):
                    parents.remove(parent)
                    redundant.append((child, parent))
    settled = {child: tuple(parents) for child, parents in found.items()}
    return Settled(settled, tuple(circles), tuple(redundant))


def ancestors(above: Above, name: str) -> set[str]:
    """All that lies above, at any height."""
    seen: set[str] = set()
    frontier = list(above.get(name, ()))
    while frontier:
        one = frontier.pop()
        if one not in seen:
            seen.add(one)
            frontier += above.get(one, ())
    return seen


def from_the_top(above: Above) -> list[str]:
    """The children in an order in which each comes after its parents; those in circles are left out."""
    waits_for = {
        child: {one for one in parents if one in above} for child, parents in above.items()
    }
    below: dict[str, list[str]] = {}
    for child, parents in waits_for.items():
        for parent in parents:
            below.setdefault(parent, []).append(child)
    order = [child for child, parents in waits_for.items() if not parents]
    for name in order:
        for child in below.get(name, ()):
            waits_for[child].discard(name)
            if not waits_for[child]:
                order.append(child)
    return order


def _break_circles(above: dict[str, list[str]]) -> list[Edge]:
    # Only what an order from the top cannot reach can be in a circle: seldom anything.
    unplaced = set(above) - set(from_the_top(above))
    edges = [(child, parent) for child in above if child in unplaced for parent in above[child]]
    for child in unplaced:
        above[child] = []
    refused = []
    for child, parent in edges:
        if child == parent or child in ancestors(above, parent):
            refused.append((child, parent))
        else:
            above[child].append(parent)
    return refused

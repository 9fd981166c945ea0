"""Facets: how the hits spread over the tags of each scheme, one level at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from research_repo.search.closure import Closure

SHOWN = 8


@dataclass(frozen=True)
class Facet:
    """One scheme among the hits.

    `line` leads from the top of the scheme to the tag that is chosen in it, if one is; `options` are
    the tags one level below with how many hits each has in its subtree, the biggest first.
    """

    scheme_id: int
    line: tuple[int, ...]
    options: tuple[tuple[int, int], ...]
    shown: int = SHOWN


def facets(closure: Closure, counts: Mapping[int, int], chosen_keys: Iterable[str]) -> list[Facet]:
    """A facet for each scheme with hits or a choice, in the order of the schemes' ids."""
    chosen = {}
    for key in chosen_keys:
        tag_id = closure.by_key.get(key)
        if tag_id is not None:
            chosen[closure.scheme_of[tag_id]] = tag_id
    options: dict[int, list[tuple[int, int]]] = {scheme_id: [] for scheme_id in chosen}
    for tag_id, count in counts.items():
        for scheme_id in _offered_in(closure, tag_id, chosen):
            if count:
                options.setdefault(scheme_id, []).append((tag_id, count))
    return [
        Facet(
            scheme_id,
            _line(closure, chosen[scheme_id]) if scheme_id in chosen else (),
            tuple(sorted(found, key=lambda pair: (-pair[1], pair[0]))),
        )
        for scheme_id, found in sorted(options.items())
    ]


def beside(
    closure: Closure, counts: Mapping[int, int], key: str, limit: int
) -> list[tuple[int, int]]:
    """The tags that the hits under a tag carry beside it, with how many of the hits, the most first.

    What lies over or under the tag says nothing new, nor does a tag all of whose hits come from one
    below it.
    """
    tag_id = closure.by_key.get(key)
    if tag_id is None:
        return []
    own = closure.ancestors(tag_id) | frozenset(closure.subtree(tag_id).tolist())
    alike: dict[int, set[int]] = {}
    for one, count in counts.items():
        if count and one not in own:
            alike.setdefault(count, set()).add(one)
    found: list[tuple[int, int]] = []
    for count in sorted(alike, reverse=True):
        over = {above for one in alike[count] for above in closure.ancestors(one) - {one}}
        found += [(one, count) for one in sorted(alike[count] - over)]
        if len(found) >= limit:
            break
    return found[:limit]


def _offered_in(closure: Closure, tag_id: int, chosen: Mapping[int, int]) -> set[int]:
    # Below a chosen tag its children are offered, also those of other schemes; else the tops.
    below = {scheme for scheme, top in chosen.items() if closure.is_under(tag_id, top)}
    scheme = closure.scheme_of.get(tag_id)
    if scheme is not None and scheme not in chosen and not closure.parents(tag_id):
        below.add(scheme)
    return below


def _line(closure: Closure, tag_id: int) -> tuple[int, ...]:
    line = [tag_id]
    while parents := [one for one in closure.parents(line[-1]) if one not in line]:
        line.append(min(parents))
    return tuple(reversed(line))

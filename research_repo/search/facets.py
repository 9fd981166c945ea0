"""Facets by tag: how the hits spread over each scheme, one level at a time, along what is chosen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from research_repo.search.asking import Wanted
from research_repo.search.closure import Closure
from research_repo.search.found import Found

OPTIONS_MAX = 60


@dataclass(frozen=True)
class FacetLine:
    """A tag of a facet, and how many hits it has, what is chosen in the scheme left out.

    To choose it is to take off the chosen tags in `instead`; where there are none, it is one more
    alternative.
    """

    tag_id: int
    count: int
    instead: tuple[int, ...] = ()
    is_chosen: bool = False
    is_over: bool = False
    """On the way to what is chosen."""
    is_exact: bool = False
    """Chosen itself alone, without what lies below."""


@dataclass(frozen=True)
class Branch:
    """A tag that is chosen: the way to it from the top of the scheme, and what lies below it."""

    line: tuple[FacetLine, ...]
    options: tuple[FacetLine, ...] = ()


@dataclass(frozen=True)
class Facet:
    """One scheme among the hits.

    `branches` are what is chosen in it; `options` what else can be: the tags at the top, or those
    beside what is chosen, the biggest first; `excluded` what must not be there.
    """

    scheme_id: int
    branches: tuple[Branch, ...]
    options: tuple[FacetLine, ...]
    excluded: tuple[int, ...] = ()

    @property
    def tag_ids(self) -> set[int]:
        """All tags that it names."""
        lines = [*self.options, *(one for b in self.branches for one in (*b.line, *b.options))]
        return {line.tag_id for line in lines} | set(self.excluded)


def facets(closure: Closure, found: Found, wanted: Wanted) -> list[Facet]:
    """A facet for each scheme with hits or a choice, in the order of the schemes' ids."""
    hidden = found.unseen
    chosen = _by_scheme(closure, wanted.tags, hidden)
    exact = _by_scheme(closure, wanted.exact, hidden)
    excluded = _by_scheme(closure, [*wanted.excluded("tag"), *wanted.excluded("exact")], hidden)
    schemes = sorted(set(closure.scheme_of.values()))
    made = [
        _Scheme(closure, found, scheme_id, chosen, exact).facet(excluded.get(scheme_id, ()))
        for scheme_id in schemes
    ]
    return [one for one in made if one.branches or one.options or one.excluded]


def every_line(closure: Closure, found: Found, wanted: Wanted, scheme_id: int) -> list[FacetLine]:
    """Each tag of a scheme that has hits, on whatever level, the biggest first.

    One on the way to or from what is chosen stands in its place.
    """
    hidden = found.unseen
    chosen = _by_scheme(closure, wanted.tags, hidden)
    excluded = _by_scheme(closure, [*wanted.excluded("tag"), *wanted.excluded("exact")], hidden)
    scheme = _Scheme(closure, found, scheme_id, chosen, {})
    return scheme.every_line(excluded.get(scheme_id, ()))


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


class _Scheme:
    """One scheme while its facet is made."""

    def __init__(
        self,
        closure: Closure,
        found: Found,
        scheme_id: int,
        chosen: Mapping[int, list[int]],
        exact: Mapping[int, list[int]],
    ) -> None:
        self._closure, self._id, self._all_chosen = closure, scheme_id, chosen
        self._counts = found.options.tags.get(scheme_id, found.tag_counts)
        self._chosen = chosen.get(scheme_id, [])
        self._exact = [tag_id for tag_id in exact.get(scheme_id, ()) if tag_id not in self._chosen]

    def facet(self, excluded: Iterable[int]) -> Facet:
        gone = set(excluded)
        branches = [self._branch(tag_id, gone) for tag_id in self._chosen]
        branches += [self._exactly(tag_id) for tag_id in self._exact]
        named = {line.tag_id for branch in branches for line in (*branch.line, *branch.options)}
        beside = self._beside() if branches else self._closure.tops(self._id)
        options = self._options(beside, gone | named)
        return Facet(self._id, tuple(branches), options, tuple(dict.fromkeys(excluded)))

    def every_line(self, excluded: Iterable[int]) -> list[FacetLine]:
        mine = [
            (count, tag_id)
            for tag_id, count in self._counts.items()
            if count and self._closure.scheme_of.get(tag_id) == self._id
        ]
        mine.sort(key=lambda pair: (-pair[0], pair[1]))
        gone = set(excluded)
        return [self._lone(tag_id, count) for count, tag_id in mine if tag_id not in gone]

    def _lone(self, tag_id: int, count: int) -> FacetLine:
        if tag_id in self._chosen:
            return FacetLine(tag_id, count, is_chosen=True)
        over = self._closure.ancestors(tag_id)
        instead = (
            one for one in self._chosen if one in over or tag_id in self._closure.ancestors(one)
        )
        return FacetLine(tag_id, count, tuple(instead))

    def _branch(self, tag_id: int, gone: set[int]) -> Branch:
        over = [self._over(one) for one in _line(self._closure, tag_id)[:-1]]
        here = FacetLine(tag_id, self._counts.get(tag_id, 0), is_chosen=True)
        below = [one for one in self._closure.children(tag_id) if self._is_free(one)]
        return Branch((*over, here), self._options(below, gone | {*self._chosen}, (tag_id,)))

    def _exactly(self, tag_id: int) -> Branch:
        over = [self._over(one) for one in _line(self._closure, tag_id)]
        return Branch((*over, FacetLine(tag_id, 0, is_chosen=True, is_exact=True)))

    def _over(self, tag_id: int) -> FacetLine:
        count = self._counts.get(tag_id, 0)
        if tag_id in self._chosen:
            return FacetLine(tag_id, count, is_chosen=True)
        under = [one for one in self._chosen if tag_id in self._closure.ancestors(one)]
        return FacetLine(tag_id, count, tuple(under), is_over=True)

    def _options(
        self, tag_ids: Iterable[int], gone: set[int], instead: tuple[int, ...] = ()
    ) -> tuple[FacetLine, ...]:
        counted = [(self._counts.get(one, 0), one) for one in tag_ids if one not in gone]
        counted.sort(key=lambda pair: (-pair[0], pair[1]))
        return tuple(
            FacetLine(one, count, instead) for count, one in counted[:OPTIONS_MAX] if count
        )

    def _beside(self) -> list[int]:
        found: dict[int, None] = {}
        for tag_id in (*self._chosen, *self._exact):
            line = _line(self._closure, tag_id)
            level = self._closure.tops(self._id)
            if len(line) > 1:
                level = self._closure.children(line[-2])
            mine = (one for one in level if self._closure.scheme_of[one] == self._id)
            found.update(dict.fromkeys(mine))
        return list(found)

    def _is_free(self, tag_id: int) -> bool:
        # A tag of another scheme in which something is chosen would be one more alternative there,
        # and find something else than it says here.
        scheme_id = self._closure.scheme_of[tag_id]
        return scheme_id == self._id or not self._all_chosen.get(scheme_id)


def _by_scheme(closure: Closure, keys: Iterable[str], hidden: Set[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for key in keys:
        tag_id = closure.by_key.get(key)
        if tag_id is None or tag_id in hidden:
            continue
        if tag_id not in found.setdefault(closure.scheme_of[tag_id], []):
            found[closure.scheme_of[tag_id]].append(tag_id)
    return found


def _line(closure: Closure, tag_id: int) -> tuple[int, ...]:
    line = [tag_id]
    while parents := [one for one in closure.parents(line[-1]) if one not in line]:
        line.append(parents[0])
    return tuple(reversed(line))

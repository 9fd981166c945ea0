"""Which documents count for a person and a search, decided before anything is counted or ranked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from research_repo.core.access import Reach
from research_repo.core.indexing import Standing
from research_repo.core.models import ATOM_STATUSES, KINDS, METHODS
from research_repo.search.asking import TAGS, Wanted, person_ids
from research_repo.search.closure import Closure
from research_repo.search.postings import Mask
from research_repo.search.schema import NO_STUDY
from research_repo.search.view import View
from research_repo.settings import LANGUAGES

DRAFT = ATOM_STATUSES.index("draft")


@dataclass(frozen=True)
class Known:
    """What the names in filters stand for, as the person who asks knows it.

    `methods` tells for each study id its place in METHODS. Tags in `unseen` do not exist.
    """

    closure: Closure
    studies: Mapping[str, int]
    methods: NDArray[np.int64]
    unseen: frozenset[int] = frozenset()

    def tag(self, key: str) -> int | None:
        """The tag that has this key, or that stands for the one that had it."""
        tag_id = self.closure.by_key.get(key)
        return None if tag_id in self.unseen else tag_id


@dataclass(frozen=True)
class Filtered:
    """What filters let pass, kept apart by facet, so that each facet is counted without its own.

    A facet is called by the name of its filter, `date`, or `tag:` with the id of its scheme.
    """

    standing: Mask
    """The documents whose status is asked for."""
    fixed: Mask
    """Of these, what no facet chose: without what is excluded."""
    chosen: Mapping[str, Mask] = field(default_factory=dict)

    def all(self) -> Mask:
        """The documents that pass everything."""
        return self.but("")

    def but(self, facet: str) -> Mask:
        """The documents that pass everything except the choice made in one facet."""
        mask = self.fixed.copy()
        for name, chosen in self.chosen.items():
            if name != facet:
                mask &= chosen
        return mask


def in_reach(view: View, reach: Reach, stale: Mapping[int, Standing | None]) -> Mask:
    """The live documents that a person sees; `stale` atoms are judged as the database has them."""
    mask = view.live.copy()
    if not reach.is_admin:
        mask &= _seen(view, reach)
    for place in view.places_of(stale):
        standing = stale[int(view.facts["atom"][place])]
        mask[place] = standing is not None and reach.sees(
            standing.status, standing.study_id, standing.author_id
        )
    return mask


def filtered(view: View, known: Known, wanted: Wanted) -> Filtered:
    """The documents that pass the filters. A value that nobody knows fits no document."""
    standing = _one_of(view.facts["status"], ATOM_STATUSES, wanted.statuses)
    fixed = standing.copy()
    excluded: dict[str, list[str]] = defaultdict(list)
    for name, value in wanted.without:
        excluded[name].append(value)
    for name, values in excluded.items():
        fixed &= ~holding(view, known, name, values)
    for key in wanted.also:
        fixed &= holding(view, known, "also", [key])
    if wanted.has:
        fixed &= holding(view, known, "has", wanted.has)
    simple: dict[str, Collection[str]] = {
        "kind": wanted.kinds,
        "study": wanted.studies,
        "method": wanted.methods,
        "by": [str(person_id) for person_id in wanted.authors],
        "lang": wanted.languages,
    }
    chosen = {name: holding(view, known, name, values) for name, values in simple.items() if values}
    if wanted.after or wanted.before:
        chosen["date"] = _between(view, wanted)
    return Filtered(standing, fixed, chosen | _by_scheme(view, known, wanted))


def holding(view: View, known: Known, name: str, values: Iterable[str]) -> Mask:
    """The documents that fit any of the values of one filter, called as in an address."""
    if name in TAGS:
        return _tagged(view, known, name, values)
    if name == "study":
        ids = [known.studies[key] for key in values if key in known.studies]
        return _chosen(view.facts["study"], ids)
    if name == "method":
        methods = [METHODS.index(method) for method in values if method in METHODS]
        return _chosen(view.facts["study"], np.flatnonzero(np.isin(known.methods, methods)))
    if name == "by":
        return _chosen(view.facts["author"], person_ids(values))
    if name == "has":
        return view.facts["quotes"] > 0 if "quote" in values else view.nowhere()
    column, names = {"kind": ("kind", KINDS), "lang": ("language", LANGUAGES)}[name]
    return _one_of(view.facts[column], names, values)


def facet_of(known: Known, key: str) -> str:
    """The facet in which a tag is chosen; a tag that nobody knows has one of its own."""
    tag_id = known.tag(key)
    return "tag:" if tag_id is None else f"tag:{known.closure.scheme_of[tag_id]}"


def _by_scheme(view: View, known: Known, wanted: Wanted) -> dict[str, Mask]:
    found: dict[str, Mask] = {}
    for name, keys in (("tag", wanted.tags), ("exact", wanted.exact)):
        for key in keys:
            facet = facet_of(known, key)
            mask = _tagged(view, known, name, [key])
            found[facet] = found[facet] | mask if facet in found else mask
    return found


def _tagged(view: View, known: Known, name: str, keys: Iterable[str]) -> Mask:
    carries = view.carrying if name == "exact" else view.under
    mask = view.nowhere()
    for tag_id in filter(None, map(known.tag, keys)):
        mask |= carries(known.closure, tag_id)
    return mask


def _between(view: View, wanted: Wanted) -> Mask:
    day = view.facts["date"]
    mask = ~view.nowhere()
    if wanted.after:
        mask &= day >= wanted.after.toordinal()
    if wanted.before:
        mask &= day < wanted.before.toordinal()
    return mask


def _seen(view: View, reach: Reach) -> Mask:
    study, is_draft = view.facts["study"], view.facts["status"] == DRAFT
    in_place = _chosen(study, {NO_STUDY, *reach.studies})
    in_team = _chosen(study, reach.team_studies)
    is_own = view.facts["author"] == reach.person_id
    return in_team | in_place & (~is_draft | is_own)


def _chosen(column: NDArray[np.int64], chosen: Iterable[int]) -> Mask:
    table = np.zeros(int(column.max(initial=0)) + 1, bool)
    table[[number for number in chosen if 0 <= number < len(table)]] = True
    return table[column]


def _one_of(column: NDArray[np.int64], names: tuple[str, ...], wanted: Iterable[str]) -> Mask:
    return _chosen(column, [names.index(name) for name in wanted if name in names])

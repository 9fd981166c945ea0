"""Facets beside the results: by tag group, by study; every line is a link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from research_repo.core import cards, hierarchy
from research_repo.core.hierarchy import TagCard
from research_repo.core.language import say
from research_repo.core.models import Person
from research_repo.search import Facet, Found, Wanted
from research_repo.web.search_address import address_of
from research_repo.web.words import language, put

STUDIES_SHOWN = 6


@dataclass(frozen=True)
class Step:
    """A line of a facet: what it is called, how many, and where it leads."""

    label: str
    href: str
    count: int | None = None
    look: str = ""
    """back, here or below"""


@dataclass(frozen=True)
class FacetLines:
    """One facet of the page."""

    title: str
    lines: tuple[Step, ...]
    more: tuple[Step, ...] = ()


def filters(wanted: Wanted, tags: dict[int, TagCard]) -> list[tuple[tuple[str, ...], str]]:
    by_key = {card.key: card for card in tags.values()}
    return [
        (by_key[key].steps, address_of(wanted, tags=_without(wanted.tags, key)))
        for key in wanted.tags
        if key in by_key
    ]


def tag_facets(
    session: Any, wanted: Wanted, found: Found, facets: list[Facet], tags: dict[int, TagCard]
) -> list[FacetLines]:
    names = hierarchy.scheme_labels(session, language())
    return [
        FacetLines(names[facet.scheme_id], *_facet_lines(wanted, found, facet, tags))
        for facet in facets
        if facet.scheme_id in names and (facet.line or facet.options)
    ]


def _facet_lines(
    wanted: Wanted, found: Found, facet: Facet, tags: dict[int, TagCard]
) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
    others = tuple(key for key in wanted.tags if key not in {tags[one].key for one in facet.line})

    def step(tag_id: int, count: int | None, look: str) -> Step:
        card = tags[tag_id]
        return Step(card.name, address_of(wanted, tags=(*others, card.key)), count, look)

    lines: list[Step] = []
    if facet.line:
        lines.append(Step(put(say("All")), address_of(wanted, tags=others), None, "back"))
        lines += [step(tag_id, None, "back") for tag_id in facet.line[:-1]]
        here = facet.line[-1]
        lines.append(
            Step(
                tags[here].name,
                address_of(wanted, tags=others),
                found.tag_counts.get(here, 0),
                "here",
            )
        )
    look = "below" if facet.line else ""
    options = [step(tag_id, count, look) for tag_id, count in facet.options]
    return (*lines, *options[: facet.shown]), tuple(options[facet.shown :])


def study_facet(session: Any, by: Person, wanted: Wanted, found: Found) -> list[FacetLines]:
    counted = [pair for pair in found.study_counts.items() if pair[0]]
    top = sorted(counted, key=lambda pair: (-pair[1], pair[0]))[:STUDIES_SHOWN]
    names = cards.study_names(session, by, [study_id for study_id, _ in top])
    lines = []
    for study_id, count in top:
        key, title = names.get(study_id, ("", ""))
        if key in wanted.studies:
            href = address_of(wanted, studies=_without(wanted.studies, key))
            lines.append(Step(title, href, count, "here"))
        elif key:
            lines.append(Step(title, address_of(wanted, studies=(key,)), count))
    return [FacetLines(put(say("Study")), tuple(lines))] if lines else []


def _without(values: tuple[str, ...], gone: str) -> tuple[str, ...]:
    return tuple(value for value in values if value != gone)

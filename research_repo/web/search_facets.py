"""Facets beside the results, by tag group, study, method and so on: what each line leads to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from research_repo.core import cards, hierarchy, lookup, schemes, studies
from research_repo.core.hierarchy import TagCard
from research_repo.core.language import Message, say
from research_repo.core.models import KINDS, METHODS, Person
from research_repo.core.terms import term
from research_repo.search import Facet, FacetLine, Found, Wanted
from research_repo.search.asking import person_ids
from research_repo.search.facets import OPTIONS_MAX
from research_repo.settings import LANGUAGES
from research_repo.web.search_address import address_of, all_values
from research_repo.web.words import language, put

SHOWN = 6
TAGS_SHOWN = 8
LISTED = 24

Tags = Mapping[int, TagCard]


@dataclass(frozen=True, slots=True)
class Step:
    """A line of a facet: what it is called, how many, and where it leads."""

    label: str
    count: int | None = None
    href: str = ""
    """None where the value is only added to what is in force: a form can do that by itself."""
    look: str = ""
    """back, here, or out for what is excluded"""
    name: str = ""
    value: str = ""
    """What can be added, or excluded, as it is called in the address."""


@dataclass(frozen=True)
class Part:
    """Some lines of a facet; `more` are folded away, all of them where nothing else is shown."""

    steps: Sequence[Step]
    more: Sequence[Step] = ()
    look: str = ""
    """in: what lies below a chosen tag; beside: what else can be chosen"""


@dataclass(frozen=True)
class FacetLines:
    """One facet of the page."""

    title: str
    parts: Sequence[Part]
    is_folded: bool = False
    all_href: str = ""
    """Where all its values stand, if there are more than these."""
    total: int = 0
    """How many values there are then; 0 for tags, which stand on many levels."""


def facets_of(
    session: Any, by: Person, wanted: Wanted, found: Found, facets: Iterable[Facet], tags: Tags
) -> list[FacetLines]:
    """All facets of a page: the tag groups first, then what else is known of each atom.

    None while the index is being rebuilt, as nothing is counted then.
    """
    if found.is_looked_up:
        return []
    names = hierarchy.scheme_labels(session, language())
    made = [
        FacetLines(
            names[facet.scheme_id],
            _tag_parts(wanted, facet, tags),
            all_href=_all_tags(session, wanted, facet),
        )
        for facet in facets
        if facet.scheme_id in names
    ]
    return made + [facet for facet in _flat_facets(session, by, wanted, found) if facet.parts]


def _all_tags(session: Any, wanted: Wanted, facet: Facet) -> str:
    levels = (facet.options, *(branch.options for branch in facet.branches))
    if all(len(level) < OPTIONS_MAX for level in levels):
        return ""
    return all_values(wanted, "tag", schemes.key_of(session, facet.scheme_id))


def _tag_parts(wanted: Wanted, facet: Facet, tags: Tags) -> list[Part]:
    parts = []
    if facet.branches:
        gone = [tags[one.tag_id].key for branch in facet.branches for one in branch.line]
        everything = _but(wanted, gone)
        parts.append(Part([Step(put(say("All")), None, address_of(everything), "back")]))
    for branch in facet.branches:
        parts.append(Part(_once(parts, [tag_step(wanted, one, tags) for one in branch.line])))
        below = _steps_below(wanted, branch.options, tags)
        if below:
            parts.append(Part(below[:TAGS_SHOWN], below[TAGS_SHOWN:], "in"))
    beside = [tag_step(wanted, one, tags) for one in facet.options]
    is_deep = any(branch.options for branch in facet.branches)
    if beside:
        shown = 0 if is_deep else TAGS_SHOWN
        look = "beside" if facet.branches else ""
        parts.append(Part(beside[:shown], beside[shown:], look))
    out = [_excluded_tag(wanted, tags[tag_id]) for tag_id in facet.excluded if tag_id in tags]
    return [*parts, Part(out)] if out else parts


def _once(parts: Iterable[Part], steps: list[Step]) -> list[Step]:
    # Two chosen tags have the way to them in common.
    there = {step for part in parts for step in part.steps}
    return [step for step in steps if step not in there]


def _steps_below(wanted: Wanted, lines: Sequence[FacetLine], tags: Tags) -> list[Step]:
    if not lines:
        return []
    # All of them stand in for the same chosen tag: only the last argument differs.
    left = address_of(_but(wanted, _keys(lines[0].instead, tags)))
    before = f"{left}{'&' if '?' in left else '?'}tag="
    cards = ((tags[line.tag_id], line.count) for line in lines)
    return [
        Step(card.name, count, before + card.key, name="tag", value=card.key)
        for card, count in cards
    ]


def _keys(tag_ids: Iterable[int], tags: Tags) -> list[str]:
    return [tags[tag_id].key for tag_id in tag_ids if tag_id in tags]


def tag_step(wanted: Wanted, line: FacetLine, tags: Tags) -> Step:
    """The line of a tag: chosen ones lead to the search without them."""
    card = tags[line.tag_id]
    if line.is_exact:
        label = put(say("%(tag)s itself", tag=card.name))
        rest = tuple(key for key in wanted.exact if key != card.key)
        return Step(label, None, address_of(wanted, exact=rest), "here")
    if line.is_chosen:
        return Step(card.name, line.count, address_of(_but(wanted, [card.key])), "here")
    gone = _keys(line.instead, tags)
    if not gone:
        return Step(card.name, line.count, name="tag", value=card.key)
    chosen = _but(wanted, gone)
    href = address_of(chosen, tags=(*chosen.tags, card.key))
    return Step(card.name, line.count, href, "back" if line.is_over else "", "tag", card.key)


def _excluded_tag(wanted: Wanted, card: TagCard) -> Step:
    pairs = {("tag", card.key), ("exact", card.key)}
    rest = tuple(pair for pair in wanted.without if pair not in pairs)
    return Step(card.name, None, address_of(wanted, without=rest), "out")


def _but(wanted: Wanted, keys: Iterable[str]) -> Wanted:
    gone = set(keys)
    return replace(
        wanted,
        tags=tuple(key for key in wanted.tags if key not in gone),
        exact=tuple(key for key in wanted.exact if key not in gone),
        offset=0,
    )


def _flat_facets(session: Any, by: Person, wanted: Wanted, found: Found) -> Iterator[FacetLines]:
    options = found.options
    named = cards.study_names(session, by, _largest(options.studies))
    chosen = studies.titles(session, by, (*wanted.studies, *wanted.excluded("study")))
    by_key = {key: options.studies.get(study_id, 0) for study_id, (key, _) in named.items()}
    titles = chosen | dict(named.values())
    yield _flat(say("Study"), wanted, "study", by_key, titles, total=len(options.studies))
    yield _flat(say("Method"), wanted, "method", options.methods, _terms("method", METHODS))
    yield _years(wanted, options.years)
    asked = person_ids(wanted.named("by"))
    authors = lookup.author_names(session, by, {*_largest(options.authors), *asked})
    counts = {str(person_id): options.authors.get(person_id, 0) for person_id in authors}
    names = {str(person_id): name for person_id, name in authors.items()}
    total = len(options.authors)
    yield _flat(say("Author"), wanted, "by", counts, names, is_folded=True, total=total)
    kinds = _terms("kind", KINDS)
    yield _flat(say("Kind"), wanted, "kind", options.kinds, kinds, is_folded=True)
    languages = _terms("language", LANGUAGES)
    yield _flat(say("Language"), wanted, "lang", options.languages, languages, is_folded=True)


def _flat(
    title: Message,
    wanted: Wanted,
    name: str,
    counts: Mapping[str, int],
    names: Mapping[str, str],
    *,
    is_folded: bool = False,
    total: int = 0,
) -> FacetLines:
    here, free, out = flat_steps(wanted, name, counts, names)
    # One value that all results share narrows nothing.
    if not here and not out and len(free) < 2:
        return FacetLines(put(title), ())
    parts = [Part([*here, *free[:SHOWN], *out], free[SHOWN:LISTED])]
    is_cut = total > LISTED
    return FacetLines(
        put(title),
        parts,
        is_folded and not here and not out,
        all_values(wanted, name) if is_cut else "",
        total if is_cut else 0,
    )


def flat_steps(
    wanted: Wanted, name: str, counts: Mapping[str, int], names: Mapping[str, str]
) -> tuple[list[Step], list[Step], list[Step]]:
    """The values of a filter that have a name: those chosen, those that can be, those kept out."""
    chosen = [value for value in wanted.chosen(name) if value in names]
    excluded = [value for value in wanted.excluded(name) if value in names]
    gone = {*chosen, *excluded}
    free = [value for value in names if value not in gone and counts.get(value)]
    free.sort(key=lambda value: (-counts[value], names[value]))
    here = [
        Step(
            names[value],
            counts.get(value, 0),
            address_of(wanted.choosing(name, _less(wanted.chosen(name), value))),
            "here",
        )
        for value in chosen
    ]
    steps = [Step(names[value], counts[value], name=name, value=value) for value in free]
    out = [
        Step(
            names[value],
            None,
            address_of(wanted, without=_less(wanted.without, (name, value))),
            "out",
        )
        for value in excluded
    ]
    return here, steps, out


def _years(wanted: Wanted, counts: Mapping[int, int]) -> FacetLines:
    steps = year_steps(wanted, counts)
    if not wanted.after and not wanted.before and len(steps) < 2:
        return FacetLines(put(say("Year")), ())
    is_cut = len(steps) > LISTED
    return FacetLines(
        put(say("Year")),
        [Part(steps[:SHOWN], steps[SHOWN:LISTED])],
        all_href=all_values(wanted, "year") if is_cut else "",
        total=len(steps) if is_cut else 0,
    )


def year_steps(wanted: Wanted, counts: Mapping[int, int]) -> list[Step]:
    """The years with hits and the one that is chosen, the latest first."""
    chosen = year_of(wanted)
    steps = []
    for year in sorted({*counts, *([chosen] if chosen else [])}, reverse=True):
        if year == chosen:
            href = address_of(wanted, after=None, before=None)
            steps.append(Step(str(year), counts.get(year, 0), href, "here"))
        else:
            href = address_of(wanted, after=date(year, 1, 1), before=_first_of(year + 1))
            steps.append(Step(str(year), counts[year], href))
    return steps


def year_of(wanted: Wanted) -> int | None:
    """The year that the days of a search span, if they span just one."""
    if not wanted.after:
        return None
    year = wanted.after.year
    is_whole = (wanted.after, wanted.before) == (date(year, 1, 1), _first_of(year + 1))
    return year if is_whole else None


def _first_of(year: int) -> date | None:
    # The last year that there is has no end.
    return date(year, 1, 1) if year <= date.max.year else None


def _largest(counts: Mapping[int, int]) -> list[int]:
    return sorted(counts, key=lambda one: (-counts[one], one))[:LISTED]


def _terms(table: str, values: Iterable[str]) -> dict[str, str]:
    return {value: _capital(put(term(table, value))) for value in values}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _less(values: Sequence[Any], gone: Any) -> tuple[Any, ...]:
    return tuple(value for value in values if value != gone)

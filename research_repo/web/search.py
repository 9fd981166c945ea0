"""The search page: results, facets by tag, kind and study; the address holds all of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, render_template, request, url_for

from research_repo.core import cards, hierarchy, prose
from research_repo.core.cards import AtomCard
from research_repo.core.hierarchy import TagCard
from research_repo.core.language import say
from research_repo.core.models import KINDS, Person
from research_repo.search import Facet, Found, Wanted, Why, from_address, to_address
from research_repo.search.snippets import best, marked
from research_repo.web.door import current_person, reading, search
from research_repo.web.words import language, put

bp = Blueprint("search", __name__, url_prefix="/search")

STUDIES_SHOWN = 6
Marked = list[tuple[str, bool]]


@dataclass(frozen=True)
class Result:
    """A hit as the page shows it."""

    atom: AtomCard
    title: Marked
    snippet: Marked
    is_quote: bool
    why: str


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


@bp.get("")
def page() -> str:
    by = current_person()
    wanted = from_address(request.args.to_dict(flat=False))
    room = search()
    found = room.find(wanted, by)
    kinds = found.kind_counts
    if wanted.kinds:
        kinds = room.find(replace(wanted, kinds=(), limit=1, offset=0), by).kind_counts
    with reading() as session:
        tags = _tags(session, wanted, found, room.facets(found, wanted))
        shown = {
            "results": _results(session, by, found, tags),
            "facets": _tag_facets(session, wanted, found, room.facets(found, wanted), tags)
            + _study_facet(session, by, wanted, found),
        }
    return render_template(
        "search/page.html",
        wanted=wanted,
        found=found,
        tabs=_tabs(wanted, kinds),
        filters=_filters(wanted, tags),
        meanings=[
            (meaning.span, tags[meaning.tag_id], meaning.count)
            for meaning in found.meanings
            if meaning.tag_id in tags
        ],
        address=_address,
        last_page=max(1, -(-found.total // wanted.limit)),
        **shown,
    )


def _address(wanted: Wanted, **changes: Any) -> str:
    args: dict[str, Any] = {}
    for name, value in to_address(wanted, **changes):
        args.setdefault(name, []).append(value)
    return url_for("search.page", **args)


def _tags(session: Any, wanted: Wanted, found: Found, facets: list[Facet]) -> dict[int, TagCard]:
    ids = {why.tag_id for hit in found.hits for why in hit.why if why.tag_id}
    ids |= {meaning.tag_id for meaning in found.meanings}
    for facet in facets:
        ids |= set(facet.line) | {tag_id for tag_id, _ in facet.options}
    return hierarchy.cards(session, ids, language())


def _results(session: Any, by: Person, found: Found, tags: dict[int, TagCard]) -> list[Result]:
    made = {
        card.id: card
        for card in cards.of_atoms(session, by, [hit.atom_id for hit in found.hits], language())
    }
    texts = cards.texts_of(session, list(made))
    results = []
    for hit in found.hits:
        atom = made.get(hit.atom_id)
        if atom is None:
            continue
        html, quotes = texts[atom.id]
        body = prose.words_of(html)
        chosen = best([body, *quotes], found.words)
        results.append(
            Result(
                atom=atom,
                title=marked(atom.title, found.words),
                snippet=marked(chosen, found.words) if chosen else [],
                is_quote=bool(chosen) and any(chosen.strip("… ") in quote for quote in quotes),
                why=_why(hit.why, tags),
            )
        )
    return results


def _why(reasons: tuple[Why, ...], tags: dict[int, TagCard]) -> str:
    # Words of the atom itself are marked in the text: only what cannot be seen there is said.
    for why in reasons:
        if why.kind in ("tag", "label") and why.tag_id in tags:
            path = " › ".join(tags[why.tag_id].steps)
            return put(say("Found by the tag “%(tag)s”", tag=path))
    return ""


def _tabs(wanted: Wanted, counts: dict[str, int]) -> list[tuple[str, str, int, bool]]:
    total = sum(counts.values())
    rows = [("", _address(wanted, kinds=()), total, not wanted.kinds)]
    return rows + [
        (kind, _address(wanted, kinds=(kind,)), counts.get(kind, 0), wanted.kinds == (kind,))
        for kind in KINDS
    ]


def _filters(wanted: Wanted, tags: dict[int, TagCard]) -> list[tuple[tuple[str, ...], str]]:
    by_key = {card.key: card for card in tags.values()}
    return [
        (by_key[key].steps, _address(wanted, tags=_without(wanted.tags, key)))
        for key in wanted.tags
        if key in by_key
    ]


def _tag_facets(
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
        return Step(card.name, _address(wanted, tags=(*others, card.key)), count, look)

    lines: list[Step] = []
    if facet.line:
        lines.append(Step(put(say("All")), _address(wanted, tags=others), None, "back"))
        lines += [step(tag_id, None, "back") for tag_id in facet.line[:-1]]
        here = facet.line[-1]
        lines.append(
            Step(
                tags[here].name,
                _address(wanted, tags=others),
                found.tag_counts.get(here, 0),
                "here",
            )
        )
    look = "below" if facet.line else ""
    options = [step(tag_id, count, look) for tag_id, count in facet.options]
    return (*lines, *options[: facet.shown]), tuple(options[facet.shown :])


def _study_facet(session: Any, by: Person, wanted: Wanted, found: Found) -> list[FacetLines]:
    counted = [pair for pair in found.study_counts.items() if pair[0]]
    top = sorted(counted, key=lambda pair: (-pair[1], pair[0]))[:STUDIES_SHOWN]
    names = cards.study_names(session, by, [study_id for study_id, _ in top])
    lines = []
    for study_id, count in top:
        key, title = names.get(study_id, ("", ""))
        if key in wanted.studies:
            href = _address(wanted, studies=_without(wanted.studies, key))
            lines.append(Step(title, href, count, "here"))
        elif key:
            lines.append(Step(title, _address(wanted, studies=(key,)), count))
    return [FacetLines(put(say("Study")), tuple(lines))] if lines else []


def _without(values: tuple[str, ...], gone: str) -> tuple[str, ...]:
    return tuple(value for value in values if value != gone)

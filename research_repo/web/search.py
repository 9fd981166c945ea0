"""The search page: what the words mean, results, facets; the address holds all of it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, render_template, request

from research_repo.core import cards, hierarchy
from research_repo.core.hierarchy import TagCard
from research_repo.core.models import KINDS, Person
from research_repo.search import Facet, Found, Wanted, from_address, meant
from research_repo.web import bulk_choice, facet_values, search_typing
from research_repo.web.door import current_person, reading, search, see_other
from research_repo.web.saved_searches import standing
from research_repo.web.search_address import STUDY_LIST, address_of, in_force, kept, view_asked
from research_repo.web.search_answer import above, best_of, candidates
from research_repo.web.search_chips import filters
from research_repo.web.search_facets import facets_of
from research_repo.web.search_nothing import nothing
from research_repo.web.search_results import by_study, results
from research_repo.web.search_told import is_wordless, not_meant, put_right, understood
from research_repo.web.words import language, put

bp = Blueprint("search", __name__, url_prefix="/search")


@bp.get("")
def page() -> str | Response:
    by = current_person()
    typed = from_address(request.args.to_dict(flat=False))
    with reading() as session:
        asked = meant(session, by, typed, language())
    wanted = asked.wanted
    if wanted != typed:
        # One search has one address, however it was typed.
        return see_other(address_of(wanted, offset=wanted.offset))
    found = search().find(wanted, by, best_of=best_of(wanted))
    current_app.extensions["misses"].take(wanted, found)
    with reading() as session:
        shown = _shown(session, by, wanted, found)
    return render_template(
        "search/page.html",
        wanted=wanted,
        found=found,
        told=[put(message) for message in asked.told],
        view=view_asked(),
        kept=kept(wanted),
        in_force=in_force(wanted),
        tabs=_tabs(wanted, found.options.kinds),
        address=address_of,
        last_page=max(1, -(-found.total // wanted.limit)),
        **shown,
    )


def _shown(session: Any, by: Person, wanted: Wanted, found: Found) -> dict[str, Any]:
    facets = search().facets(found, wanted)
    tags = _tags(session, found, facets)
    insights = candidates(wanted, found)
    ids = dict.fromkeys((*(hit.atom_id for hit in found.hits), *insights.atom_ids))
    made = cards.with_texts(session, by, list(ids), language(), found.weighed())
    listed = results(found, made, tags)
    chips = filters(session, by, wanted)
    return {
        "results": listed,
        "groups": by_study(session, by, found, listed) if view_asked() == "studies" else [],
        "nothing": None if listed else nothing(session, by, wanted, chips),
        "filters": chips,
        "meanings": understood(wanted, found, tags),
        "is_wordless": is_wordless(wanted.text),
        "corrected": put_right(wanted.text, found.corrections),
        "not_meant": not_meant(session, by, wanted),
        "facets": facets_of(session, by, wanted, found, facets, tags),
        "bulk": bulk_choice.bar(wanted, found),
        "standing": standing(session, by, wanted),
        **above(session, by, wanted, found, insights, made),
    }


@bp.get("/typing")
def typing() -> str:
    """What may be meant by the words so far: the list under the field."""
    return search_typing.shown()


@bp.get("/values")
def values() -> str:
    """All values of one facet, of which the page of results shows the largest."""
    return facet_values.shown()


def _tags(session: Any, found: Found, facets: list[Facet]) -> dict[int, TagCard]:
    ids = {why.tag_id for hit in found.hits for why in hit.why if why.tag_id}
    ids |= {meaning.tag_id for meaning in found.meanings}
    for facet in facets:
        ids |= facet.tag_ids
    return hierarchy.cards(session, ids, language())


def _tabs(wanted: Wanted, counts: dict[str, int]) -> list[tuple[str, str, int, bool]]:
    total = sum(counts.values())
    is_list = view_asked() == STUDY_LIST
    view = "" if is_list else None
    is_all = not wanted.kinds and not is_list
    rows = [("", address_of(wanted, kinds=(), view=view), total, is_all)]
    return rows + [
        (
            kind,
            address_of(wanted, kinds=(kind,), view=view),
            counts.get(kind, 0),
            wanted.kinds == (kind,) and not is_list,
        )
        for kind in KINDS
    ]

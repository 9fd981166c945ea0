"""All values of one facet of a search, with how many results each leaves: by name, page after page.

GET /search/values   of: study, method, by, kind, lang, year or tag; group: the key of a tag group;
                     find: what the name holds; page; and the search, as in its own address
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import render_template, request

from research_repo.core import cards, hierarchy, lookup, schemes, studies, words
from research_repo.core.errors import NotFound
from research_repo.core.language import Message, say
from research_repo.core.models import KINDS, METHODS, Person
from research_repo.core.terms import term
from research_repo.search import FacetLine, Found, Wanted, from_address, meant
from research_repo.search.asking import person_ids
from research_repo.search.facets import every_line
from research_repo.settings import LANGUAGES
from research_repo.web.door import current_person, page_number, reading, search
from research_repo.web.search_address import address_of, in_force
from research_repo.web.search_chips import filters
from research_repo.web.search_facets import Step, flat_steps, tag_step, year_steps
from research_repo.web.words import language, put

ROWS = 120
FIND_MAX = 100

Named = tuple[dict[str, int], dict[str, str]]
"""Value → hits, and value → name."""


@dataclass(frozen=True)
class Values:
    """The values of a facet whose name holds what was asked; `steps` are those of one page."""

    title: str
    steps: Sequence[Step]
    total: int


def shown() -> str:
    """The page.

    Raises:
        NotFound: there is no such facet.
    """
    by = current_person()
    of, group = request.args.get("of", ""), request.args.get("group", "")
    find = " ".join(request.args.get("find", "").split())[:FIND_MAX]
    asked = from_address(request.args.to_dict(flat=False))
    with reading() as session:
        wanted = replace(meant(session, by, asked, language()).wanted, limit=1, offset=0)
    found = search().find(wanted, by)
    page = page_number()
    with reading() as session:
        values = _values(session, by, wanted, found, of, group, find, page)
        chips = filters(session, by, wanted)
    return render_template(
        "search/values.html",
        values=values,
        of=of,
        group=group,
        find=find,
        found=found,
        filters=chips,
        wanted=wanted,
        back=address_of(wanted),
        in_force=in_force(wanted),
        page=page,
        first=(page - 1) * ROWS,
        last_page=max(1, -(-values.total // ROWS)),
    )


def _values(
    session: Any,
    by: Person,
    wanted: Wanted,
    found: Found,
    of: str,
    group: str,
    find: str,
    page: int,
) -> Values:
    if of == "tag":
        return _tags(session, wanted, found, group, find, page)
    if of == "year":
        title, steps = say("Year"), year_steps(wanted, found.options.years)
    elif of in _FLAT:
        title, named = _FLAT[of]
        counts, names = named(session, by, wanted, found)
        here, free, out = flat_steps(wanted, of, counts, names)
        steps = [*here, *free, *out]
    else:
        raise NotFound
    fit = [step for step in steps if _is_called(step.label, find)]
    return Values(put(title), _of_page(fit, page), len(fit))


def _tags(session: Any, wanted: Wanted, found: Found, group: str, find: str, page: int) -> Values:
    scheme = schemes.get(session, group)
    title = hierarchy.scheme_labels(session, language()).get(scheme.id, scheme.key)
    if found.closure is None:
        return Values(title, [], 0)
    lines = every_line(found.closure, found, wanted, scheme.id)
    if find:
        known = hierarchy.cards(session, (line.tag_id for line in lines), language())
        lines = [line for line in lines if _is_called(" ".join(known[line.tag_id].path), find)]
    some = _of_page(lines, page)
    involved = {tag_id for line in some for tag_id in (line.tag_id, *line.instead)}
    tags = hierarchy.cards(session, involved, language())
    return Values(title, [_by_path(wanted, line, tags) for line in some], len(lines))


def _by_path(wanted: Wanted, line: FacetLine, tags: dict[int, hierarchy.TagCard]) -> Step:
    label = " › ".join(tags[line.tag_id].path)
    return replace(tag_step(wanted, line, tags), label=label)


def _of_page(listed: Sequence[Any], page: int) -> list[Any]:
    return list(listed[(page - 1) * ROWS : page * ROWS])


def _is_called(name: str, find: str) -> bool:
    return words.fold(find) in words.fold(name)


def _studies(session: Any, by: Person, wanted: Wanted, found: Found) -> Named:
    counted = found.options.studies
    named = cards.study_names(session, by, counted)
    chosen = studies.titles(session, by, wanted.named("study"))
    counts = {key: counted[study_id] for study_id, (key, _) in named.items()}
    return counts, chosen | dict(named.values())


def _authors(session: Any, by: Person, wanted: Wanted, found: Found) -> Named:
    counted = found.options.authors
    names = lookup.author_names(session, by, {*counted, *person_ids(wanted.named("by"))})
    counts = {str(person_id): count for person_id, count in counted.items()}
    return counts, {str(person_id): name for person_id, name in names.items()}


def _known(table: str, counts: dict[str, int], values: Sequence[str]) -> Named:
    said = {value: put(term(table, value)) for value in values}
    return counts, {value: text[:1].upper() + text[1:] for value, text in said.items()}


_FLAT: dict[str, tuple[Message, Callable[[Any, Person, Wanted, Found], Named]]] = {
    "study": (say("Study"), _studies),
    "by": (say("Author"), _authors),
    "method": (say("Method"), lambda *of: _known("method", of[3].options.methods, METHODS)),
    "kind": (say("Kind"), lambda *of: _known("kind", of[3].options.kinds, KINDS)),
    "lang": (say("Language"), lambda *of: _known("language", of[3].options.languages, LANGUAGES)),
}

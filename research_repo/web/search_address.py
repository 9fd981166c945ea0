"""The address of a search: every control of the page is a link to one."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any
from urllib.parse import quote_plus, urlencode

from flask import g, request, url_for

from research_repo.search import Wanted, to_address

STUDY_LIST = "study-list"
VIEWS = ("studies", STUDY_LIST)
"""Ways to look at the results besides the plain list: under their studies, or studies themselves."""


def address_of(wanted: Wanted, *, view: str | None = None, **changes: Any) -> str:
    """The page's address for a search, changed so; a change starts at page one.

    It keeps the way of looking at results that the page has now, unless `view` names another.
    """
    pairs = to_address(wanted, **changes)
    chosen = view_asked() if view is None else view
    if chosen:
        pairs.append(("view", chosen))
    query = "&".join(f"{name}={_written(value)}" for name, value in pairs)
    if "search_path" not in g:
        g.search_path = url_for("search.page")
    return f"{g.search_path}?{query}" if query else str(g.search_path)


@lru_cache(1000)
def _written(value: str) -> str:
    # A page of results has hundreds of these. Letters stay as they are, as HTML allows: escaped,
    # each Russian one takes six signs, and a question of a line would double the page.
    return "".join(sign if sign.isalnum() else quote_plus(sign) for sign in value)


def all_values(wanted: Wanted, of: str, group: str = "") -> str:
    """Where all values of a facet stand; of tags, those of a group."""
    asked = [("of", of), *([("group", group)] if group else []), *in_force(wanted)]
    return f"{url_for('search.values')}?{urlencode(asked)}"


def in_force(wanted: Wanted) -> list[tuple[str, str]]:
    """The arguments of this search, for a form that asks for one thing more."""
    view = view_asked()
    return to_address(wanted, offset=0) + ([("view", view)] if view else [])


def kept(wanted: Wanted) -> list[tuple[str, str]]:
    """The arguments that stay in force when other words are searched, for the fields of a form."""
    return in_force(replace(wanted, text="", not_meant=(), literal=False))


def view_asked() -> str:
    """The way of looking at results that this request asks for; the plain list has no name."""
    asked = request.args.get("view", "")
    return asked if asked in VIEWS else ""

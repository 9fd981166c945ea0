"""The address of a search: every control of the page is a link to one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import request, url_for

from research_repo.search import Wanted, to_address

STUDY_LIST = "study-list"
VIEWS = ("studies", STUDY_LIST)
"""Ways to look at the results besides the plain list: under their studies, or studies themselves."""


def address_of(wanted: Wanted, *, view: str | None = None, **changes: Any) -> str:
    """The page's address for a search, changed so; a change starts at page one.

    It keeps the way of looking at results that the page has now, unless `view` names another.
    """
    args: dict[str, Any] = {}
    for name, value in to_address(wanted, **changes):
        args.setdefault(name, []).append(value)
    chosen = view_asked() if view is None else view
    return url_for("search.page", **args, view=chosen or None)


def kept(wanted: Wanted) -> list[tuple[str, str]]:
    """The arguments that stay in force when other words are searched, for the fields of a form."""
    view = view_asked()
    others = to_address(replace(wanted, text="", offset=0, not_meant=(), literal=False))
    return others + ([("view", view)] if view else [])


def view_asked() -> str:
    """The way of looking at results that this request asks for; the plain list has no name."""
    asked = request.args.get("view", "")
    return asked if asked in VIEWS else ""

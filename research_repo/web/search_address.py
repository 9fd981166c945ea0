"""The address of a search: every control of the page is a link to one."""

from __future__ import annotations

from typing import Any

from flask import url_for

from research_repo.search import Wanted, to_address


def address_of(wanted: Wanted, **changes: Any) -> str:
    """The page's address for a search, changed so; a change starts at page one."""
    args: dict[str, Any] = {}
    for name, value in to_address(wanted, **changes):
        args.setdefault(name, []).append(value)
    return url_for("search.page", **args)

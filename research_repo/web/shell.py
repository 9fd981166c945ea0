"""What every page has around its own part: who is here, the looks, addresses of files and pages."""

from __future__ import annotations

import hashlib
import os
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, request, url_for
from markupsafe import Markup

from research_repo.core import access, instance, notices
from research_repo.web import strength, tag_offers
from research_repo.web.door import reading, visitor
from research_repo.web.words import language

THEME_COOKIE = "theme"
THEMES = ("light", "dark")
DEFAULT_TITLE = "research-repo"


def open_shell(app: Flask) -> None:
    """Give the templates what the shell needs."""
    app.context_processor(shell)
    app.jinja_env.globals.update(
        url_for=page_url,
        static_url=static_url,
        icon=icon,
        address_before=address_before,
        this_address=this_address,
        page_address=page_address,
        page_numbers=page_numbers,
        tag_doubts=tag_offers.doubts,
        sure_tags=tag_offers.sure,
        strength_counts=strength.counts,
    )


def shell() -> dict[str, Any]:
    """What base.html shows. A page about a fault asks the database nothing."""
    theme = request.cookies.get(THEME_COOKIE, "")
    seen: dict[str, Any] = {
        "language": language(),
        "theme": theme if theme in THEMES else "",
        "person": None,
        "repository_title": DEFAULT_TITLE,
    }
    if g.get("is_failing"):
        return seen
    person = visitor()
    with reading() as session:
        seen["repository_title"] = instance.title(session) or DEFAULT_TITLE
        if person and not person.must_change_password:
            seen["person"] = person
            seen["unread"] = notices.unread_count(session, person)
            seen["may_log"] = access.may_log(person)
            seen["may_govern"] = access.may_govern(person)
            seen["is_admin"] = access.is_admin(person)
    return seen


def static_url(path: str) -> str:
    """The address of a static file; it changes with the file, so that it can be kept for long."""
    # A list shows the same few icons a hundred times.
    known: dict[str, str] = g.setdefault("static_urls", {})
    if path not in known:
        file = f"{current_app.static_folder}/{path}"
        before = _address("static", request.root_path, filename="0").removesuffix("0")
        known[path] = f"{before}{path}?v={_print_of(file, os.stat(file).st_mtime_ns)}"
    return known[path]


def icon(name: str, look: str = "i") -> Markup:
    """A sign of the one sprite, which a browser asks for once."""
    return _icon(name, look, static_url("icons/icons.svg"))


@lru_cache(1000)
def _icon(name: str, look: str, sprite: str) -> Markup:
    drawn = Markup('<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>')
    return drawn.format(look, sprite, name)


def page_url(endpoint: str, **values: Any) -> str:
    """What `url_for` says; the addresses without values, some forty a page, are built once."""
    return url_for(endpoint, **values) if values else _address(endpoint, request.root_path)


def address_before(endpoint: str) -> str:
    """What the addresses of all things of one sort begin with; the key of each completes it.

    For loops: to build an address costs ten times what it costs to write one. Keys of atoms and tags
    hold nothing to escape; that of a study may be Russian.
    """
    return _address(endpoint, request.root_path, key="0").removesuffix("0")


@lru_cache(1000)
def _address(endpoint: str, _root: str, **values: Any) -> str:
    return url_for(endpoint, **values)


@cache
def _print_of(file: str, _changed: int) -> str:
    return hashlib.sha256(Path(file).read_bytes()).hexdigest()[:12]


def this_address() -> str:
    """Where a choice of language or theme leads back to."""
    return request.full_path.rstrip("?") if request.method == "GET" else request.path


def page_address(page: int) -> str:
    """This list's address, at another page of it."""
    args: dict[str, Any] = request.args.to_dict(flat=False) | {"page": [str(page)]}
    return url_for(request.endpoint or "home.show", **(request.view_args or {}) | args)


def page_numbers(page: int, last: int) -> list[int | None]:
    """The pages worth a link: first, last, and those around; None where some are left out."""
    shown = sorted({1, last, *range(max(1, page - 1), min(last, page + 1) + 1)})
    numbers: list[int | None] = []
    for number in shown:
        if numbers and numbers[-1] is not None and number - numbers[-1] > 1:
            numbers.append(None)
        numbers.append(number)
    return numbers

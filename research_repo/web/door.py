"""The door between pages and verbs: reading, saving, who asks, and what was sent."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar, cast
from urllib.parse import quote

from flask import Response, current_app, flash, redirect, request
from flask_login import current_user

from research_repo.core.db import Database
from research_repo.core.errors import Invalid
from research_repo.core.language import Message, say
from research_repo.core.models import Person
from research_repo.exchange import report_files
from research_repo.search import Search
from research_repo.settings import Settings

# A path of our own: no scheme, no host, nothing that a browser would read as one.
_OWN_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")

View = TypeVar("View", bound=Callable[..., Any])


@dataclass
class House:
    """What one app opened: its database, its index and its settings."""

    database: Database
    search: Search
    settings: Settings
    is_set_up: bool = False


def house() -> House:
    """The house of the app that answers."""
    return cast(House, current_app.extensions["house"])


def reading() -> AbstractContextManager[Any]:
    """`with reading() as session:` for a page; nothing it changes is kept."""
    return house().database.reading(is_shared=True)


def saving() -> AbstractContextManager[Any]:
    """`with saving() as session:` around verbs; commits once, at its end. Nothing slow inside."""
    return house().database.saving()


def search() -> Search:
    """The search room of this app."""
    return house().search


def public(view: View) -> View:
    """Mark a view that needs no sign-in; every other one does."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


def visitor() -> Person | None:
    """The person signed in, or None."""
    return current_user.person if current_user and current_user.is_authenticated else None


def current_person() -> Person:
    """The person who asks; for views that need a sign-in."""
    person = visitor()
    assert person is not None, "a view that is not public has a person"  # noqa: S101
    return person


def tell(message: Message) -> None:
    """Say on the next page what was done."""
    # Kept unworded, so that it follows a change of language.
    flash(message.as_json())  # type: ignore[arg-type]


def see_other(address: str) -> Response:
    """After a form: the page to look at next, so that reloading sends nothing twice."""
    return cast(Response, redirect(address, code=303))


DOWNLOADS = {
    **report_files.TYPES,
    "ttl": "text/turtle",
    "qdc": "application/xml",
    "svg": "image/svg+xml",
}


def download(written: str, name: str) -> Response:
    """A file for the browser to keep, of the type that its name ends with."""
    form = name.rpartition(".")[2]
    # Without the mark at its front Excel takes a table for one in the encoding of its country.
    encoding = "utf-8-sig" if form == "csv" else "utf-8"
    answer = Response(written.encode(encoding), mimetype=DOWNLOADS[form])
    to_keep(answer, name)
    return answer


def to_keep(answer: Response, name: str) -> None:
    """Let the browser keep what it gets under this name, whatever letters it has."""
    plain = name.encode("ascii", "ignore").decode() or "file"
    # Headers hold no other letters than Latin ones: the second name is for all the rest.
    named = {"filename": plain}
    if plain != name:
        named["filename*"] = f"UTF-8''{quote(name, safe='')}"
    answer.headers.set("Content-Disposition", "attachment", **named)


def own_path(address: str | None, default: str = "/") -> str:
    """The address when it leads to a page of ours, else the default."""
    return address if address and _OWN_PATH.fullmatch(address) else default


def text(name: str) -> str:
    """What was typed into a field, with plain line ends."""
    return request.form.get(name, "").replace("\r\n", "\n").replace("\x00", "")


def texts(name: str) -> list[str]:
    """All values sent under one name."""
    return [value.replace("\x00", "") for value in request.form.getlist(name)]


def is_on(name: str) -> bool:
    """Whether a box was ticked."""
    return bool(request.form.get(name))


def number(name: str) -> int | None:
    """A whole number, or None when the field was left empty."""
    typed = text(name).strip()
    if not typed:
        return None
    try:
        return int(typed[:18])
    except ValueError:
        raise Invalid({name: say("Write a whole number.")}) from None


def row_id(typed: str) -> int | None:
    """An id that a field carries unseen; None for what no row can have."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None


def day(name: str) -> date | None:
    """A date, or None when the field was left empty."""
    typed = text(name).strip()
    if not typed:
        return None
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise Invalid({name: say("Write a date such as 2026-03-31.")}) from None


def page_number() -> int:
    """Which page of a list is asked for: `page=` of the address, at least 1."""
    typed = request.args.get("page", "")
    return max(1, int(typed)) if typed.isascii() and typed.isdigit() and len(typed) < 8 else 1

"""The page of the tree: what its address asks for, and the addresses of its branches."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for

from research_repo.core import change_cards, schemes, tagging, tree
from research_repo.core.db import Session
from research_repo.core.errors import NotFound
from research_repo.core.models import Person
from research_repo.core.schemes import SchemeCard
from research_repo.core.tree import Level, Row
from research_repo.web.door import current_person, reading, search
from research_repo.web.words import language

FOUND_MAX = 50
RETIRED_MAX = 10
OPEN_MAX = 12
LEVELS_MAX = 8
"""A branch that lies deeper has a sight of its own: what is open in an address would get too long."""
UNFOLDED_MAX = tree.PAGE_ROWS
"""A group of more tags than a page has rows is not unfolded as a whole."""


class Asked:
    """What an address of the tree says. What it gets wrong is left out."""

    def __init__(self) -> None:
        args = request.args
        self.text = args.get("q", "").strip()[:100]
        self.group = args.get("group", "")
        self.under = args.get("under", "")
        self.start = _number("from")
        self.depth = _number("depth")
        self.is_whole = args.get("all") == "1"
        opened = [key for listed in args.getlist("open") for key in listed.split(".") if key]
        self.opened = tuple(dict.fromkeys(opened))[-OPEN_MAX:]

    def address(self, **changes: Any) -> str:
        """The same page but for a change."""
        told = {
            "group": self.group,
            "under": self.under,
            "from": self.start,
            "open": ".".join(self.opened),
            **changes,
        }
        return url_for("tags.tree", **{name: value for name, value in told.items() if value})

    def turned(self, row: Row) -> str:
        """Where the branch of a row is open when it is folded here, and the other way round."""
        key = row.card.key
        if row.depth - self.depth >= LEVELS_MAX:
            return self.address(**{"under": key, "from": 0, "open": ""})
        others = [one for one in self.opened if one != key]
        opened = others if row.below else [*others, key][-OPEN_MAX:]
        return self.address(open=".".join(opened)) + f"#t-{key}"

    def rest(self, level: Level) -> str:
        """Where the rows of a level stand that come after those shown."""
        return self.address(**{"under": level.under, "from": level.end})


def shown() -> str:
    """The page; for htmx the rows alone, of everything or of one level."""
    asked, by = Asked(), current_person()
    with reading() as session:
        groups = schemes.listed(session, language(), tagging.unseen(session, by))
        group = _group(session, by, groups, asked)
        values: dict[str, Any] = {
            "groups": groups,
            "group": group,
            "asked": asked,
            "counts": search().counts(by),
        }
        if asked.text:
            values["rows"] = _found(session, by, asked.text)
            values["is_cut"] = len(values["rows"]) >= FOUND_MAX
        elif group:
            values |= _level(session, by, group, asked)
        values["waiting"] = tree.candidate_count(session, by) + change_cards.waiting_count(session)
    return render_template(_template(asked), **values)


def _template(asked: Asked) -> str:
    if "HX-Request" not in request.headers or "HX-Boosted" in request.headers:
        return "tags/tree.html"
    return "tags/_branch.html" if asked.under or asked.start else "tags/_rows.html"


def _group(
    session: Session, by: Person, groups: list[SchemeCard], asked: Asked
) -> SchemeCard | None:
    if asked.under and not asked.group:
        asked.group = tree.page(session, by, asked.under, language()).scheme_key
    if not asked.group:
        return groups[0] if groups else None
    for group in groups:
        if group.key == asked.group:
            return group
    raise NotFound


def _level(session: Session, by: Person, group: SchemeCard, asked: Asked) -> dict[str, Any]:
    top = tree.page(session, by, asked.under, language()) if asked.under else None
    asked.depth = asked.depth or (len(top.line) + 1 if top else 0)
    level = tree.level(
        session,
        by,
        group.id,
        language(),
        under=asked.under,
        start=asked.start,
        depth=asked.depth,
        unfolded=asked.opened,
        is_whole=asked.is_whole and group.tag_count <= UNFOLDED_MAX,
    )
    asked.group, asked.start = group.key, level.start
    return {"level": level, "top": top, "may_unfold": group.tag_count <= UNFOLDED_MAX}


def _found(session: Session, by: Person, text: str) -> list[Row]:
    found = search().suggest(text, by, language(), limit=FOUND_MAX)
    matched = {one.tag_id: one.matched_label for one in found}
    ids = [*matched, *tree.retired(session, text, RETIRED_MAX)]
    return tree.listed(session, by, ids, language(), matched)


def _number(name: str) -> int:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0

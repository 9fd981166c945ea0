"""The map: two levels of tags crossed under some filters, with the search behind each cell."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from flask import Response, render_template, request, url_for

from research_repo.core import hierarchy, mapping, studies, tagging
from research_repo.core.charts import Chart
from research_repo.core.errors import Invalid
from research_repo.core.hierarchy import TagCard
from research_repo.core.language import Message, say
from research_repo.core.mapping import SEGMENT, Level
from research_repo.core.models import KINDS, Person
from research_repo.core.schemes import SchemeCard
from research_repo.exchange.cells import neutral
from research_repo.exchange.svg import svg, table
from research_repo.search import Wanted, from_address, to_address
from research_repo.search.mapping import Cross, crossed
from research_repo.web.door import current_person, download, reading, search, see_other
from research_repo.web.search_address import address_of
from research_repo.web.words import language, put

ROWS_MAX = 30
COLUMNS_MAX = 12
SEGMENTS_MAX = 12
FIRST = ("product-area", "finding-type")


@dataclass(frozen=True)
class Asked:
    """Which map: its two levels, and what is counted on it."""

    rows: Level
    columns: Level
    wanted: Wanted

    def address(self, **changes: Any) -> str:
        """The address of this map, changed so."""
        return url_for("charts.map", **_arguments(replace(self, **changes)))

    def above(self, side: str, kept: int) -> str:
        """The address of the map in which a side goes no deeper than so many steps."""
        level: Level = getattr(self, side)
        return self.address(**{side: replace(level, line=level.line[:kept])})

    @property
    def arguments(self) -> dict[str, Any]:
        """What names this map in an address."""
        return _arguments(self)


@dataclass(frozen=True)
class Head:
    """A tag at the side of a map: the map of what lies below it, and the search for all under it."""

    card: TagCard
    deeper: str
    total: int
    href: str


@dataclass(frozen=True)
class Line:
    """A row of a map: how many each cell counts, with the search that opens them."""

    head: Head
    cells: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Grid:
    """A map that was counted."""

    asked: Asked
    heads: tuple[Head, ...]
    lines: tuple[Line, ...]
    total: int
    """All that is on the map, whatever it carries of the two levels."""
    href: str
    row_total: int
    column_total: int
    """How many tags each level has, of which only the largest may be shown."""

    @property
    def most(self) -> int:
        """The greatest number in a cell."""
        return max((count for line in self.lines for count, _ in line.cells), default=0)


def shown() -> str | Response | tuple[str, int]:
    """The page; what was typed into its form becomes the address of a map."""
    by = current_person()
    typed, problems = request.args.get("only"), {}
    with reading() as session:
        groups = [one for one in mapping.groups(session, by, language()) if one.tag_count]
        if not groups:
            return render_template("charts/map.html", groups=[], missing=mapping.STARTS)
        asked = _asked(session, by, groups)
        if typed is not None:
            try:
                chosen = _named(session, by, typed)
            except Invalid as refusal:
                problems = {"only": refusal.problems["tag"]}
            else:
                return see_other(asked.address(wanted=replace(asked.wanted, tags=chosen)))
        grid = _grid(session, by, asked)
        values = _around(session, by, asked, groups)
    page = render_template(
        "charts/map.html",
        asked=asked,
        grid=grid,
        groups=groups,
        problems=problems,
        **values | ({"only": typed} if problems else {}),
    )
    return (page, 422) if problems else page


def as_file(form: str) -> Response:
    """The map as a file: a drawing, or a table for a spreadsheet."""
    by = current_person()
    with reading() as session:
        groups = [one for one in mapping.groups(session, by, language()) if one.tag_count]
        asked = _asked(session, by, groups)
        made = chart(_grid(session, by, asked))
    name = f"map-{asked.rows.group}-{asked.columns.group}.{form}"
    if form == "svg":
        return download(svg(made, language()), name)
    told, written = table(made, "en"), io.StringIO()
    rows = csv.writer(written, lineterminator="\r\n")
    rows.writerow(map(neutral, told.head))
    for label, values in zip(made.rows, made.values, strict=True):
        rows.writerow([neutral(label), *values])
    return download(written.getvalue(), name)


def chart(grid: Grid) -> Chart:
    """The map as plain values, for files."""
    asked = grid.asked
    return Chart(
        kind="heat",
        title=put(title_of(asked)),
        caption=put(say("How many findings carry a tag of the row and one of the column.")),
        corner=asked.rows.name,
        columns=tuple(head.card.label for head in grid.heads),
        rows=tuple(line.head.card.label for line in grid.lines),
        values=tuple(tuple(count for count, _ in line.cells) for line in grid.lines),
        addresses=tuple(tuple(href for _, href in line.cells) for line in grid.lines),
    )


def title_of(asked: Asked) -> Message:
    """What the map is called: by its name where it has one, else by its two sides."""
    sides = (asked.rows, asked.columns)
    if not any(side.under for side in sides):
        for start in mapping.STARTS:
            if (start.rows, start.columns) == (asked.rows.group, asked.columns.group):
                return start.name
    if asked.rows.place == asked.columns.place:
        return say("%(rows)s crossed with itself", rows=asked.rows.name)
    return say("%(rows)s × %(columns)s", rows=asked.rows.name, columns=asked.columns.name)


def _asked(session: Any, by: Person, groups: Sequence[SchemeCard]) -> Asked:
    args = request.args
    keys = [one.key for one in groups]
    first = FIRST if set(FIRST) <= set(keys) else (keys[0], keys[1 % len(keys)]) if keys else FIRST
    rows, columns = (
        mapping.level(
            session, by, args.get(side) or default, args.get(f"{side}_under", ""), language()
        )
        for side, default in zip(("rows", "columns"), first, strict=True)
    )
    read = from_address(args.to_dict(flat=False))
    return Asked(rows, columns, Wanted(tags=read.tags, kinds=read.kinds, studies=read.studies))


def _arguments(asked: Asked) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for side, level in (("rows", asked.rows), ("columns", asked.columns)):
        found[side] = level.group
        if level.under:
            found[f"{side}_under"] = level.under
    for name, value in to_address(asked.wanted):
        found.setdefault(name, []).append(value)
    return found


def _named(session: Any, by: Person, typed: str) -> tuple[str, ...]:
    try:
        names = [name.strip() for name in typed.replace("\x00", "").split(";")]
        tags = [tagging.asked(session, by, name, language()) for name in names if name]
    except Invalid as refusal:
        raise Invalid({"tag": next(iter(refusal.problems.values()))}) from refusal
    return tuple(dict.fromkeys(tag.key for tag in tags))


def _grid(session: Any, by: Person, asked: Asked) -> Grid:
    most = (ROWS_MAX, COLUMNS_MAX)
    ask = partial(crossed, rows=asked.rows.place, columns=asked.columns.place, most=most)
    cross = search().counted(asked.wanted, by, ask)
    cards = hierarchy.cards(session, {*cross.rows.tag_ids, *cross.columns.tag_ids}, language())
    opened = _Opened(session, asked.wanted)
    more = mapping.with_more_below(session, by, cards.keys())
    heads = tuple(_heads(asked, "columns", cross, cards, more, opened))
    sides = _heads(asked, "rows", cross, cards, more, opened)
    lines = tuple(
        Line(
            side,
            tuple(
                (count, opened.with_tags(side.card, head.card))
                for count, head in zip(counts, heads, strict=True)
            ),
        )
        for side, counts in zip(sides, cross.values, strict=True)
    )
    every = opened.with_tags(*asked.rows.line[-1:], *asked.columns.line[-1:])
    return Grid(asked, heads, lines, cross.total, every, cross.rows.total, cross.columns.total)


def _heads(
    asked: Asked,
    side: str,
    cross: Cross,
    cards: Mapping[int, TagCard],
    more: Collection[int],
    opened: _Opened,
) -> Iterator[Head]:
    is_row = side == "rows"
    tag_ids = cross.rows.tag_ids if is_row else cross.columns.tag_ids
    totals = cross.row_totals if is_row else cross.column_totals
    # On a map below a tag the sums are of what lies under it.
    across = (asked.columns if is_row else asked.rows).line[-1:]
    for tag_id, total in zip(tag_ids, totals, strict=True):
        card = cards[tag_id]
        deeper = ""
        if tag_id in more:
            level: Level = getattr(asked, side)
            deeper = asked.address(**{side: replace(level, line=(*level.line, card))})
        yield Head(card, deeper, total, opened.with_tags(card, *across))


class _Opened:
    """The searches behind the cells: the filters of the map, and the tags of a cell."""

    def __init__(self, session: Any, wanted: Wanted) -> None:
        self._wanted = wanted
        known = hierarchy.cards_of_keys(session, wanted.tags, language())
        self._taken = {card.scheme_id for card in known.values()}

    def with_tags(self, *cards: TagCard) -> str:
        """The address that finds what carries all of these tags and passes the filters."""
        tags, also, taken = [*self._wanted.tags], list[str](), set(self._taken)
        for card in dict.fromkeys(cards):
            # Tags of one group are alternatives, but for those that must be there besides.
            (also if card.scheme_id in taken else tags).append(card.key)
            taken.add(card.scheme_id)
        return address_of(self._wanted, tags=tuple(tags), also=tuple(also), view="")


def _around(session: Any, by: Person, asked: Asked, groups: Sequence[SchemeCard]) -> dict[str, Any]:
    """What stands around the map: named ones, segments, filters in words."""
    chosen = hierarchy.cards_of_keys(session, asked.wanted.tags, language())
    hidden = tagging.unseen(session, by)
    titles = studies.titles(session, by, asked.wanted.studies)
    return {
        "title": title_of(asked),
        "starts": mapping.starts(groups),
        "missing": mapping.missing(groups),
        "segments": _segments(session, by, asked, groups),
        "only": "; ".join(one.full_path for one in chosen.values() if one.id not in hidden),
        "studies": [
            (titles.get(key, key), asked.address(wanted=_without_study(asked.wanted, key)))
            for key in asked.wanted.studies
        ],
        "kinds": KINDS,
    }


def _without_study(wanted: Wanted, key: str) -> Wanted:
    return replace(wanted, studies=tuple(one for one in wanted.studies if one != key))


def _segments(
    session: Any, by: Person, asked: Asked, groups: Sequence[SchemeCard]
) -> list[tuple[str, str, bool]]:
    """One map for each segment: what it is called, its address, and whether it is the one shown."""
    group = next((one for one in groups if one.key == SEGMENT), None)
    if group is None or SEGMENT in (asked.rows.group, asked.columns.group):
        return []
    hidden = tagging.unseen(session, by)
    tops = [one for one in hierarchy.roots(session, group.id) if one not in hidden]
    cards = hierarchy.cards(session, tops[:SEGMENTS_MAX], language())
    mine = {card.key for card in cards.values()}
    rest = tuple(key for key in asked.wanted.tags if key not in mine)
    every = (put(say("All segments")), rest, not mine & set(asked.wanted.tags))
    one_each = [
        (card.label, (*rest, card.key), card.key in asked.wanted.tags) for card in cards.values()
    ]
    return [
        (label, asked.address(wanted=replace(asked.wanted, tags=tags)), is_here)
        for label, tags, is_here in [every, *one_each]
    ]

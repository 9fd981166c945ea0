"""A tag's page: what it means, what it holds, what stands beside it, and what happened to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from babel.dates import format_date
from flask import Response, render_template, url_for

from research_repo.core import cards, clock, hierarchy, tag_pages, tree
from research_repo.core.charts import Chart
from research_repo.core.db import Session
from research_repo.core.errors import Unavailable
from research_repo.core.language import say
from research_repo.core.models import Person
from research_repo.core.tag_pages import Below
from research_repo.search import Found, Wanted
from research_repo.search.mapping import over_time
from research_repo.web.door import current_person, reading, search, see_other, tell
from research_repo.web.words import language, put

ATOMS_SHOWN = 10
INSIGHTS_SHOWN = 5
BESIDE_SHOWN = 10
MONTHS_SHOWN = 24
LINES_SHOWN = 4
LINES_MIN = 2
QUARTERS = 4
QUARTER_MONTHS = 3
QUARTERS_SHOWN = 10
BAR_HEIGHT = 88


@dataclass(frozen=True)
class Month:
    """A bar of the chart."""

    first: date
    count: int
    height: int

    @property
    def following(self) -> date:
        """The first day that counts no more."""
        return clock.months_after(self.first, 1)


def shown(key: str) -> str | Response:
    """The page; a merged tag leads to the one that took its place."""
    by = current_person()
    with reading() as session:
        page = tree.page(session, by, key, language())
    if page.card.key != key.lower():
        tell(say("This tag was merged: here is the one that took its place."))
        return see_other(url_for("tags.show", key=page.card.key))
    counts = search().counts(by)
    found = _found(by, page.card.key)
    with reading() as session:
        below = tag_pages.below(session, by, page, language(), counts)
        values = {
            "around": tag_pages.around(session, by, page, language()),
            "below": below,
            "course": _course(by, below, counts),
            **_atoms(session, by, page.card.id, found),
            **_beside(session, page.card.key, found["all"]),
        }
    return render_template(
        "tags/show.html",
        page=page,
        tag=page.card,
        counts=counts,
        found=found,
        months=_months(found["fact"]),
        **values,
    )


def _course(by: Person, below: Below, counts: Mapping[int, int]) -> Chart | None:
    """How the largest tags below grew over the last years; None where there are not two of them."""
    largest = [row.card for row in below.rows if counts.get(row.card.id)][:LINES_SHOWN]
    if len(largest) < LINES_MIN:
        return None
    ask = partial(over_time, tag_ids=[card.id for card in largest])
    try:
        found = search().counted(Wanted(), by, ask)
    except Unavailable:
        return None
    today = clock.today()
    this = today.year * QUARTERS + (today.month - 1) // QUARTER_MONTHS
    span = [divmod(this - back, QUARTERS) for back in reversed(range(QUARTERS_SHOWN))]
    return Chart(
        kind="lines",
        title=put(say("What it includes, over time")),
        caption=put(say("Findings of each quarter under the tags with the most of them.")),
        corner=put(say("Quarter")),
        columns=tuple(card.label for card in largest),
        rows=tuple(quarter_name(year, quarter) for year, quarter in span),
        values=tuple(
            tuple(_in_quarter(found[card.id], year, quarter) for card in largest)
            for year, quarter in span
        ),
    )


def quarter_name(year: int, quarter: int) -> str:
    """A quarter and its year, short; quarters are counted from 0."""
    first = date(year, quarter * QUARTER_MONTHS + 1, 1)
    return str(format_date(first, "QQQ y", locale=language()))


def _in_quarter(months: Mapping[tuple[int, int], int], year: int, quarter: int) -> int:
    first = quarter * QUARTER_MONTHS + 1
    return sum(months.get((year, first + more), 0) for more in range(QUARTER_MONTHS))


def _found(by: Person, key: str) -> dict[str, Found]:
    room = search()
    wanted = Wanted(tags=(key,), sort="date", limit=ATOMS_SHOWN)
    strongest = Wanted(tags=(key,), kinds=("insight",), sort="strength", limit=INSIGHTS_SHOWN)
    facts = Wanted(tags=(key,), kinds=("fact",), sort="date", limit=1)
    return {
        "all": room.find(wanted, by),
        "insight": room.find(strongest, by),
        "fact": room.find(facts, by),
    }


def _atoms(session: Session, by: Person, tag_id: int, found: dict[str, Found]) -> dict[str, Any]:
    top = [hit.atom_id for hit in found["insight"].hits]
    latest = [hit.atom_id for hit in found["all"].hits]
    ids = list(dict.fromkeys([*top, *latest]))
    weighed = found["insight"].weighed() | found["all"].weighed()
    made = {card.id: card for card in cards.of_atoms(session, by, ids, language(), weighed)}
    return {
        "insights": [made[one] for one in top if one in made],
        "latest": [made[one] for one in latest if one in made],
        "through": tag_pages.through(session, tag_id, made.values()),
    }


def _beside(session: Session, key: str, found: Found) -> dict[str, Any]:
    counted = search().beside(found, key, BESIDE_SHOWN)
    made = hierarchy.cards(session, [tag_id for tag_id, _ in counted], language())
    return {"beside": [(made[tag_id], count) for tag_id, count in counted if tag_id in made]}


def _months(found: Found) -> list[Month]:
    today = clock.today()
    past = [today.year * 12 + today.month - 1 - back for back in range(MONTHS_SHOWN)]
    firsts = [date(number // 12, number % 12 + 1, 1) for number in reversed(past)]
    counts = [found.month_counts.get((first.year, first.month), 0) for first in firsts]
    most = max(counts)
    return [
        Month(first, count, max(2, BAR_HEIGHT * count // most) if count else 0)
        for first, count in zip(firsts, counts, strict=True)
    ]

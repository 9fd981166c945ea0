"""Coverage: under which tags much is known, little, or nothing, and how old it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from flask import render_template, request, url_for

from research_repo.core import clock, hierarchy, mapping, review_periods
from research_repo.core.hierarchy import TagCard
from research_repo.core.language import Message, say
from research_repo.core.mapping import Level
from research_repo.core.models import KINDS
from research_repo.search import Wanted
from research_repo.search.mapping import ORDERS, Covered, coverage
from research_repo.web.door import current_person, reading, search
from research_repo.web.words import language

ROWS_MAX = 60
LITTLE_MAX = 4
SOME_MAX = 19
RECENT_MONTHS = 12

WORDS: dict[str, Message] = {
    "nothing": say("nothing"),
    "little": say("little"),
    "some": say("some"),
    "much": say("much"),
}
SORTED_BY: dict[str, Message] = {
    "most": say("Most known first"),
    "least": say("Least known first"),
    "oldest": say("Oldest first"),
}


@dataclass(frozen=True)
class Row:
    """A tag with what is known under it."""

    card: TagCard
    known: Covered
    deeper: str
    """The page of what lies below it, where anything does."""
    share: float
    """How much it has of what the richest one of the level has, from 0 to 100."""
    is_old: bool

    @property
    def amount(self) -> str:
        """In one of WORDS."""
        return amount_of(self.known.total)


def amount_of(total: int) -> str:
    """How much so many findings are, in one of WORDS."""
    if total > SOME_MAX:
        return "much"
    return "some" if total > LITTLE_MAX else "little" if total else "nothing"


def shown() -> str:
    """The page of one level."""
    by = current_person()
    args = request.args
    order = args.get("order", "")
    order = order if order in ORDERS else ORDERS[0]
    kinds = tuple(kind for kind in args.getlist("kind") if kind in KINDS)
    with reading() as session:
        groups = [one for one in mapping.groups(session, by, language()) if one.tag_count]
        if not groups:
            return render_template("charts/coverage.html", groups=[])
        group = args.get("group") or groups[0].key
        level = mapping.level(session, by, group, args.get("under", ""), language())
        since = clock.months_after(clock.today(), -RECENT_MONTHS)
        ask = partial(coverage, place=level.place, since=since, order=order, most=ROWS_MAX)
        told = search().counted(Wanted(kinds=kinds), by, ask)
        cards = hierarchy.cards(session, told.tags, language())
        more = mapping.with_more_below(session, by, told.tags)
        old_months = review_periods.periods(session).months(())
    old = clock.months_after(clock.today(), -old_months)
    rows = [
        Row(
            card=cards[tag_id],
            known=one,
            deeper=_below(level, cards[tag_id], order, kinds) if tag_id in more else "",
            share=_share(one, told.tags.values()),
            is_old=one.latest is not None and one.latest < old,
        )
        for tag_id, one in told.tags.items()
    ]
    return render_template(
        "charts/coverage.html",
        groups=groups,
        level=level,
        told=told,
        rows=rows,
        order=order,
        orders=SORTED_BY,
        kinds=kinds,
        words=WORDS,
        since=since,
        old_months=old_months,
        thresholds={"little": LITTLE_MAX, "some": SOME_MAX},
        address=partial(_address, level, order, kinds),
        summed=_summed(told.totals),
    )


def _below(level: Level, card: TagCard, order: str, kinds: tuple[str, ...]) -> str:
    return _address(replace(level, line=(*level.line, card)), order, kinds)


def _share(one: Covered, level: Iterable[Covered]) -> float:
    return 100 * one.total / max(1, *(other.total for other in level))


def _summed(totals: Iterable[int]) -> dict[str, int]:
    counts = Counter(map(amount_of, totals))
    return {word: counts[word] for word in WORDS}


def _address(at: Level, by: str, counted: tuple[str, ...], /, **changes: Any) -> str:
    asked: dict[str, Any] = {
        "group": at.group,
        "under": at.under or None,
        "order": by if by != ORDERS[0] else None,
        "kind": counted or None,
    }
    return url_for("charts.coverage", **asked | changes)

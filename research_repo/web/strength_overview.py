"""How sure all that is known is: levels of strength by kind, by month and by study."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask import render_template

from research_repo.core import cards, clock
from research_repo.core.charts import Chart
from research_repo.core.language import Message, say
from research_repo.core.models import KINDS
from research_repo.core.report_charts import month_name
from research_repo.core.strength import LEVELS
from research_repo.core.terms import term
from research_repo.search import Wanted
from research_repo.search.mapping import Levels, levels
from research_repo.web.door import current_person, reading, search
from research_repo.web.search_address import address_of
from research_repo.web.words import language, put

STUDIES_SHOWN = 20
MONTHS_SHOWN = 18


def shown() -> str:
    """The page: three charts and the numbers behind them."""
    by = current_person()
    found = search().counted(Wanted(), by, levels)
    with reading() as session:
        first = sorted(found.studies, key=lambda one: (-sum(found.studies[one]), one))
        named = cards.study_names(session, by, first[:STUDIES_SHOWN])
    sums = [sum(counts) for counts in zip(*found.kinds.values(), strict=True)]
    return render_template(
        "charts/strength.html",
        total=sum(sums),
        sums=dict(zip(LEVELS, sums, strict=True)) if sums else dict.fromkeys(LEVELS, 0),
        by_kind=_by_kind(found),
        by_study=_by_study(found, named),
        by_month=_by_month(found),
        study_count=len(found.studies),
    )


def _by_kind(found: Levels) -> Chart:
    kinds = [kind for kind in KINDS if kind in found.kinds]
    return _chart(
        say("By kind"),
        say("Kind"),
        {put(term("kind", kind)): found.kinds[kind] for kind in kinds},
        [address_of(Wanted(kinds=(kind,), sort="strength"), view="") for kind in kinds],
    )


def _by_study(found: Levels, named: Mapping[int, tuple[str, str]]) -> Chart:
    listed = sorted(named, key=lambda one: (-sum(found.studies[one]), one))
    rows: dict[str, tuple[int, ...]] = {}
    for study_id in listed:
        key, title = named[study_id]
        # Titles may repeat, keys do not.
        rows[title if title not in rows else f"{title} ({key})"] = found.studies[study_id]
    addresses = [
        address_of(Wanted(studies=(named[one][0],), sort="strength"), view="") for one in listed
    ]
    return _chart(say("By study"), say("Study"), rows, addresses)


def _by_month(found: Levels) -> Chart:
    today = clock.today()
    last = today.year * 12 + today.month - 1
    span = [divmod(last - back, 12) for back in reversed(range(MONTHS_SHOWN))]
    firsts = [date(year, month + 1, 1) for year, month in span]
    none = (0,) * len(LEVELS)
    rows = {
        month_name(first, language()): found.months.get((first.year, first.month), none)
        for first in firsts
    }
    addresses = [
        address_of(Wanted(after=first, before=clock.months_after(first, 1)), view="")
        for first in firsts
    ]
    return _chart(say("By month"), say("Observed in"), rows, addresses)


def _chart(
    title: Message, corner: Message, rows: Mapping[str, tuple[int, ...]], addresses: list[str]
) -> Chart:
    return Chart(
        kind="stacked",
        title=put(title),
        caption="",
        corner=put(corner),
        columns=tuple(put(term("strength", level)) for level in LEVELS),
        rows=tuple(rows),
        values=tuple(rows.values()),
        addresses=tuple((address,) * len(LEVELS) for address in addresses),
    )

"""The charts of a report, counted from the claims that it shows and from nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from itertools import combinations

from babel.dates import format_date

from research_repo.core.charts import Chart
from research_repo.core.language import Message, say
from research_repo.core.models import KINDS
from research_repo.core.report_shape import Finding, Label
from research_repo.core.strength import LEVELS
from research_repo.core.terms import term

TAGS_SHOWN = 10
LINES_SHOWN = 4
MONTHS_MIN = 4
"""Over fewer months there is no course to be seen."""
MONTHS_MAX = 36
SIDE_MIN = 2
SIDE_MAX = 9
MAP_MIN = 4
"""So few findings on a map say nothing of where they lie thick."""

CLAIMS = say("Findings")


def of_findings(findings: Sequence[Finding], language: str) -> tuple[Chart, ...]:
    """Tags, strength, months and a map of the two groups that meet most; those that say something."""
    made = (
        _tags(findings, language),
        _strength(findings, language),
        _months(findings, language),
        _map(findings, language),
    )
    return tuple(chart for chart in made if chart is not None)


def _tags(findings: Sequence[Finding], language: str) -> Chart | None:
    counts = Counter(label for one in findings for label in _carried(one))
    first = sorted(counts, key=lambda label: (-counts[label], label.full_path))[:TAGS_SHOWN]
    if len(first) < SIDE_MIN:
        return None
    names = [" › ".join(label.path) for label in first]
    return Chart(
        kind="bars",
        title=say("Most frequent tags").put(language),
        caption=say("How many of the findings carry each of them.").put(language),
        corner=say("Tag").put(language),
        columns=(CLAIMS.put(language),),
        rows=tuple(names),
        values=tuple((counts[label],) for label in first),
    )


def _strength(findings: Sequence[Finding], language: str) -> Chart | None:
    counts = Counter((one.kind, one.strength.level) for one in findings)
    kinds = [kind for kind in KINDS if any(counts[kind, level] for level in LEVELS)]
    if not kinds:
        return None
    return Chart(
        kind="stacked",
        title=say("How well it is supported").put(language),
        caption=say("Findings by kind and strength.").put(language),
        corner=say("Kind").put(language),
        columns=tuple(term("strength", level).put(language) for level in LEVELS),
        rows=tuple(term("kind", kind).put(language) for kind in kinds),
        values=tuple(tuple(counts[kind, level] for level in LEVELS) for kind in kinds),
    )


def _months(findings: Sequence[Finding], language: str) -> Chart | None:
    dated = [(one.date.year * 12 + one.date.month - 1, one) for one in findings]
    if not dated:
        return None
    last = max(month for month, _ in dated)
    first = max(min(month for month, _ in dated), last - MONTHS_MAX + 1)
    if last - first + 1 < MONTHS_MIN:
        return None
    often = Counter(label for _, one in dated for label in _carried(one))
    labels = sorted(often, key=lambda label: (-often[label], label.full_path))[:LINES_SHOWN]
    counts = Counter((month, label) for month, one in dated for label in _carried(one))
    all_of = Counter(month for month, _ in dated)
    span = range(first, last + 1)
    return Chart(
        kind="lines",
        title=say("When it was observed").put(language),
        caption=say("Findings by month, all of them and those with the most frequent tags.").put(
            language
        ),
        corner=say("Month").put(language),
        columns=(say("All").put(language), *(label.label for label in labels)),
        rows=tuple(month_name(date(month // 12, month % 12 + 1, 1), language) for month in span),
        values=tuple(
            (all_of[month], *(counts[month, label] for label in labels)) for month in span
        ),
    )


def _map(findings: Sequence[Finding], language: str) -> Chart | None:
    tops = [_tops(one) for one in findings]
    sizes = Counter(label for each in tops for label in each)
    groups: dict[str, list[str]] = {}
    for scheme, top in sorted(sizes, key=lambda label: (-sizes[label], label)):
        groups.setdefault(scheme, []).append(top)
    fitting = [scheme for scheme, listed in groups.items() if SIDE_MIN <= len(listed) <= SIDE_MAX]
    pairs = Counter(
        pair
        for each in tops
        for pair in combinations(sorted({scheme for scheme, _ in each} & {*fitting}), 2)
    )
    if not pairs or max(pairs.values()) < MAP_MIN:
        return None
    rows, columns = min(pairs, key=lambda pair: (-pairs[pair], pair))
    counts = Counter(
        (row, column)
        for each in tops
        for scheme, row in each
        if scheme == rows
        for other, column in each
        if other == columns
    )
    titled: Message = say("%(rows)s and %(columns)s", rows=rows, columns=columns)
    return Chart(
        kind="heat",
        title=titled.put(language),
        caption=say("How many of the findings carry a tag of the row and one of the column.").put(
            language
        ),
        corner=rows,
        columns=tuple(groups[columns]),
        rows=tuple(groups[rows]),
        values=tuple(
            tuple(counts[row, column] for column in groups[columns]) for row in groups[rows]
        ),
    )


def month_name(first: date, language: str) -> str:
    """A month and its year, short."""
    return str(format_date(first, "LLL y", locale=language)).replace(".", "")


def _carried(one: Finding) -> Iterator[Label]:
    seen: set[str] = set()
    for label in (*one.tags, *one.lent):
        if label.key not in seen:
            seen.add(label.key)
            yield label


def _tops(one: Finding) -> Collection[tuple[str, str]]:
    """The groups of a claim's tags, each with the tag at its top that they lie under."""
    return {(label.scheme, label.path[0]) for label in _carried(one)}

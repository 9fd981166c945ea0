"""The charts of a report are counted from its own claims."""

from __future__ import annotations

from datetime import date
from typing import Any

from research_repo.core import report_charts
from research_repo.core.charts import Chart
from research_repo.core.report_shape import Finding, Label
from research_repo.core.strength import Strength

LAYER, STAGE = "Layer", "Stage"


def label(scheme: str, *path: str) -> Label:
    return Label(key="-".join((scheme, *path)), scheme=scheme, path=path)


def finding(number: int, *labels: Label, **values: Any) -> Finding:
    level = values.pop("level", "weak")
    day = values.pop("day", date(2026, 3, 1))
    counts = dict.fromkeys(
        ("respondents", "studies", "methods", "supporting", "facts", "contradicting", "measured"), 0
    )
    blank: dict[str, Any] = {
        "atom_id": number, "atom_version": 1, "key": f"k{number}", "external_id": None,
        "kind": "fact", "status": "published", "standing": "published", "title": f"Claim {number}",
        "language": "en", "body": "", "body_html": "", "author": "Marina", "date": day,
        "observed_on": day, "study_key": "s", "study_title": "S",
        "strength": Strength(**counts, latest=day, level=level),
        "tags": labels, "lent": (), "evidence": (), "supporting": (), "contradicting": (),
    }  # fmt: skip
    return Finding(**{**blank, **values})


def charts(findings: list[Finding]) -> dict[str, Chart]:
    return {chart.kind: chart for chart in report_charts.of_findings(findings, "en")}


def test_a_report_of_nothing_has_no_charts() -> None:
    assert report_charts.of_findings([], "ru") == ()


def test_tags_are_counted_once_for_each_claim_the_most_frequent_first() -> None:
    think, feel = label(LAYER, "Thoughts"), label(LAYER, "Feelings")
    found = [finding(1, think), finding(2, think, lent=(think,)), finding(3, feel)]
    chart = charts(found)["bars"]
    assert chart.rows == ("Thoughts", "Feelings")
    assert chart.values == ((2,), (1,))


def test_strength_is_told_by_kind_in_the_language_of_the_report() -> None:
    found = [finding(1, level="strong"), finding(2), finding(3, kind="insight", level="disputed")]
    (chart,) = report_charts.of_findings(found, "ru")
    assert chart.rows == ("факт", "инсайт")
    assert chart.columns == ("слабая", "средняя", "сильная", "спорная")
    assert chart.values == ((1, 0, 1, 0), (0, 0, 0, 1))


def test_months_between_the_first_and_the_last_have_a_row_each() -> None:
    tag = label(LAYER, "Thoughts")
    found = [finding(1, tag, day=date(2025, 11, 30)), finding(2, day=date(2026, 2, 1))]
    chart = charts(found)["lines"]
    assert chart.columns == ("All", "Thoughts")
    assert chart.values == ((1, 1), (0, 0), (0, 0), (1, 0))
    assert "lines" not in charts([finding(1, tag), finding(2, tag)])


def test_the_map_is_of_the_two_groups_that_meet_most_by_their_uppermost_tags() -> None:
    think, feel = label(LAYER, "Thoughts", "Doubts"), label(LAYER, "Feelings")
    attract, keep = label(STAGE, "Attract"), label(STAGE, "Retain")
    found = [finding(number, think, attract) for number in range(3)]
    found += [finding(3, feel, keep), finding(4, think, keep, attract), finding(5, feel)]
    chart = charts(found)["heat"]
    assert (chart.corner, chart.columns) == (LAYER, ("Attract", "Retain"))
    assert dict(zip(chart.rows, chart.values, strict=True)) == {
        "Thoughts": (4, 1),
        "Feelings": (0, 1),
    }
    assert "heat" not in charts(found[3:])

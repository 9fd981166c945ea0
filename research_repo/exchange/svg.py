"""A chart as a drawing that stands alone, and as the table beside it. Pure: plain values to text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from research_repo.core.charts import Chart
from research_repo.exchange import svg_bars, svg_heat, svg_lines
from research_repo.exchange.drawing import Sheet

WIDE = 720
NARROW = 340
"""Fits the narrowest phones."""

_DRAWN: dict[str, Callable[[Sheet, Chart], None]] = {
    "bars": svg_bars.bars,
    "stacked": svg_bars.stacked,
    "lines": svg_lines.lines,
    "heat": svg_heat.heat,
}


@dataclass(frozen=True)
class Table:
    """The same as a chart in words and numbers; the first cell of each row is its name."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def svg(chart: Chart, language: str, *, is_dark: bool = False, width: int = WIDE) -> str:
    """The drawing, without the chart's title and caption, which stand beside it.

    A heat map of many columns grows wider than `width`.
    """
    sheet = Sheet(float(width), language, is_dark)
    _DRAWN[chart.kind](sheet, chart)
    label = ". ".join(part.rstrip(".") for part in (chart.title, chart.caption) if part)
    return sheet.done(chart.kind, label)


def table(chart: Chart, language: str) -> Table:
    """What the drawing shows, as text."""
    sheet = Sheet(0, language)
    rows = (
        (name, *map(sheet.number, line))
        for name, line in zip(chart.rows, chart.values, strict=True)
    )
    return Table(chart.title, (chart.corner, *chart.columns), tuple(rows))

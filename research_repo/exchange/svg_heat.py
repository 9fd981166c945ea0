"""A heat map: cells that are the darker the greater their number, which stands in each of them."""

from __future__ import annotations

from research_repo.core.charts import Chart, heat_step
from research_repo.exchange.drawing import LINE, SIZE, Sheet
from research_repo.exchange.lettering import lines_of, width_of

CELL_MIN = 76.0
CELL_MAX = 120.0
ROW = 34.0
NAMES_SHARE = 0.3
HEAD_LINES = 3


def heat(sheet: Sheet, chart: Chart) -> None:
    """The cells under the names of the columns, beside those of the rows."""
    longest = max((width_of(name, SIZE) for name in chart.rows), default=0)
    left = min(longest, sheet.width * NAMES_SHARE) + 12
    fitting = (sheet.width - left) / max(len(chart.columns), 1)
    cell = min(max(fitting, CELL_MIN), CELL_MAX)
    sheet.width = max(sheet.width, left + cell * len(chart.columns))
    top = _head(sheet, chart, left, cell)
    for place, (name, values) in enumerate(zip(chart.rows, chart.values, strict=True)):
        y = top + ROW * place
        shown = lines_of(name, SIZE, left - 12, 2)
        for line, text in enumerate(shown):
            first = y + (ROW - LINE * len(shown)) / 2
            sheet.words(0, first + LINE * line + SIZE, text)
        for column, value in enumerate(values):
            _cell(sheet, left + cell * column, y, cell, value, chart.most)
    sheet.height = top + ROW * len(chart.rows) + 2


def _head(sheet: Sheet, chart: Chart, left: float, cell: float) -> float:
    named = [lines_of(name, SIZE, cell - 6, HEAD_LINES) for name in chart.columns]
    high = max(map(len, named), default=0)
    for column, shown in enumerate(named):
        for line, text in enumerate(shown):
            y = LINE * (high - len(shown) + line) + SIZE
            sheet.words(left + cell * (column + 0.5), y, text, "quiet", "middle")
    return LINE * high + 8


def _cell(sheet: Sheet, x: float, y: float, cell: float, value: int, most: int) -> None:
    step = heat_step(value, most)
    sheet.bar(x + 1, y + 1, cell - 2, ROW - 2, f"heat-{step}", "grid" if step < 2 else "")
    role = {0: "quiet", 4: "over", 5: "on"}.get(step, "ink")
    middle = y + ROW / 2 + SIZE * 0.36
    sheet.words(x + cell / 2, middle, sheet.number(value), role, "middle")

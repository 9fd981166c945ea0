"""Lines over time: each with dashes and marks of its own, and its name at its end."""

from __future__ import annotations

from collections.abc import Iterator

from research_repo.core.charts import Chart
from research_repo.exchange.drawing import LINE, SIZE, Sheet
from research_repo.exchange.lettering import lines_of, width_of

PLOT = 220.0
FOOT = 26.0
STEPS = 4
NAMES_FROM = 560
"""In drawings as wide as this names stand at the ends of lines, else above the plot."""
NAMES_SHARE = 0.26
MARKS_MAX = 40

LINES = (
    ("accent", "", "circle"),
    ("ink", "7 4", "square"),
    ("accent", "2 4", "triangle"),
    ("quiet", "", "diamond"),
    ("warn", "9 3 2 3", "circle"),
    ("quiet", "3 3", "square"),
)
"""Edge, dashes and mark of each line, so that they are told apart without their colours."""


def lines(sheet: Sheet, chart: Chart) -> None:
    """A line for each column over the rows, with a scale at its left."""
    if not chart.rows:
        return
    plot = _Plot(sheet, chart)
    plot.scale()
    for place in range(len(chart.columns)):
        plot.line(place)
    plot.names()
    plot.times()
    sheet.height = plot.bottom + FOOT


class _Plot:
    """The field between the scale and the names."""

    def __init__(self, sheet: Sheet, chart: Chart) -> None:
        self._sheet, self._chart = sheet, chart
        self._is_named = len(chart.columns) > 1
        self._at_ends = self._is_named and sheet.width >= NAMES_FROM
        longest = max((width_of(name, SIZE) for name in chart.columns), default=0)
        names = min(longest, sheet.width * NAMES_SHARE) + 20 if self._at_ends else 10
        self._names_room = names - 16
        self._top = _step_up(chart.most)
        self._left = width_of(sheet.number(self._top), SIZE) + 10
        self._right = sheet.width - names
        self._above = 10 + (LINE + 4) * len(chart.columns) * (self._is_named and not self._at_ends)
        self.bottom = self._above + PLOT

    def scale(self) -> None:
        for step in range(STEPS + 1):
            value = self._top * step // STEPS
            if self._top * step % STEPS:
                continue
            y = self._y(value)
            self._sheet.stroke(f"M{self._left:.1f} {y:.1f}H{self._right:.1f}", "grid")
            text = self._sheet.number(value)
            self._sheet.words(self._left - 8, y + SIZE * 0.36, text, "quiet", "end")

    def line(self, place: int) -> None:
        edge, dash, mark = LINES[place % len(LINES)]
        points = list(self._points(place))
        way = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        self._sheet.stroke(way, edge, width=2, dash=dash)
        if len(points) <= MARKS_MAX:
            for x, y in points:
                self._sheet.stroke(_mark(mark, x, y), edge, fill="paper", width=1.5)

    def names(self) -> None:
        """At the ends of the lines, moved apart where they meet; or as a legend above."""
        if not self._is_named:
            return
        if not self._at_ends:
            for place, name in enumerate(self._chart.columns):
                self._key(place, name, 8 + (LINE + 4) * place)
            return
        ends = sorted((list(self._points(p))[-1][1], p) for p in range(len(self._chart.columns)))
        below = self._above - LINE
        for y, place in ends:
            below = max(below + LINE, y)
            (text,) = lines_of(self._chart.columns[place], SIZE, self._names_room, 1) or ("",)
            self._sheet.words(self._right + 12, below + SIZE * 0.36, text)

    def times(self) -> None:
        """The names of the rows, as many as there is room for, the last one among them."""
        widest = max((width_of(name, SIZE) for name in self._chart.rows), default=0) + 14
        most = max(int((self._right - self._left) // widest), 1)
        every = -(-len(self._chart.rows) // most)
        last = len(self._chart.rows) - 1
        for place, name in enumerate(self._chart.rows):
            if (last - place) % every == 0:
                x = min(self._x(place), self._sheet.width - width_of(name, SIZE) / 2)
                x = max(x, width_of(name, SIZE) / 2)
                self._sheet.words(x, self.bottom + LINE + 2, name, "quiet", "middle")

    def _key(self, place: int, name: str, y: float) -> None:
        edge, dash, mark = LINES[place % len(LINES)]
        self._sheet.stroke(f"M0 {y:.1f}H28", edge, width=2, dash=dash)
        self._sheet.stroke(_mark(mark, 14, y), edge, fill="paper", width=1.5)
        (text,) = lines_of(name, SIZE, self._sheet.width - 36, 1) or ("",)
        self._sheet.words(36, y + SIZE * 0.36, text)

    def _points(self, place: int) -> Iterator[tuple[float, float]]:
        for row, values in enumerate(self._chart.values):
            yield self._x(row), self._y(values[place])

    def _x(self, row: int) -> float:
        apart = (self._right - self._left - 12) / max(len(self._chart.rows) - 1, 1)
        return self._left + 6 + apart * row

    def _y(self, value: int) -> float:
        return self.bottom - PLOT * value / self._top


def _step_up(value: int) -> int:
    """The least round number that is as great: 4, 8, 12, 20, 40, 80, 120, 200…"""
    power = 1
    while True:
        for first in (4, 8, 12, 20):
            if first * power >= value:
                return first * power
        power *= 10


def _mark(shape: str, x: float, y: float) -> str:
    if shape == "square":
        return f"M{x - 3:.1f} {y - 3:.1f}h6v6h-6z"
    if shape == "triangle":
        return f"M{x:.1f} {y - 4:.1f}l4 7h-8z"
    if shape == "diamond":
        return f"M{x:.1f} {y - 4:.1f}l4 4l-4 4l-4 -4z"
    return f"M{x - 3:.1f} {y:.1f}a3 3 0 1 0 6 0a3 3 0 1 0 -6 0z"

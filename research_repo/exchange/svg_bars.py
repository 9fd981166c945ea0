"""Bars that lie: one for each row, or one of several parts with a legend above."""

from __future__ import annotations

from dataclasses import dataclass

from research_repo.core.charts import Chart
from research_repo.exchange.drawing import LINE, SIZE, Sheet
from research_repo.exchange.lettering import lines_of, width_of

BAR = 16.0
GAP = 12.0
BESIDE_FROM = 480
"""Drawings as wide as this have names beside their bars, narrower ones above them."""
NAMES_SHARE = 0.38
SWATCH = 12.0
HATCH = 5.0

PARTS = (("paper", "accent"), ("soft", "accent"), ("accent", "accent"), ("paper", "warn"))
"""Fill and edge of the parts of a bar: told apart without colours, the last one hatched."""
HATCHED = len(PARTS) - 1


@dataclass(frozen=True)
class _Places:
    """Where the bars of a drawing begin, and how long the longest may be."""

    start: float
    room: float
    is_beside: bool


def bars(sheet: Sheet, chart: Chart) -> None:
    """A bar for each row, with its number behind it."""
    places = _places(sheet, chart)
    y = GAP / 2
    for name, (value, *_) in zip(chart.rows, chart.values, strict=True):
        y, middle = _name(sheet, places, name, y)
        length = places.room * value / max(chart.most, 1)
        if value:
            sheet.bar(places.start, middle - BAR / 2, max(length, 2), BAR, "accent")
        end = places.start + (length + 6 if value else 0)
        sheet.words(end, middle + SIZE * 0.36, sheet.number(value), "quiet")
    sheet.height = y


def stacked(sheet: Sheet, chart: Chart) -> None:
    """A bar of parts for each row; the numbers stand in the parts, the sum behind them."""
    places = _places(sheet, chart)
    y = legend(sheet, chart) + GAP / 2
    most = max(chart.totals, default=0) or 1
    for name, values in zip(chart.rows, chart.values, strict=True):
        y, middle = _name(sheet, places, name, y)
        x = places.start
        for place, value in enumerate(values):
            if value:
                length = max(places.room * value / most, 2)
                _part(sheet, place, x, middle - BAR / 2, length)
                _inside(sheet, place, x, middle, length, sheet.number(value))
                x += length
        sheet.words(x + (6 if x > places.start else 0), middle + SIZE * 0.36,
                    sheet.number(sum(values)), "quiet")  # fmt: skip
    sheet.height = y


def legend(sheet: Sheet, chart: Chart) -> float:
    """What the parts are called; tells where it ends."""
    x, y = 0.0, 2.0
    for place, name in enumerate(chart.columns):
        (shown,) = lines_of(name, SIZE, sheet.width - SWATCH - 8, 1) or ("",)
        width = SWATCH + 6 + width_of(shown, SIZE) + 16
        if x and x + width > sheet.width + 16:
            x, y = 0.0, y + LINE + 4
        _part(sheet, place, x + 1, y + 1, SWATCH, SWATCH)
        sheet.words(x + SWATCH + 7, y + SWATCH - 0.5, shown)
        x += width
    return y + LINE + 4


def _places(sheet: Sheet, chart: Chart) -> _Places:
    most = max(chart.totals, default=0)
    behind = width_of(sheet.number(most), SIZE) + 8
    if sheet.width < BESIDE_FROM:
        return _Places(1.0, sheet.width - behind - 1, is_beside=False)
    longest = max((width_of(name, SIZE) for name in chart.rows), default=0)
    start = min(longest, sheet.width * NAMES_SHARE) + 12
    return _Places(start, sheet.width - start - behind, is_beside=True)


def _name(sheet: Sheet, places: _Places, name: str, y: float) -> tuple[float, float]:
    """Write a row's name; tells where the row ends, and the middle of its bar."""
    room = places.start - 12 if places.is_beside else sheet.width
    shown = lines_of(name, SIZE, room, 2)
    high = LINE * len(shown)
    if not places.is_beside:
        _lines(sheet, 0, y, shown)
        return y + high + BAR + GAP + 4, y + high + 4 + BAR / 2
    whole = max(high, BAR)
    _lines(sheet, 0, y + (whole - high) / 2, shown)
    return y + whole + GAP, y + whole / 2


def _lines(sheet: Sheet, x: float, y: float, lines: tuple[str, ...]) -> None:
    for place, text in enumerate(lines):
        sheet.words(x, y + LINE * place + SIZE, text)


def _part(sheet: Sheet, place: int, x: float, y: float, width: float, height: float = BAR) -> None:
    fill, edge = PARTS[place % len(PARTS)]
    sheet.bar(x + 0.5, y + 0.5, max(width - 2, 1), height - 1, fill, edge)
    if place % len(PARTS) == HATCHED:
        sheet.stroke(_hatching(x + 1, y + 1, max(width - 3, 0), height - 2), edge)


def _hatching(x: float, y: float, width: float, height: float) -> str:
    """Slanting strokes that end at the edges of a rectangle."""
    way = []
    at = HATCH
    while at < width + height:
        left, right = max(0.0, at - height), min(at, width)
        way.append(f"M{x + left:.1f} {y + at - left:.1f}L{x + right:.1f} {y + at - right:.1f}")
        at += HATCH
    return "".join(way) or f"M{x:.1f} {y:.1f}"


def _inside(sheet: Sheet, place: int, x: float, middle: float, width: float, number: str) -> None:
    wide = width_of(number, SIZE)
    # On strokes nothing can be read; what is left of the sum is told by the other parts.
    if wide + 10 > width or place % len(PARTS) == HATCHED:
        return
    fill, _ = PARTS[place % len(PARTS)]
    role = "on" if fill == "accent" else "ink"
    sheet.words(x + width / 2 - 1, middle + SIZE * 0.36, number, role, "middle")

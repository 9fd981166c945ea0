"""Lines over a growing number as SVG: plain text, readable on light and dark paper."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import floor, log10
from xml.sax.saxutils import escape

WIDTH, HEIGHT, LEFT, TOP, PLOT_HEIGHT, LINE = 460, 410, 52, 72, 200, 20
STEPS = 4
ROUND = (1, 2, 4, 6, 8, 10)
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #3b3a36 }
.title { font-weight: 600; font-size: 14px }
.grid { stroke: #d9d6cc }
.ours { stroke: #0b6e62 } .other { stroke: #b4552d }
.ours.mark { fill: #0b6e62 } .other.mark { fill: #b4552d }
path { fill: none; stroke-width: 2.5 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6e3da } .grid { stroke: #45433d }
  .ours { stroke: #58c4b4 } .other { stroke: #eb9a74 }
  .ours.mark { fill: #58c4b4 } .other.mark { fill: #eb9a74 }
}
"""
DASHES = ("none", "7 5", "2 4")


@dataclass(frozen=True)
class Line:
    """One way of doing it, with its value at each size."""

    name: str
    values: Sequence[float]
    is_ours: bool


@dataclass(frozen=True)
class Panel:
    """One question: the same sizes for all its lines."""

    title: str
    subtitle: str
    unit: str
    sizes: Sequence[int]
    lines: Sequence[Line]

    @property
    def top(self) -> float:
        """The first round number that no value exceeds."""
        largest = max(value for line in self.lines for value in line.values) or 1.0
        magnitude = 10.0 ** floor(log10(largest))
        return next(top for top in (m * magnitude for m in ROUND) if top >= largest - 1e-9)


def drawn(title: str, panels: Sequence[Panel], spoken: Callable[[str], str] = str) -> str:
    """The panels side by side; `spoken` writes numbers as the reader's language does."""
    inner = "\n".join(_panel(panel, place * WIDTH, spoken) for place, panel in enumerate(panels))
    width = WIDTH * len(panels)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" '
        f'width="{width}" height="{HEIGHT}" role="img">\n<title>{escape(title)}</title>\n'
        f"<style>{STYLE}</style>\n{inner}\n</svg>\n"
    )


def _panel(panel: Panel, left: int, spoken: Callable[[str], str]) -> str:
    top = panel.top
    parts = [f'<text class="title" x="{left + 8}" y="26">{escape(panel.title)}</text>']
    parts.append(f'<text x="{left + 8}" y="46">{escape(panel.subtitle)}</text>')
    for step in range(STEPS + 1):
        value = top * step / STEPS
        y = _y(value, top)
        text = spoken(f"{value:.2f}" if top <= 1 else f"{value:,.0f}")
        parts.append(
            f'<line class="grid" x1="{left + LEFT}" x2="{left + WIDTH - 24}" y1="{y}" y2="{y}"/>'
        )
        parts.append(f'<text x="{left + LEFT - 8}" y="{y + 4}" text-anchor="end">{text}</text>')
    for size in panel.sizes:
        x = _x(size, panel.sizes, left)
        y = TOP + PLOT_HEIGHT + LINE
        parts.append(f'<text x="{x}" y="{y}" text-anchor="middle">{spoken(f"{size:,}")}</text>')
    y = TOP + PLOT_HEIGHT
    parts.append(
        f'<text x="{left + LEFT - 8}" y="{y + LINE}" text-anchor="end">{escape(panel.unit)}</text>'
    )
    for place, line in enumerate(panel.lines):
        parts += _line(panel, place, line, top, left)
    return "\n".join(parts)


def _line(panel: Panel, place: int, line: Line, top: float, left: int) -> list[str]:
    alike = [one for one in panel.lines[:place] if one.is_ours == line.is_ours]
    look = f'class="{"ours" if line.is_ours else "other"}" stroke-dasharray="{DASHES[len(alike)]}"'
    points = [
        (_x(size, panel.sizes, left), _y(value, top))
        for size, value in zip(panel.sizes, line.values, strict=True)
    ]
    way = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    mark = "ours mark" if line.is_ours else "other mark"
    legend = TOP + PLOT_HEIGHT + LINE * (place + 3)
    return [
        f'<path {look} d="{way}"/>',
        *(f'<circle class="{mark}" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>' for x, y in points),
        f'<path {look} d="M{left + LEFT} {legend - 4}h34"/>',
        f'<text x="{left + LEFT + 44}" y="{legend}">{escape(line.name)}</text>',
    ]


def _x(size: int, sizes: Sequence[int], left: int) -> float:
    first, last = log10(min(sizes)), log10(max(sizes))
    share = (log10(size) - first) / (last - first) if last > first else 0.5
    return left + LEFT + 20 + share * (WIDTH - LEFT - 72)


def _y(value: float, top: float) -> float:
    return TOP + PLOT_HEIGHT * (1 - value / top)

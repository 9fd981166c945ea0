"""The sheet on which charts are drawn: shapes and words of SVG, each in a role instead of a colour.

A role becomes a class, which pages colour, and a fill or stroke, for files. There are no ids, styles
and links, so that any number of drawings stand on a page under a strict policy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import escape

from babel.numbers import format_decimal

SIZE = 13.0
LINE = 17.0
FONT = "'Golos Text', 'Noto Sans', sans-serif"

_LIGHT = {
    "ink": "#191d1b",
    "quiet": "#616964",
    "grid": "#c9cec6",
    "accent": "#14614a",
    "soft": "#a9cfbe",
    "paper": "#ffffff",
    "warn": "#8a4700",
    "on": "#ffffff",
    "over": "#191d1b",
    "heat-0": "#ffffff",
    "heat-1": "#eef5f1",
    "heat-2": "#d3e7dd",
    "heat-3": "#a9cfbe",
    "heat-4": "#5e9c84",
    "heat-5": "#14614a",
}
_DARK = {
    "ink": "#e9ece9",
    "quiet": "#98a19b",
    "grid": "#3d4541",
    "accent": "#7fcbab",
    "soft": "#33604f",
    "paper": "#1a1e1c",
    "warn": "#ecb670",
    "on": "#0b1f17",
    "over": "#0b1f17",
    "heat-0": "#1a1e1c",
    "heat-1": "#1b3028",
    "heat-2": "#24483b",
    "heat-3": "#33604f",
    "heat-4": "#4f8f77",
    "heat-5": "#7fcbab",
}


@dataclass
class Sheet:
    """A drawing while it is made, and where it ends."""

    width: float
    language: str
    is_dark: bool = False
    height: float = 0.0
    _shapes: list[str] = field(default_factory=list)

    def bar(
        self, x: float, y: float, width: float, height: float, fill: str, edge: str = ""
    ) -> None:
        """A rectangle in the role `fill`, with an edge in another one."""
        where = f'x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}"'
        self._shapes.append(f'<rect {where} rx="2" {self._look(fill, edge)}/>')

    def stroke(
        self, way: str, edge: str, fill: str = "none", width: float = 1, dash: str = ""
    ) -> None:
        """A line along a path of SVG; dashes tell it apart without its colour."""
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        look = self._look(fill, edge, width)
        self._shapes.append(f'<path d="{way}" {look}{dashes} stroke-linejoin="round"/>')

    def words(
        self, x: float, y: float, text: str, role: str = "ink", anchor: str = "start"
    ) -> None:
        """One line of text, standing on `y`."""
        where = f'x="{_n(x)}" y="{_n(y)}"'
        at = "" if anchor == "start" else f' text-anchor="{anchor}"'
        self._shapes.append(f"<text {where}{at} {self._look(role)}>{_written(text)}</text>")

    def number(self, value: int) -> str:
        """A number as the language writes it."""
        return str(format_decimal(value, locale=self.language))

    def done(self, kind: str, label: str) -> str:
        """The whole drawing; `label` is what is said of it to those who do not see it."""
        size = f"{_n(self.width)} {_n(self.height)}"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="chart chart-{kind}"'
            f' viewBox="0 0 {size}" width="{_n(self.width)}" height="{_n(self.height)}"'
            f' role="img" lang="{escape(self.language)}" aria-label="{_written(label)}"'
            f' font-family="{FONT}" font-size="{_n(SIZE)}">{"".join(self._shapes)}</svg>'
        )

    def _look(self, fill: str, edge: str = "", width: float = 1) -> str:
        colours = _DARK if self.is_dark else _LIGHT
        classes = [f"f-{fill}"] if fill != "none" else []
        look = f'fill="{colours.get(fill, "none")}"'
        if edge:
            classes.append(f"s-{edge}")
            look += f' stroke="{colours[edge]}" stroke-width="{_n(width)}"'
        return f'class="{" ".join(classes)}" {look}' if classes else look


# XML holds no others, not even escaped.
_UNWRITTEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _written(text: str) -> str:
    return escape(_UNWRITTEN.sub("", text))


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")

"""A slide as plain values, and the places on it with the letters that may stand there."""

from __future__ import annotations

from dataclasses import dataclass, field

from research_repo.core.charts import Chart
from research_repo.exchange.blocks import Picture, Quote, Runs, Table
from research_repo.exchange.fitting import SERIF, Line, Room

WIDE = Room(859, 306, (24, 22, 20, 18, 16))
LISTED = Room(859, 306, (20, 18))
BESIDE = Room(468, 306, (22, 20, 18, 16, 14))
QUOTE_BESIDE = Room(337, 280, (22, 20, 18, 16, 14), SERIF)
QUOTE_WIDE = Room(748, 280, (28, 24, 22, 20, 18, 16), SERIF)
SHEET_HEIGHT = 350.0
SHEET_WIDTH = 859.0
SHEET_LETTERS = (18, 16, 14)


@dataclass(frozen=True)
class Slide:
    """One slide. `layout` is title, question, beside, words, text or sheet."""

    layout: str
    title: str
    language: str = ""
    lines: tuple[Line, ...] = ()
    size: int = 0
    quote: Quote | None = None
    quote_size: int = 0
    meta: Runs = ()
    kind: str = ""
    table: Table | None = None
    chart: Chart | None = None
    picture: Picture | None = None
    notes: tuple[str, ...] = field(default=())

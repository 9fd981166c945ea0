"""What stands on which slide of a report: an insight each, facts in lists, and the evidence in the notes.

Facts are told by their titles; all that is known of a claim is in the notes of its slide. The list of
all facts and the counts of tags are for readers, not for a room.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from research_repo.core.charts import Chart
from research_repo.exchange import fitting, slide_claims, slide_words, table_widths
from research_repo.exchange.blocks import (
    Block,
    Claim,
    Document,
    Figure,
    Heading,
    Picture,
    Prose,
    Table,
    plain,
    words,
)
from research_repo.exchange.fitting import Line
from research_repo.exchange.slide_shape import (
    SHEET_HEIGHT,
    SHEET_LETTERS,
    SHEET_WIDTH,
    WIDE,
    Slide,
)

LEFT_OUT = frozenset({"appendix", "tags"})
_QUESTION = re.compile(r"q\d+")

CHART_ROWS, CHART_COLUMNS = 24, 8
"""What is larger is read as a table."""


def of(document: Document) -> Iterator[Slide]:
    """The slides of a report, in their order."""
    about = [line for line in (document.subtitle, *document.about, document.address) if line]
    yield Slide(
        "title",
        document.title,
        lines=tuple(Line(plain(line)) for line in about),
        kind=document.kind,
    )
    plan = _Plan(document)
    for heading, blocks in _sections(document.blocks):
        if heading.anchor not in LEFT_OUT:
            yield from plan.section(heading, blocks)


def _sections(blocks: Iterable[Block]) -> Iterator[tuple[Heading, list[Block]]]:
    heading, held = Heading(1, ()), list[Block]()
    for block in blocks:
        if isinstance(block, Heading) and block.level == 1:
            yield heading, held
            heading, held = block, []
        else:
            held.append(block)
    yield heading, held


class _Plan:
    def __init__(self, document: Document) -> None:
        self.claims = slide_claims.Claims(document)

    def section(self, heading: Heading, blocks: list[Block]) -> Iterator[Slide]:
        title = words(heading.runs)
        if _QUESTION.fullmatch(heading.anchor):
            is_empty = not any(isinstance(block, Claim) for block in blocks)
            told = slide_words.lines(blocks) if is_empty else []
            yield Slide("question", title, heading.language, tuple(told))
            blocks = [] if is_empty else blocks
        for name, some in groupby(blocks, _sort):
            found = list(some)
            if name == "text":
                yield from _text(title, slide_words.lines(found), heading.language)
            elif name == "facts":
                yield from self.claims.listed(title, found)
            else:
                for block in found:
                    yield from self._alone(title, block)

    def _alone(self, title: str, block: Block) -> Iterator[Slide]:
        if isinstance(block, Claim):
            yield from self.claims.told(block)
            for one in slide_words.beside(block):
                yield from self._alone(words(block.heading.runs), one)
        elif isinstance(block, Prose):
            for name, some in groupby(block.blocks, _sort):
                found = list(some)
                if name == "text":
                    told = slide_words.lines(found, is_lead=block.is_lead)
                    yield from _text(title, told, block.language)
                else:
                    for one in found:
                        yield from self._alone(title, one)
        elif isinstance(block, Table):
            yield from _table(block, title, block.caption)
        elif isinstance(block, Picture):
            yield Slide("sheet", title, meta=plain(block.caption), picture=block)
        elif isinstance(block, Figure):
            yield from _figure(title, block)


def _sort(block: Block) -> str:
    if isinstance(block, Claim):
        return "facts" if block.kind == "fact" else "claim"
    if isinstance(block, Table | Figure | Picture):
        return "alone"
    # Prose with a table or a picture in it is divided where these stand.
    return "prose" if isinstance(block, Prose) else "text"


def _text(title: str, lines: list[Line], language: str = "") -> Iterator[Slide]:
    for size, page in fitting.pages(lines, WIDE, WIDE):
        yield Slide("text", title, language, tuple(page), size)


def _figure(title: str, block: Figure) -> Iterator[Slide]:
    chart = block.chart
    is_long = len(chart.rows) > CHART_ROWS or len(chart.columns) > CHART_COLUMNS
    if chart.kind == "heat" or is_long:
        yield from _table(block.table, chart.title or title, chart.caption, chart)
    else:
        yield Slide("sheet", chart.title or title, meta=plain(chart.caption), chart=chart)


def _table(table: Table, title: str, caption: str, chart: Chart | None = None) -> Iterator[Slide]:
    """A table over as many slides as it needs, under its head on each."""
    size = next((one for one in SHEET_LETTERS if _fits(table, one)), SHEET_LETTERS[-1])
    # Its columns are as wide on each slide, whatever stands in the rows there.
    table = replace(table, widths=tuple(table_widths.widths(table, int(SHEET_WIDTH))))
    for start, end in _parts(table, size):
        part = replace(table, rows=table.rows[start:end])
        shades = chart
        if chart:
            shades = replace(chart, rows=chart.rows[start:end], values=chart.values[start:end])
        yield Slide("sheet", title, size=size, meta=plain(caption), table=part, chart=shades)


def _fits(table: Table, size: int) -> bool:
    return sum(slide_words.row_heights(table, SHEET_WIDTH, size)) <= SHEET_HEIGHT


def _parts(table: Table, size: int) -> Iterator[tuple[int, int]]:
    heights = slide_words.row_heights(table, SHEET_WIDTH, size)
    used, start = heights[0], 0
    for number, needed in enumerate(heights[1:]):
        if number > start and used + needed > SHEET_HEIGHT:
            yield start, number
            used, start = heights[0], number
        used += needed
    if start < len(table.rows):
        yield start, len(table.rows)

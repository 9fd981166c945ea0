"""What stands on which slide of a report: an insight each, facts in lists, and the evidence in the notes.

Facts are told by their titles; all that is known of a claim is in the notes of its slide. The list of
all facts and the counts of tags are for readers, not for a room.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby

from research_repo.core.charts import Chart
from research_repo.exchange import fitting, slide_words
from research_repo.exchange.blocks import (
    Block,
    Claim,
    Document,
    Figure,
    Heading,
    Picture,
    Prose,
    Quote,
    Runs,
    Table,
    plain,
    words,
)
from research_repo.exchange.fitting import SERIF, Line, Room

LEFT_OUT = frozenset({"appendix", "tags"})
_QUESTION = re.compile(r"q\d+")

WIDE = Room(859, 306, (24, 22, 20, 18, 16))
LISTED = Room(859, 306, (20, 18))
BESIDE = Room(468, 306, (22, 20, 18, 16, 14))
QUOTE_BESIDE = Room(337, 280, (22, 20, 18, 16, 14), SERIF)
QUOTE_WIDE = Room(748, 280, (28, 24, 22, 20, 18, 16), SERIF)
SHEET_HEIGHT = 350.0
SHEET_WIDTH = 859.0
SHEET_LETTERS = (18, 16, 14)
CHART_ROWS, CHART_COLUMNS = 24, 8
"""What is larger is read as a table."""
BEST = range(40, 280)
"""How long a quote is that a room reads at a glance."""


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


def of(document: Document) -> Iterator[Slide]:
    """The slides of a report, in their order."""
    about = [line for line in (document.subtitle, *document.about, document.address) if line]
    yield Slide(
        "title",
        document.title,
        lines=tuple(Line(plain(line)) for line in about),
        kind=document.kind,
    )
    for heading, blocks in _sections(document.blocks):
        if heading.anchor not in LEFT_OUT:
            yield from _section(heading, blocks)


def _sections(blocks: Iterable[Block]) -> Iterator[tuple[Heading, list[Block]]]:
    heading, held = Heading(1, ()), list[Block]()
    for block in blocks:
        if isinstance(block, Heading) and block.level == 1:
            yield heading, held
            heading, held = block, []
        else:
            held.append(block)
    yield heading, held


def _section(heading: Heading, blocks: list[Block]) -> Iterator[Slide]:
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
            yield from _facts(title, [one for one in found if isinstance(one, Claim)])
        else:
            for block in found:
                yield from _alone(title, block)


def _sort(block: Block) -> str:
    if isinstance(block, Claim):
        return "facts" if block.kind == "fact" else "claim"
    if isinstance(block, Table | Figure | Picture):
        return "alone"
    # Prose with a table or a picture in it is divided where these stand.
    return "prose" if isinstance(block, Prose) else "text"


def _alone(title: str, block: Block) -> Iterator[Slide]:
    if isinstance(block, Claim):
        yield from _claim(block)
    elif isinstance(block, Prose):
        for name, some in groupby(block.blocks, _sort):
            found = list(some)
            if name == "text":
                told = slide_words.lines(found, is_lead=block.is_lead)
                yield from _text(title, told, block.language)
            else:
                for one in found:
                    yield from _alone(title, one)
    elif isinstance(block, Table):
        yield from _table(block, title, block.caption)
    elif isinstance(block, Picture):
        yield Slide("sheet", title, meta=plain(block.caption), picture=block)
    elif isinstance(block, Figure):
        yield from _figure(title, block)


def _text(title: str, lines: list[Line], language: str = "") -> Iterator[Slide]:
    for size, page in fitting.pages(lines, WIDE, WIDE):
        yield Slide("text", title, language, tuple(page), size)


def _facts(title: str, claims: list[Claim]) -> Iterator[Slide]:
    told = {slide_words.item(claim): claim for claim in claims}
    for size, page in fitting.pages(list(told), LISTED, LISTED):
        here = [told[line] for line in page if line in told]
        notes = tuple(line for claim in here for line in slide_words.notes(claim))
        yield Slide("text", title, lines=tuple(page), size=size, notes=notes)


def _claim(claim: Claim) -> Iterator[Slide]:
    title, language = words(claim.heading.runs), claim.heading.language
    body, others = slide_words.body(claim)
    quote = _best(claim)
    size = (
        fitting.size_for(slide_words.said(quote), QUOTE_BESIDE if body else QUOTE_WIDE)
        if quote
        else None
    )
    if quote and size is None:
        # Said at length, it is read in the notes and on a slide of its own.
        body = [*body, *slide_words.said(quote)]
        quote = None
    pages = fitting.pages(body, BESIDE if quote else WIDE, WIDE) or [(0, [])]
    layout = ("beside" if body else "words") if quote else "text"
    for number, (letters, page) in enumerate(pages):
        first = number == 0
        yield Slide(
            layout if first else "text",
            title,
            language,
            tuple(page),
            letters,
            quote if first else None,
            size or 0,
            claim.meta.runs,
            notes=tuple(slide_words.notes(claim)) if first else (),
        )
    for block in others:
        yield from _alone(title, block)


def _best(claim: Claim) -> Quote | None:
    """The quote that is read at a glance; the first one where several are, or none is."""
    quotes = [block for block in claim.blocks if isinstance(block, Quote)]
    return next((one for one in quotes if len(one.text) in BEST), quotes[0] if quotes else None)


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

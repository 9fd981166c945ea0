"""The words of slides: paragraphs for the room, and lines for the notes of whoever speaks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain

from research_repo.exchange import fitting, table_widths
from research_repo.exchange.blocks import (
    Aside,
    Block,
    Claim,
    Code,
    Datum,
    Heading,
    Items,
    Paragraph,
    Picture,
    Prose,
    Quote,
    Run,
    Runs,
    Table,
    plain,
    words,
)
from research_repo.exchange.fitting import Line

DEEPEST = 4
CELL_SPACE = 10.0
"""Above and below the words of a cell, in points."""


def lines(blocks: Iterable[Block], level: int = 0, *, is_lead: bool = False) -> list[Line]:
    """What text blocks say, as paragraphs; tables and pictures say nothing here."""
    return [one for block in blocks for one in _lines(block, level, is_lead)]


def said(quote: Quote) -> list[Line]:
    """A quote with whoever said it, as paragraphs."""
    source = [Line(plain(f"— {quote.source}"))] if quote.source else []
    return [Line(plain(quote.text), language=quote.language), *source]


def item(claim: Claim) -> Line:
    """A claim as an item of a list: its title and its key."""
    key = Run(claim.key, address=claim.address)
    return Line((*claim.heading.runs, Run(" ("), key, Run(")")), 1, claim.heading.language)


def body(claim: Claim) -> list[Line]:
    """What a claim says below its title, in its own prose and in figures."""
    return [
        Line(line.runs, line.level, line.language or _spoken(block), number=line.number)
        for block in claim.blocks
        if isinstance(block, Prose | Datum)
        for line in lines([block])
    ]


def beside(claim: Claim) -> list[Block]:
    """The tables and pictures of a claim, for slides of their own."""
    prose = (block.blocks for block in claim.blocks if isinstance(block, Prose))
    tables = [block for blocks in prose for block in blocks if isinstance(block, Table)]
    return [*tables, *(block for block in claim.blocks if isinstance(block, Picture))]


def rests_on(claim: Claim) -> list[Line]:
    """What speaks for a claim and against it, by titles, under the words that say which."""
    pairs = zip(claim.blocks, claim.blocks[1:], strict=False)
    return [
        line
        for heading, items in pairs
        if isinstance(heading, Paragraph) and isinstance(items, Items)
        for line in lines([heading, items])
    ]


def notes(claim: Claim) -> Iterator[str]:
    """All that is known of a claim, with addresses written out."""
    yield words(claim.heading.runs)
    yield " · ".join((*claim.told, claim.key))
    if claim.address:
        yield claim.address
    yield from chain.from_iterable(map(_noted, claim.blocks))
    yield ""


def row_heights(table: Table, width: float, size: int) -> list[float]:
    """The height of the head and of each row, in points."""
    shares = table_widths.widths(table, int(width))
    found = []
    for row in (table.head, *table.rows):
        cells = table_widths.cells(row, len(shares))
        rows = (
            fitting.rows_of(words(runs), size, share - CELL_SPACE, fitting.SANS)
            for runs, share in zip(cells, shares, strict=True)
        )
        found.append(max(rows, default=1) * size * fitting.LINE + CELL_SPACE)
    return found


def _lines(block: Block, level: int, is_lead: bool) -> Iterator[Line]:
    if isinstance(block, Paragraph):
        lead = is_lead or block.style == "lead"
        yield Line(block.runs, level, block.language, lead)
    elif isinstance(block, Heading):
        strong = tuple(Run(run.text, is_strong=True, address=run.address) for run in block.runs)
        yield Line(strong, level, block.language)
    elif isinstance(block, Items):
        for number, some in enumerate(block.items, block.start):
            for place, one in enumerate(lines(some, min(level + 1, DEEPEST))):
                is_own = place == 0 and block.is_ordered
                yield Line(one.runs, one.level, one.language, number=number) if is_own else one
    elif isinstance(block, Code):
        yield Line((Run(block.text, is_code=True),), level)
    elif isinstance(block, Aside):
        for one in lines(block.blocks, level):
            yield replace(one, runs=tuple(replace(run, is_emphasis=True) for run in one.runs))
    elif isinstance(block, Quote):
        yield from said(block)
    elif isinstance(block, Datum):
        source = f" ({block.source})" if block.source else ""
        yield Line((Run(block.figure, is_strong=True), Run(f" {block.text}{source}")), level)
    elif isinstance(block, Prose):
        yield from lines(block.blocks, level, is_lead=block.is_lead)


def _noted(block: Block) -> Iterator[str]:
    if isinstance(block, Quote):
        yield f"“{block.text}”" + (f" — {block.source}" if block.source else "")
    elif isinstance(block, Table):
        for row in (block.head, *block.rows):
            yield " | ".join(_told(runs) for runs in row)
    elif isinstance(block, Prose):
        yield from chain.from_iterable(map(_noted, block.blocks))
    elif isinstance(block, Picture):
        yield block.alt
    else:
        for line in _lines(block, 0, is_lead=False):
            mark = f"{line.number}. " if line.number else "• " if line.level else ""
            yield "    " * max(line.level - 1, 0) + mark + _told(line.runs)


def _spoken(block: Block) -> str:
    return block.language if isinstance(block, Prose) else ""


def _told(runs: Runs) -> str:
    """Words, each address after what leads to it."""
    return "".join(f"{run.text} <{run.address}>" if _leads_out(run) else run.text for run in runs)


def _leads_out(run: Run) -> bool:
    return bool(run.address) and run.address != run.text and not run.address.startswith("#")

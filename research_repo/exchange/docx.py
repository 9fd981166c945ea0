"""A report as a Word document: real styles, a table of contents, lists, captions and links."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import Any

import docx
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from docx.shared import Length

from research_repo.exchange import docx_parts as parts
from research_repo.exchange import office, pictures, table_widths
from research_repo.exchange.blocks import (
    Aside,
    Block,
    Claim,
    Code,
    Datum,
    Document,
    Figure,
    Heading,
    Items,
    Paragraph,
    Picture,
    Prose,
    Quote,
    Rule,
    Run,
    Runs,
    Table,
    plain,
)
from research_repo.exchange.docx_parts import Element
from research_repo.exchange.pictures import Drawn

TEXT_WIDTH = 9070
"""Of a page, in twentieths of a point."""
PICTURE_HEIGHT = 9600
TWENTIETH = 635
"""Of a point, in the unit of pictures."""
DEEPEST = 8
TOGETHER = 12
"""Rows of a table that stays on one page."""
INDENT = 397
BULLETS = 1
FOOTER_MAX = 90
TITLE_MAX = 140
"""A longer title is set smaller, so that it leaves room for the rest of the page."""
STYLES = {"body": "Normal", "lead": "Lead", "quiet": "Meta"}


def write(document: Document) -> bytes:
    """The document as .docx: the same bytes for the same report."""
    file = docx.Document(office.template("word"))
    _describe(file, document)
    body = file.element.body
    end = body.sectPr
    body.remove(end)
    body.extend(_Writer(file, document).elements())
    body.append(end)
    target = io.BytesIO()
    file.save(target)
    return office.sealed(target.getvalue())


def _describe(file: Any, document: Document) -> None:
    known = file.core_properties
    known.title, known.author = document.title[:255], document.author[:255]
    known.language = office.tongue(document.language)
    known.created = known.modified = office.day_of(document.made_on)
    known.comments = known.last_modified_by = ""
    known.revision = 1
    (spoken,) = file.styles.element.xpath("w:docDefaults//w:lang")
    spoken.set(qn("w:val"), office.tongue(document.language))
    (foot,) = file.sections[0].footer.paragraphs
    foot.runs[0].text = office.shortened(document.title, FOOTER_MAX)


class _Writer:
    def __init__(self, file: Any, document: Document) -> None:
        self.part = file.part
        self.numbering = file.part.numbering_part.element
        self.document = document
        self.links: dict[str, str] = {}
        self.marks: dict[str, str] = {}
        self.marked = 0
        self.language = ""
        """Of the prose at hand, where it is not that of the report."""
        self.drawn = pictures.charts(document)

    def elements(self) -> Iterator[Element]:
        """The whole document, piece by piece."""
        document = self.document
        yield parts.paragraph("Meta", *self._runs(plain(document.kind)))
        title = "TitleLong" if len(document.title) > TITLE_MAX else "Title"
        yield parts.paragraph(title, *self._runs(plain(document.title)))
        yield from self._cover()
        headings = list(document.headings)
        if len(headings) > 1:
            entries = [self._entry(one) for one in headings]
            yield parts.contents(document.contents, document.language, entries, "1-1")
        yield from self._blocks(document.blocks)

    def _cover(self) -> Iterator[Element]:
        lines = [line for line in (self.document.subtitle, *self.document.about) if line]
        if self.document.address:
            lines.append(self.document.address)
        runs = [Run("\n".join(lines[:-1]) + "\n")] if len(lines) > 1 else []
        runs += [Run(line, address=self.document.address) for line in lines[-1:]]
        yield parts.paragraph("Subtitle", *self._runs(tuple(runs)))

    def _entry(self, heading: Heading) -> Element:
        words = [parts.run(one, heading.language) for one in heading.runs]
        return parts.paragraph("TOC1", parts.link_within(self._mark(heading.anchor), *words))

    def _blocks(
        self, blocks: Iterable[Block], style: str = "", depth: int = 0
    ) -> Iterator[Element]:
        for block in blocks:
            yield from self._block(block, style, depth)

    def _block(self, block: Block, style: str, depth: int) -> Iterator[Element]:
        if isinstance(block, Paragraph):
            yield self._set(style or STYLES[block.style], block.runs, block.language, depth)
        elif isinstance(block, Heading):
            yield self._heading(block)
        elif isinstance(block, Claim):
            yield self._heading(block.heading)
            together = (parts.element("keepNext"),) if block.blocks else ()
            yield parts.paragraph("Meta", *self._runs(block.meta.runs), props=together)
            yield from self._blocks(block.blocks)
        elif isinstance(block, Prose):
            yield from self._prose(block, depth)
        elif isinstance(block, Items):
            yield from self._items(block, depth)
        elif isinstance(block, Quote | Aside):
            yield from self._quote(block, depth)
        else:
            yield from self._thing(block, style, depth)

    def _prose(self, block: Prose, depth: int) -> Iterator[Element]:
        self.language = block.language
        for one in block.blocks:
            is_lead = block.is_lead and isinstance(one, Paragraph)
            yield from self._block(one, "Lead" if is_lead else "", depth)
        self.language = ""

    def _thing(self, block: Block, style: str, depth: int) -> Iterator[Element]:
        if isinstance(block, Code):
            yield self._set("Code", (Run(block.text, is_code=True),), "", depth)
        elif isinstance(block, Datum):
            source = f" ({block.source})" if block.source else ""
            told = f" {block.text}{source}" if block.text else source
            runs = (Run(block.figure, is_strong=True), *plain(told))
            yield self._set(style or "Normal", runs, "", depth)
        elif isinstance(block, Table):
            yield from self._table(block)
        elif isinstance(block, Figure):
            if content := self.drawn.get(block.chart):
                yield self._set("Caption", plain(block.caption))
                yield self._picture(content, block.caption)
            yield from self._table(block.table)
        elif isinstance(block, Picture):
            yield from self._attached(block)
        elif isinstance(block, Rule):
            line = parts.element("bottom", val="single", sz=4, space=1, color="C9CEC6")
            yield parts.paragraph("Normal", props=(parts.element("pBdr", line),))

    def _heading(self, heading: Heading) -> Element:
        words = self._runs(heading.runs, heading.language)
        if heading.anchor:
            self.marked += 1
            words = parts.bookmarked(self._mark(heading.anchor), self.marked, words)
        return parts.paragraph(f"Heading{min(heading.level, 6)}", *words)

    def _quote(self, block: Quote | Aside, depth: int) -> Iterator[Element]:
        if isinstance(block, Aside):
            yield from self._blocks(block.blocks, "Quote", depth)
            return
        together = (parts.element("keepNext"),) if block.source else ()
        words = self._runs(plain(block.text), block.language)
        yield parts.paragraph("Quote", *words, props=together)
        if block.source:
            yield parts.paragraph("QuoteSource", *self._runs(plain(f"— {block.source}")))

    def _items(self, block: Items, depth: int) -> Iterator[Element]:
        level = min(depth, DEEPEST)
        number = BULLETS
        if block.is_ordered:
            number = parts.numbered(self.numbering, block.start, level)
        style = "ListNumber" if block.is_ordered else "ListBullet"
        for item in block.items:
            first, rest = (item[0], item[1:]) if item else (None, ())
            if not isinstance(first, Paragraph):
                first, rest = Paragraph(()), item
            words = self._runs(first.runs, first.language)
            yield parts.paragraph(style, *words, props=(parts.list_place(number, level),))
            yield from self._blocks(rest, "ListContinue", depth + 1)

    def _table(self, block: Table) -> Iterator[Element]:
        if block.caption:
            yield self._set("Caption", plain(block.caption))
        widths = table_widths.widths(block, TEXT_WIDTH)
        rows = [(block.head, True)] if any(block.head) else []
        rows += [(row, False) for row in block.rows]
        if rows:
            last = len(rows) - 1 if len(rows) <= TOGETHER else 0
            made = [
                self._row(block, widths, row, is_head, number < last)
                for number, (row, is_head) in enumerate(rows)
            ]
            yield parts.table(widths, made)
            # Two tables in a row would be one, and the text after one would touch it.
            yield parts.paragraph("Meta")

    def _row(
        self, block: Table, widths: list[int], row: tuple[Runs, ...], is_head: bool, is_held: bool
    ) -> Element:
        count = len(widths)
        held = (parts.element("keepNext"),) if is_held else ()
        places = zip(
            widths,
            table_widths.cells(row, count),
            table_widths.aligns(block, count),
            strict=True,
        )
        return parts.row([self._cell(*place, held) for place in places], is_head)

    def _cell(self, width: int, runs: Runs, align: str, held: tuple[Element, ...]) -> Element:
        props = (*held, parts.element("jc", val=align)) if align != "left" else held
        return parts.cell(width, parts.paragraph("TableText", *self._runs(runs), props=props))

    def _attached(self, block: Picture) -> Iterator[Element]:
        content = pictures.as_office(block.content, block.media_type)
        if content:
            yield self._picture(content, block.alt)
        if block.caption:
            yield self._set("Meta", plain(block.caption))

    def _picture(self, content: Drawn, alt: str) -> Element:
        width, height = content.within(TEXT_WIDTH * TWENTIETH, PICTURE_HEIGHT * TWENTIETH)
        inline = self.part.new_pic_inline(io.BytesIO(content.data), Length(width), Length(height))
        inline.docPr.set("descr", alt)
        for side in ("distT", "distB", "distL", "distR"):
            inline.set(side, "0")
        holder = parts.element("r", parts.element("drawing", inline))
        return parts.paragraph("Normal", holder)

    def _set(self, style: str, runs: Runs, language: str = "", depth: int = 0) -> Element:
        props: tuple[Element, ...] = ()
        if depth and style != "Quote":
            props = (parts.element("ind", left=INDENT * min(depth, DEEPEST + 1)),)
        return parts.paragraph(style, *self._runs(runs, language), props=props)

    def _runs(self, runs: Runs, language: str = "") -> list[Element]:
        return [self._run(one, language) for one in runs if one.text]

    def _run(self, one: Run, language: str) -> Element:
        language = language or self.language
        if not one.address:
            return parts.run(one, language)
        words = parts.run(one, language, "Hyperlink")
        if one.address.startswith("#"):
            return parts.link_within(self._mark(one.address[1:]), words)
        return parts.link_out(self._relation(one.address), words)

    def _relation(self, address: str) -> str:
        # The library looks through all links for each new one; a report has thousands.
        if address not in self.links:
            self.links[address] = f"rIdLink{len(self.links) + 1}"
            kind = RELATIONSHIP_TYPE.HYPERLINK
            self.part.load_rel(kind, address, self.links[address], is_external=True)
        return self.links[address]

    def _mark(self, anchor: str) -> str:
        return self.marks.setdefault(anchor, f"_Toc{len(self.marks) + 1:08d}")

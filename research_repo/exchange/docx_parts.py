"""Pieces of a Word document: runs, links, fields, bookmarks, lists and cells, as their elements."""

from __future__ import annotations

from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from research_repo.exchange import office
from research_repo.exchange.blocks import Run

Element = Any
NUMBERED = 1
"""The sort of numbering that the look has for ordered lists."""


def element(tag: str, /, *children: Element, **values: str | int) -> Element:
    """An element of Word by its short name, with values of the same name space."""
    made = OxmlElement(f"w:{tag}")
    for key, value in values.items():
        made.set(qn(f"w:{key}"), str(value))
    made.extend(children)
    return made


def paragraph(style: str, *children: Element, props: tuple[Element, ...] = ()) -> Element:
    """A paragraph of a style; `props` stand in the order that the format wants."""
    return element("p", element("pPr", element("pStyle", val=style), *props), *children)


def run(one: Run, language: str = "", style: str = "") -> Element:
    """Words as they are set; `language` holds where the run names none."""
    props = []
    style = style or ("CodeText" if one.is_code else "")
    if style:
        props.append(element("rStyle", val=style))
    if one.is_strong:
        props += [element("b"), element("bCs")]
    if one.is_emphasis:
        props += [element("i"), element("iCs")]
    spoken = one.language or language
    if one.is_code:
        props.append(element("noProof"))
    if spoken:
        props.append(element("lang", val=office.tongue(spoken)))
    head = [element("rPr", *props)] if props else []
    return element("r", *head, *_words(one.text))


def field(instruction: str, shown: tuple[Element, ...]) -> tuple[Element, ...]:
    """A field that shows something already, so that Word need not ask before it opens the file."""
    return (*field_start(instruction), *shown, field_end())


def field_start(instruction: str) -> tuple[Element, ...]:
    told = element("instrText")
    told.text = f" {instruction} "
    told.set(qn("xml:space"), "preserve")
    return (
        element("r", element("fldChar", fldCharType="begin")),
        element("r", told),
        element("r", element("fldChar", fldCharType="separate")),
    )


def field_end() -> Element:
    return element("r", element("fldChar", fldCharType="end"))


def bookmarked(name: str, number: int, children: list[Element]) -> list[Element]:
    """The same pieces as a place that links lead to."""
    return [
        element("bookmarkStart", id=number, name=name),
        *children,
        element("bookmarkEnd", id=number),
    ]


def link_within(name: str, *runs: Element) -> Element:
    """A link to a place of the document."""
    return element("hyperlink", *runs, anchor=name, history=1)


def link_out(relation: str, *runs: Element) -> Element:
    """A link to the address that a relation of the document holds."""
    made = element("hyperlink", *runs, history=1)
    made.set(qn("r:id"), relation)
    return made


def numbered(numbering: Element, start: int, depth: int) -> int:
    """A numbering of its own for one ordered list, which begins at `start`; its id."""
    num = numbering.add_num(NUMBERED)
    num.add_lvlOverride(ilvl=depth).add_startOverride(start)
    return int(num.numId)


def list_place(numbering_id: int, depth: int) -> Element:
    """Of which list, and how deep, a paragraph is an item."""
    return element("numPr", element("ilvl", val=depth), element("numId", val=numbering_id))


def contents(title: str, language: str, entries: list[Element], levels: str) -> Element:
    """A table of contents as Word knows it, with what stands in it already."""
    heading = paragraph("TOCHeading", run(Run(title)))
    first, last = entries[0], entries[-1]
    # The field begins in the first entry and ends in the last one.
    for place, piece in enumerate(field_start(f'TOC \\o "{levels}" \\h \\z \\u')):
        first.insert(1 + place, piece)
    last.append(field_end())
    gallery = element("docPartObj", element("docPartGallery", val="Table of Contents"))
    gallery.append(element("docPartUnique"))
    return element("sdt", element("sdtPr", gallery), element("sdtContent", heading, *entries))


def table(widths: list[int], rows: list[Element]) -> Element:
    """A table over the whole width, its columns in twentieths of a point."""
    props = element(
        "tblPr",
        element("tblStyle", val="ReportTable"),
        element("tblW", w=5000, type="pct"),
        element("tblLayout", type="fixed"),
        element("tblLook", val="0020", firstRow=1, noHBand=1, noVBand=1),
    )
    grid = element("tblGrid", *(element("gridCol", w=width) for width in widths))
    return element("tbl", props, grid, *rows)


def row(cells: list[Element], is_head: bool) -> Element:
    """A row that no page divides; the head comes again on each page."""
    props = [element("cantSplit"), *([element("tblHeader")] if is_head else [])]
    return element("tr", element("trPr", *props), *cells)


def cell(width: int, text: Element) -> Element:
    return element("tc", element("tcPr", element("tcW", w=width, type="dxa")), text)


def _words(text: str) -> list[Element]:
    made: list[Element] = []
    for number, line in enumerate(text.split("\n")):
        if number:
            made.append(element("br"))
        for place, piece in enumerate(line.split("\t")):
            if place:
                made.append(element("tab"))
            if piece:
                words = element("t")
                words.text = piece
                words.set(qn("xml:space"), "preserve")
                made.append(words)
    return made

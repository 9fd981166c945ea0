"""A report as slides: an insight on each, native tables and charts, the evidence in the notes."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from itertools import count
from typing import Any

from pptx import Presentation
from pptx.opc.packuri import PackURI
from pptx.util import Pt

from research_repo.exchange import fitting, office, pptx_parts, slide_plan
from research_repo.exchange.blocks import Document, Quote, Run, Runs
from research_repo.exchange.fitting import BOLD, Line, Room
from research_repo.exchange.slide_shape import Slide

LAYOUTS = ("title", "question", "beside", "words", "text", "sheet")
TITLE, BODY, FOOTER, NUMBER, ASIDE, META = 0, 1, 11, 12, 13, 14
"""The places of a layout by their numbers; a quote and the line above a title share one."""
TITLES = {
    "title": Room(828, 187, (44, 40, 36, 32, 28, 24, 20, 18, 16, 14, 12), BOLD),
    "question": Room(828, 230, (38, 34, 30, 26, 22, 20, 18, 16, 14), BOLD),
    "sheet": Room(859, 68, (30, 26, 24, 20, 18, 16, 14, 12, 10, 9, 8, 7), BOLD),
}
OTHER_TITLES = Room(859, 99, (30, 26, 24, 22, 20, 18, 16, 14, 13, 12, 11, 10, 9), BOLD)
ABOUT = Room(828, 136, (18, 16, 14, 12, 10))
FOOTER_MAX = 110
MONO = "Consolas"


def write(document: Document) -> bytes:
    """The document as .pptx: the same bytes for the same report."""
    file = Presentation(office.template("slides"))
    _number_parts(file.part.package)
    _describe(file, document)
    foot = office.shortened(document.title, FOOTER_MAX)
    writer = _Writer(file, document.language, foot)
    for slide in slide_plan.of(document):
        writer.add(slide)
    target = io.BytesIO()
    file.save(target)
    return office.sealed(target.getvalue())


def _describe(file: Any, document: Document) -> None:
    known = file.core_properties
    known.title, known.author = document.title[:255], document.author[:255]
    known.language = office.tongue(document.language)
    known.created = known.modified = office.day_of(document.made_on)
    known.last_modified_by = ""
    known.revision = 1


def _number_parts(package: Any) -> None:
    # The library looks through all parts for the number of each new one; a report has thousands.
    look, numbers = package.next_partname, dict[str, Iterator[int]]()

    def next_name(form: str) -> PackURI:
        if form not in numbers:
            numbers[form] = count(look(form).idx or 1)
        return PackURI(form % next(numbers[form]))

    package.next_partname = next_name


class _Writer:
    def __init__(self, file: Any, language: str, foot: str) -> None:
        self.file = file
        self.language = language
        self.foot = foot
        self.layouts = dict(zip(LAYOUTS, file.slide_layouts, strict=True))

    def add(self, slide: Slide) -> None:
        """One more slide."""
        layout = self.layouts[slide.layout]
        made = self.file.slides.add_slide(layout)
        places = {one.placeholder_format.idx: one for one in made.placeholders}
        self._title(places[TITLE], slide)
        self._body(places.get(BODY), slide)
        self._aside(places.get(ASIDE), slide)
        self._meta(places.get(META), slide.meta)
        for place in made.placeholders:
            # An empty one would ask for text wherever somebody edits the slide.
            if not place.text_frame.text:
                place.element.getparent().remove(place.element)
        self._foot(made, layout)
        pptx_parts.add(made, slide, self.language)
        if slide.notes:
            made.notes_slide.notes_text_frame.text = "\n".join(slide.notes).strip()

    def _title(self, place: Any, slide: Slide) -> None:
        room = TITLES.get(slide.layout, OTHER_TITLES)
        size = fitting.title_size(slide.title, room)
        line = Line((Run(slide.title),), language=slide.language)
        self._fill(place, [line], 0 if size == room.sizes[0] else size)

    def _body(self, place: Any, slide: Slide) -> None:
        if place is None or not slide.lines:
            return
        size = slide.size
        if slide.layout in ("title", "question"):
            size = fitting.size_for(slide.lines, ABOUT) or ABOUT.sizes[-1]
        self._fill(place, slide.lines, size)

    def _aside(self, place: Any, slide: Slide) -> None:
        if place is not None and slide.kind:
            self._fill(place, [Line((Run(slide.kind),))])
        elif place is not None and slide.quote:
            self._quote(place, slide.quote, slide.quote_size)

    def _quote(self, place: Any, quote: Quote, size: int) -> None:
        said = Line((Run(quote.text),), language=quote.language)
        self._fill(place, [said], size)
        if quote.source:
            source = place.text_frame.add_paragraph()
            source.level = 1
            self._runs(source, (Run(f"— {quote.source}"),), "", 0)

    def _meta(self, place: Any, runs: Runs) -> None:
        if place is not None and runs:
            self._fill(place, [Line(runs)])

    def _fill(self, place: Any, lines: Iterable[Line], size: int = 0) -> None:
        frame = place.text_frame
        for number, line in enumerate(lines):
            paragraph = frame.add_paragraph() if number else frame.paragraphs[0]
            paragraph.level = line.level
            if line.number:
                pptx_parts.number_item(paragraph, line.number)
            letters = round(size * 1.3) if line.is_lead else size
            self._runs(paragraph, line.runs, line.language, letters)

    def _runs(self, paragraph: Any, runs: Sequence[Run], language: str, size: int) -> None:
        for one in runs:
            for number, words in enumerate(one.text.split("\n")):
                if number:
                    paragraph.add_line_break()
                if words:
                    self._run(paragraph, one, words, one.language or language, size)

    def _run(self, paragraph: Any, one: Run, words: str, language: str, size: int) -> None:
        run = paragraph.add_run()
        run.text = words
        pptx_parts.speak(run, language or self.language)
        font = run.font
        if size:
            font.size = Pt(size)
        if one.is_strong:
            font.bold = True
        if one.is_emphasis:
            font.italic = True
        if one.is_code:
            font.name = MONO
        if one.address and not one.address.startswith("#"):
            run.hyperlink.address = one.address

    def _foot(self, made: Any, layout: Any) -> None:
        for place in layout.placeholders:
            if place.placeholder_format.idx in (FOOTER, NUMBER):
                copied = deepcopy(place.element)
                made.shapes._spTree.append(copied)
                if place.placeholder_format.idx == FOOTER:
                    shown = next(
                        one for one in made.placeholders if one.placeholder_format.idx == FOOTER
                    )
                    shown.text_frame.text = self.foot

"""Prose as blocks: what a person wrote in Markdown, taken from the safe HTML that core keeps of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from research_repo.core.prose import HEADING
from research_repo.exchange.blocks import (
    Aside,
    Block,
    Code,
    Heading,
    Items,
    Paragraph,
    Rule,
    Run,
    Runs,
    Table,
)

DEEPEST = 6
"""So many lists and quotations stand within one another; deeper ones keep their words, not their step."""
INLINE = frozenset({"a", "strong", "em", "code"})
NESTING = frozenset({"ul", "ol", "blockquote"})
_SPACE = re.compile(r"[ \t\r\n\f]+")

Attributes = Sequence[tuple[str, str | None]]


def of(html: str, under: int = 0) -> tuple[Block, ...]:
    """The blocks of safe HTML, its headings below one of level `under`."""
    levels = sorted({match[2] for match in HEADING.finditer(html)})
    reader = _Reader({int(level): under + place for place, level in enumerate(levels, start=1)})
    reader.feed(html)
    reader.close()
    return reader.blocks()


@dataclass
class _Open:
    """An element that holds blocks and has not ended yet."""

    tag: str
    start: int = 1
    is_flat: bool = False
    blocks: list[Block] = field(default_factory=list)
    items: list[tuple[Block, ...]] = field(default_factory=list)
    rows: list[list[Runs]] = field(default_factory=list)
    has_head: bool = False
    aligns: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self, levels: dict[int, int]) -> None:
        super().__init__(convert_charrefs=True)
        self._levels = levels
        self._open = [_Open("")]
        self._runs: list[Run] = []
        self._marks: list[tuple[str, str]] = []
        self._is_raw = False

    def blocks(self) -> tuple[Block, ...]:
        self._end_paragraph()
        while len(self._open) > 1:
            self._leave()
        return tuple(self._open[0].blocks)

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        if self._is_raw:
            return
        if tag in INLINE:
            self._marks.append((tag, dict(attrs).get("href") or ""))
        elif tag == "br":
            self._runs.append(Run("\n"))
        elif tag == "tr":
            self._open[-1].rows.append([])
        elif tag in ("th", "td"):
            self._begin_cell(tag, dict(attrs))
        else:
            self._end_paragraph()
            self._begin(tag, dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        if self._is_raw and tag != "pre":
            return
        if tag in INLINE:
            if self._marks:
                self._marks.pop()
        elif tag in ("th", "td"):
            self._open[-1].rows[-1].append(self._taken())
        elif tag == "pre":
            text = "".join(run.text for run in self._runs)
            self._runs, self._is_raw = [], False
            self._add(Code(text.rstrip("\n")))
        elif len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            runs = self._taken()
            if runs:
                self._add(Heading(self._levels[int(tag[1])], runs))
        else:
            self._end_paragraph()
            if (tag in NESTING or tag in ("li", "table")) and len(self._open) > 1:
                self._leave()

    def handle_data(self, data: str) -> None:
        if self._is_raw:
            self._runs.append(Run(data))
            return
        tags = {tag for tag, _ in self._marks}
        address = next((href for tag, href in reversed(self._marks) if tag == "a"), "")
        run = Run(_SPACE.sub(" ", data), "strong" in tags, "em" in tags, "code" in tags, address)
        self._runs.append(run)

    def _begin(self, tag: str, attrs: dict[str, str | None]) -> None:
        if tag in NESTING or tag in ("li", "table"):
            depth = sum(one.tag in NESTING for one in self._open)
            start = attrs.get("start") or "1"
            number = int(start) if start.isdigit() and len(start) < 6 else 1
            self._open.append(_Open(tag, number, tag in NESTING and depth >= DEEPEST))
        elif tag == "hr":
            self._add(Rule())
        elif tag == "pre":
            self._is_raw = True

    def _begin_cell(self, tag: str, attrs: dict[str, str | None]) -> None:
        self._runs = []
        table = self._open[-1]
        if len(table.rows) == 1:
            table.has_head |= tag == "th"
            table.aligns.append(attrs.get("align") or "left")

    def _leave(self) -> None:
        left = self._open.pop()
        parent = self._open[-1]
        if left.tag == "li" and parent.tag in ("ul", "ol"):
            parent.items.append(tuple(left.blocks))
        elif left.tag in ("li", "") or left.is_flat:
            parent.blocks += [*left.blocks, *(one for item in left.items for one in item)]
        elif left.tag == "blockquote":
            parent.blocks.append(Aside(tuple(left.blocks)))
        elif left.tag == "table":
            self._add(_table(left))
        elif left.items:
            parent.blocks.append(Items(tuple(left.items), left.tag == "ol", left.start))

    def _end_paragraph(self) -> None:
        if runs := self._taken():
            self._add(Paragraph(runs))

    def _taken(self) -> Runs:
        """The words since the last block, without spaces at the ends of lines."""
        runs, self._runs = self._runs, []
        kept: list[Run] = []
        for run in runs:
            text = run.text
            if not kept or kept[-1].text.endswith(("\n", " ")):
                text = text.removeprefix(" ")
            if text == "\n" and kept:
                kept[-1] = _with_text(kept[-1], kept[-1].text.rstrip(" "))
            if text:
                kept.append(_with_text(run, text))
        while kept and not kept[-1].text.strip(" \n"):
            kept.pop()
        if kept:
            kept[-1] = _with_text(kept[-1], kept[-1].text.rstrip(" \n"))
        return tuple(run for run in kept if run.text)

    def _add(self, block: Block) -> None:
        self._open[-1].blocks.append(block)


def _with_text(run: Run, text: str) -> Run:
    return Run(text, run.is_strong, run.is_emphasis, run.is_code, run.address, run.language)


def _table(left: _Open) -> Table:
    """Each row as wide as the widest one."""
    rows = [row for row in left.rows if row]
    width = max(map(len, rows), default=0)
    padded = [(*row, *([()] * (width - len(row)))) for row in rows]
    head = padded.pop(0) if left.has_head and padded else ()
    aligns = tuple([*left.aligns, *(["left"] * width)][:width])
    return Table(head, tuple(padded), aligns=aligns)

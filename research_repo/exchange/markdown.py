"""A report as Markdown: the text of the page, for a wiki, a repository or a letter."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator

from research_repo.exchange import svg
from research_repo.exchange.blocks import (
    Block,
    Claim,
    Datum,
    Document,
    Figure,
    Heading,
    Items,
    Paragraph,
    Picture,
    Prose,
    Quote,
    Run,
    Runs,
    Table,
)

_SPECIAL = re.compile(r"([\\`*_\[\]>|])")
_LINE_START = re.compile(r"^(\s*)(\d*)([#+-]|(?<=\d)[.)])(?=\s)")
_HEADING = re.compile(r"^(#{1,6})(?=\s)")
_SPANS = re.compile(r"(`+[^`]*`+)")
_TAG = re.compile(r"<(?=[A-Za-z/!?])(?!(?:https?://|mailto:)[^\s<>]*>)")
_INNER_LINE = re.compile(r"(?<=\n)(?=[^\n])")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_PLAIN_ADDRESS = re.compile(r"[^\s()<>]+")
_FENCE = re.compile(r"\s{0,3}(`{3,}|~{3,})")
_ALIGNS = {"left": ":--", "center": ":-:", "right": "--:"}


def write(document: Document) -> str:
    """The document as one Markdown text; its pictures stand at the end of it, as addresses."""
    writer = _Writer(document.language)
    blocks = [*_cover(document), *map(writer.text, document.blocks)]
    kept = "\n".join(f"[{name}]: <{address}>" for name, address in writer.pictures.items())
    return "\n\n".join(block for block in (*blocks, kept) if block) + "\n"


def text(block: Block, language: str) -> str:
    """A block as Markdown that needs nothing beside it."""
    return _Writer(language).text(block)


def inline(words: str) -> str:
    """Text as itself: nothing in it acts as Markdown."""
    return _at_start(_escaped(" ".join(words.split())))


def _cover(document: Document) -> Iterator[str]:
    yield f"# {inline(document.title)}"
    yield f"*{inline(document.kind)}*"
    yield inline(document.subtitle)
    yield from map(inline, document.about)


class _Writer:
    def __init__(self, language: str) -> None:
        self.language = language
        self.pictures: dict[str, str] = {}
        """Their names in the text, each with its content as an address."""

    def text(self, block: Block) -> str:
        """A block as Markdown."""
        return "\n\n".join(part for part in self._parts(block) if part)

    def _parts(self, block: Block) -> Iterator[str]:
        match block:
            case Heading():
                yield f"{'#' * min(block.level + 1, 6)} {_runs(block.runs)}"
            case Paragraph():
                words = _at_start(_runs(block.runs))
                yield f"*{words}*" if block.style == "quiet" and words else words
            case Prose():
                yield _demoted(block.markdown, block.level + 1)
            case Claim():
                yield from map(self.text, (block.heading, block.meta, *block.blocks))
            case Quote():
                yield _quote(block)
            case Datum():
                source = f" ({inline(block.source)})" if block.source else ""
                yield f"**{inline(block.figure)}** {inline(block.text)}".rstrip() + source
            case Items():
                yield self._items(block)
            case Table():
                yield _table(block)
            case Picture():
                yield self._picture(block.media_type, block.content, block.caption)
            case Figure():
                drawing = svg.svg(block.chart, self.language).encode()
                yield self._picture("image/svg+xml", drawing, block.caption)
                yield f"*{inline(block.caption)}*"
                yield _table(block.table)

    def _items(self, block: Items) -> str:
        lines = []
        for number, item in enumerate(block.items, block.start):
            mark = f"{number}. " if block.is_ordered else "- "
            within = "\n\n".join(map(self.text, item))
            lines.append(mark + _INNER_LINE.sub("    ", within))
        return "\n".join(lines)

    def _picture(self, media_type: str, content: bytes, caption: str) -> str:
        name = f"picture-{len(self.pictures) + 1}"
        self.pictures[name] = f"data:{media_type};base64,{b64encode(content).decode()}"
        return f"![{inline(caption)}][{name}]"


def _runs(runs: Runs) -> str:
    return "".join(map(_run, runs))


def _run(run: Run) -> str:
    words = _escaped(run.text.replace("\n", " "))
    if not run.address:
        return words
    address = run.address.replace("<", "%3C").replace(">", "%3E")
    return f"[{words}]({address if _PLAIN_ADDRESS.fullmatch(address) else f'<{address}>'})"


def _quote(block: Quote) -> str:
    lines = list(map(inline, block.text.splitlines()))
    if block.source:
        lines += ["", f"— {inline(block.source)}"]
    return "\n".join(f"> {line}".rstrip() for line in lines)


def _table(block: Table) -> str:
    width = max(map(len, (block.head, *block.rows)), default=0)
    aligns = (*block.aligns, *["left"] * width)[:width]
    rows = [block.head, *block.rows]
    lines = [f"| {' | '.join(map(_runs, row))} |" for row in rows]
    lines.insert(1, f"| {' | '.join(_ALIGNS[align] for align in aligns)} |")
    return "\n".join(lines)


def _escaped(words: str) -> str:
    # Not every reader of Markdown takes a backslash before these two.
    marked = _SPECIAL.sub(r"\\\1", _ENTITY.sub("&amp;", words))
    return re.sub(r"<(?=[A-Za-z/!?])", "&lt;", marked)


def _at_start(words: str) -> str:
    return _LINE_START.sub(r"\1\2\\\3", words)


def _demoted(prose: str, under: int) -> str:
    """Prose that is Markdown already, its headings below the one that it stands under.

    What looks like HTML in it is words, as on the page, and code that never ends ends with it.
    """
    lines = list(_told_apart(prose.strip().splitlines()))
    found = {match[1] for line, is_code in lines if not is_code and (match := _HEADING.match(line))}
    deeper = {marks: "#" * min(under + place, 6) for place, marks in enumerate(sorted(found), 1)}
    return "\n".join(
        line
        if is_code
        else _HEADING.sub(lambda match: deeper[match[1]], _without_html(line), count=1)
        for line, is_code in lines
    )


def _told_apart(lines: list[str]) -> Iterator[tuple[str, bool]]:
    """Each line, and whether it is code."""
    fence = ""
    for line in lines:
        mark = _FENCE.match(line)
        if not fence:
            fence = mark[1] if mark else ""
            yield line, bool(mark)
        else:
            yield line, True
            if mark and mark[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
    if fence:
        yield fence, True


def _without_html(line: str) -> str:
    parts = _SPANS.split(line)
    return "".join(
        part if place % 2 else _TAG.sub("&lt;", part) for place, part in enumerate(parts)
    )

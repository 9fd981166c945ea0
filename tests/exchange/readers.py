"""What a person reads in each kind of file, as plain words."""

from __future__ import annotations

import re
import subprocess
import zipfile
from collections.abc import Iterable, Iterator
from html import unescape
from io import BytesIO

from research_repo.core import prose
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
    Table,
    words,
)

_TEXT = re.compile(r"<w:t(?: [^>]*)?>([^<]*)</w:t>|(</w:p>|<w:br/>|</w:tc>)")


def words_of(document: Document) -> str:
    """All that a document says, in its order."""
    cover = (document.kind, document.title, document.subtitle, *document.about)
    return "\n".join([*cover, *_told(document.blocks)])


def of_markdown(text: str) -> str:
    without = re.sub(r"(?m)^\[picture-\d+\]: .*$", "", text)
    return prose.plain(re.sub(r"!\[(.*?)\]\[picture-\d+\]", r"\1", without))


def of_page(html: str) -> str:
    return prose.words_of(html[html.index("<body>") :])


def of_pdf(content: bytes, *options: str) -> str:
    done = subprocess.run(
        ["pdftotext", *options, "-", "-"], input=content, capture_output=True, check=True
    )
    return done.stdout.decode().replace("\u200b", "")


def of_docx(content: bytes) -> str:
    body = zipfile.ZipFile(BytesIO(content)).read("word/document.xml").decode()
    return unescape("".join(text or "\n" * bool(end) for text, end in _TEXT.findall(body)))


def _told(blocks: Iterable[Block]) -> Iterator[str]:
    for block in blocks:
        match block:
            case Heading() | Paragraph():
                yield words(block.runs)
            case Prose() | Aside():
                yield from _told(block.blocks)
            case Claim():
                yield from _told((block.heading, block.meta, *block.blocks))
            case Items():
                for item in block.items:
                    yield from _told(item)
            case Table():
                for row in (block.head, *block.rows):
                    yield from map(words, row)
            case Quote():
                yield from (block.text, block.source)
            case Datum():
                yield from (block.figure, block.text, block.source)
            case Code():
                yield block.text
            case Picture():
                yield block.caption
            case Figure():
                yield block.caption
                yield from _told((block.table,))

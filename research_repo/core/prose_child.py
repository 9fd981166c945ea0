"""The process that turns Markdown into safe HTML. `prose` starts it by path and may lose it any time.

It reads texts and writes pages, each after its length. A text that takes too long ends the process:
the kernel does it, so that one long regular expression cannot stop it from happening.
"""

from __future__ import annotations

import os
import resource
import signal
import struct
import sys
from typing import BinaryIO

import nh3
from markdown import Markdown
from markdown.extensions.tables import TableExtension
from markdown.inlinepatterns import (
    IMAGE_LINK_RE,
    IMAGE_REFERENCE_RE,
    AutolinkInlineProcessor,
    LinkInlineProcessor,
    ReferenceInlineProcessor,
    ShortReferenceInlineProcessor,
)

LENGTH = struct.Struct(">I")
MEMORY_BYTES = 1 << 30

BLOCKS = {
    "p",
    "br",
    "hr",
    "blockquote",
    "pre",
    "ul",
    "ol",
    "li",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
}
TABLES = {"table", "thead", "tbody", "tr", "th", "td"}
WORDS = {"a", "strong", "em", "code"}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "th": {"align"}, "td": {"align"}}

# Each takes the place that Markdown gives to the image of this name.
IMAGES: tuple[tuple[str, type[LinkInlineProcessor], str, int], ...] = (
    ("image_link", LinkInlineProcessor, IMAGE_LINK_RE, 150),
    ("image_reference", ReferenceInlineProcessor, IMAGE_REFERENCE_RE, 140),
    ("short_image_ref", ShortReferenceInlineProcessor, IMAGE_REFERENCE_RE, 125),
)
BARE_ADDRESS = r"""(?<![\w/])(https?://[^\s<>]*[^\s<>.,:;!?)\]}»”"'*_])"""


class BareAddress(AutolinkInlineProcessor):
    """An address that somebody pasted is a link, unless it already stands in one."""

    ANCESTOR_EXCLUDES = ("a",)


def renderer() -> Markdown:
    """Markdown as people write it in notes: tables, fenced code, and a new line is a new line."""
    markdown = Markdown(
        # Footnotes and tables of contents need ids, which a note must not bring into a page.
        extensions=[TableExtension(use_align_attribute=True), "fenced_code", "sane_lists", "nl2br"],
    )
    # HTML is shown as it was typed: swallowing an unknown tag would lose a researcher's words.
    markdown.preprocessors.deregister("html_block")
    markdown.inlinePatterns.deregister("html")
    # An image from elsewhere tells its owner who reads the note: a link lets the reader choose.
    for name, kind, pattern, priority in IMAGES:
        markdown.inlinePatterns.register(kind(pattern, markdown), name, priority)
    markdown.inlinePatterns.register(BareAddress(BARE_ADDRESS, markdown), "bare_address", 95)
    return markdown


def page(text: str) -> str:
    """The text as HTML that is safe in any page, or nothing when it cannot be rendered."""
    try:
        # A new renderer for each text: one that gave up in the middle would spoil the next.
        html = renderer().convert(text)
    except Exception:
        return ""
    return clean(html)


def clean(html: str) -> str:
    """The HTML without all that does not come from Markdown; clean HTML stays as it is."""
    return nh3.clean(
        html,
        tags=BLOCKS | TABLES | WORDS,
        attributes=ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow ugc",
    )


def serve(texts: BinaryIO, pages: BinaryIO, seconds: float) -> None:
    """Answer each text until the other end closes."""
    while head := texts.read(LENGTH.size):
        text = texts.read(*LENGTH.unpack(head)).decode()
        signal.setitimer(signal.ITIMER_REAL, seconds)
        answer = page(text).encode()
        signal.setitimer(signal.ITIMER_REAL, 0)
        pages.write(LENGTH.pack(len(answer)) + answer)
        pages.flush()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    # Whatever a library prints must not look like an answer.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, answers, float(sys.argv[1]))

"""Markdown to safe HTML and to plain words.

Some short notes keep a Markdown renderer busy for minutes. So a child process renders, and the
kernel ends it after two seconds; such a note is shown as it was typed. Render when saving, before
the transaction opens, and keep the HTML: nothing is rendered when a page is read.
"""

from __future__ import annotations

import atexit
import os
import re
import struct
import subprocess
import sys
import threading
from contextlib import suppress
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from typing import BinaryIO, cast

LIMIT_SECONDS = 2.0
MOST_AT_ONCE = 4

CHILD = Path(__file__).with_name("prose_child.py")
LENGTH = struct.Struct(">I")
# One line of plain words looks the same to Markdown; a file brings a hundred thousand of them.
_SIMPLE = re.compile(r"[^\W\d_](?:[^\W_]|[ ,.;:?'\"«»“”„—–()%/№-])*[^\W_.]?[.?]?")
HEADING = re.compile(r"(</?h)([1-6])(?=>)")


def render(text: str, under: int = 1) -> str:
    """The text as safe HTML, its headings below a heading of level `under`; never fails.

    What cannot be rendered in time comes back as paragraphs of what was typed.
    """
    if not text.strip():
        return ""
    if _SIMPLE.fullmatch(text) and "//" not in text:
        return f"<p>{text}</p>"
    return _demoted(_children.page(text), under) or _as_typed(text)


def plain(text: str) -> str:
    """The words of a Markdown text in one line, for previews and search results."""
    return words_of(render(text))


def words_of(html: str) -> str:
    """The words of rendered prose in one line."""
    reader = _Words()
    reader.feed(html)
    reader.close()
    return " ".join("".join(reader.parts).split())


def _demoted(html: str, under: int) -> str:
    # The shallowest heading comes right below its page's own, and no level is skipped.
    levels = sorted({match[2] for match in HEADING.finditer(html)})
    new = {level: min(under + place, 6) for place, level in enumerate(levels, start=1)}
    return HEADING.sub(lambda match: f"{match[1]}{new[match[2]]}", html)


def _as_typed(text: str) -> str:
    paragraphs = re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\0", "").strip())
    return "\n".join(
        f"<p>{escape(part.strip()).replace(chr(10), '<br>')}</p>" for part in paragraphs
    )


class _Words(HTMLParser):
    """Collects text; tags that begin a new line on a page part words."""

    INLINE = frozenset({"a", "strong", "em", "code"})

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.INLINE:
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self.handle_starttag(tag, [])

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


class _Child:
    """One renderer in a process of its own."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 (our own program, by its full path)
            [sys.executable, "-I", str(CHILD), str(LIMIT_SECONDS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl+C is for the parent, which ends its children quietly
        )
        self._texts = cast(BinaryIO, self._process.stdin)
        self._pages = cast(BinaryIO, self._process.stdout)

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def page(self, text: bytes) -> bytes | None:
        """The rendered text; None when the child died over it."""
        try:
            self._texts.write(LENGTH.pack(len(text)) + text)
            self._texts.flush()
            head = self._pages.read(LENGTH.size)
            if len(head) < LENGTH.size:
                return None
            (size,) = LENGTH.unpack(head)
            page = self._pages.read(size)
        except OSError:
            return None
        return page if len(page) == size else None

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        self._close()

    def leave(self) -> None:
        """Forget a child that belongs to the process we were forked from."""
        self._process.returncode = 0
        self._close()

    def _close(self) -> None:
        for pipe in (self._texts, self._pages):
            with suppress(OSError):  # what was still to be written has no reader any more
                pipe.close()


class _Children:
    """Renderers that wait for texts. One that dies is replaced when the next text comes."""

    _idle: list[_Child]
    _lock: threading.Lock
    _room: threading.BoundedSemaphore

    def __init__(self) -> None:
        self._begin()
        atexit.register(self.end)
        # A fork must not talk over its parent's pipes, nor keep them open after its parent's end.
        os.register_at_fork(after_in_child=self._leave)

    def page(self, text: str) -> str:
        """The rendered text; nothing when it cannot be rendered."""
        with self._room:
            child = self._free()
            page = child.page(text.encode("utf-8", "replace"))
            if page is None:
                child.end()
                return ""
            with self._lock:
                self._idle.append(child)
            return page.decode()

    def end(self) -> None:
        """End the children that wait; a busy one ends when nobody listens any more."""
        with self._lock:
            ending, self._idle = self._idle, []
        for child in ending:
            child.end()

    def _free(self) -> _Child:
        while True:
            with self._lock:
                child = self._idle.pop() if self._idle else None
            if child is None:
                return _Child()
            if child.is_alive:
                return child
            child.end()

    def _begin(self) -> None:
        self._idle = []
        self._lock = threading.Lock()
        self._room = threading.BoundedSemaphore(MOST_AT_ONCE)

    def _leave(self) -> None:
        for child in self._idle:
            child.leave()
        self._begin()


_children = _Children()

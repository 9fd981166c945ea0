"""A report as PDF, and drawings as PNG: set by typst, in a process of its own.

What people wrote goes along as data and is never read as markup. The process has our fonts and no
others, may read one folder of ours and write nothing but its answer; the kernel ends it when it takes
too much memory or time.
"""

from __future__ import annotations

import json
import re
import struct
import subprocess
import sys
import threading
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from research_repo.core.charts import Chart
from research_repo.core.errors import Unavailable
from research_repo.core.language import say
from research_repo.exchange import svg
from research_repo.exchange.blocks import Claim, Document, Figure, Picture
from research_repo.exchange.drawing import FONT

CHILD = Path(__file__).with_name("pdf_child.py")
CPU_SECONDS = 120
WAIT_SECONDS = 240
CONTENTS_FROM = 4
"""Sections that are worth a list of them."""
LONG_FROM = 10
"""Claims from which on the report begins on a page after its cover."""
FOOT_MAX = 70
COLUMN, HIGHEST = 330, 340
"""The room for a picture, in points."""
_LENGTH = struct.Struct(">I")
_LONG_WORD = re.compile(r"\S{24,}")
_MAY_BREAK = "\u200b"
_NO_WORDS = frozenset({"address", "anchor", "language", "is", "key", "kind", "level", "style"})

# Each takes some hundred megabytes and a whole core.
_room = threading.BoundedSemaphore(2)


def write(document: Document) -> bytes:
    """The document as PDF; the same document makes the same bytes.

    Raises:
        Unavailable: it takes more time or memory than there is.
    """
    setter = _Setter(document)
    day = datetime.fromisoformat(document.made_on).replace(tzinfo=UTC)
    parts = _asked(
        {
            "template": "report.typ",
            "format": "pdf",
            "timestamp": int(day.timestamp()),
            "inputs": {"document": json.dumps(setter.plain(), ensure_ascii=False)},
            "pictures": setter.pictures,
            "room": [COLUMN, HIGHEST],
        }
    )
    return parts[0]


def pngs(drawings: Sequence[str], width: int) -> list[bytes]:
    """Drawings in SVG as PNG, each `width` pixels wide.

    Raises:
        Unavailable: it takes more time or memory than there is.
    """
    if not drawings:
        return []
    ours = [_with_our_font(drawing) for drawing in drawings]
    inputs = {"drawings": json.dumps(ours, ensure_ascii=False), "width": str(width)}
    return _asked({"template": "drawings.typ", "format": "png", "inputs": inputs})


class _Setter:
    """The document as plain values: only what is there, so that long reports stay light."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.pictures: list[str] = []

    def plain(self) -> dict[str, Any]:
        document = self.document
        claims = sum(isinstance(block, Claim) for block in document.blocks)
        foot = document.title
        if len(foot) > FOOT_MAX:
            foot = foot[:FOOT_MAX].rstrip() + "…"
        return self._value(document) | {
            "name": document.title,
            "author": [document.author] if document.author else [],
            "foot": f"{_breakable(foot)} · {document.key}",
            "has_contents": sum(1 for _ in document.headings) >= CONTENTS_FROM,
            "is_long": claims >= LONG_FROM,
        }

    def _value(self, value: Any, name: str = "") -> Any:
        if isinstance(value, Picture):
            self.pictures.append(b64encode(value.content).decode())
            place = str(len(self.pictures) - 1)
            return {"is": "Picture", "place": place, "caption": _breakable(value.caption)}
        if isinstance(value, Chart):
            return None
        if is_dataclass(value):
            told = {"is": type(value).__name__}
            if isinstance(value, Figure):
                told["svg"] = _with_our_font(svg.svg(value.chart, self.document.language))
            inner = ((one.name, getattr(value, one.name)) for one in fields(value))
            return told | {key: self._value(one, key) for key, one in inner if one}
        if isinstance(value, tuple):
            return [self._value(one, name) for one in value]
        return _breakable(value) if isinstance(value, str) and name not in _NO_WORDS else value


def _breakable(text: str) -> str:
    """The text with places to break in words that no line holds."""
    return _LONG_WORD.sub(
        lambda found: _MAY_BREAK.join(re.findall(".{1,8}", found[0], re.DOTALL)), text
    )


def _with_our_font(drawing: str) -> str:
    return drawing.replace(FONT, "'Report Sans', 'Report Emoji'")


def _asked(wanted: dict[str, Any]) -> list[bytes]:
    command = [sys.executable, "-I", str(CHILD), str(CPU_SECONDS)]
    with _room:
        try:
            done = subprocess.run(  # noqa: S603 (our own program, by its full path)
                command,
                input=json.dumps(wanted).encode(),
                capture_output=True,
                timeout=WAIT_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise _too_large() from None
        except OSError as fault:
            raise _failed(fault.strerror or str(fault)) from fault
    if done.returncode < 0:
        raise _too_large()
    if done.returncode:
        raise _failed(done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2][:300])
    return _parts(done.stdout)


def _parts(answer: bytes) -> list[bytes]:
    parts, at = [], 0
    while at < len(answer):
        (size,) = _LENGTH.unpack_from(answer, at)
        parts.append(answer[at + _LENGTH.size : at + _LENGTH.size + size])
        at += _LENGTH.size + size
    return parts


def _too_large() -> Unavailable:
    return Unavailable(
        say(
            "Setting the pages took too much time or memory, so it was stopped. Choose another "
            "format, or make a report of fewer claims."
        )
    )


def _failed(reason: str) -> Unavailable:
    return Unavailable(
        say("The pages could not be set: %(reason)s. Choose another format.", reason=reason)
    )

"""Images and documents, opened in a process of their own.

What opens them is a great deal of code, and files from outside are made to break it. So a child opens
each, with little memory and little time, and the kernel ends it when it takes more of either.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

from research_repo.core.errors import Invalid, Unavailable
from research_repo.core.language import Message, say
from research_repo.core.source_texts import FileContent
from research_repo.exchange import zips
from research_repo.exchange.turns import NAME_MAX

CHILD = Path(__file__).with_name("apart_child.py")
CPU_SECONDS = 10
WAIT_SECONDS = 30
UNPACKED_MAX = 256 << 20
TOO_LARGE = 3  # an exit code of the child

# Each takes up to a gigabyte.
_room = threading.BoundedSemaphore(2)


def image(path: Path) -> FileContent:
    """The picture in a file, made anew: without place, camera, comments or anything else inside.

    Raises:
        Invalid: it is no PNG, JPEG, WebP or GIF, or has too many pixels.
        Unavailable: it took too long.
    """
    code, out = _asked("image", path)
    if code == TOO_LARGE:
        raise _invalid(say("The image has over 64 million pixels. Make it smaller."))
    if code:
        raise _invalid(say("This is no whole image. Save it as PNG or JPEG."))
    media_type, _, data = out.partition(b"\n")
    return FileContent(data, media_type.decode())


def document(path: Path) -> list[str]:
    """The lines of a .docx, an empty one after each paragraph; headings begin with #.

    Raises:
        Invalid: it is no whole .docx, or would unpack to something huge.
        Unavailable: it took too long.
    """
    try:
        if "word/document.xml" not in zips.weigh(path, UNPACKED_MAX):
            raise _no_document()
    except zips.TooHeavy:
        raise _too_large() from None
    except zips.NoZip:
        raise _no_document() from None
    code, out = _asked("document", path)
    if code == TOO_LARGE:
        raise _too_large()
    if code:
        raise _no_document()
    lines: list[str] = []
    for block in json.loads(out):
        if "cells" in block:
            text = _row([" ".join(cell.split()) for cell in block["cells"]])
        else:
            text = block["text"].strip()
            text = f"# {' '.join(text.split())}" if text and block["is_heading"] else text
        lines += [*text.split("\n"), ""]
    return lines


def _row(cells: list[str]) -> str:
    """A row of a table as a line; transcripts are often tables of times, names and words."""
    *before, words = cells or [""]
    if 0 < len(before) < 3 and all(0 < len(cell) <= NAME_MAX for cell in before):
        return f"{' '.join(before).rstrip(':')}: {words}"
    return "; ".join(filter(None, cells))


def _asked(kind: str, path: Path) -> tuple[int, bytes]:
    command = [sys.executable, "-I", str(CHILD), kind, str(path), str(CPU_SECONDS)]
    with _room:
        try:
            done = subprocess.run(  # noqa: S603 (our own program, by its full path)
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=WAIT_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise _too_slow() from None
    if done.returncode < 0:
        raise _too_slow()
    return done.returncode, done.stdout


def _no_document() -> Invalid:
    return _invalid(say("The file is no whole .docx. Save it again as .docx, or as .txt."))


def _too_large() -> Invalid:
    return _invalid(
        say("The document unpacks to over 256 MB. Save it without pictures, or as .txt.")
    )


def _too_slow() -> Unavailable:
    return Unavailable(
        say(
            "Opening the file took too long, so it was stopped. Save it anew, or in another format."
        )
    )


def _invalid(message: Message) -> Invalid:
    return Invalid({"file": message})

"""The process that opens images and documents. `apart` starts it for one file and may lose it.

Usage: apart_child.py image|document FILE SECONDS. What it found goes to stdout: an image as bytes after
a line with its type, a document as JSON. It exits with 1 when the file is not what it should be.
"""

from __future__ import annotations

import json
import resource
import sys
import warnings
from collections.abc import Iterator
from typing import Any, BinaryIO

MEMORY_BYTES = 1 << 30
PIXELS_MAX = 64_000_000
FORMATS = {"PNG": "PNG", "JPEG": "JPEG", "WEBP": "WEBP", "GIF": "PNG"}
"""The formats that are opened, each with the one that it becomes."""

REFUSED, TOO_LARGE = 1, 3


def image(path: str, out: BinaryIO) -> int:
    """The picture alone, turned as it was meant to be seen, without anything written into the file."""
    from PIL import Image, ImageOps

    # What goes beyond this would be a warning first, and an error only at twice the size.
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = PIXELS_MAX
    try:
        with Image.open(path, formats=list(FORMATS)) as opened:
            form = FORMATS[opened.format or ""]
            picture = ImageOps.exif_transpose(opened)
            mode = "RGBA" if picture.has_transparency_data else "RGB"
            # A picture made anew: no comment, thumbnail or profile can have come along.
            fresh = Image.new(mode, picture.size)
            fresh.paste(picture.convert(mode))
    except (Image.DecompressionBombWarning, Image.DecompressionBombError, MemoryError):
        return TOO_LARGE
    except Exception:
        return REFUSED
    if form == "JPEG":
        fresh = fresh.convert("RGB")
    out.write(f"image/{form.lower()}\n".encode())
    fresh.save(out, form, **({} if form == "PNG" else {"quality": 90}))
    return 0


def document(path: str, out: BinaryIO) -> int:
    """The paragraphs and the rows of tables, in their order."""
    from docx import Document

    try:
        body = Document(path)
        found = list(_blocks(body))
    except MemoryError:
        return TOO_LARGE
    except Exception:
        return REFUSED
    out.write(json.dumps(found).encode())
    return 0


def _blocks(body: Any) -> Iterator[dict[str, Any]]:
    from docx.text.paragraph import Paragraph

    for block in body.iter_inner_content():
        if isinstance(block, Paragraph):
            style = block.style.name or "" if block.style is not None else ""
            yield {"text": _words(block._p), "is_heading": style.startswith(("Heading", "Title"))}
            continue
        for row in block._tbl.tr_lst:
            yield {"cells": ["\n".join(map(_words, cell.p_lst)) for cell in row.tc_lst]}


def _words(paragraph: Any) -> str:
    """The words that stand in a paragraph, also those that somebody proposes; not those struck out."""
    parts = []
    for node in paragraph.iter():
        name = node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""
        if name == "t":
            parts.append(node.text or "")
        elif name == "tab":
            parts.append(" ")
        elif name in ("br", "cr"):
            parts.append("\n")
    return "".join(parts)


if __name__ == "__main__":
    kind, file, seconds = sys.argv[1:]
    limit = int(seconds)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.exit({"image": image, "document": document}[kind](file, sys.stdout.buffer))

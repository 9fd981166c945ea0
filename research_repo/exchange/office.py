"""What the formats of office programs share: templates kept as readable parts, and equal bytes for equal reports."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime
from functools import cache
from pathlib import Path

LOOKS = Path(__file__).with_name("looks")
CONTENT_TYPES = "[Content_Types].xml"
MADE = (1980, 1, 1, 0, 0, 0)
LANGUAGES = {"en": "en-US", "ru": "ru-RU"}
_TIMES = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</)")
_LONG_AGO = rb"\g<1>1980-01-01T00:00:00Z\g<3>"


def template(name: str) -> io.BytesIO:
    """An empty file with the look of ours: "word" or "slides"."""
    return io.BytesIO(_zipped(name))


def sealed(written: bytes) -> bytes:
    """The same file without a trace of when it was written, also in the tables within charts."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(written)) as parts,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for part in parts.infolist():
            content = parts.read(part)
            if part.filename.endswith(".xlsx"):
                content = sealed(_timeless(content))
            made.writestr(zipfile.ZipInfo(part.filename, MADE), content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def tongue(language: str) -> str:
    """A language as office programs name it, so that they spell-check by it."""
    return LANGUAGES.get(language, language)


def shortened(text: str, most: int) -> str:
    """The beginning of a text, to stand where there is one line."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def day_of(made_on: str) -> datetime:
    """The moment that a file's properties name: nothing in it follows the clock."""
    return datetime.fromisoformat(made_on)


@cache
def _zipped(name: str) -> bytes:
    target = io.BytesIO()
    folder = LOOKS / name
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    # Readers look for the list of types at the front.
    paths.sort(key=lambda path: path.name != CONTENT_TYPES)
    with zipfile.ZipFile(target, "w") as made:
        for path in paths:
            name = path.relative_to(folder).as_posix()
            made.writestr(zipfile.ZipInfo(name, MADE), path.read_bytes())
    return target.getvalue()


def _timeless(table: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(table)) as parts, zipfile.ZipFile(target, "w") as made:
        for part in parts.infolist():
            content = parts.read(part)
            made.writestr(part.filename, _TIMES.sub(_LONG_AGO, content))
    return target.getvalue()

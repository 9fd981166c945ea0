"""In which encoding a file of text was saved."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from charset_normalizer import from_bytes

from research_repo.core.language import Message, say

BLOCK = 1 << 20
SAMPLE = 1 << 16
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
OLD = ("cp1251", "koi8_r", "cp866", "cp1252")
_RUSSIAN = re.compile("[а-яё]{2}")


def of(path: Path) -> tuple[str, tuple[Message, ...]]:
    """The encoding, and what to know when it is neither UTF-8 nor marked."""
    with path.open("rb") as file:
        sample = file.read(SAMPLE)
    for mark, encoding in MARKS:
        if sample.startswith(mark):
            return encoding, ()
    zeros = (sample[0::2].count(0), sample[1::2].count(0))
    if max(zeros) > len(sample) // 8 and min(zeros) < max(zeros) // 4:
        return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le", ()
    bad = _not_utf_8(path)
    if bad is None:
        return "utf-8", ()
    encoding = _old(bad)
    return encoding, (say("The file is no UTF-8; it is read as %(name)s.", name=encoding),)


def line_count(path: Path) -> int:
    """How many line breaks the file has."""
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(BLOCK), b""))


def _not_utf_8(path: Path) -> bytes | None:
    """A piece of the file that is no UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            try:
                decoder.decode(block)
            except UnicodeDecodeError as fault:
                return block[max(0, fault.start - SAMPLE) : fault.start + SAMPLE]
    return None


def _old(sample: bytes) -> str:
    found = from_bytes(sample, cp_isolation=list(OLD)).best()
    if found is not None and found.encoding in OLD:
        text = str(found)
        if found.encoding != "cp1252" and _RUSSIAN.search(text):
            return found.encoding
    # Between Russian and Western, a text of high letters alone is Russian: é stands among a and b.
    high = sum(byte >= 0xC0 for byte in sample)
    plain = sum(65 <= (byte & 0xDF) <= 90 for byte in sample if byte < 128)
    return "cp1251" if high > plain // 4 else "cp1252"

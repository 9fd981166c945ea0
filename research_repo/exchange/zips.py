"""Files that are zips inside (.xlsx, .docx): weighed before anybody unpacks them."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

PARTS_MAX = 1000
BLOCK = 1 << 20


class NoZip(Exception):  # noqa: N818 (told by whoever knows what the file should be)
    """The file is no zip, or a damaged one."""


class TooHeavy(Exception):  # noqa: N818
    """It would unpack to more than is allowed."""


def weigh(path: Path, most: int) -> frozenset[str]:
    """The names of its parts, when they unpack to no more than `most` bytes.

    Raises:
        NoZip, TooHeavy.
    """
    # What a zip declares may be a lie; what comes out of it is counted, too.
    try:
        with zipfile.ZipFile(path) as parts:
            listed = parts.infolist()
            if len(listed) > PARTS_MAX or sum(part.file_size for part in listed) > most:
                raise TooHeavy
            left = most
            for part in listed:
                with parts.open(part) as stream:
                    while block := stream.read(BLOCK):
                        left -= len(block)
                        if left < 0:
                            raise TooHeavy
            return frozenset(part.filename for part in listed)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError):
        raise NoZip from None

"""Files that a command reads and writes."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

import click

from research_repo.core.errors import Invalid, Unavailable
from research_repo.core.language import say

FILE = click.Path(path_type=Path)
FILE_BYTES_MAX = 100 << 20

output = click.option(
    "-o", "file", type=FILE, required=True, metavar="FILE", help="The file to write."
)
force = click.option("--force", is_flag=True, help="Replace a file that exists.")


def content(file: Path) -> bytes:
    """The bytes of a file that is to be read as a whole, of 100 MB at the most."""
    try:
        if file.stat().st_size > FILE_BYTES_MAX:
            raise Invalid(
                {
                    "file": say(
                        "%(file)s is larger than %(size)s MB. Divide it.",
                        file=str(file),
                        size=FILE_BYTES_MAX >> 20,
                    )
                }
            )
        return file.read_bytes()
    except FileNotFoundError:
        raise Invalid({"file": say("There is no file %(file)s.", file=str(file))}) from None
    except OSError as fault:
        reason = fault.strerror or str(fault)
        told = say("%(file)s cannot be read: %(reason)s.", file=str(file), reason=reason)
        raise Invalid({"file": told}) from fault


def put(file: Path, written: bytes, is_forced: bool) -> None:
    """Write a file whole or not at all. One that exists is replaced only by force."""
    put_pieces(file, [written], is_forced)


def put_pieces(file: Path, pieces: Iterable[bytes], is_forced: bool) -> None:
    """The same piece by piece, so that a long file never stands in memory as a whole."""
    if file.exists() and not is_forced:
        raise Invalid(
            {
                "file": say(
                    "%(file)s exists already. Name a new file, or add --force to replace it.",
                    file=str(file),
                )
            }
        )
    fresh = None
    try:
        handle, fresh = tempfile.mkstemp(prefix=".export-", dir=file.parent)
        with os.fdopen(handle, "wb") as beside:
            beside.writelines(pieces)
            beside.flush()
            os.fsync(beside.fileno())
        os.chmod(fresh, 0o666 & ~_umask())
        os.replace(fresh, file)
    except BaseException as fault:
        if fresh:
            Path(fresh).unlink(missing_ok=True)
        if not isinstance(fault, OSError):
            raise
        if fault.errno == errno.ENOSPC:
            full = say("The disk is full. Nothing was written: free some space, then retry.")
            raise Unavailable(full) from fault
        raise Unavailable(
            say(
                "%(place)s cannot be written: %(reason)s. Name a place that you can write.",
                place=str(file),
                reason=fault.strerror or str(fault),
            )
        ) from fault


def _umask() -> int:
    # It can only be read by setting it.
    mask = os.umask(0)
    os.umask(mask)
    return mask

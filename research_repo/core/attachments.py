"""Files that people attached: each is kept once, in the instance, under the SHA-256 of its bytes.

The file comes first and its row after it, so that a row never names a file that is not there. What
is killed in between leaves a file without a row, which the doctor finds.
"""

from __future__ import annotations

import errno
import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from sqlmodel import Session, select

from research_repo.core.archive import ATTACHMENTS, sync
from research_repo.core.db import DISK_FULL
from research_repo.core.errors import NotFound, Unavailable
from research_repo.core.language import say
from research_repo.core.models import Attachment

UNFINISHED = ".new-"
"""How the name of a file begins that is still being written, or was broken off."""


@dataclass(frozen=True)
class Kept:
    """A file that lies on the disk and wants a row."""

    hash: str
    media_type: str
    size: int


def keep(instance: Path, data: bytes, media_type: str) -> Kept:
    """Write a file into the folder of the instance and see it onto the disk.

    Do it before the transaction that adds the row. The same bytes lie there once, however often
    they come.

    Raises:
        Unavailable: the disk is full, or the folder cannot be written; nothing of the file stays.
    """
    digest = hashlib.sha256(data).hexdigest()
    target = path(instance, digest)
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(target, data)
    except OSError as fault:
        if fault.errno in (errno.ENOSPC, errno.EDQUOT):
            raise Unavailable(DISK_FULL) from fault
        raise Unavailable(
            say(
                "The folder of attached files cannot be written: %(reason)s. Check who owns it.",
                reason=fault.strerror or str(fault),
            )
        ) from fault
    return Kept(digest, media_type, len(data))


def add(session: Session, kept: Kept) -> Attachment:
    """The row of a file that lies on the disk; the one that stands, where it was kept before."""
    row = session.exec(select(Attachment).where(Attachment.hash == kept.hash)).first()
    if row is None:
        row = Attachment(hash=kept.hash, media_type=kept.media_type, size=kept.size)
        session.add(row)
        session.flush()
    return row


def of_hash(session: Session, digest: str) -> Attachment:
    """The row of a file by the hash of its bytes, or NotFound."""
    row = session.exec(select(Attachment).where(Attachment.hash == digest)).first()
    if row is None:
        raise NotFound
    return row


def path(instance: Path, digest: str) -> Path:
    """Where the file with this hash lies."""
    return instance / ATTACHMENTS / digest[:2] / digest


def _write(target: Path, data: bytes) -> None:
    with NamedTemporaryFile(dir=target.parent, prefix=UNFINISHED, delete=False) as fresh:
        try:
            fresh.write(data)
            fresh.flush()
            os.fsync(fresh.fileno())
            os.replace(fresh.name, target)
        except BaseException:
            with suppress(OSError):
                os.unlink(fresh.name)
            raise
    for folder in (target.parent, target.parent.parent, target.parent.parent.parent):
        sync(folder)

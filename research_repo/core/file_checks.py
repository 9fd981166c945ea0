"""Whether every attached file lies there whole, and nothing lies there that nobody needs.

What is younger than a day is left alone: it may be on its way into the repository.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from research_repo.core import attachments, history, people
from research_repo.core.archive import ATTACHMENTS
from research_repo.core.clock import now
from research_repo.core.db import Database
from research_repo.core.language import say
from research_repo.core.models import Attachment, Evidence, Source
from research_repo.core.troubles import Examined, Trouble

SETTLED = timedelta(days=1)
CHUNK_BYTES = 1 << 20

MISSING = say("The file is missing. Take it out of a backup, or send it again.")
DAMAGED = say("The file is damaged. Take it out of a backup, or send it again.")
UNUSED = say("Nothing uses the file.")
LEFT_OVER = say("The file belongs to nothing.")
BROKEN_OFF = say("The file was broken off while it was written.")


def files(database: Database, *, fix: bool = False) -> Examined:
    """Each file of the repository lies in its folder, and is what its hash says; no other lies there.

    With `fix` what nothing uses, what belongs to nothing and what was broken off goes. Missing and
    damaged files are for people to bring back.
    """
    with database.reading() as session:
        rows = list(session.exec(select(Attachment).order_by(col(Attachment.id))))
        unused = set(session.exec(_unused()).all())
    found = [
        Trouble(row.hash, fault)
        for row in rows
        if row.id not in unused and (fault := _fault(database.folder, row))
    ]
    for row_id in sorted(unused):
        is_mended = fix and _forget(database, row_id)
        digest = next(row.hash for row in rows if row.id == row_id)
        found.append(Trouble(digest, UNUSED, is_mended))
    known = {attachments.path(database.folder, row.hash) for row in rows}
    for path in _settled(database.folder):
        if path not in known:
            is_broken = path.name.startswith(attachments.UNFINISHED)
            what = BROKEN_OFF if is_broken else LEFT_OVER
            name = path.relative_to(database.folder).as_posix()
            found.append(Trouble(name, what, fix and _gone(path)))
    return Examined("files", len(rows), tuple(found))


def _unused(row_id: int | None = None) -> Any:
    """The rows, or the one row, that no source and no piece of evidence names."""
    named: Any = (
        select(table.attachment_id).where(col(table.attachment_id).is_not(None))
        for table in (Source, Evidence)
    )
    asked = select(Attachment.id).where(Attachment.created_at < now() - SETTLED)
    for ids in named:
        asked = asked.where(col(Attachment.id).not_in(ids))
    return asked if row_id is None else asked.where(Attachment.id == row_id)


def _fault(instance: Path, row: Attachment) -> Any:
    path = attachments.path(instance, row.hash)
    try:
        with path.open("rb") as file:
            digest = hashlib.sha256()
            while chunk := file.read(CHUNK_BYTES):
                digest.update(chunk)
    except FileNotFoundError:
        return MISSING
    except OSError:
        return DAMAGED
    return None if digest.hexdigest() == row.hash else DAMAGED


def _forget(database: Database, row_id: int) -> bool:
    """Let go of a file that nobody has begun to use meanwhile."""
    with database.saving() as session:
        if session.exec(_unused(row_id)).first() is None:
            return False
        row = session.get_one(Attachment, row_id)
        path = attachments.path(database.folder, row.hash)
        history.record(session, people.system(session), "removed", "attachment", row.id)
        session.delete(row)
    return _gone(path)


def _settled(instance: Path) -> Iterator[Path]:
    for path in sorted((instance / ATTACHMENTS).rglob("*")):
        with suppress(FileNotFoundError):
            if path.is_file() and _is_settled(path):
                yield path


def _is_settled(path: Path) -> bool:
    return time.time() - path.stat().st_mtime > SETTLED.total_seconds()


def _gone(path: Path) -> bool:
    """Take a file away, unless the same bytes have just come again."""
    aside = path.with_name(f"{attachments.UNFINISHED}gone-{path.name[-64:]}")
    try:
        # Put aside first: whoever keeps these bytes from now on writes them anew.
        os.rename(path, aside)
        if not _is_settled(aside):
            os.rename(aside, path)
            return False
        aside.unlink()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True

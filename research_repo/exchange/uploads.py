"""Files that were sent and wait for their import, each under a name that nobody guesses."""

from __future__ import annotations

import errno
import json
import re
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from research_repo.core.db import DISK_FULL
from research_repo.core.errors import NotFound, Unavailable
from research_repo.core.language import say

DAY_SECONDS = 24 * 60 * 60
GONE = say("The file is not here any more. Send it again.")
_TOKEN = re.compile(r"[\w-]{20,40}")


@dataclass(frozen=True)
class Upload:
    """A file that waits. Beside it, for its sender: `refused` are the rows that stayed out, `told` is
    what it would do."""

    token: str
    name: str
    path: Path
    refused: Path
    told: Path


def keep(folder: Path, person_id: int, name: str, save: Callable[[Path], None]) -> Upload:
    """Take a file in; `save` writes it to a path. What has lain here for over a day goes.

    Raises:
        Unavailable: the disk is full; nothing of the file stays.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    sweep(folder)
    made = _upload(folder, secrets.token_urlsafe(24), name)
    kept = json.dumps({"person": person_id, "name": name})
    try:
        save(made.path)
        (folder / f"{made.token}.json").write_text(kept, encoding="utf-8")
    except OSError as fault:
        forget(made)
        if fault.errno != errno.ENOSPC:
            raise
        raise Unavailable(DISK_FULL) from fault
    return made


def get(folder: Path, person_id: int, token: str) -> Upload:
    """The file that this person sent and that is not in yet, or NotFound."""
    found = sent(folder, person_id, token)
    if not found.path.exists():
        raise NotFound(GONE)
    return found


def sent(folder: Path, person_id: int, token: str) -> Upload:
    """The same for a file that may have come in since."""
    gone = NotFound(GONE)
    if not _TOKEN.fullmatch(token):
        raise gone
    try:
        kept = json.loads((folder / f"{token}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise gone from None
    if kept["person"] != person_id:
        raise gone
    return _upload(folder, token, kept["name"])


def forget(upload: Upload) -> None:
    """The file is in; what was refused of it stays for a day."""
    upload.path.unlink(missing_ok=True)
    upload.told.unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Remove what is older than a day."""
    for path in folder.iterdir():
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > DAY_SECONDS:
                path.unlink()


def _upload(folder: Path, token: str, name: str) -> Upload:
    ending = Path(name).suffix.lower()[:8]
    return Upload(
        token,
        name,
        path=folder / f"{token}.file{ending}",
        refused=folder / f"{token}.refused.csv",
        told=folder / f"{token}.told.json",
    )

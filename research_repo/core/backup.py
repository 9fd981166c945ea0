"""Backups: everything a team owns in one file, verified before it is believed.

In it are the database and the attachments. Left out are the index, which is a cache, and the secret
key: whoever finds a backup cannot forge a session, and after a restore everybody signs in again.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic.script import ScriptDirectory

from research_repo.core import archive
from research_repo.core.archive import ATTACHMENTS, DATABASE, Manifest, Progress, unwatched
from research_repo.core.attachments import UNFINISHED
from research_repo.core.clock import now
from research_repo.core.db import Database
from research_repo.core.errors import Invalid, Unavailable
from research_repo.core.instance import alembic_config
from research_repo.core.language import say
from research_repo.settings import Settings

COUNTED = ("person", "study", "atom", "evidence", "tag", "history")
# A checkout brings it, and it is nothing that a team owns.
NOT_OWNED = {"README.md"}


def backup(database: Database, file: Path, progress: Progress = unwatched) -> Manifest:
    """Write the repository as it is at this moment into one new file; people work on meanwhile.

    Refuses a file that exists, a damaged database and a full disk, and leaves nothing behind.
    """
    if not database.is_sqlite:
        raise Unavailable(
            say(
                "This repository is kept in PostgreSQL. Back it up with pg_dump, and copy the "
                "folder %(folder)s.",
                folder=str(database.folder),
            )
        )
    if file.exists():
        raise Invalid({"file": say("%(file)s exists already. Name a new file.", file=str(file))})
    with explained(file), TemporaryDirectory(prefix=".backup-", dir=file.parent) as beside:
        copy, packed = Path(beside, DATABASE), Path(beside, "backup.zip")
        _copy_database(database, copy)
        schema, counts = _inspected(copy)
        sources = {DATABASE: copy} | attachments(database.folder)
        manifest = Manifest(
            format=archive.FORMAT,
            version=version("research-repo"),
            schema=schema,
            made_at=now().isoformat(timespec="seconds"),
            counts=counts,
            files=archive.pack(packed, sources, progress),
        )
        archive.seal(packed, manifest)
        os.rename(packed, file)
        archive.sync(file.parent)
    return manifest


def restore(settings: Settings, file: Path, progress: Progress = unwatched) -> Manifest:
    """Make the instance what it was when the backup was written.

    Refuses an instance that holds anything, and a file that is no whole backup of this version or
    an older one; then the instance stays as it was. The database comes into its place last.
    """
    folder = settings.instance
    if settings.database_url:
        raise Unavailable(
            say(
                "A backup is restored into the instance folder: leave RESEARCH_REPO_DATABASE_URL "
                "out. A database of your own comes back with its own tools, such as pg_restore."
            )
        )
    with explained(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if {entry.name for entry in folder.iterdir()} - NOT_OWNED:
            raise Invalid(
                {
                    "file": say(
                        "The instance folder %(folder)s is not empty. Move what is in it away, or "
                        "set RESEARCH_REPO_INSTANCE to a new folder.",
                        folder=str(folder),
                    )
                }
            )
        with TemporaryDirectory(prefix=".restore-", dir=folder) as beside:
            manifest = archive.unpack(file, Path(beside), progress)
            _check(Path(beside, DATABASE), manifest, file)
            _move(Path(beside), folder)
    return manifest


def _copy_database(database: Database, copy: Path) -> None:
    source = database.engine.raw_connection()
    try:
        with closing(sqlite3.connect(copy)) as target:
            # In one step: a copy in many begins anew whenever somebody saves in between.
            source.driver_connection.backup(target)  # type: ignore[union-attr]
            target.execute("PRAGMA journal_mode=DELETE")  # one file, complete in itself
    finally:
        source.close()


def _inspected(copy: Path) -> tuple[str, dict[str, int]]:
    # Nobody writes to the copy, so it is read without any file beside it.
    address = f"{copy.absolute().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        connection.execute("PRAGMA trusted_schema=OFF")
        problem = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if problem != "ok":
            raise sqlite3.DatabaseError(problem)
        if connection.execute("PRAGMA foreign_key_check").fetchone():
            raise sqlite3.DatabaseError("a row refers to another that is not there")
        (schema,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return schema, {
            name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # noqa: S608
            for name in COUNTED
        }


def attachments(folder: Path) -> dict[str, Path]:
    """The files that people attached, by the names that they have in an archive."""
    files = sorted((folder / ATTACHMENTS).rglob("*"))
    return {
        path.relative_to(folder).as_posix(): path
        for path in files
        if path.is_file() and not path.is_symlink() and not path.name.startswith(UNFINISHED)
    }


def _check(copy: Path, manifest: Manifest, file: Path) -> None:
    revisions = ScriptDirectory.from_config(alembic_config()).walk_revisions()
    if manifest.schema not in {script.revision for script in revisions}:
        raise archive.newer(file)
    schema, counts = _inspected(copy)
    if schema != manifest.schema or counts != manifest.counts:
        raise archive.damaged(file)


def _move(beside: Path, folder: Path) -> None:
    if (beside / ATTACHMENTS).exists():
        os.rename(beside / ATTACHMENTS, folder / ATTACHMENTS)
    os.rename(beside / DATABASE, folder / DATABASE)
    archive.sync(folder)


@contextmanager
def explained(place: Path) -> Iterator[None]:
    """A full disk, a place that cannot be written and a damaged database become sentences."""
    try:
        yield
    except OSError as fault:
        if fault.errno == errno.ENOSPC:
            raise _full() from fault
        raise Unavailable(
            say(
                "%(place)s cannot be written: %(reason)s. Name a place that you can write.",
                place=str(place),
                reason=fault.strerror or str(fault),
            )
        ) from fault
    except sqlite3.Error as fault:
        if "full" in str(fault):
            raise _full() from fault
        raise Unavailable(
            say(
                "The database is damaged: %(reason)s. Nothing was written: take the newest backup "
                "that can be restored.",
                reason=str(fault),
            )
        ) from fault


def _full() -> Unavailable:
    return Unavailable(say("The disk is full. Nothing was written: free some space, then retry."))

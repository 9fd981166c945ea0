"""A check-up of the whole repository: its database, quotes, passages and files.

It looks and tells; with `fix` it also puts right what loses nothing. Whether the index agrees with
the database is asked of the search room, which knows both.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from sqlalchemy import func
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, select

from research_repo.core.db import Database
from research_repo.core.file_checks import files
from research_repo.core.language import Message, say
from research_repo.core.models import Atom
from research_repo.core.quote_checks import passages, quotes
from research_repo.core.troubles import Examined, Trouble

TROUBLES_MAX = 100
BROKEN = say("The database is damaged. Restore the newest backup that can be restored.")
DANGLING = say("The row refers to one that is not there. Restore a backup.")

WAL_MENDED = (3, 51, 3)
WAL_MENDED_BEFORE = ((3, 44, 6), (3, 50, 7))
"""The versions of SQLite from which on, and within whose series, two writers do no harm."""


def examine(database: Database, *, fix: bool = False) -> Iterator[Examined]:
    """One part after the other, as they are looked through; nothing more of a damaged database."""
    found = tables(database)
    yield found
    if found.left:
        return
    yield quotes(database, fix=fix)
    yield passages(database)
    yield files(database, fix=fix)


def tables(database: Database) -> Examined:
    """What SQLite itself says of the file: every page sound, every reference there."""
    if not database.is_sqlite:
        note = say("The database is kept in PostgreSQL, whose own tools look after it.")
        return Examined("database", 0, notes=(note,))
    try:
        with database.reading() as session:
            return _sound(session)
    except DatabaseError as fault:
        return Examined("database", 0, (Trouble(str(fault.orig), BROKEN),))


def _sound(session: Session) -> Examined:
    ask = session.connection().exec_driver_sql
    told = [str(one) for (one,) in ask(f"PRAGMA integrity_check({TROUBLES_MAX})")]
    lost = ask("PRAGMA foreign_key_check").fetchmany(TROUBLES_MAX)
    names = ask("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
    found = [Trouble(one, BROKEN) for one in told if one != "ok"]
    found += [Trouble(f"{table} {row}", DANGLING) for table, row, *_ in lost]
    return Examined(
        "database", len(names), tuple(found), tuple(about_sqlite(sqlite3.sqlite_version))
    )


def atoms(database: Database) -> int:
    """How many atoms there are for the index to know."""
    with database.reading() as session:
        return session.exec(select(func.count()).select_from(Atom)).one()


def about_sqlite(version: str) -> Iterator[Message]:
    """What to know of a version of SQLite."""
    numbers = tuple(int(part) for part in version.split("."))
    is_mended = numbers >= WAL_MENDED or any(
        numbers[:2] == one[:2] and numbers >= one for one in WAL_MENDED_BEFORE
    )
    if not is_mended:
        yield say(
            "SQLite %(version)s can damage a file that two programs write at once. research-repo "
            "lets one write at a time; let no other program write to the file.",
            version=version,
        )

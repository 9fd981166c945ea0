"""The database: sessions to read, sessions to save, and one gate through which all writing goes."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, create_engine, event, insert, inspect
from sqlalchemy.exc import DataError, OperationalError
from sqlmodel import Session as Session  # handed out: rooms above core know no other SQL
from sqlmodel import SQLModel

from research_repo.core.errors import Invalid, Unavailable
from research_repo.core.language import say
from research_repo.core.remembered import Remembered, lend, lent

GATE_WAIT_SECONDS = 30
ADVISORY_GATE = 7_201_959  # any number that no other program takes on the same PostgreSQL database

DISK_FULL = say("The disk is full. Nothing was saved: free some space, then try again.")
BUSY = say("Another program is writing to the repository. Try again in a minute.")
UNREADABLE = say("Some characters here cannot be kept. Paste the text again without formatting.")

PRAGMAS = (
    "synchronous=FULL",  # NORMAL may lose the last commits when the power goes
    "foreign_keys=ON",
    "busy_timeout=5000",
    "trusted_schema=OFF",
    "secure_delete=ON",  # what was redacted is gone from the file, too
    "mmap_size=0",
    "cache_size=-500",  # kB of each connection: the system keeps the file in memory already
)

# Quotes hold letters of every language: keep them readable in the file.
to_json = partial(json.dumps, ensure_ascii=False)


class _Here(threading.local):
    """What each thread has of its own."""

    session: Session | None = None


class Database:
    """One database. `reading` gives a snapshot; `saving` commits once, at its end.

    On SQLite all writers of all processes pass one gate: it makes `BEGIN IMMEDIATE` wait in line
    instead of failing, and keeps checkpoints apart (SQLite before 3.51.3 can damage a WAL
    otherwise). On PostgreSQL an advisory lock is the gate, over all machines: what a verb has
    checked (a label is free, no circle, the version is the one that was read) holds at the commit.
    """

    def __init__(self, url: str, folder: Path) -> None:
        self.url = url
        self.folder = folder
        self.is_sqlite = url.startswith("sqlite")
        self.engine = create_engine(url, json_serializer=to_json, pool_use_lifo=True)
        self._writing: Engine = self.engine.execution_options(research_repo_writes=True)
        self._reading: Engine = self.engine
        self._remembered = Remembered()
        self._here = _Here()
        self._turn = threading.RLock()
        self._listeners: list[Callable[[], None]] = []
        if self.is_sqlite:
            event.listen(self.engine, "connect", self._set_up)
            event.listen(self.engine, "begin", _begin)
        else:
            self._reading = self.engine.execution_options(isolation_level="REPEATABLE READ")

    def after_saving(self, listener: Callable[[], None]) -> None:
        """Call `listener` after every commit of this process, outside the gate."""
        self._listeners.append(listener)

    @contextmanager
    def reading(self, *, is_shared: bool = False) -> Iterator[Session]:
        """A session over one snapshot; nothing it changes is kept.

        The snapshot is a new one, or else, where it may be shared, that of `one_snapshot`.
        """
        shared = self._here.session if is_shared else None
        if shared is None or lent(shared) is None:
            with Session(self._reading, expire_on_commit=False) as session:
                lend(session, self._remembered)
                yield session
            return
        try:
            yield shared
        except BaseException:
            self.look_anew()  # what failed may have spoilt the transaction
            raise
        if lent(shared) is None:
            self.look_anew()

    @contextmanager
    def one_snapshot(self) -> Iterator[None]:
        """Whatever this thread reads in the block, and may share, it reads in one transaction.

        To begin and to end one costs as much as a question. After saving it is a new one, so that
        nobody misses what they have saved themselves.
        """
        with self.reading() as session:
            self._here.session = session
            try:
                yield
            finally:
                self._here.session = None

    def look_anew(self) -> None:
        """Let what this thread reads from now on be as new as can be, also within `one_snapshot`."""
        shared = self._here.session
        if shared is not None:
            shared.close()
            lend(shared, self._remembered)

    @contextmanager
    def saving(self) -> Iterator[Session]:
        """A session that commits at the end, or leaves no trace when anything is raised."""
        self.look_anew()
        try:
            with self.gate(), Session(self._writing, expire_on_commit=False) as session:
                self.take_turn(session.connection())
                yield session
                session.commit()
        except OperationalError as fault:
            refusal = _explained(fault)
            if refusal is None:
                raise
            raise refusal from fault
        except (DataError, UnicodeEncodeError) as fault:
            raise Invalid({"": UNREADABLE}) from fault
        self.look_anew()
        for listener in self._listeners:
            listener()

    @contextmanager
    def gate(self) -> Iterator[None]:
        """Hold the only right to write, over all threads and processes of this machine."""
        if not self.is_sqlite:
            yield
            return
        with self._turn:
            try:
                self._gate.acquire()
            except Timeout:
                raise Unavailable(BUSY) from None
            except OSError as fault:
                raise Unavailable(
                    say(
                        "The instance folder cannot be written: %(reason)s. Check its owner and space.",
                        reason=fault.strerror or str(fault),
                    )
                ) from fault
            try:
                yield
            finally:
                self._gate.release()

    def take_turn(self, connection: Connection) -> None:
        """Wait until this transaction is the only one that writes. On SQLite the gate has seen to it."""
        if not self.is_sqlite:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{GATE_WAIT_SECONDS}s'")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({ADVISORY_GATE})")

    def close(self) -> None:
        """Let go of all connections and of the gate; whoever asks again opens them anew.

        What was opened before a fork is of no use after it.
        """
        self.engine.dispose()
        self.__dict__.pop("_gate", None)

    @cached_property
    def _gate(self) -> FileLock:
        return FileLock(self.folder / "write.lock", timeout=GATE_WAIT_SECONDS, thread_local=False)

    def _set_up(self, connection: Any, _record: Any) -> None:
        # The driver must not begin transactions of its own: _begin decides which kind it is.
        connection.isolation_level = None
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            # Of two that change the mode at once SQLite refuses one, however long it may wait.
            with self.gate():
                connection.execute("PRAGMA journal_mode=WAL")


def add_rows(session: Session, noun: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write many new rows of one noun, every column named in each of them."""
    if rows:
        # Through the mapper each row that lacks a value would be a statement of its own.
        session.connection().execute(insert(inspect(noun).local_table), rows)


def _begin(connection: Connection) -> None:
    # A deferred transaction that reads and then writes fails at once when another one wrote between.
    writes = connection.get_execution_options().get("research_repo_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _explained(fault: OperationalError) -> Unavailable | None:
    reason = str(fault.orig)
    if "readonly" in reason:
        return Unavailable(
            say("The database cannot be written. Check who owns the instance folder.")
        )
    if "disk is full" in reason or "No space left" in reason:
        return Unavailable(DISK_FULL)
    if "locked" in reason or "lock timeout" in reason:
        return Unavailable(BUSY)
    return None

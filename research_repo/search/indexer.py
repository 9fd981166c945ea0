"""Keeps the index equal to the database: drains the queue, heals, and runs the one indexer thread."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cached_property, partial

from filelock import FileLock, Timeout

from research_repo.core import indexing
from research_repo.core.db import Database
from research_repo.core.indexing import Document
from research_repo.search import building, merging
from research_repo.search.aside import aside
from research_repo.search.building import Progress
from research_repo.search.files import Damaged
from research_repo.search.live import Live
from research_repo.search.view import View

POLL_SECONDS = 1.0
LOCK_POLL_SECONDS = 0.05
REST_SECONDS = 3.0
PATIENCE_SECONDS = 60.0
# A commit costs by its different words: ten times 500 notes would take three times as long.
ATOMS_AT_ONCE = 5_000

log = logging.getLogger(__name__)


class Indexer:
    """Whoever holds the index lock writes; everybody else leaves the queue to them."""

    def __init__(self, database: Database, live: Live) -> None:
        self.database = database
        self.live = live
        self.progress: float | None = None
        """How much of a rebuild is done, 0 to 1; None when none runs in this process."""
        self.published = threading.Condition()
        self._woken = threading.Event()
        self._is_stopping = False
        self._thread: threading.Thread | None = None
        self._warming: threading.Thread | None = None
        self._warmed: View | None = None
        live.folder.mkdir(parents=True, exist_ok=True)
        database.after_saving(self._woken.set)

    @cached_property
    def _lock(self) -> FileLock:
        # It counts per thread, so that threads of one process exclude each other, too. Made when it
        # is needed: a fork cannot use that of another process.
        return FileLock(self.live.folder / "lock")

    def catch_up(self) -> int:
        """Bring everything saved so far into the index; return how many atoms this call wrote."""
        with self.database.reading() as session:
            newest = indexing.newest_waiting(session)
        while (written := self._if_free(self._heal_and_drain, LOCK_POLL_SECONDS)) is None:
            with self.database.reading() as session:
                if not indexing.is_waiting(session, newest) and self.live.view() is not None:
                    return 0
        return written

    def rebuild(self, progress: Progress | None = None) -> None:
        """Build the index anew beside the old one, which serves meanwhile, then swap."""
        with self._lock:
            self._rebuild(progress)
            self._drain()

    def start(self) -> None:
        """Start the thread that keeps up with the database."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="indexer", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the thread after the commit that it is writing."""
        if self._thread is not None:
            self._is_stopping = True
            self._woken.set()
            self._thread.join()
            self._thread, self._is_stopping = None, False

    def wake(self) -> None:
        """There is something to do."""
        self._woken.set()

    def _run(self) -> None:
        last_work, is_tidy, pause = time.monotonic(), False, POLL_SECONDS
        while not self._is_stopping:
            try:
                if self._if_free(self._heal_and_drain):
                    last_work, is_tidy = time.monotonic(), False
                elif not is_tidy and time.monotonic() - last_work > REST_SECONDS:
                    self._if_free(self._tidy)
                    is_tidy = True
                self._warm_up()
                pause = POLL_SECONDS
            except Damaged as fault:
                self.live.report(fault)
            except Exception:
                # A full disk or a busy database passes; search goes on with what there is.
                log.exception("The search index could not be updated; trying again")
                pause = min(2 * pause, PATIENCE_SECONDS)
            self._woken.wait(pause)
            self._woken.clear()

    def _if_free(self, work: Callable[[], int], seconds: float = 0.0) -> int | None:
        """Do the work under the index lock; None when somebody else holds it."""
        try:
            self._lock.acquire(timeout=seconds)
        except Timeout:
            return None
        try:
            return work()
        finally:
            self._lock.release()

    def _heal_and_drain(self) -> int:
        if self.live.view() is not None:
            try:
                return self._drain()
            except (Damaged, FileNotFoundError) as fault:
                self.live.report(fault)
        return self._rebuild() + self._drain()

    def _drain(self) -> int:
        written = 0
        while not self._is_stopping:
            # What people changed goes first, however much a file brings: they look for it at once.
            some = self._write_changes()
            if some is None:
                some = self._write_import()
            if some is None:
                break
            with self.published:
                self.published.notify_all()
            written += some
        return written

    def _write_changes(self) -> int | None:
        with self.database.reading() as session:
            rows = indexing.waiting(session, ATOMS_AT_ONCE)
        if not rows:
            return None
        atom_ids = list(dict.fromkeys(row.atom_id for row in rows))
        self._replace(atom_ids, self._documents(atom_ids))
        # The rows go last: a crash before this replays them, and the outcome is the same.
        self._forget([row.id for row in rows])
        return len(atom_ids)

    def _write_import(self) -> int | None:
        with self.database.reading() as session:
            some = indexing.incoming(session, ATOMS_AT_ONCE)
        if some is None:
            return None
        if some.atom_ids:
            self._replace(some.atom_ids, self._documents(some.atom_ids))
        with self.database.saving() as session:
            indexing.came_in(session, some)
        return len(some.atom_ids)

    def _forget(self, queue_ids: list[int]) -> None:
        for start in range(0, len(queue_ids), indexing.ROWS_AT_ONCE):
            with self.database.saving() as session:
                indexing.done(session, queue_ids[start : start + indexing.ROWS_AT_ONCE])

    def _documents(self, atom_ids: Sequence[int]) -> Iterator[Document]:
        for start in range(0, len(atom_ids), indexing.ROWS_AT_ONCE):
            with self.database.reading() as session:
                yield from indexing.documents(
                    session, atom_ids[start : start + indexing.ROWS_AT_ONCE]
                )

    def _replace(self, atom_ids: Collection[int], documents: Iterable[Document]) -> None:
        view, generation = self.live.view(), self.live.generation()
        if view is None or generation is None:
            raise Damaged("the index vanished while it was written to")
        building.write(generation, view.places_of(atom_ids), documents, merging.small_ones)
        self.live.view()

    def _warm_up(self) -> None:
        # Reading all written words takes a second at first: neither a search nor an edit waits.
        view = self.live.view()
        is_busy = self._warming is not None and self._warming.is_alive()
        if view is not None and view is not self._warmed and not is_busy:
            self._warmed = view
            self._warming = aside(partial(self.live.spelled.of, view), "written words")

    def _tidy(self) -> int:
        generation = self.live.generation()
        if generation is not None:
            building.tidy(generation)
        return 0

    def _rebuild(self, progress: Progress | None = None) -> int:
        def tell(done: int, total: int) -> None:
            self.progress = done / total
            if progress is not None:
                progress(done, total)

        self.progress = 0.0
        try:
            with self.database.reading() as session:
                waiting = indexing.all_waiting(session)
            folder, repository = self.live.folder, self.live.repository
            written = building.build(self.database, folder, repository, tell)
            # What waited before the build was read by it: writing it again would take as long.
            self._forget(waiting)
            return written
        finally:
            self.progress = None

"""The worker: one thread that takes up jobs, one after the other, while the server runs.

Once an hour it also looks for what people must be told in time, and each minute for what followed
searches find.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from research_repo.core import (
    drift_notices,
    import_runs,
    jobs,
    reminders,
    saved_searches,
    tokens,
)
from research_repo.core.db import Database
from research_repo.core.errors import Refusal
from research_repo.core.language import Message, say

log = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0
TELL_SECONDS = 0.5
LOOK_AHEAD_SECONDS = 3600.0
WATCH_SECONDS = 60.0

Progress = Callable[[int, int], None]
Work = Callable[[Any, Progress], Any]


class Worker:
    """Does the jobs of the kinds that it was given: kind -> work(arguments, progress)."""

    def __init__(
        self, database: Database, kinds: dict[str, Work], watch: Callable[[], None] = lambda: None
    ) -> None:
        self.database = database
        self.kinds = kinds
        self._watch = watch
        self._watched_at = -WATCH_SECONDS
        self._stop = threading.Event()
        self._looked_at: float | None = None
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)

    def start(self) -> None:
        """Begin in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Take up no further job, and wait a little for the one at work."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def work_once(self) -> bool:
        """Do the oldest waiting job; say whether there was one."""
        # Looking needs no gate: an idle worker must not stand in the way of people who save.
        with self.database.reading() as session:
            if not jobs.is_waiting(session):
                return False
        with self.database.saving() as session:
            job = jobs.claim(session)
            if job is None:
                return False
            job_id, kind, arguments = job.id, job.kind, job.arguments
        try:
            result = self.kinds[kind](arguments, self._progress_of(job_id))
        except Refusal as refusal:
            self._fail(job_id, getattr(refusal, "message", say("It was refused.")))
        except Exception:
            log.exception("Job %s (%s) failed", job_id, kind)
            self._fail(job_id, say("Something broke on our side; the log says what."))
        else:
            with self.database.saving() as session:
                jobs.finish(session, job_id, result)
        return True

    def look_ahead(self) -> None:
        """Tell people of tokens that will end soon, of claims to look at again, and of what became
        of their published reports; clear away what a killed import left, and searches that were
        deleted long ago.

        Once an hour, however often it is asked, and first when the server starts.
        """
        moment = time.monotonic()
        if self._looked_at is not None and moment - self._looked_at < LOOK_AHEAD_SECONDS:
            return
        self._looked_at = moment
        import_runs.clear_left(self.database)
        with self.database.reading() as session:
            found, old = tokens.ending(session), saved_searches.outdated(session)
            waiting = reminders.due(session)
            drifted = drift_notices.due(session)
        if drifted:
            with self.database.saving() as session:
                drift_notices.tell(session, drifted)
        if waiting:
            with self.database.saving() as session:
                reminders.tell(session, waiting)
        if found:
            with self.database.saving() as session:
                tokens.warn(session, found)
        if old:
            with self.database.saving() as session:
                saved_searches.forget(session, old)

    def look_around(self) -> None:
        """Tell people what the searches that they follow find; once a minute, however often asked."""
        if time.monotonic() - self._watched_at >= WATCH_SECONDS:
            self._watched_at = time.monotonic()
            self._watch()

    def _progress_of(self, job_id: int) -> Progress:
        told_at = 0.0

        def progress(done: int, total: int) -> None:
            nonlocal told_at
            # Each call renews the lease by a write: not for every row.
            if time.monotonic() - told_at < TELL_SECONDS:
                return
            told_at = time.monotonic()
            with self.database.saving() as session:
                jobs.progress(session, job_id, done, total)

        return progress

    def _fail(self, job_id: int, reason: Message) -> None:
        with self.database.saving() as session:
            jobs.fail(session, job_id, reason)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.look_ahead()
                self.look_around()
                worked = self.work_once()
            except Exception:
                # A locked or full disk passes; the thread must outlive it.
                log.exception("The worker could not take up a job")
                worked = False
            if not worked:
                self._stop.wait(PAUSE_SECONDS)

"""Searches that found too little: noted when the answer is on its way, so that no search waits for it."""

from __future__ import annotations

import logging
import threading
import time
from queue import Empty, Full, Queue

from research_repo.core import misses
from research_repo.core.db import Database
from research_repo.core.errors import Refusal
from research_repo.search import Found, Search, Wanted
from research_repo.search.asking import parse

log = logging.getLogger(__name__)

WAITING_MAX = 500
"""While nobody writes them down more are dropped: words that matter are searched again."""
GATHER_SECONDS = 2.0


class MissKeeper:
    """Takes searches that found too little, and writes them down together in a thread of its own."""

    def __init__(self, database: Database, search: Search) -> None:
        self._database, self._search = database, search
        self._waiting: Queue[tuple[str, int]] = Queue(WAITING_MAX)
        self._thread = threading.Thread(target=self._run, name="misses", daemon=True)

    def start(self) -> None:
        """Begin to write down what waits."""
        self._thread.start()

    def take(self, wanted: Wanted, found: Found) -> None:
        """Note the search if it may be a word that no tag has; never waits, never fails."""
        if is_miss(wanted, found):
            try:
                self._waiting.put_nowait((wanted.text, found.total))
            except Full:
                return

    def write(self) -> None:
        """Write down all that waits, but for what tells of something closed; never fails."""
        self._write_safely(self._taken())

    def _write_safely(self, searched: list[tuple[str, int]]) -> None:
        try:
            self._write(searched)
        except Exception as fault:
            is_new = not isinstance(fault, Refusal)
            log.warning(
                "Searches that found too little could not be noted: %s", fault, exc_info=is_new
            )

    def _write(self, searched: list[tuple[str, int]]) -> None:
        counts: dict[str, int] = {}
        for text, total in searched:
            counts[text] = min(total, counts.get(text, total))
        texts = [text for text in counts if misses.kept_text(text)]
        told = self._search.open_texts(texts, as_meant=True) if texts else []
        if told:
            with self._database.saving() as session:
                misses.note(session, {text: counts[text] for text in told})

    def _taken(self) -> list[tuple[str, int]]:
        taken: list[tuple[str, int]] = []
        while True:
            try:
                taken.append(self._waiting.get_nowait())
            except Empty:
                return taken

    def _run(self) -> None:
        while True:
            first = self._waiting.get()
            # What was written down just now is in the index by then, and judged with the rest.
            time.sleep(GATHER_SECONDS)
            self._write_safely([first, *self._taken()])


def is_miss(wanted: Wanted, found: Found) -> bool:
    """Whether plain words, on a first page and without filters, found nothing or little."""
    query = parse(wanted.text)
    is_plain = not (query.prefixes or query.without or query.phrases or wanted.not_meant)
    return (
        is_plain
        and found.total < misses.FEW
        and found.rebuilding is None
        and not found.corrections  # what was put right is a word that is known
        and not wanted.literal
        and not wanted.is_filtered
        and wanted.page == 1
        and bool(misses.kept_text(wanted.text))
    )

"""The view that searches of this process use: opened once per commit, whoever made the commit."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC

from research_repo.search import generations
from research_repo.search.files import Damaged
from research_repo.search.spelling import Spelled
from research_repo.search.view import INDEX_NAME, View, open_view

log = logging.getLogger(__name__)


class Live:
    """Holds the newest view of a folder for one database."""

    def __init__(self, folder: Path, repository: str) -> None:
        self.folder = folder
        self.repository = repository
        self.spelled = Spelled()
        self._turn = threading.Lock()
        self._stamp: tuple[Path, int] | None = None
        self._view: View | None = None

    def generation(self) -> Path | None:
        """The folder of the index in use, or None while there is none that can be served."""
        return generations.current(self.folder, self.repository)

    def view(self) -> View | None:
        """The newest commit, or None while there is no index that can be served."""
        while generation := self.generation():
            with self._turn:
                try:
                    return self._opened(generation)
                except (Damaged, OSError) as fault:
                    # One that was just replaced is gone, and says nothing of the one in its place.
                    if self.generation() == generation:
                        self.report(fault)
                        return None
        return None

    def _opened(self, generation: Path) -> View:
        stamp = (generation, _newest_commit(generation))
        if stamp != self._stamp or self._view is None:
            same = self._stamp is not None and self._stamp[0] == generation
            before = self._view if same else None
            self._view, self._stamp = open_view(generation, before), stamp
        return self._view

    def report(self, fault: Exception) -> None:
        """A reading failed: a damaged generation is never served again, a busy machine may recover."""
        if isinstance(fault, OSError) and not isinstance(fault, FileNotFoundError):
            log.warning("The search index cannot be read now: %s", fault)
            return
        generation = self.generation()
        if generation is not None:
            log.warning(
                "The search index is damaged and will be rebuilt: %s", fault.__cause__ or fault
            )
            generations.condemn(generation)
        self._view = self._stamp = None


def _newest_commit(generation: Path) -> int:
    return TOC._latest_generation(FileStorage(str(generation)), INDEX_NAME)

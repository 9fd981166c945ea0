"""How many rows go into one transaction: as many as this machine writes in a tenth of a second, now."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlmodel import Session

from research_repo.core.db import Database

SECONDS = 0.08
FEWEST, MOST = 20, 500


class Pace:
    """Rows for the next transaction, by how long the last one kept everybody else from writing."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self._fewest = min(rows, FEWEST)

    @contextmanager
    def saving(self, database: Database) -> Iterator[Session]:
        """A session that saves `rows` rows."""
        with database.saving() as session:
            begun = time.monotonic()
            yield session
        self.note(time.monotonic() - begun)

    def note(self, seconds: float) -> None:
        """The last `rows` rows took so long."""
        # Half as many at once when it was slow; only a little more when it was fast.
        wanted = int(self.rows * SECONDS / max(seconds, 0.001))
        wanted = min(wanted, self.rows * 3 // 2)
        self.rows = max(self._fewest, self.rows // 2, min(wanted, MOST))

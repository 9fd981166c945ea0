"""What pages ask for again and again, kept until the vocabulary changes.

Only a session that reads remembers: what a session has written itself, others may never see.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import event
from sqlmodel import Session

KEPT_MAX = 10_000  # values; a tag's card takes about a kilobyte
_NAME = "remembered"

Key = tuple[int, str]
"""A row and the language that it is read in."""
Kept = dict[Key, Any]


class Remembered:
    """Values of one edition of the vocabulary; those that nobody asked for the longest go first."""

    def __init__(self, limit: int = KEPT_MAX) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._edition = 0
        self._values: OrderedDict[Key, Any] = OrderedDict()

    def of(self, edition: int, keys: Collection[Key]) -> Kept:
        """What is known of these for the edition."""
        with self._lock:
            if edition != self._edition:
                return {}
            found = {key: self._values[key] for key in keys if key in self._values}
            for key in found:
                self._values.move_to_end(key)
            return found

    def keep(self, edition: int, values: Mapping[Key, Any]) -> None:
        """Keep what was read of an edition; a newer one replaces all, an older one is late."""
        with self._lock:
            if edition < self._edition:
                return
            if edition > self._edition:
                self._edition = edition
                self._values.clear()
            self._values.update(values)
            while len(self._values) > self._limit:
                self._values.popitem(last=False)


def lend(session: Session, remembered: Remembered) -> None:
    """Let a session use what others have read, until it writes."""
    session.info[_NAME] = remembered


def lent(session: Session) -> Remembered | None:
    """What the session may use and add to; None for one that writes."""
    remembered: Remembered | None = session.info.get(_NAME)
    return remembered


def set_aside(session: Session) -> None:
    """From now on the session knows more than others: it neither uses nor adds anything."""
    session.info.pop(_NAME, None)


@event.listens_for(Session, "after_flush")
def _written(session: Session, _context: Any) -> None:
    set_aside(session)

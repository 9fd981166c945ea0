"""Work that makes later answers fast and that nobody waits for."""

from __future__ import annotations

import ctypes
import logging
import threading
from collections.abc import Callable
from contextlib import suppress

log = logging.getLogger(__name__)


def aside(work: Callable[[], object], name: str) -> threading.Thread:
    """Do the work in a thread of its own. A failure is logged: what was to be ready is made when asked."""

    def run() -> None:
        try:
            work()
        except Exception:
            log.warning("%s could not be made ready in advance", name, exc_info=True)

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread


def give_back() -> None:
    """Return to the system what large work took on the way; else the process keeps it."""
    with suppress(OSError, AttributeError):  # another C library, which keeps no pools
        ctypes.CDLL("libc.so.6").malloc_trim(0)

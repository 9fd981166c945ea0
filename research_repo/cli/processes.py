"""Processes that answer for one server: forked when all is read, so that they share its memory."""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import signal
import sys
import threading
from contextlib import suppress

from research_repo.search.aside import give_back

log = logging.getLogger(__name__)

MOST = 2
# malloc.h of glibc: how many pools of memory the threads of a process may have, and from which size
# on a piece stands outside of them, to be given back as soon as it is free.
M_ARENA_MAX, POOLS = -8, 2
M_MMAP_THRESHOLD, LARGE_BYTES = -3, 1 << 18


def default() -> int:
    """How many processes make use of this machine; one where forking is not safe."""
    return min(MOST, os.cpu_count() or 1) if sys.platform == "linux" else 1


def share_memory() -> None:
    """Let all threads draw from few pools, and keep large pieces out of them; before any begins.

    Else each keeps what its largest search once took: with 100,000 atoms a third of all memory.
    """
    with suppress(OSError, AttributeError):  # another C library, which keeps no pools
        ctypes.CDLL("libc.so.6").mallopt(M_ARENA_MAX, POOLS)
        ctypes.CDLL("libc.so.6").mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)


def settle() -> None:
    """What was read by now stays: give back what the reading took, and look through it no more.

    A full collection walks over every object, a fifth of a second with 100,000 atoms, and writes
    to each: after a fork that would copy all of them.
    """
    gc.collect()
    gc.freeze()
    give_back()


class Family:
    """The processes of one server: the first one, which was started, and those beside it.

    Whoever asks the first one to stop stops all. When it is killed the others end at once, and
    when one of the others is, the first one goes on.
    """

    def __init__(self, count: int) -> None:
        self.is_first = True
        self._beside: list[int] = []
        self._is_ending = False
        ends, self._held = os.pipe()
        for _ in range(count - 1):
            process_id = os.fork()
            if process_id == 0:
                self._become_another(ends)
                return
            self._beside.append(process_id)
        os.close(ends)
        for process_id in self._beside:
            threading.Thread(target=self._watch, args=[process_id], daemon=True).start()

    def stop(self) -> None:
        """Ask the others to finish what they are doing."""
        self._is_ending = True
        for process_id in self._beside:
            with suppress(ProcessLookupError):
                os.kill(process_id, signal.SIGTERM)

    def wait(self) -> None:
        """Return when the others have ended."""
        for process_id in self._beside:
            with suppress(ChildProcessError):
                os.waitpid(process_id, 0)

    def _become_another(self, ends: int) -> None:
        self.is_first, self._beside = False, []
        os.close(self._held)
        threading.Thread(target=_end_with, args=[ends], daemon=True).start()

    def _watch(self, process_id: int) -> None:
        try:
            ended = os.waitid(os.P_PID, process_id, os.WEXITED | os.WNOWAIT)
        except ChildProcessError:
            return
        # Who stops a server often asks all its processes at once: then they end as they should.
        was_asked = ended is not None and (ended.si_code, ended.si_status) == (os.CLD_EXITED, 0)
        if not (was_asked or self._is_ending):
            log.warning(
                "Process %s ended. The others go on; start the server anew soon.", process_id
            )


def _end_with(pipe: int) -> None:
    os.read(pipe, 1)  # nothing ever comes: it returns when the first process is gone
    os._exit(1)

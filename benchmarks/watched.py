"""The `research-repo` command with its transactions timed: `python -m benchmarks.watched FILE import …`.

What was measured goes to FILE as JSON; everything else is the command itself.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.gauges import memory_megabytes, part
from research_repo.cli import run
from research_repo.core.db import Database, Session
from research_repo.search import Search

Saving = Callable[[Database], AbstractContextManager[Session]]


def watched(arguments: list[str]) -> tuple[int, dict[str, Any]]:
    """Run the command; its exit code, and what it cost."""
    times: list[float] = []
    seconds = {"index": 0.0}
    saving: Saving = Database.saving
    catch_up: Callable[[Search], int] = Search.catch_up

    @contextmanager
    def timed(database: Database) -> Iterator[Session]:
        with saving(database) as session:
            # Others wait from here until the commit is done.
            begun = time.perf_counter()
            yield session
        times.append(1000 * (time.perf_counter() - begun))

    def timed_catch_up(search: Search) -> int:
        begun = time.perf_counter()
        written = catch_up(search)
        seconds["index"] += time.perf_counter() - begun
        return written

    with patch.object(Database, "saving", timed), patch.object(Search, "catch_up", timed_catch_up):
        code = run(arguments)
    used = resource.getrusage(resource.RUSAGE_SELF)
    return code, {
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "index_seconds": seconds["index"],
        "peak_megabytes": memory_megabytes("VmHWM"),
        "transactions": {
            "count": len(times),
            "p50": part(times, 50),
            "p95": part(times, 95),
            "max": max(times),
            "over_250": sum(took > 250 for took in times),
        },
    }


if __name__ == "__main__":
    code, figures = watched(sys.argv[2:])
    Path(sys.argv[1]).write_text(json.dumps(figures), "utf-8")
    sys.exit(code)

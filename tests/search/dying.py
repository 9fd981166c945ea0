"""A process that works on an index and is killed at one step of it: `python -m tests.search.dying`.

A step is a change of a file or folder of the index, or the moment before or after rows leave the
queue. Each step is tried on a copy of an instance, in a child that dies there; another child then
catches up as the next process would, and the differences that it finds are printed.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

warnings.simplefilter("ignore")

from research_repo.core import indexing  # noqa: E402
from research_repo.core.db import Database  # noqa: E402
from research_repo.core.models import Person  # noqa: E402
from research_repo.search import Search, Wanted, building  # noqa: E402

CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.truncate"}
WORKS: dict[str, Callable[[Search], object]] = {
    "catching up": Search.catch_up,
    "a rebuild": Search.rebuild,
    "merging at rest": lambda search: search.indexer._tidy(),
}


def opened(folder: Path) -> Search:
    database = Database(f"sqlite:///{folder / 'repository.sqlite3'}", folder)
    return Search(database, folder / "index")


def dies_at(folder: Path, work: str, step: int) -> None:
    """Do the work, and be killed at a step; exit 0 when it has fewer."""
    left, index = [step], str(folder / "index")

    def count() -> None:
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(event: str, given: tuple[Any, ...]) -> None:
        is_write = event == "open" and isinstance(given[1], str) and set(given[1]) & set("wa+x")
        if (event in CHANGES or is_write) and str(given[0]).startswith(index):
            count()

    def around(name: str) -> None:
        verb = getattr(indexing, name)

        def watched(*given: Any, **named: Any) -> Any:
            count()
            outcome = verb(*given, **named)
            count()
            return outcome

        setattr(indexing, name, watched)

    search = opened(folder)
    around("done")
    around("came_in")
    sys.addaudithook(watch)
    WORKS[work](search)


def left_wrong(folder: Path, query: str, total: int) -> None:
    """Exit 0 if the next process answers right, at once and after catching up."""
    search = opened(folder)
    with search.database.reading() as session:
        admin = session.get_one(Person, 1)
    assert search.find(Wanted(query), admin).total <= total
    search.catch_up()
    found = search.find(Wanted(query), admin)
    assert (found.total, found.rebuilding) == (total, None), found.total
    assert search.check() == []
    leftover = [path.name for path in (folder / "index").glob("g*")]
    assert len(leftover) <= 2, leftover


def in_child(work: Callable[..., None], *given: Any) -> int:
    child = os.fork()
    if child == 0:
        try:
            work(*given)
        except BaseException as fault:
            print(f"{type(fault).__name__}: {fault}", file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main(instance: Path, work: str, query: str, total: int, stride: int) -> None:
    building.ATOMS_PER_COMMIT, building.ROWS_AT_ONCE = 8, 4
    for step in range(0, 1_000, stride):
        with tempfile.TemporaryDirectory() as parent:
            folder = Path(shutil.copytree(instance, Path(parent) / "instance"))
            code = in_child(dies_at, folder, work, step)
            if code not in (0, -signal.SIGKILL):
                sys.exit(f"step {step}: the work itself failed")
            if in_child(left_wrong, folder, query, total):
                sys.exit(f"step {step}: wrong afterwards")
        if code == 0:
            print(step)
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))

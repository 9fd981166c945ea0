"""One engine in a process of its own, so that its memory is its own: built, or opened and asked.

`python -m benchmarks.peers.child build NAME FOLDER SOURCE` and `… ask NAME FOLDER SOURCE`; the
figures go to standard output as JSON. SOURCE holds the files of the corpus and the questions.
"""

from __future__ import annotations

import gc
import json
import pickle
import sys
import time
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any
from zlib import crc32

from benchmarks.gauges import memory_megabytes, part, summed
from benchmarks.peers import engine
from benchmarks.peers.engine import Answer, Asked, Engine

QUESTIONS, WARMING = "questions.pickle", "warming.pickle"
SECONDS_A_KIND, WARMING_SECONDS_A_KIND = 20.0, 3.0
LEAST = 5
EDITS = 30
EDITED = 7


def built(one: Engine) -> dict[str, Any]:
    """Build it; what that took."""
    wall, cpu = time.perf_counter(), time.process_time()
    one.build()
    return {
        "seconds": time.perf_counter() - wall,
        "cpu_seconds": time.process_time() - cpu,
        "peak_megabytes": memory_megabytes("VmHWM"),
    }


def asked(one: Engine, source: Path) -> dict[str, Any]:
    """Open it and ask everything; a kind that takes too long is asked less often."""
    wall = time.perf_counter()
    one.open()
    opened = time.perf_counter() - wall
    for _ in _asked(one, source / WARMING, WARMING_SECONDS_A_KIND, named=False):
        pass
    gc.collect()
    kinds = dict(_asked(one, source / QUESTIONS, SECONDS_A_KIND, named=True))
    held = _memory(one)
    size = one.megabytes_on_disk()
    edits = _edits(one)
    one.close()
    return {
        "open_seconds": opened,
        "kinds": kinds,
        "edit_findable": edits,
        "memory_megabytes": held,
        "megabytes_on_disk": size,
        "has_same_words": one.has_same_words,
    }


def _asked(
    one: Engine, path: Path, seconds: float, *, named: bool
) -> Iterator[tuple[str, dict[str, Any]]]:
    listed: list[Asked] = pickle.loads(path.read_bytes())
    for kind, some in groupby(listed, key=lambda asked: asked.kind):
        walls, works, told = [], [], []
        ends = time.monotonic() + seconds
        for question in some:
            if time.monotonic() > ends and len(walls) >= LEAST:
                continue
            wall, work = time.perf_counter(), time.process_time()
            answer = one.ask(question)
            walls.append(1000 * (time.perf_counter() - wall))
            works.append(1000 * (time.process_time() - work))
            if answer is None:
                break
            if named:
                told.append(_told(one.named(question, answer)))
        if answer is None:
            continue
        yield (
            kind,
            {
                **summed(walls),
                "cpu": part(works, 50),
                "asked": len(walls),
                "told": told,
            },
        )


def _told(answer: Answer) -> tuple[int, int]:
    """The total, and a number that is the same only where all counts are."""
    counts = sorted((tag, count) for tag, count in answer.counts.items() if count)
    return answer.total, crc32(repr(counts).encode()) if counts else 0


def _edits(one: Engine) -> dict[str, dict[str, float]]:
    """Milliseconds until a search finds a new word: since the save began, and since it was done."""
    one.edit(EDITED, "zzbegin")
    since: dict[str, list[float]] = {"begun": [], "saved": []}
    for turn in range(EDITS):
        word = "zz" + "".join("bdfghjklmn"[int(digit)] for digit in f"{turn:03}")
        begun = time.perf_counter()
        one.edit(EDITED, word)
        saved = time.perf_counter()
        while not one.finds(word):
            time.sleep(0.001)
        found = time.perf_counter()
        since["begun"].append(1000 * (found - begun))
        since["saved"].append(1000 * (found - saved))
    return {name: summed(some) for name, some in since.items()}


def _memory(one: Engine) -> float:
    return memory_megabytes() + sum(_own_share(number) for number in one.process_ids())


def _own_share(process_id: int) -> float:
    # Processes of a server share most of what they hold: each counts its part of it.
    text = Path(f"/proc/{process_id}/smaps_rollup").read_text(encoding="ascii")
    (share,) = (line.split()[1] for line in text.splitlines() if line.startswith("Pss:"))
    return int(share) / 1024


if __name__ == "__main__":
    step, name, folder, source = sys.argv[1:]
    one = engine(name)(Path(folder), Path(source))
    figures = built(one) if step == "build" else asked(one, Path(source))
    print(json.dumps(figures))

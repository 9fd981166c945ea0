"""What is read off: times as two numbers, and the memory that a process holds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path


def part(times: Sequence[float], percent: int) -> float:
    """The time below which so many of a hundred lie."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def summed(times: Sequence[float]) -> dict[str, float]:
    """Half of them took no longer than p50, nineteen of twenty no longer than p95."""
    return {"p50": part(times, 50), "p95": part(times, 95)}


def milliseconds(asks: Iterable[Callable[[], object]]) -> list[float]:
    """How long each took."""
    times = []
    for ask in asks:
        start = time.perf_counter()
        ask()
        times.append(1000 * (time.perf_counter() - start))
    return times


def memory_megabytes(which: str = "VmRSS", process_id: int | str = "self") -> float:
    """What a process holds now; with `VmHWM`, the most that it held."""
    status = Path(f"/proc/{process_id}/status").read_text(encoding="ascii")
    (held,) = (line.split()[1] for line in status.splitlines() if line.startswith(which))
    return int(held) / 1024


def family(process_id: int) -> list[int]:
    """A process and those that it forked."""
    listed = Path(f"/proc/{process_id}/task/{process_id}/children").read_text(encoding="ascii")
    return [process_id, *map(int, listed.split())]


def family_megabytes(process_id: int) -> float:
    """What a process and its forks hold now; of what some share, each has its part."""
    held = 0
    for one in family(process_id):
        about = Path(f"/proc/{one}/smaps_rollup").read_text(encoding="ascii")
        held += sum(int(line.split()[1]) for line in about.splitlines() if line.startswith("Pss:"))
    return held / 1024


def megabytes(folder: Path) -> float:
    """What the files of a folder take."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6

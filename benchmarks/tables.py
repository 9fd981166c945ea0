"""Figures as rows of tables: name and value, for the terminal and for the documentation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.pages import Cost
from benchmarks.peers import OURS
from benchmarks.serving import told

Rows = Iterator[tuple[str, str]]
AHEAD, LEVEL = 1.05, 0.95


def ours(figures: dict[str, Any]) -> Rows:
    """What this product takes at one size."""
    mine = figures["engines"][OURS]
    if loading := figures["loading"]:
        yield from _loading(figures["atoms"], loading)
    yield from _rebuild(mine, figures["rebuild"])
    for kind, times in mine["kinds"].items():
        yield kind, f"{_times(times)}, {times['cpu']:.1f} ms of a core"
    for kind, times in figures["typing"].items():
        yield kind, _times(times)
    for since, name in (("saved", "saved → findable"), ("begun", "save begun → findable")):
        yield f"one edit, {name}", _times(mine["edit_findable"][since])
    yield "memory after the searches", f"{mine['memory_megabytes']:.0f} MB"
    if http := figures.get("http"):
        yield from told(http)
    for name, cost in figures.get("pages", {}).items():
        yield name, str(Cost(**cost))
    yield "index", f"{mine['megabytes_on_disk']:.0f} MB"
    yield "database", f"{figures['database_megabytes']:.0f} MB"


def beside(figures: dict[str, Any]) -> Iterator[list[str]]:
    """A table of this product and its peers at one size, with the ratios; its head first."""
    asked = {name: one for name, one in figures["engines"].items() if "kinds" in one}
    peers = [name for name in asked if name != OURS]
    yield [f"{figures['atoms']:,} / {figures['tags']:,}", "this product", *peers]
    mine = asked[OURS]
    for kind, times in mine["kinds"].items():
        others = [asked[name]["kinds"].get(kind) for name in peers]
        yield [kind, _times(times), *(_compared(times, other) for other in others)]
    edit = mine["edit_findable"]["begun"]
    others = [asked[name]["edit_findable"]["begun"] for name in peers]
    yield ["one edit → findable", _times(edit), *(_compared(edit, other) for other in others)]
    for name, key, unit in (
        ("words into the index", "atoms_per_cpu_second", "atoms per CPU second"),
        ("memory", "memory_megabytes", "MB"),
        ("on disk", "megabytes_on_disk", "MB"),
    ):
        yield [name, *(f"{asked[one][key]:,.0f} {unit}" for one in (OURS, *peers))]


def ahead(figures: dict[str, Any]) -> Iterator[str]:
    """Sentences: which peer is ahead of this product at what, and by how much."""
    mine = figures["engines"][OURS]["kinds"]
    for name, one in figures["engines"].items():
        if "skipped" in one:
            yield f"{name}: {one['skipped']}."
        elif name != OURS:
            lost = [
                f"{kind} ({1 / ratio:.1f} times)"
                for kind, times in mine.items()
                if kind in one["kinds"] and (ratio := _ratio(times, one["kinds"][kind])) < LEVEL
            ]
            yield f"{name} is ahead at: {', '.join(lost)}." if lost else f"{name} is ahead nowhere."


def disagreements(figures: dict[str, Any]) -> Iterator[str]:
    """Which engine told other totals or counts than most, and how often."""
    for one in figures["agreement"]:
        if one["alike"] < one["asked"]:
            yield (
                f"{one['kind']}: {one['engine']} told the same as the others in {one['alike']} of "
                f"{one['asked']}."
            )


def _ratio(mine: dict[str, Any], other: dict[str, Any]) -> float:
    return float(other["p50"] / max(mine["p50"], 1e-6))


def _compared(mine: dict[str, Any], other: dict[str, Any] | None) -> str:
    """The peer's times, and how many times as long as ours they are."""
    if other is None:
        return "–"
    ratio = _ratio(mine, other)
    shown = f"{ratio:.1f}" if ratio >= 0.1 else f"{ratio:.1g}"
    return f"{_times(other)} (× {f'**{shown}**' if ratio > AHEAD else shown})"


def _times(times: dict[str, Any]) -> str:
    return f"{_short(times['p50'])} / {_short(times['p95'])} ms"


def _short(milliseconds: float) -> str:
    return f"{milliseconds:,.0f}" if milliseconds >= 20 else f"{milliseconds:.1f}"


def _rebuild(mine: dict[str, Any], beside: dict[str, Any]) -> Rows:
    rate = f"{mine['atoms_per_second']:,.0f} atoms/s"
    yield "index rebuild", f"{rate}, {mine['atoms_per_cpu_second']:,.0f} per CPU second"
    yield "index rebuild beside searches", f"{beside['atoms_per_second']:,.0f} atoms/s"
    yield "a search before the rebuild", _times(beside["before"])
    yield "a search during the rebuild", _times(beside["during"])


def _loading(atoms: int, loading: dict[str, Any]) -> Rows:
    yield "import, until findable", f"{loading['atoms_per_second']:,.0f} atoms/s"
    written = atoms / (loading["atoms_seconds"] - loading["index_seconds"])
    yield "import, the rows alone", f"{written:,.0f} atoms/s"
    yield "import", f"{atoms / loading['cpu_seconds']:,.0f} atoms per CPU second"
    took = loading["transactions"]
    yield "import, one write transaction", f"{_times(took)}, at most {took['max']:.0f}"
    yield "import, memory at most", f"{loading['peak_megabytes']:.0f} MB"

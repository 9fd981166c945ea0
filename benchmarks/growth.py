"""What becomes of the times when atoms and tags grow: `python -m benchmarks.growth [ATOMS/TAGS=FOLDER …]`.

From 1,000 to 100,000 atoms, and at 100,000 from 50 tags to 10,000. A size whose instance is named (a
copy: it is written to) is not imported again. SQLite FTS5 is asked beside, so that a slow machine
shows as such.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from benchmarks import comparing, corpus, results
from benchmarks.corpus import Corpus
from benchmarks.loading import loaded
from benchmarks.peers import NAMES, OURS

BESIDE = "SQLite FTS5"
SIZES = ((1_000, 1_000), (10_000, 1_000), (100_000, 50), (100_000, 10_000))


def measured(size: tuple[int, int], held: Path | None, beside: Sequence[str]) -> dict[str, Any]:
    """The times of this product, and of those beside it, at one size."""
    made = Corpus(*size)
    with TemporaryDirectory() as folder:
        work = Path(folder)
        source = work / "source"
        source.mkdir()
        corpus.write(made, source)
        if not held:
            held = work / "instance"
            loaded(made, source, held)
        others = [name for name in NAMES if name not in (OURS, *beside)]
        return comparing.measured(made, source, work, held, others)["engines"]


def told(figures: dict[tuple[int, int], dict[str, Any]]) -> Iterator[str]:
    """A line for each kind: p50 and processor at each size, and how often the first the last is."""
    sizes = sorted(figures, key=lambda size: (size[0], size[1]))
    yield " " * 40 + "".join(f"{f'{atoms:,} / {tags:,}':>22}" for atoms, tags in sizes) + "  growth"
    for name in (name for name in (OURS, BESIDE) if "kinds" in figures[sizes[0]][name]):
        yield name
        for kind in figures[sizes[0]][name]["kinds"]:
            times = [figures[size][name]["kinds"][kind] for size in sizes]
            cells = [f"{one['p50']:.1f} ({one['cpu']:.1f} cpu)" for one in times]
            grown = times[-1]["p50"] / max(times[0]["p50"], 1e-6)
            yield f"  {kind:38}" + "".join(f"{cell:>22}" for cell in cells) + f"  × {grown:.1f}"


@click.command()
@click.argument("held", nargs=-1)
@click.option("--alone", is_flag=True, help="Without FTS5, which takes an hour at 100,000 atoms.")
def main(held: tuple[str, ...], alone: bool) -> None:
    """Measure all sizes, or only those whose instances are named."""
    named = {}
    for one in held:
        size, _, folder = one.partition("=")
        atoms, _, tags = size.partition("/")
        named[int(atoms), int(tags)] = Path(folder)
    beside = () if alone else (BESIDE,)
    figures = {size: measured(size, named.get(size), beside) for size in (named or SIZES)}
    for line in told(figures):
        click.echo(line)
    kept = {f"{atoms}/{tags}": one for (atoms, tags), one in figures.items()}
    path = results.FOLDER / f"{datetime.now(UTC).date()}-growth.json"
    path.write_text(json.dumps(kept, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())

"""Speed at one size, then search quality: `python -m benchmarks --atoms 10000 --tags 1000`.

A seeded corpus is imported as people import: by the command line, into an instance that lasts as
long as the measurement. The figures are printed, kept in benchmarks/results with the machine and the
versions, and shown in docs/en/benchmarks.md.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from benchmarks import corpus, results, search_quality, speed, yardstick
from benchmarks.corpus import Corpus
from benchmarks.pages import of_pages
from research_repo.core import instance, people
from research_repo.search import Search
from research_repo.settings import Settings

INSTANCE = "instance"
VERSIONS = ("whoosh", "numpy", "sqlmodel", "pystemmer")


@click.command()
@click.option("--atoms", default=10_000, show_default=True)
@click.option("--tags", default=1_000, show_default=True)
@click.option("--quality/--no-quality", default=True, help="Judged sets, where they are there.")
@click.option(
    "--instance",
    "held",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="An instance that holds this corpus already: nothing is imported.",
)
def main(atoms: int, tags: int, quality: bool, held: Path | None) -> None:
    """Measure loading, searching, catching up, memory and size."""
    made = Corpus(atoms, tags)
    with TemporaryDirectory() as folder:
        loading = None if held else loaded(made, Path(folder))
        figures = {**measured(made, held or Path(folder) / INSTANCE), "loading": loading}
        if loading:
            rows = Path(folder) / corpus.ATOMS
            figures["yardstick"] = yardstick.measured(made, rows, Path(folder))
    if quality:
        figures["quality"] = _quality()
    results.show(figures)
    results.keep(figures)


def measured(made: Corpus, folder: Path) -> dict[str, Any]:
    """All figures of one corpus that an instance holds."""
    settings = Settings(instance=folder)
    database = instance.open_instance(settings)
    search = Search(database, settings.index_folder)
    with database.reading() as session:
        by = people.system(session)
    before = speed.memory_megabytes()
    searches = speed.of_searches(search, by, made)
    held = speed.memory_megabytes()
    figures = {
        "atoms": made.atoms,
        "tags": len(made.tags),
        "rebuild_cpu_seconds": _rebuilt(search),
        "searches": {kind: asdict(latency) for kind, latency in searches.items()},
        "edit_findable": speed.of_edits(search, by),
        "memory_before_megabytes": before,
        "memory_megabytes": held,
        "index_megabytes": _size(settings.index_folder),
        "database_megabytes": _size(settings.instance) - _size(settings.index_folder),
        "machine": _machine(),
    }
    database.close()
    return figures | {"pages": {name: asdict(cost) for name, cost in of_pages(folder).items()}}


def loaded(made: Corpus, folder: Path) -> dict[str, Any]:
    """Import the corpus into an instance in the folder; what that cost."""
    tags, atoms = corpus.write(made, folder)
    settings = Settings(instance=folder / INSTANCE)
    tags_seconds, _ = _imported(settings, "tags", tags)
    atoms_seconds, watched = _imported(settings, "atoms", atoms)
    return {
        "tags_seconds": tags_seconds,
        "atoms_seconds": atoms_seconds,
        "atoms_per_second": made.atoms / atoms_seconds,
        **watched,
    }


def _imported(settings: Settings, what: str, file: Path) -> tuple[float, dict[str, Any]]:
    """Seconds until `research-repo import` has ended, when all is findable; and what it cost."""
    kept = file.with_suffix(".watched")
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.watched", kept, "import", what, str(file), "--json"],
        env={**os.environ, "RESEARCH_REPO_INSTANCE": str(settings.instance)},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise click.ClickException(f"import {what}: {done.stderr or done.stdout}"[:2000])
    return time.perf_counter() - start, json.loads(kept.read_text("utf-8"))


def _rebuilt(search: Search) -> float:
    start = time.process_time()
    search.rebuild()
    return time.process_time() - start


def _quality() -> dict[str, Any]:
    return {
        name: {kind: asdict(figure) for kind, figure in search_quality.measure(name).items()}
        for name in search_quality.SETS
        if (search_quality.data_folder() / name).is_dir()
    }


def _size(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6


def _machine() -> dict[str, Any]:
    return {
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.system(),
        "load": round(os.getloadavg()[0], 1),
        **{name: version(name) for name in VERSIONS},
    }


if __name__ == "__main__":
    main()

"""Everything at one size, beside the others: `python -m benchmarks --atoms 10000 --tags 1000`.

1. A seeded corpus is made (corpus.py) and imported by the command line (loading.py).
2. This product and its peers (peers/) answer the same questions (questions.py), each in a process of
   its own; totals and counts must agree (comparing.py).
3. The index is built anew while searches go on (rebuilding.py).
4. Eight people read search pages over HTTP (serving.py); pages of tags are made (pages.py).
5. Judged questions tell how good the answers are (search_quality.py).

The figures are printed with the ratios, kept in benchmarks/results with the machine and the versions,
and shown in docs/en/benchmarks.md (results.py, tables.py).
"""

from __future__ import annotations

import os
import platform
from collections.abc import Collection
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from benchmarks import (
    comparing,
    corpus,
    pages,
    rebuilding,
    results,
    search_quality,
    serving,
    typing_tags,
)
from benchmarks.corpus import Corpus
from benchmarks.gauges import megabytes
from benchmarks.loading import loaded
from benchmarks.peers import NAMES, OURS
from research_repo.settings import Settings

VERSIONS = ("whoosh", "numpy", "sqlmodel", "pystemmer", "waitress", "tantivy")


@click.command()
@click.option("--atoms", default=10_000, show_default=True)
@click.option("--tags", default=1_000, show_default=True)
@click.option(
    "--without",
    multiple=True,
    type=click.Choice([name for name in NAMES if name != OURS]),
    help="A peer to leave out.",
)
@click.option("--alone", is_flag=True, help="Leave out all peers.")
@click.option("--http/--no-http", default=True, help="Pages over HTTP.")
@click.option("--quality/--no-quality", default=True, help="Judged sets, where they are there.")
@click.option(
    "--instance",
    "held",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A copy of an instance that holds this corpus already: nothing is imported.",
)
def main(
    atoms: int,
    tags: int,
    without: tuple[str, ...],
    alone: bool,
    http: bool,
    quality: bool,
    held: Path | None,
) -> None:
    """Measure loading, searching, rebuilding and serving, beside the peers that are installed."""
    made = Corpus(atoms, tags)
    left_out = [name for name in NAMES if name != OURS] if alone else without
    with TemporaryDirectory() as folder:
        figures = measured(made, Path(folder), held, left_out, with_pages=http)
    if quality:
        figures["quality"] = _quality()
    results.show(figures)
    results.keep(figures)


def measured(
    made: Corpus, work: Path, held: Path | None, without: Collection[str], *, with_pages: bool
) -> dict[str, Any]:
    """All figures of one corpus."""
    source, folder = work / "source", held or work / "instance"
    source.mkdir()
    corpus.write(made, source)
    figures: dict[str, Any] = {
        "atoms": made.atoms,
        "tags": len(made.tags),
        "machine": _machine(),
        "loading": None if held else loaded(made, source, folder),
    }
    figures |= comparing.measured(made, source, work, folder, without)
    figures["typing"] = typing_tags.measured(made, folder)
    figures["rebuild"] = rebuilding.measured(made.atoms, folder, source)
    settings = Settings(instance=folder)
    figures["database_megabytes"] = megabytes(folder) - megabytes(settings.index_folder)
    if with_pages:
        figures["http"] = serving.measured(made, folder, serving.PAGES)
        figures["pages"] = {name: asdict(cost) for name, cost in pages.of_pages(folder).items()}
    return figures


def _quality() -> dict[str, Any]:
    return {
        name: {kind: asdict(figure) for kind, figure in search_quality.measure(name).items()}
        for name in search_quality.SETS
        if (search_quality.data_folder() / name).is_dir()
    }


def _machine() -> dict[str, Any]:
    return {
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.system(),
        "load": round(os.getloadavg()[0], 1),
        **{name: found for name in VERSIONS if (found := _version(name))},
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


if __name__ == "__main__":
    main()

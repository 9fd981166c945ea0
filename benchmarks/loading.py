"""The corpus imported as people import: by the command line, into an instance of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import click

from benchmarks import corpus
from benchmarks.corpus import Corpus


def loaded(made: Corpus, source: Path, folder: Path) -> dict[str, Any]:
    """Import the files of the corpus into an instance; what that cost."""
    tags_seconds, _ = _imported(folder, "tags", source / corpus.TAGS)
    atoms_seconds, watched = _imported(folder, "atoms", source / corpus.ATOMS)
    return {
        "tags_seconds": tags_seconds,
        "atoms_seconds": atoms_seconds,
        "atoms_per_second": made.atoms / atoms_seconds,
        **watched,
    }


def _imported(folder: Path, what: str, file: Path) -> tuple[float, dict[str, Any]]:
    """Seconds until `research-repo import` has ended, when all is findable; and what it cost."""
    kept = file.with_suffix(".watched")
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.watched", kept, "import", what, str(file), "--json"],
        env={**os.environ, "RESEARCH_REPO_INSTANCE": str(folder)},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise click.ClickException(f"import {what}: {done.stderr or done.stdout}"[:2000])
    return time.perf_counter() - start, json.loads(kept.read_text("utf-8"))

"""Where the index lives: generations beside each other, and CURRENT, which names the one in use.

A generation counts only while its sentinel fits this code and this database; whatever is missing,
foreign or damaged has no sentinel that fits, and is built anew beside.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path

from research_repo.search.schema import ANALYSER_EDITION, SCHEMA_EDITION

CURRENT = "CURRENT"
SENTINEL = "sentinel.json"


def current(folder: Path, repository: str) -> Path | None:
    """The generation in use, or None when there is none that can be served."""
    try:
        name = (folder / CURRENT).read_text().strip()
        if not name.startswith("g") or not name[1:].isdigit():
            return None
        sentinel = json.loads((folder / name / SENTINEL).read_text())
    except (OSError, ValueError):
        return None
    return folder / name if sentinel == _fitting(repository) else None


def begin(folder: Path) -> Path:
    """An empty folder for a new generation; nobody sees it before it is published."""
    generation = folder / f"g{time.time_ns()}"
    generation.mkdir(parents=True)
    return generation


def publish(folder: Path, generation: Path, repository: str) -> None:
    """Put a complete generation into use, and drop all others."""
    (generation / SENTINEL).write_text(json.dumps(_fitting(repository)))
    fresh = folder / f"{CURRENT}.new"
    fresh.write_text(generation.name)
    os.replace(fresh, folder / CURRENT)
    for other in folder.glob("g*"):
        if other != generation:
            shutil.rmtree(other, ignore_errors=True)


def condemn(generation: Path) -> None:
    """Take a damaged generation out of use, for every process."""
    (generation / SENTINEL).unlink(missing_ok=True)


def _fitting(repository: str) -> dict[str, int | str]:
    return {"schema": SCHEMA_EDITION, "analyser": ANALYSER_EDITION, "repository": repository}

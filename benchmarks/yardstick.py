"""A yardstick that everybody has: SQLite's full-text table, filled and asked in the same minutes.

It knows no tags with all that lies below them, no word forms, no access and no history, so it is no
peer of the product. But it is slow where the machine is slow: a ratio to it says more than a time.
"""

from __future__ import annotations

import json
import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.corpus import Corpus
from benchmarks.speed import QUERIES, part

ROWS_AT_ONCE = 500
COLUMNS = ("title", "body", "quote", "tags")


def measured(made: Corpus, atoms: Path, folder: Path) -> dict[str, Any]:
    """Rows a second until they are findable, and how long three words take."""
    with closing(sqlite3.connect(folder / "yardstick.sqlite3", isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute(f"CREATE VIRTUAL TABLE note USING fts5({', '.join(COLUMNS)})")
        begun = time.perf_counter()
        rows = _rows(atoms)
        while some := list(islice(rows, ROWS_AT_ONCE)):
            database.execute("BEGIN IMMEDIATE")
            database.executemany("INSERT INTO note VALUES (?, ?, ?, ?)", some)
            database.execute("COMMIT")
        seconds = time.perf_counter() - begun
        times = [_asked(database, text) for text in _texts(made)]
    return {
        "atoms_per_second": made.atoms / seconds,
        "three words": {"p50": part(times, 50), "p95": part(times, 95)},
    }


def _rows(atoms: Path) -> Iterator[tuple[str, ...]]:
    with atoms.open(encoding="utf-8") as file:
        for line in file:
            note = json.loads(line)
            yield tuple(note[column] for column in COLUMNS)


def _texts(made: Corpus) -> list[str]:
    chance = random.Random(made.seed)
    notes = [made.note(chance.randrange(made.atoms)) for _ in range(QUERIES)]
    return [
        " OR ".join(f'"{made.word(chance, note["language"])}"' for _ in range(3)) for note in notes
    ]


def _asked(database: sqlite3.Connection, text: str) -> float:
    begun = time.perf_counter()
    query = "SELECT rowid FROM note WHERE note MATCH ? ORDER BY rank LIMIT 20"
    database.execute(query, (text,)).fetchall()
    return 1000 * (time.perf_counter() - begun)

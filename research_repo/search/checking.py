"""Whether the index says what the database says, document by document."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from research_repo.core import indexing
from research_repo.core.db import Database
from research_repo.core.indexing import ROWS_AT_ONCE
from research_repo.search.live import Live
from research_repo.search.schema import fingerprint
from research_repo.search.view import EMPTY, View


@dataclass(frozen=True)
class Difference:
    """An atom that the index lacks (missing), has for nothing (left over) or has otherwise (stale)."""

    atom_id: int
    kind: str


def differences(database: Database, live: Live) -> list[Difference]:
    """All differences but those that the queue is about to settle, by atom."""
    indexed = _fingerprints(live.view() or EMPTY)
    found: list[Difference] = []
    last = 0
    while True:
        with database.reading() as session:
            atom_ids = indexing.atom_ids_after(session, last, ROWS_AT_ONCE)
            documents = indexing.documents(session, atom_ids)
        if not atom_ids:
            break
        last = atom_ids[-1]
        for document in documents:
            held = indexed.pop(document.atom_id, None)
            if held != fingerprint(document):
                found.append(Difference(document.atom_id, "missing" if held is None else "stale"))
    found += [Difference(atom_id, "left over") for atom_id in indexed]
    with database.reading() as session:
        queued = indexing.stale(session).keys() | indexing.coming_in(session)
    return sorted((d for d in found if d.atom_id not in queued), key=lambda d: d.atom_id)


def _fingerprints(view: View) -> dict[int, bytes]:
    low, high = (view.facts[name].view(np.uint32) for name in ("low", "high"))
    return {
        atom_id: b"".join(int(half).to_bytes(4, "little") for half in (low[place], high[place]))
        for atom_id, place in view.places.items()
    }

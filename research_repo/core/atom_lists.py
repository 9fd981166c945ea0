"""Long lists of atoms, read a little at a time, so that they never stand in memory as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from research_repo.core import access, people, records
from research_repo.core.db import Database
from research_repo.core.records import AtomRecord

ATOMS_AT_ONCE = 200


def read(
    database: Database, person_id: int, atom_ids: Sequence[int], language: str
) -> Iterator[AtomRecord]:
    """The records of those atoms that the person sees when their turn comes, in the order given.

    Raises:
        NotAllowed: the person was shut out meanwhile.
    """
    for start in range(0, len(atom_ids), ATOMS_AT_ONCE):
        with database.reading() as session:
            by = people.get(session, person_id)
            access.require_active(by)
            some = records.of_atoms(session, by, atom_ids[start : start + ATOMS_AT_ONCE], language)
        yield from some

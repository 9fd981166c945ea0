"""Long lists of atoms, read a little at a time, so that they never stand in memory as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from research_repo.core import access, records
from research_repo.core.db import Database
from research_repo.core.models import Person
from research_repo.core.records import AtomRecord

ATOMS_AT_ONCE = 200

Progress = Callable[[int, int], None]


def read(
    database: Database,
    person_id: int,
    atom_ids: Sequence[int],
    language: str,
    progress: Progress = lambda _done, _total: None,
) -> Iterator[AtomRecord]:
    """The records of those atoms that the person sees when their turn comes, in the order given.

    `progress` is told how many were gone through, and how many there are.

    Raises:
        NotAllowed: the person was shut out meanwhile.
    """
    for start in range(0, len(atom_ids), ATOMS_AT_ONCE):
        with database.reading() as session:
            by = session.get_one(Person, person_id)
            access.require_active(by)
            some = records.of_atoms(session, by, atom_ids[start : start + ATOMS_AT_ONCE], language)
        yield from some
        progress(min(start + ATOMS_AT_ONCE, len(atom_ids)), len(atom_ids))

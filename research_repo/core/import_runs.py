"""Runs of an import: one at a time, unseen until whole; one that broke off is cleared away.

Whoever holds the lock knows that every other run which is not whole has died.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout
from sqlalchemy import delete, insert, literal, or_
from sqlmodel import Session, col, select

from research_repo.core import history, tagging
from research_repo.core.clock import now
from research_repo.core.db import Database
from research_repo.core.models import (
    Atom,
    AtomQuestion,
    Evidence,
    ImportedRow,
    ImportRun,
    IndexQueue,
    Link,
    Person,
    Question,
    Study,
)

ROWS_AT_ONCE = 200
LOOK_SECONDS = 0.5


@contextmanager
def alone(database: Database, waits: Callable[[], None]) -> Iterator[None]:
    """Be the only import of the instance; `waits` is called again and again until that is so."""
    lock = FileLock(database.folder / "import.lock")
    while True:
        try:
            lock.acquire(timeout=LOOK_SECONDS)
            break
        except Timeout:
            waits()
    try:
        yield
    finally:
        lock.release()


def begin(session: Session, by: Person, file_name: str) -> ImportRun:
    """A run of its own: what carries its id exists for nobody until `complete`."""
    run = ImportRun(person_id=by.id, file_name=file_name)
    session.add(run)
    session.flush()
    return run


def complete(session: Session, by: Person, run_id: int) -> None:
    """From here on everybody sees what the run made, as far as they may; the index is told."""
    session.get_one(ImportRun, run_id).completed_at = now()
    mine = select(Atom.id, literal(by.id)).where(Atom.import_id == run_id).order_by(col(Atom.id))
    session.execute(insert(IndexQueue).from_select(["atom_id", "person_id"], mine))


def clear_broken(database: Database) -> int:
    """Take away what runs that died had begun, a little at a time; the caller is `alone`."""
    with database.reading() as session:
        open_runs = select(ImportRun.id).where(col(ImportRun.completed_at).is_(None))
        run_ids = list(session.exec(open_runs))
    for run_id in run_ids:
        more = True
        while more:
            with database.saving() as session:
                more = _clear_some(session, run_id)
    return len(run_ids)


def _clear_some(session: Session, run_id: int) -> bool:
    mine = select(Atom.id).where(Atom.import_id == run_id).limit(ROWS_AT_ONCE)
    atom_ids = list(session.exec(mine))
    if not atom_ids:
        _clear_studies(session, run_id)
        session.execute(delete(ImportRun).where(col(ImportRun.id) == run_id))
        return False
    session.execute(
        delete(Link).where(or_(col(Link.from_id).in_(atom_ids), col(Link.to_id).in_(atom_ids)))
    )
    for noun in (Evidence, AtomQuestion, ImportedRow):
        session.execute(delete(noun).where(col(noun.atom_id).in_(atom_ids)))
    tagging.forget(session, atom_ids)
    history.forget(session, "atom", atom_ids)
    session.execute(delete(Atom).where(col(Atom.id).in_(atom_ids)))
    return True


def _clear_studies(session: Session, run_id: int) -> None:
    study_ids = list(session.exec(select(Study.id).where(Study.import_id == run_id)))
    session.execute(delete(Question).where(col(Question.study_id).in_(study_ids)))
    history.forget(session, "study", study_ids)
    session.execute(delete(Study).where(col(Study.id).in_(study_ids)))

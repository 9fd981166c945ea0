"""Runs of an import: one at a time, unseen until whole; one that broke off is cleared away.

Whoever holds the lock knows that every other run which is not whole has died.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from filelock import FileLock, Timeout
from sqlalchemy import delete, or_
from sqlmodel import Session, col, select

from research_repo.core import history, indexing, leftovers, tagging
from research_repo.core.clock import now
from research_repo.core.db import Database
from research_repo.core.models import (
    Atom,
    AtomQuestion,
    Evidence,
    History,
    HistoryPayload,
    ImportedRow,
    ImportRun,
    Link,
    Person,
    Question,
    Study,
)

ROWS_AT_ONCE = 100
LOOK_SECONDS = 0.5
NOUN = "import"


@contextmanager
def alone(database: Database, waits: Callable[[], None]) -> Iterator[None]:
    """Be the only import of the instance; `waits` is called again and again until that is so."""
    lock = _lock(database)
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


def keep_made(session: Session, by: Person, run_id: int, made: Mapping[str, Sequence[int]]) -> None:
    """Note which tags and groups the run has made: they are seen at once, and go if it dies."""
    history.record(session, by, "made", NOUN, run_id, after=made)


def complete(session: Session, by: Person, run_id: int) -> None:
    """From here on everybody sees what the run made, as far as they may; the index is told."""
    session.get_one(ImportRun, run_id).completed_at = now()
    indexing.enqueue_import(session, by, run_id)


def clear_left(database: Database) -> int:
    """Take away what runs that died had begun, unless an import is at work; how many they were."""
    with database.reading() as session:
        if not _broken(session):
            return 0
    try:
        with _lock(database).acquire(timeout=0):
            return clear_broken(database)
    except Timeout:
        return 0  # the one at work has done it


def clear_broken(database: Database) -> int:
    """Take away what runs that died had begun, a little at a time; the caller is `alone`."""
    with database.reading() as session:
        run_ids = _broken(session)
    for run_id in run_ids:
        more = True
        while more:
            with database.saving() as session:
                more = _clear_some(session, run_id)
    return len(run_ids)


def _lock(database: Database) -> FileLock:
    return FileLock(database.folder / "import.lock")


def _broken(session: Session) -> list[int]:
    return list(session.exec(select(ImportRun.id).where(col(ImportRun.completed_at).is_(None))))


def _clear_some(session: Session, run_id: int) -> bool:
    mine = select(Atom.id).where(Atom.import_id == run_id).limit(ROWS_AT_ONCE)
    atom_ids = list(session.exec(mine))
    if atom_ids:
        _clear_atoms(session, atom_ids)
        return True
    study_ids = list(
        session.exec(select(Study.id).where(Study.import_id == run_id).limit(ROWS_AT_ONCE))
    )
    if study_ids:
        _clear_studies(session, study_ids)
        return True
    line = session.exec(
        select(History.id)
        .where(History.noun == NOUN, History.noun_id == run_id)
        .order_by(col(History.id).desc())
        .limit(1)
    ).first()
    if line is not None:
        # The newest come first: what lies under a tag was made after it.
        made = session.get_one(HistoryPayload, line).after
        leftovers.take_back(session, made["tags"], made["schemes"])
        history.forget_line(session, line)
        return True
    session.execute(delete(ImportRun).where(col(ImportRun.id) == run_id))
    return False


def _clear_atoms(session: Session, atom_ids: Sequence[int]) -> None:
    session.execute(
        delete(Link).where(or_(col(Link.from_id).in_(atom_ids), col(Link.to_id).in_(atom_ids)))
    )
    for noun in (Evidence, AtomQuestion, ImportedRow):
        session.execute(delete(noun).where(col(noun.atom_id).in_(atom_ids)))
    tagging.forget(session, atom_ids)
    history.forget(session, "atom", atom_ids)
    session.execute(delete(Atom).where(col(Atom.id).in_(atom_ids)))


def _clear_studies(session: Session, study_ids: Sequence[int]) -> None:
    session.execute(delete(Question).where(col(Question.study_id).in_(study_ids)))
    history.forget(session, "study", study_ids)
    session.execute(delete(Study).where(col(Study.id).in_(study_ids)))

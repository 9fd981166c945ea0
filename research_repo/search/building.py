"""Writes commits: a few documents into the index in use, or all of them into a new generation."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path

from whoosh.codec.base import Segment
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC, FileIndex
from whoosh.writing import SegmentWriter

from research_repo.core import indexing
from research_repo.core.db import Database
from research_repo.core.indexing import ROWS_AT_ONCE, Document
from research_repo.search import generations, merging
from research_repo.search.files import Files, reading_files
from research_repo.search.schema import schema
from research_repo.search.view import INDEX_NAME
from research_repo.search.writing import DocumentWriter

ATOMS_PER_COMMIT = 10_000

Progress = Callable[[int, int], None]
Merging = Callable[[SegmentWriter, list[Segment]], list[Segment]]


def write(
    generation: Path, gone: Iterable[int], documents: Iterable[Document], merge: Merging
) -> None:
    """One commit: drop the documents at these places, add others, merge what is due.

    Raises:
        Damaged: what is there already cannot be read.
        OSError: the disk is full or cannot be written.
    """
    with reading_files(), closing(Files(generation)) as files:
        writer = DocumentWriter(FileIndex(files, schema(), INDEX_NAME))
        try:
            for place in gone:
                writer.delete_document(place)
            for document in documents:
                writer.add(document)
            writer.commit(mergetype=merge)
        except BaseException:
            # Without this the writer keeps its lock, and nothing is ever written again.
            if not writer.is_closed:
                writer.cancel()
            raise


def tidy(generation: Path) -> None:
    """Merge segments that have become ten of a size."""
    with reading_files(), closing(Files(generation)) as files:
        commit = TOC.read(files, INDEX_NAME, schema=schema())
    if merging.is_due(commit.segments):
        write(generation, (), (), merging.all_tiers)


def build(database: Database, folder: Path, repository: str, progress: Progress) -> int:
    """Make a generation of all atoms and put it into use; return how many they are."""
    generation = generations.begin(folder)
    try:
        FileIndex.create(FileStorage(str(generation)), schema(), INDEX_NAME)
        total = _fill(database, generation, progress)
        generations.publish(folder, generation, repository)
    except BaseException:
        shutil.rmtree(generation, ignore_errors=True)
        raise
    return total


def _fill(database: Database, generation: Path, progress: Progress) -> int:
    with database.reading() as session:
        total = indexing.atom_count(session)
    written, last = 0, 0

    def some() -> Iterator[Document]:
        nonlocal written, last
        for _ in range(ATOMS_PER_COMMIT // ROWS_AT_ONCE):
            with database.reading() as session:
                atom_ids = indexing.atom_ids_after(session, last, ROWS_AT_ONCE)
                yield from indexing.documents(session, atom_ids)
            if not atom_ids:
                return
            written, last = written + len(atom_ids), atom_ids[-1]
            progress(written, max(total, written))

    before = -1
    while written > before:
        before = written
        write(generation, (), some(), merging.none)
    return written

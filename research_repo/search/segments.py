"""One immutable segment of the index: its facts as arrays, its postings read when asked for."""

from __future__ import annotations

import threading
from collections.abc import Collection
from itertools import accumulate, chain

import numpy as np
from whoosh.columns import VarBytesColumn
from whoosh.reading import SegmentReader

from research_repo.search import postings, vocabulary
from research_repo.search.files import reading_files
from research_repo.search.postings import Documents, Numbers, Postings, ranges
from research_repo.search.schema import FACTS, TAIL
from research_repo.search.vocabulary import Words

_NUMBER_BYTES = 4


class Segment:
    """A segment never changes, so what is read of it stays true; only documents are deleted."""

    is_lent_to = True
    """Whether its documents inherit the tags of their studies."""

    def __init__(self, reader: SegmentReader) -> None:
        self.reader = reader
        self.size: int = reader.doc_count_all()
        self.facts, self.tail = _unpacked(reader)
        """Facts by name, a number a document; by name what belongs to all documents, as ids."""
        # Whoosh readers share one file position: two threads would read damaged blocks.
        self._turn = threading.Lock()

    def postings(self, field: str, term: str) -> Postings:
        """The postings of a term, read from the files."""
        whole = self._stored(field, term)
        with reading_files():
            return postings.NOWHERE if whole is None else postings.as_arrays(whole)

    def places(self, term: str) -> Numbers:
        """Where a term stands in the text of each document that holds it, one after another."""
        whole = self._stored("text", term)
        with reading_files():
            return np.empty(0, np.int32) if whole is None else postings.places(whole)

    def words(self) -> Words:
        """All written words."""
        with self._turn, reading_files():
            found = vocabulary.entries(self.reader, "written")
        return Words(found.terms, found.counts.astype(np.int32))

    def with_beginning(self, prefix: str, words: Collection[str]) -> Documents:
        """The documents in which any of these words, all of which begin so, is written; with repeats."""
        wanted = {word.encode() for word in words}
        with self._turn, reading_files():
            found = vocabulary.entries(self.reader, "written", prefix.encode())
            if not found.terms:
                return np.empty(0, np.int32)
            is_wanted = np.fromiter((term in wanted for term in found.terms), bool)
            # Many words stand in one document or two, which are named beside the word.
            is_read = is_wanted & (found.counts > 2)
            is_told = is_wanted & ~is_read
            # The postings of words that follow each other do so, too: one reading for all.
            start, end = int(found.starts[0]), int(found.starts[-1] + found.sizes[-1])
            whole = self.reader._terms._postfile.get(start, end - start)
            starts, sizes = (found.starts - start)[is_read], found.sizes[is_read]
        with reading_files():
            held = (
                accumulate(steps)
                for at, size in zip(starts.tolist(), sizes.tolist(), strict=True)
                for _, steps, _, _ in postings.unpacked(whole[at : at + size])
            )
            read = np.fromiter(chain.from_iterable(held), np.int32)
        told = found.firsts[is_told], found.lasts[is_told]
        return np.concatenate([read, *told]).astype(np.int32)

    def _stored(self, field: str, term: str) -> bytes | None:
        with self._turn, reading_files():
            return postings.stored(self.reader, field, term.encode())


def _unpacked(reader: SegmentReader) -> tuple[dict[str, Numbers], dict[str, Numbers]]:
    column = reader.column_reader("facts", VarBytesColumn(), translate=False)
    sizes = np.array(column._lengths, np.int64) // _NUMBER_BYTES
    # One read for all documents: value by value it takes a hundred times as long.
    raw = column._dbfile.get(column._basepos, int(sizes.sum()) * _NUMBER_BYTES)
    numbers = np.frombuffer(raw, "<u4").astype(np.int32)
    starts = np.cumsum(sizes) - sizes
    facts: dict[str, Numbers] = {name: numbers[starts + at] for at, name in enumerate(FACTS)}
    tail: dict[str, Numbers] = {}
    ends = starts + len(FACTS)
    for name in TAIL:
        tail[name] = numbers[ranges(ends, facts[name])]
        ends = ends + facts[name]
    return facts, tail

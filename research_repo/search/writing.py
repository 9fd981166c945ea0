"""Writes one segment of the index: Whoosh's files and commits, our own way of filling them.

Whoosh makes an object of every posting, sorts them all, and checks each one. Documents come in
order, so that it is enough to gather postings by term and to sort the terms.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import groupby
from operator import itemgetter, sub
from pickle import dumps
from secrets import token_hex
from struct import Struct
from typing import Any

from whoosh.codec.whoosh3 import WHOOSH3_HEADER_MAGIC, W3Codec, W3Segment
from whoosh.columns import VarBytesColumn
from whoosh.index import FileIndex
from whoosh.reading import SegmentReader
from whoosh.system import pack_int
from whoosh.writing import SegmentWriter

from research_repo.core.indexing import Document
from research_repo.search import postings
from research_repo.search.postings import ABOUT_TERM, Block
from research_repo.search.schema import as_fields

POSTINGS_PER_BLOCK = 1024
WORTH_COMPRESSING = 200  # bytes: a rare word's block only grows

_PICKLE = 4
_FIELD_ID = Struct("!H")

# A field, a term, and its documents, weights and values; documents ascend.
Term = tuple[str, bytes]
Run = tuple[list[int], list[float], list[bytes]]


class OwnSegments(W3Codec):
    """Names segments by chance that nobody can seed: two of one name would write one file."""

    def new_segment(self, _storage: object, indexname: str) -> W3Segment:
        return W3Segment(self, indexname, segid=token_hex(8))


class DocumentWriter(SegmentWriter):
    """A commit of documents and of whole segments, which are merged term by term."""

    def __init__(self, index: FileIndex) -> None:
        # A compound segment would be copied whole into memory at every opening.
        super().__init__(index, codec=OwnSegments(), compound=False)
        self._gathered: dict[str, dict[bytes, list[Any]]] = defaultdict(lambda: defaultdict(list))
        self._merged: list[tuple[SegmentReader, list[int]]] = []

    def add(self, document: Document) -> None:
        """Write a document after those that were added before."""
        facts, fields = as_fields(document)
        number = self.docnum
        self._add_facts(facts)
        for field, occurrences in fields.items():
            gathered = self._gathered[field]
            for term, (weight, value) in occurrences.items():
                gathered[term] += (number, weight, value)

    def add_reader(self, reader: SegmentReader) -> None:
        """Write the live documents of another segment. Its files close with the storage."""
        column = reader.column_reader("facts", VarBytesColumn(), translate=False)
        places = []
        for document in range(reader.doc_count_all()):
            if reader.is_deleted(document):
                places.append(postings.GONE)
                continue
            facts = column[document]
            if len(facts) != column._lengths[document]:
                raise ValueError("the facts of a segment end too early")
            places.append(self.docnum)
            self._add_facts(facts)
        self._merged.append((reader, places))

    def _commit_toc(self, segments: list[Any]) -> None:
        # What is in the list is searched: a hole in it would answer that nothing is there.
        self.storage.require_as_written()
        super()._commit_toc(segments)

    def _add_facts(self, facts: bytes) -> None:
        self.perdocwriter.start_doc(self.docnum)
        self.perdocwriter.add_column_value("facts", VarBytesColumn(), facts)
        self.perdocwriter.finish_doc()
        self.docnum += 1
        self._added = True

    def _flush_segment(self) -> None:
        self.perdocwriter.close()
        sources = [self._gathered_terms(), *(self._merged_terms(*pair) for pair in self._merged)]
        terms = merge(*sources, key=itemgetter(0)) if self._merged else sources[0]
        for field, of_field in groupby(terms, key=lambda found: found[0][0]):
            self.fieldwriter.start_field(field, self.schema[field])
            for (_, term), runs in groupby(of_field, key=itemgetter(0)):
                self._write_term(term, *_joined(run for _, run in runs))
            self.fieldwriter.finish_field()
        self.fieldwriter.close()

    def _write_term(
        self, term: bytes, documents: list[int], weights: list[float], values: list[bytes]
    ) -> None:
        if not documents:
            return
        file = self.fieldwriter._postfile
        start = file.tell()
        file.write(WHOOSH3_HEADER_MAGIC)
        keeps_values = self.fieldwriter._format.fixed_value_size() != 0
        for some in range(0, len(documents), POSTINGS_PER_BLOCK):
            end = some + POSTINGS_PER_BLOCK
            held = tuple(values[some:end]) if keeps_values else None
            is_last = end >= len(documents)
            file.write(_block(documents[some:end], weights[some:end], held, is_last))
        about = ABOUT_TERM.pack(
            0,
            sum(weights),
            len(documents),
            0,
            0,
            max(weights),
            documents[0],
            documents[-1],
            start,
            file.tell() - start,
        )
        self.fieldwriter._tindex.add(_FIELD_ID.pack(self.fieldwriter._fieldid) + term, about)

    def _gathered_terms(self) -> Iterator[tuple[Term, Run]]:
        for field, terms in sorted(self._gathered.items()):
            for term in sorted(terms):
                flat = terms[term]
                yield (field, term), (flat[::3], flat[1::3], flat[2::3])

    def _merged_terms(self, reader: SegmentReader, places: list[int]) -> Iterator[tuple[Term, Run]]:
        for (field, term), _ in reader._terms.items():
            whole = postings.stored(reader, field, term) or b""
            documents, weights, values = _joined(map(_run, postings.blocks(whole)))
            moved = [places[document] for document in documents]
            if postings.GONE not in moved:
                yield (field, term), (moved, weights, values)
                continue
            kept = [place for place, document in enumerate(moved) if document != postings.GONE]
            yield (
                (field, term),
                ([moved[k] for k in kept], [weights[k] for k in kept], [values[k] for k in kept]),
            )


def _block(
    documents: list[int], weights: list[float], values: tuple[bytes, ...] | None, is_last: bool
) -> bytes:
    """Postings as Whoosh's matcher reads them, in a newer pickle, which leaves bytes as they are."""
    steps = tuple(map(sub, documents, (0, *documents)))
    different = set(weights)
    shared = different.pop() if len(different) == 1 else None
    minified = tuple(weights) if shared is None else None if shared == 1.0 else shared
    data = dumps((steps, minified, values), _PICKLE)
    is_compressed = len(data) > WORTH_COMPRESSING
    if is_compressed:
        data = zlib.compress(data, 1)
    # No lengths of documents: they are among the facts.
    about = dumps((len(documents), documents[-1], max(weights), is_compressed, 0, 0), _PICKLE)
    size = len(about) + len(data)
    return pack_int(-size if is_last else size) + about + data


def _run(block: Block) -> Run:
    values = block.values or (b"",) * len(block.documents)
    return block.documents, list(block.weights), list(values)


def _joined(runs: Iterable[Run]) -> Run:
    first, *others = runs
    if not others:
        return first
    documents, weights, values = list(first[0]), list(first[1]), list(first[2])
    for run in others:
        documents += run[0]
        weights += run[1]
        values += run[2]
    return documents, weights, values

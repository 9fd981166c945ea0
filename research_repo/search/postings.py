"""How one term's postings are read: the only place that walks through Whoosh's matchers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from sys import intern

import numpy as np
from numpy.typing import NDArray
from whoosh.matching import Matcher
from whoosh.reading import SegmentReader, TermNotFound

Documents = NDArray[np.int64]
Scores = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Postings:
    """The documents of a segment that hold a term, ascending, and how often."""

    documents: Documents
    weights: Scores


NOWHERE = Postings(np.empty(0, np.int64), np.empty(0))
GONE = -1


def distinct(numbers: Documents) -> Documents:
    """Each number once, ascending."""
    # numpy's own unique hashes whole numbers, which takes a hundred times as long as sorting them.
    ordered = np.sort(numbers)
    return ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])[: len(ordered)]]


def read(reader: SegmentReader, field: str, term: str) -> Postings:
    """The postings of a term in one segment; none where the segment does not know it."""
    try:
        found = matcher(reader, field, term.encode())
    except TermNotFound:
        return NOWHERE
    documents, weights = [], []
    for block in blocks(found):
        documents.append(np.array(block[0], np.int64))
        weights.append(np.array(block[1], np.float64))
    return Postings(np.concatenate(documents), np.concatenate(weights))


def read_positions(
    reader: SegmentReader, field: str, term: str, documents: Documents
) -> Iterator[list[int]]:
    """Where a term stands in each of `documents`, all of which must hold it, ascending."""
    found = matcher(reader, field, term.encode())
    for document in documents.tolist():
        found.skip_to(document)
        yield found.value_as("positions")


def frequencies(reader: SegmentReader, field: str) -> dict[str, int]:
    """All terms of a field in their order, each with the number of documents that hold it."""
    found = {}
    for (name, term), about in reader._terms.items_from(field, b""):
        if name != field:
            break
        # Segments share most of their words: one string for all of them.
        found[intern(term.decode())] = about.doc_frequency()
    return found


def matcher(reader: SegmentReader, field: str, term: bytes) -> Matcher:
    """Walks through a term's postings, deleted documents included.

    Raises:
        TermNotFound: the segment does not hold the term.
    """
    return reader._terms.matcher(field, term, reader.schema[field].format)


def blocks(found: Matcher) -> Iterator[tuple[list[int], list[float], list[bytes]]]:
    """The documents, weights and values of a term, as they are stored together."""
    # Posting by posting, each of a common word's 10,000 costs four calls.
    while not found._atend:
        found._read_ids()
        found._read_weights()
        found._read_values()
        yield found._ids, found._weights, found._values
        found._next_block()


def bm25f(
    postings: Postings, idf: float, lengths: Scores, mean_length: float, b: float, k1: float
) -> Scores:
    """Whoosh's own BM25F formula over a whole posting list."""
    weights = postings.weights
    norm = (1 - b) + b * lengths[postings.documents] / mean_length
    return idf * weights * (k1 + 1) / (weights + k1 * norm)

"""How one term's postings are read: the only place that walks through Whoosh's matchers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
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


def read(reader: SegmentReader, field: str, term: str) -> Postings:
    """The postings of a term in one segment; none where the segment does not know it."""
    try:
        matcher = reader.postings(field, term)
    except TermNotFound:
        return NOWHERE
    documents, weights = [], []
    while matcher.is_active():
        documents.append(matcher.id())
        weights.append(matcher.weight())
        matcher.next()
    return Postings(np.array(documents, np.int64), np.array(weights))


def read_positions(
    reader: SegmentReader, field: str, term: str, documents: Documents
) -> Iterator[list[int]]:
    """Where a term stands in each of `documents`, all of which must hold it, ascending."""
    matcher = reader.postings(field, term)
    for document in documents:
        matcher.skip_to(int(document))
        yield matcher.value_as("positions")


def bm25f(
    postings: Postings, idf: float, lengths: Scores, mean_length: float, b: float, k1: float
) -> Scores:
    """Whoosh's own BM25F formula over a whole posting list."""
    weights = postings.weights
    norm = (1 - b) + b * lengths[postings.documents] / mean_length
    return idf * weights * (k1 + 1) / (weights + k1 * norm)

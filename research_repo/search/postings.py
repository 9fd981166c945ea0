"""How postings are read: whole blocks into arrays, in the order in which `writing` wrote them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import accumulate, chain
from pickle import load, loads
from struct import Struct
from typing import Any
from zlib import decompress

import numpy as np
from numpy.typing import NDArray
from whoosh.codec.whoosh3 import WHOOSH3_HEADER_MAGIC
from whoosh.reading import SegmentReader

Numbers = NDArray[np.signedinteger[Any]]
Documents = Numbers
Weights = NDArray[np.floating[Any]]
Scores = NDArray[np.float64]
Mask = NDArray[np.bool_]

# Flags, weight, documents, shortest, longest, greatest weight, first, last; place and size.
ABOUT_TERM = Struct("!BfIBBfIIqi")
_LENGTH = Struct("!i")
_PLACES = np.dtype("<u4")


@dataclass(frozen=True)
class Postings:
    """The documents that hold a term, ascending, and how often."""

    documents: Documents
    weights: Weights


@dataclass(frozen=True)
class Block:
    """Some postings of a term, as they are stored together."""

    documents: list[int]
    weights: tuple[float, ...]
    values: tuple[bytes, ...] | None


NOWHERE = Postings(np.empty(0, np.int32), np.empty(0, np.float32))
GONE = -1


def distinct(numbers: Documents) -> Documents:
    """Each number once, ascending."""
    # numpy's own unique hashes whole numbers, which takes a hundred times as long as sorting them.
    ordered = np.sort(numbers)
    return ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])[: len(ordered)]]


def both(one: Documents, other: Documents) -> Documents:
    """The numbers that are in both; each ascends, and the first is the shorter one."""
    if not len(other):
        return other
    at = np.minimum(np.searchsorted(other, one), len(other) - 1)
    return one[other[at] == one]


def tally(numbers: Numbers) -> tuple[Numbers, Numbers]:
    """Each number that occurs, ascending, and how often."""
    ordered = np.sort(numbers)
    is_first = np.concatenate([[True], ordered[1:] != ordered[:-1]])[: len(ordered)]
    firsts = np.flatnonzero(is_first)
    return ordered[firsts], np.diff(np.append(firsts, len(ordered)))


def ranges(starts: Numbers, sizes: Numbers) -> Numbers:
    """start, start + 1, … for each start, as many as its size."""
    ends = np.cumsum(sizes)
    return np.repeat(starts - (ends - sizes), sizes) + np.arange(int(sizes.sum()))


def stored(reader: SegmentReader, field: str, term: bytes) -> bytes | None:
    """The postings of a term as they stand in the file; None where the segment lacks the term."""
    terms = reader._terms
    for about in terms._tindex.all(terms._keycoder(field, term)):
        start, size = ABOUT_TERM.unpack(about)[-2:]
        whole: bytes = terms._postfile.get(start, size)
        return whole
    return None


def blocks(whole: bytes) -> Iterator[Block]:
    """Stored postings taken apart."""
    for count, steps, weights, values in unpacked(whole):
        if not isinstance(weights, tuple):
            weights = (weights,) * count
        yield Block(list(accumulate(steps)), weights, values)


def as_arrays(whole: bytes) -> Postings:
    """Stored postings as documents and weights."""
    documents, weights = [], []
    for count, steps, found, _ in unpacked(whole):
        documents.append(np.fromiter(accumulate(steps), np.int32, count))
        is_each = isinstance(found, tuple)
        weights.append(
            np.fromiter(found, np.float32, count) if is_each else np.full(count, found, np.float32)
        )
    if len(documents) == 1:
        return Postings(documents[0], weights[0])
    return Postings(np.concatenate(documents), np.concatenate(weights))


def unpacked(whole: bytes) -> Iterator[tuple[int, tuple[int, ...], Any, Any]]:
    """Block by block: how many, the steps from one document to the next, weights, values."""
    if not whole.startswith(WHOOSH3_HEADER_MAGIC):
        raise ValueError("these are no postings")
    at, file = len(WHOOSH3_HEADER_MAGIC), BytesIO(whole)
    is_last = False
    while not is_last:
        (length,) = _LENGTH.unpack_from(whole, at)
        is_last = length < 0
        file.seek(at + _LENGTH.size)
        # The folder is ours alone; Whoosh itself reads its index in no other way.
        count, _, _, is_compressed, _, _ = load(file)  # noqa: S301
        at += _LENGTH.size + abs(length)
        packed = whole[file.tell() : at]
        plain = decompress(packed) if is_compressed else packed
        steps, weights, values = loads(plain)  # noqa: S301
        yield count, steps, 1.0 if weights is None else weights, values


def places(whole: bytes) -> Numbers:
    """Where a term stands: document by document, in each as often as the term's weight says."""
    values = chain.from_iterable(block.values or () for block in blocks(whole))
    return np.frombuffer(b"".join(values), _PLACES).astype(np.int32)


def bm25f(
    weights: Weights, lengths: Numbers, idf: float, mean_length: float, b: float, k1: float
) -> Scores:
    """Whoosh's own BM25F formula over a whole posting list; `lengths` are those of its documents."""
    often = weights.astype(np.float64)
    norm = (1 - b) + b * lengths / mean_length
    scores: Scores = idf * often * (k1 + 1) / (often + k1 * norm)
    return scores

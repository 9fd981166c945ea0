"""One immutable segment of the index as arrays: facts, tags, and the postings read so far."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray
from whoosh.columns import VarBytesColumn
from whoosh.reading import SegmentReader

from research_repo.core.models import KINDS
from research_repo.search import postings
from research_repo.search.closure import Closure, Kinds, TagIds
from research_repo.search.files import reading_files
from research_repo.search.postings import Documents, Mask, Postings, distinct
from research_repo.search.schema import FACTS, TAIL

_LAST_CHARACTER = "\U0010ffff"
_NUMBER_BYTES = 4
_TAG_BITS = 32
_TAG_MASK = (1 << _TAG_BITS) - 1
POSTINGS_KEPT = 2_000_000  # per segment, some 32 MB


class Segment:
    """A segment never changes, so what is read of it stays true; only documents are deleted."""

    def __init__(self, reader: SegmentReader) -> None:
        self.reader = reader
        self.size: int = reader.doc_count_all()
        self.facts, self.tail = _unpacked(reader)
        self._tagged, self._tags = self.tail["tags"]
        self._by_tag = np.argsort(self._tags, kind="stable")
        self._tags_in_order = self._tags[self._by_tag]
        self._by_study = np.argsort(self.facts["study"], kind="stable")
        self._studies_in_order = self.facts["study"][self._by_study]
        # Whoosh readers share one file position: two threads would read damaged blocks.
        self._turn = threading.Lock()
        self._read: OrderedDict[tuple[str, str], Postings] = OrderedDict()
        self._kept = 0
        self._closed_over: tuple[int, Documents, NDArray[np.int64]] = (0, self._tagged, self._tags)
        self._written: dict[str, int] | None = None
        self._spelling: list[str] = []

    def postings(self, field: str, term: str) -> Postings:
        """The postings of a term, read once and kept while there is room."""
        key = (field, term)
        with self._turn:
            if key in self._read:
                self._read.move_to_end(key)
                return self._read[key]
            with reading_files():
                found = self._read[key] = postings.read(self.reader, field, term)
            self._kept += len(found.documents) + 1
            while self._kept > POSTINGS_KEPT and len(self._read) > 1:
                _, dropped = self._read.popitem(last=False)
                self._kept -= len(dropped.documents) + 1
            return found

    def phrase(self, terms: list[str]) -> Documents:
        """The documents that hold the terms one after another."""
        together = self.postings("text", terms[0]).documents
        for term in terms[1:]:
            together = np.intersect1d(together, self.postings("text", term).documents)
        if not len(together):
            return together
        with self._turn, reading_files():
            starts = [
                [{place - offset for place in places} for places in positions]
                for offset, term in enumerate(terms)
                for positions in [postings.read_positions(self.reader, "text", term, together)]
            ]
        hits = [bool(set.intersection(*places)) for places in zip(*starts, strict=True)]
        return together[np.array(hits)]

    def written(self) -> dict[str, int]:
        """All written words, each with the number of documents that hold it."""
        with self._turn, reading_files():
            if self._written is None:
                self._written = postings.frequencies(self.reader, "written")
                self._spelling = list(self._written)
            return self._written

    def beginning(self, prefix: str) -> dict[str, int]:
        """The written words that begin so, each with the number of documents that hold it."""
        written = self.written()
        # Whoosh keeps words in the order of their bytes, which is that of their characters.
        start = bisect_left(self._spelling, prefix)
        end = bisect_left(self._spelling, prefix + _LAST_CHARACTER, start)
        return {word: written[word] for word in self._spelling[start:end]}

    def with_words(self, some: Iterable[str]) -> Documents:
        """The documents in which any of the words is written just so, some of them repeated."""
        known = self.written()
        found = [self.postings("written", word).documents for word in some if word in known]
        return np.concatenate([np.empty(0, np.int64), *found])

    def tagged(self, tag_ids: TagIds) -> Documents:
        """The documents to which one of these tags was given."""
        starts = np.searchsorted(self._tags_in_order, tag_ids, "left")
        ends = np.searchsorted(self._tags_in_order, tag_ids, "right")
        return self._tagged[self._by_tag[_ranges(starts, ends - starts)]]

    def of_studies(self, study_ids: NDArray[np.int64], kinds: Kinds = ()) -> Documents:
        """The documents of these studies; of some kinds only, where any are named."""
        starts = np.searchsorted(self._studies_in_order, study_ids, "left")
        ends = np.searchsorted(self._studies_in_order, study_ids, "right")
        found = self._by_study[_ranges(starts, ends - starts)]
        if not kinds:
            return found
        wanted = [KINDS.index(kind) for kind in kinds]
        return found[np.isin(self.facts["kind"][found], wanted)]

    def tag_counts(self, closure: Closure, mask: Mask, tags: int) -> NDArray[np.int64]:
        """By tag id below `tags`: the masked documents that carry it or a descendant, each once.

        A document carries what was given to it and what its study lends.
        """
        edition, documents, inherited = self._closed_over
        if edition != closure.edition:
            documents, inherited = self._close_over(closure)
            self._closed_over = (closure.edition, documents, inherited)
        return np.bincount(inherited[mask[documents]], minlength=tags)

    def _close_over(self, closure: Closure) -> tuple[Documents, TagIds]:
        given, which = np.unique(self._tags, return_inverse=True)
        above = [sorted(closure.ancestors(int(tag_id))) for tag_id in given]
        sizes = np.array([len(tag_ids) for tag_ids in above], np.int64)
        starts = np.cumsum(sizes) - sizes
        flat = np.array([tag_id for tag_ids in above for tag_id in tag_ids], np.int64)
        tags = flat[_ranges(starts[which], sizes[which])]
        documents = np.repeat(self._tagged, sizes[which])
        given_pairs = documents << _TAG_BITS | tags
        pairs = distinct(np.concatenate([given_pairs, *self._inherited(closure)]))
        return pairs >> _TAG_BITS, pairs & _TAG_MASK

    def _inherited(self, closure: Closure) -> Iterator[NDArray[np.int64]]:
        """What studies lend, with all that lies above it, as pairs of a document and a tag."""
        for tag_id, lent in closure.lent_tags():
            for kinds, studies in lent.items():
                yield self.of_studies(studies, kinds) << _TAG_BITS | tag_id


Pairs = tuple[Documents, NDArray[np.int64]]
"""Documents, ascending, each with an id of something that belongs to it."""


def _unpacked(reader: SegmentReader) -> tuple[dict[str, NDArray[np.int64]], dict[str, Pairs]]:
    column = reader.column_reader("facts", VarBytesColumn(), translate=False)
    sizes = np.array(column._lengths, np.int64) // _NUMBER_BYTES
    # One read for all documents: value by value it takes a hundred times as long.
    raw = column._dbfile.get(column._basepos, int(sizes.sum()) * _NUMBER_BYTES)
    numbers = np.frombuffer(raw, "<u4").astype(np.int64)
    starts = np.cumsum(sizes) - sizes
    facts = {name: numbers[starts + place] for place, name in enumerate(FACTS)}
    tail, ends = {}, starts + len(FACTS)
    for name in TAIL:
        belonging = np.repeat(np.arange(len(sizes)), facts[name])
        tail[name] = belonging, numbers[_ranges(ends, facts[name])]
        ends += facts[name]
    return facts, tail


def _ranges(starts: NDArray[np.int64], sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """start, start + 1, … for each start, as many as its size."""
    ends = np.cumsum(sizes)
    return np.repeat(starts - (ends - sizes), sizes) + np.arange(int(sizes.sum()))

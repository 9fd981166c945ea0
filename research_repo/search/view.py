"""A view: all segments of one commit as one row of documents. It never changes once it is open."""

from __future__ import annotations

import weakref
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from functools import cached_property, partial
from math import log
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from whoosh.codec.base import Segment as ListedSegment
from whoosh.index import TOC
from whoosh.reading import SegmentReader

from research_repo.search.closure import Closure, Kinds
from research_repo.search.files import Files, reading_files
from research_repo.search.postings import GONE, Documents, Mask, Postings, Scores, bm25f, distinct
from research_repo.search.schema import FACTS, schema
from research_repo.search.segments import Segment

INDEX_NAME = "MAIN"
B = 0.5
TAG_B = 0.1
K1 = 1.2


class View:
    """Documents are numbered 0, 1, … over all segments; masks and scores are arrays over them."""

    def __init__(self, segments: Mapping[str, Segment], live: list[Mask]) -> None:
        self.segments = segments
        placed = list(segments.values())
        self.size = sum(segment.size for segment in placed)
        self._bases = np.cumsum([0, *(segment.size for segment in placed)])
        self.live: Mask = np.concatenate([np.empty(0, bool), *live])
        self.facts: dict[str, NDArray[np.int64]] = {
            name: np.concatenate([np.empty(0, np.int64), *(s.facts[name] for s in placed)])
            for name in FACTS
        }
        self._lengths = {
            "text": self.facts["length"].astype(float),
            "title": self.facts["title_length"].astype(float),
        }
        self._mean = {
            name: float(all_.mean()) if self.size else 1.0 for name, all_ in self._lengths.items()
        }
        self._incoming: dict[str, tuple[Documents, Documents]] = {}

    def nothing(self) -> Scores:
        return np.zeros(self.size)

    def nowhere(self) -> Mask:
        return np.zeros(self.size, bool)

    def idf(self, count: int) -> float:
        """How rare something is that this many documents have."""
        return log(max(self.size, 1) / (count + 1)) + 1

    def postings(self, field: str, term: str) -> Postings:
        """The postings of a term over all segments, deleted documents included."""
        found = self._each(lambda segment: segment.postings(field, term).documents)
        weights = [segment.postings(field, term).weights for segment in self.segments.values()]
        return Postings(found, np.concatenate([np.empty(0), *weights]))

    def scores(self, field: str, term: str) -> Scores:
        """BM25F of a term for every document."""
        found = self.postings(field, term)
        scores = self.nothing()
        idf = self.idf(len(found.documents))
        scores[found.documents] = bm25f(found, idf, self._lengths[field], self._mean[field], B, K1)
        return scores

    def saturation(self, documents: Documents, times: Scores) -> Scores:
        """BM25F of words that tags lend to documents, per unit of idf.

        A tag speaks for the whole note, so that its length weighs little here.
        """
        lent = Postings(documents, times)
        return bm25f(lent, 1.0, self._lengths["text"], self._mean["text"], TAG_B, K1)

    def with_phrase(self, terms: list[str]) -> Mask:
        """The documents that hold the terms one after another."""
        return self._mask(lambda segment: segment.phrase(terms))

    def with_words(self, some: Sequence[str]) -> Mask:
        """The documents in which any of the words is written just so."""
        return self._mask(lambda segment: segment.with_words(some))

    def written(self) -> list[dict[str, int]]:
        """For each segment its written words with their number of documents."""
        return [segment.written() for segment in self.segments.values()]

    def words_beginning(self, prefix: str) -> list[str]:
        """All written words that begin so, the most frequent first."""
        counts: Counter[str] = Counter()
        for segment in self.segments.values():
            counts.update(segment.beginning(prefix))
        return [word for word, _ in counts.most_common()]

    def under(self, closure: Closure, tag_id: int) -> Mask:
        """The documents that carry a tag or one of its descendants."""
        mask = self.nowhere()
        mask[self.documents_under(closure, tag_id)] = True
        return mask

    def carrying(self, closure: Closure, tag_id: int) -> Mask:
        """The documents that carry the tag itself, whatever lies below it."""
        itself, lent = closure.itself(tag_id), closure.lent_itself(tag_id)
        mask = self._mask(lambda segment: segment.tagged(itself))
        for kinds, studies in lent.items():
            mask[self._each(partial(_inheriting, kinds=kinds, studies=studies))] = True
        return mask

    def documents_under(self, closure: Closure, tag_id: int) -> Documents:
        """The same documents as numbers, ascending."""
        given, inherited = self.given_and_inherited(closure, tag_id)
        return distinct(np.concatenate([given, inherited])) if len(inherited) else given

    def given_and_inherited(self, closure: Closure, tag_id: int) -> tuple[Documents, Documents]:
        """The documents to which the tag or a descendant was given, and those whose study lends it."""
        subtree, lent = closure.subtree(tag_id), closure.lent(tag_id)
        given = distinct(self._each(lambda segment: segment.tagged(subtree)))
        inherited = [
            self._each(partial(_inheriting, kinds=kinds, studies=studies))
            for kinds, studies in lent.items()
        ]
        return given, distinct(np.concatenate(inherited)) if inherited else given[:0]

    def tag_counts(self, closure: Closure, mask: Mask) -> dict[int, int]:
        """For each tag that has any: the masked documents in its subtree, each counted once."""
        size = max(closure.survivors, default=0) + 1
        counts = np.zeros(size, np.int64)
        for segment, base in zip(self.segments.values(), self._bases, strict=False):
            counts += segment.tag_counts(closure, mask[base : base + segment.size], size)
        return {int(tag_id): int(counts[tag_id]) for tag_id in np.flatnonzero(counts)}

    def places_of(self, atom_ids: Collection[int]) -> list[int]:
        """Where the live documents of these atoms are."""
        held = np.isin(self.facts["atom"], np.fromiter(atom_ids, np.int64, len(atom_ids)))
        return np.flatnonzero(held & self.live).tolist()

    def incoming(self, kind: str) -> tuple[Documents, Documents]:
        """Links of a kind between live documents: where each leads to, and where it comes from."""
        # Every search asks, and the view never changes.
        if kind not in self._incoming:
            self._incoming[kind] = self._links(kind)
        return self._incoming[kind]

    def _links(self, kind: str) -> tuple[Documents, Documents]:
        to = self._each(lambda segment: segment.tail[kind][0])
        ids = [segment.tail[kind][1] for segment in self.segments.values()]
        sources = self.places_or_gone(np.concatenate([np.empty(0, np.int64), *ids]))
        held = (sources != GONE) & self.live[to]
        return to[held], sources[held]

    def places_or_gone(self, atom_ids: NDArray[np.int64]) -> Documents:
        """Where the live document of each of these atoms is, GONE for those without one."""
        by_atom, ordered = self._by_atom
        if not len(ordered):
            return np.full(len(atom_ids), GONE)
        at = np.minimum(np.searchsorted(ordered, atom_ids), len(ordered) - 1)
        return np.where(ordered[at] == atom_ids, by_atom[at], GONE)

    @cached_property
    def _by_atom(self) -> tuple[Documents, NDArray[np.int64]]:
        places = np.flatnonzero(self.live)
        by_atom = places[np.argsort(self.facts["atom"][places], kind="stable")]
        return by_atom, self.facts["atom"][by_atom]

    @cached_property
    def places(self) -> dict[int, int]:
        """Where the live document of each atom is."""
        places = np.flatnonzero(self.live)
        return dict(zip(self.facts["atom"][places].tolist(), places.tolist(), strict=True))

    def _each(self, of_segment: Callable[[Segment], Documents]) -> Documents:
        found = [
            of_segment(segment) + base
            for segment, base in zip(self.segments.values(), self._bases, strict=False)
        ]
        return np.concatenate([np.empty(0, np.int64), *found])

    def _mask(self, of_segment: Callable[[Segment], Documents]) -> Mask:
        mask = self.nowhere()
        mask[self._each(of_segment)] = True
        return mask


def _inheriting(segment: Segment, kinds: Kinds, studies: NDArray[np.int64]) -> Documents:
    return segment.of_studies(studies, kinds)


EMPTY = View({}, [])


def open_view(folder: Path, known: Mapping[str, Segment]) -> View:
    """The newest commit in a folder. Segments that are `known` already are not read again."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return _open(folder, known)
        except FileNotFoundError:
            continue  # a commit has just replaced the files that the list named
    return _open(folder, known)


_ATTEMPTS = 3


def _open(folder: Path, known: Mapping[str, Segment]) -> View:
    # Our own schema is given, so that nothing is unpickled but the list of segments.
    with reading_files(), closing(Files(folder)) as files:
        commit = TOC.read(files, INDEX_NAME, schema=schema())
    segments, live = {}, []
    for listed in commit.segments:
        name = listed.segment_id()
        segment = known.get(name) or _segment(folder, listed)
        alive = np.ones(segment.size, bool)
        alive[list(listed.deleted_docs())] = False
        segments[name] = segment
        live.append(alive)
    return View(segments, live)


def _segment(folder: Path, listed: ListedSegment) -> Segment:
    files = Files(folder)
    try:
        with reading_files():
            segment = Segment(SegmentReader(files, schema(), listed))
    except BaseException:
        files.close()
        raise
    weakref.finalize(segment, files.close)
    return segment

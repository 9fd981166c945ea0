"""A view: all segments of one commit as one row of documents. It never changes once it is open."""

from __future__ import annotations

import weakref
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property, partial
from math import log
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from whoosh.codec.base import Segment as ListedSegment
from whoosh.index import TOC
from whoosh.reading import SegmentReader

from research_repo.search.carried import TagCounts
from research_repo.search.closure import Closure, Kinds
from research_repo.search.files import Files, reading_files
from research_repo.search.postings import (
    GONE,
    Documents,
    Mask,
    Numbers,
    Postings,
    Scores,
    Weights,
    bm25f,
)
from research_repo.search.schema import schema
from research_repo.search.segments import Segment
from research_repo.search.stretches import Stretch
from research_repo.search.vocabulary import Words

INDEX_NAME = "MAIN"
B = 0.5
TAG_B = 0.1
K1 = 1.2
# Edits gather in a short stretch beside the long one, until it holds a sixteenth of all.
LONG_SHARE = 16
SHORT_MAX = 2_000

_LENGTH_OF = {"text": "length", "title": "title_length"}


@dataclass(frozen=True)
class Pieces:
    """Where the pieces of each document begin, how many they are, and of each what it is known by."""

    starts: Numbers
    sizes: Numbers
    copied: NDArray[np.int64]
    people: NDArray[np.int64]


class View:
    """Documents are numbered 0, 1, … over all segments; masks and scores are arrays over them.

    `before` is an earlier view of the same folder, of which whatever still holds is taken over.
    """

    def __init__(
        self, segments: Mapping[str, Segment], live: list[Mask], before: View | None = None
    ) -> None:
        self.segments = segments
        self.stretches = _stretches(list(segments.values()), before)
        self.size = sum(stretch.size for stretch in self.stretches)
        self._bases = np.cumsum([0, *(stretch.size for stretch in self.stretches)])[:-1].tolist()
        self.live: Mask = np.concatenate([np.empty(0, bool), *live])
        self.facts = _Facts(self.stretches)
        self._mean = {
            field: float(self.facts[name].mean()) if self.size else 1.0
            for field, name in _LENGTH_OF.items()
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
        found = [stretch.postings(field, term) for stretch in self.stretches]
        if len(found) == 1:
            return found[0]
        weights = [np.empty(0, np.float32), *(one.weights for one in found)]
        return Postings(self._over([one.documents for one in found]), np.concatenate(weights))

    def add_scores(self, scores: Scores, field: str, term: str, share: float = 1.0) -> None:
        """Add the BM25F of a term, or a share of it, to the score of each document that holds it."""
        found = self.postings(field, term)
        lengths = self.facts[_LENGTH_OF[field]].take(found.documents)
        idf = self.idf(len(found.documents))
        scores[found.documents] += share * bm25f(
            found.weights, lengths, idf, self._mean[field], B, K1
        )

    def score_of(self, field: str, term: str, length: int) -> float:
        """What a term gives to a text of this length that holds it once, indexed or not."""
        held, once = self.postings(field, term), np.ones(1, np.float32)
        idf, mean = self.idf(len(held.documents)), self._mean[field]
        return float(bm25f(once, np.array([length]), idf, mean, B, K1)[0])

    def saturation(self, documents: Documents, times: Weights) -> Scores:
        """BM25F of words that tags lend to documents, per unit of idf.

        A tag speaks for the whole note, so that its length weighs little here.
        """
        lengths = self.facts["length"].take(documents)
        return bm25f(times, lengths, 1.0, self._mean["text"], TAG_B, K1)

    def with_phrase(self, terms: Sequence[str]) -> Mask:
        """The documents that hold the terms one after another."""
        return self._mask(lambda stretch: stretch.phrase(terms))

    def with_beginning(self, prefix: str, most: int) -> Mask:
        """The documents with a written word that begins so: one of the `most` frequent ones."""
        counted: Counter[str] = Counter()
        for words, counts in (words.beginning(prefix) for words in self.written()):
            counted.update(dict(zip(words, counts.tolist(), strict=True)))
        words = [word for word, _ in counted.most_common(most)]
        return self._mask(lambda stretch: stretch.with_beginning(prefix, words))

    def written(self) -> list[Words]:
        """All written words with the number of documents that hold them, in some parts."""
        return [stretch.words for stretch in self.stretches]

    def under(self, closure: Closure, tag_id: int) -> Mask:
        """The documents that carry a tag or one of its descendants."""
        mask = self.nowhere()
        for documents in self.given_and_inherited(closure, tag_id):
            mask[documents] = True
        return mask

    def carrying(self, closure: Closure, tag_id: int) -> Mask:
        """The documents that carry the tag itself, whatever lies below it."""
        itself = closure.itself(tag_id)
        mask = self._mask(lambda stretch: _tagged(stretch, itself))
        for kinds, studies in closure.lent_itself(tag_id).items():
            mask |= self._mask(partial(_of_studies, kinds=kinds, studies=studies))
        return mask

    def given_and_inherited(self, closure: Closure, tag_id: int) -> tuple[Documents, Documents]:
        """The documents to which the tag or a descendant was given, and others whose study lends it."""
        survivor = closure.survivors.get(tag_id, tag_id)
        carried = [stretch.carried(closure) for stretch in self.stretches]
        given = self._over([one.given(survivor) for one in carried])
        return given, self._over([one.lent(survivor) for one in carried])

    def tag_counts(self, closure: Closure, mask: Mask) -> TagCounts:
        """For each tag that has any: the masked documents in its subtree, each counted once."""
        carried = [stretch.carried(closure) for stretch in self.stretches]
        counts = [
            one.counts(mask[base : base + stretch.size])
            for one, stretch, base in zip(carried, self.stretches, self._bases, strict=True)
        ]
        # Under one closure all know the same tags.
        return TagCounts(carried[0].tag_ids, np.sum(counts, axis=0))

    def places_of(self, atom_ids: Collection[int]) -> list[int]:
        """Where the live documents of these atoms are."""
        wanted = np.fromiter(atom_ids, np.int64, len(atom_ids))
        found = self.places_or_gone(wanted)
        return np.sort(found[found != GONE]).tolist()

    def incoming(self, kind: str) -> tuple[Documents, Documents]:
        """Links of a kind between live documents: where each leads to, and where it comes from."""
        # Every search asks, and the view never changes.
        if kind not in self._incoming:
            self._incoming[kind] = self._links(kind)
        return self._incoming[kind]

    @cached_property
    def pieces(self) -> Pieces:
        """The pieces of evidence of all documents."""
        sizes = self.facts["copied"] // 2
        copied, people = (
            np.concatenate([np.empty(0, np.int64), *(one.marks(name) for one in self.stretches)])
            for name in ("copied", "people")
        )
        return Pieces(np.cumsum(sizes) - sizes, sizes, copied, people)

    def _links(self, kind: str) -> tuple[Documents, Documents]:
        pairs = [stretch.pairs(kind) for stretch in self.stretches]
        to = self._over([documents for documents, _ in pairs])
        ids = np.concatenate([np.empty(0, np.int32), *(ids for _, ids in pairs)])
        sources = self.places_or_gone(ids)
        held = (sources != GONE) & self.live[to]
        # Others pack two of these into one number.
        return to[held].astype(np.int64), sources[held].astype(np.int64)

    def places_or_gone(self, atom_ids: Numbers) -> Documents:
        """Where the live document of each of these atoms is, GONE for those without one."""
        by_atom = self._by_atom
        known = np.minimum(np.maximum(atom_ids, 0), len(by_atom) - 1)
        return np.where(known == atom_ids, by_atom[known], GONE)

    @cached_property
    def _by_atom(self) -> Documents:
        atoms = self.facts["atom"]
        by_atom = np.full(int(atoms.max(initial=0)) + 1, GONE, np.int32)
        live = np.flatnonzero(self.live)
        by_atom[atoms[live]] = live
        return by_atom

    @property
    def places(self) -> dict[int, int]:
        """Where the live document of each atom is."""
        live = np.flatnonzero(self.live)
        return dict(zip(self.facts["atom"][live].tolist(), live.tolist(), strict=True))

    def _over(self, found: Sequence[Documents]) -> Documents:
        """Documents of the stretches as documents of the view."""
        if len(found) == 1:
            return found[0]
        moved = [some + base for some, base in zip(found, self._bases, strict=True)]
        return np.concatenate([np.empty(0, np.int32), *moved])

    def _mask(self, of_stretch: Callable[[Stretch], Documents]) -> Mask:
        mask = self.nowhere()
        mask[self._over([of_stretch(stretch) for stretch in self.stretches])] = True
        return mask


class _Facts(dict[str, Numbers]):
    """The facts of all stretches, put together when first asked for: few questions need them all."""

    def __init__(self, stretches: Sequence[Stretch]) -> None:
        super().__init__()
        self._stretches = stretches

    def __missing__(self, name: str) -> Numbers:
        parts = [stretch.facts[name] for stretch in self._stretches]
        whole = parts[0] if len(parts) == 1 else np.concatenate([np.empty(0, np.int32), *parts])
        self[name] = whole
        return whole


def open_view(folder: Path, before: View | None = None) -> View:
    """The newest commit in a folder. What an earlier view has read already is not read again."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return _open(folder, before)
        except FileNotFoundError:
            continue  # a commit has just replaced the files that the list named
    return _open(folder, before)


_ATTEMPTS = 3


def _open(folder: Path, before: View | None) -> View:
    # Our own schema is given, so that nothing is unpickled but the list of segments.
    with reading_files(), closing(Files(folder)) as files:
        commit = TOC.read(files, INDEX_NAME, schema=schema())
    known = before.segments if before else {}
    segments, live = {}, []
    for listed in commit.segments:
        name = listed.segment_id()
        segment = known.get(name) or _segment(folder, listed)
        alive = np.ones(segment.size, bool)
        alive[list(listed.deleted_docs())] = False
        segments[name] = segment
        live.append(alive)
    return View(segments, live, before)


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


def _stretches(segments: list[Segment], before: View | None) -> list[Stretch]:
    known = before.stretches if before else []
    long = known[0] if known else None
    if long is None or tuple(segments[: len(long.segments)]) != long.segments:
        return [Stretch(segments)]
    others = segments[len(long.segments) :]
    if not others:
        return [long]
    if sum(one.size for one in others) > max(SHORT_MAX, long.size // LONG_SHARE):
        return [Stretch(segments)]
    same = [one for one in known[1:] if one.segments == tuple(others)]
    return [long, *(same or [Stretch(others)])]


def _of_studies(stretch: Stretch, studies: Numbers, kinds: Kinds) -> Documents:
    return stretch.of_studies(studies, kinds)


def _tagged(stretch: Stretch, tag_ids: Numbers) -> Documents:
    documents, tags = stretch.pairs("tags")
    return documents[np.isin(tags, tag_ids)]


EMPTY = View({}, [])

"""What the arrays say is what Whoosh's own searcher says of the same files: ids, order and scores."""

from __future__ import annotations

import random
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from whoosh import query, scoring
from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex
from whoosh.matching import Matcher
from whoosh.searching import Searcher

from research_repo.core import words
from research_repo.core.indexing import Document, Lending, TagRow, Vocabulary
from research_repo.core.models import KINDS
from research_repo.search import building, kept, merging, stretches
from research_repo.search.asking import Query
from research_repo.search.closure import Closure
from research_repo.search.dictionary import Dictionary
from research_repo.search.labels import Labels
from research_repo.search.matching import matching
from research_repo.search.ranking import TITLE_BONUS, Ranked
from research_repo.search.schema import schema
from research_repo.search.thesaurus import Thesaurus
from research_repo.search.view import INDEX_NAME, K1, B, View, open_view

DOCUMENTS = 150
PARTS = (60, 45, 30, 10, 5)
TAGS = 40
STUDIES = 12
QUERIES = 1000
KNOWN = [letter * count for letter in "abcdefghijkl" for count in (2, 3, 4)]
KNOWN += "возврат возвраты возвратов вернуть доставка доставки курьер курьеры отзыв".split()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five segments, a third of whose documents were deleted again."""
    folder = tmp_path_factory.mktemp("index")
    FileIndex.create(FileStorage(str(folder)), schema(), INDEX_NAME)
    chance, first = random.Random(1), 1
    for size in PARTS:
        some = [_document(chance, number) for number in range(first, first + size)]
        building.write(folder, (), some, merging.none)
        first += size
    building.write(folder, chance.sample(range(DOCUMENTS), DOCUMENTS // 3), (), merging.none)
    return folder


@pytest.fixture(scope="module")
def view(folder: Path) -> View:
    return open_view(folder)


@pytest.fixture(scope="module")
def dictionary() -> Dictionary:
    closure = Closure(_vocabulary(random.Random(2)))
    nothing = Vocabulary(1, (), (), ())
    return Dictionary(closure, Thesaurus(nothing, closure), Labels(nothing, closure))


class Plain(scoring.WeightingModel):
    """BM25F by Whoosh's own function. The lengths of documents stand in a column of ours."""

    def __init__(self, view: View) -> None:
        self.lengths = {"text": view.facts["length"], "title": view.facts["title_length"]}

    def scorer(
        self, searcher: Searcher, fieldname: str, text: bytes, qf: float = 1
    ) -> scoring.BaseScorer:
        # Each segment has its own searcher; its parent knows all of them.
        whole = searcher.get_parent()
        base = next((base for one, base in whole.leaf_searchers() if one is searcher), 0)
        if fieldname not in self.lengths:
            return _Scorer(lambda _: 1.0)
        lengths, idf = self.lengths[fieldname], whole.idf(fieldname, text)
        mean = float(lengths.mean())

        def score(matcher: Matcher) -> float:
            length = float(lengths[base + matcher.id()])
            return scoring.bm25(idf, matcher.weight(), length, mean, B, K1)

        return _Scorer(score)


class _Scorer(scoring.BaseScorer):
    def __init__(self, score) -> None:
        self.score = score


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", [3, 4])
def test_a_thousand_queries_find_the_same_in_the_same_order(
    folder: Path, view: View, dictionary: Dictionary, seed: int
) -> None:
    chance = random.Random(seed)
    index = FileIndex(FileStorage(str(folder)), schema(), INDEX_NAME)
    assert len(view.stretches) == 1
    assert len(view.segments) == len(PARTS)
    found = 0
    with closing(index.searcher(weighting=Plain(view))) as searcher:
        for _ in range(QUERIES):
            asked = _query(chance)
            match = chance.choice(("any", "all"))
            ours, theirs = _ours(view, dictionary, asked, match), _theirs(searcher, asked, match)
            assert [place for place, _ in ours] == [place for place, _ in theirs], asked
            assert [score for _, score in ours] == pytest.approx([score for _, score in theirs])
            found += len(ours)
    assert found > 10 * QUERIES


def test_a_view_after_edits_says_what_a_view_opened_anew_says(
    tmp_path: Path, dictionary: Dictionary
) -> None:
    FileIndex.create(FileStorage(str(tmp_path)), schema(), INDEX_NAME)
    chance = random.Random(4)
    building.write(tmp_path, (), [_document(chance, n) for n in range(1, 301)], merging.none)
    grown = open_view(tmp_path)
    for number in range(301, 321):
        gone = chance.sample(range(grown.size), 1)
        building.write(tmp_path, gone, [_document(chance, number)], merging.small_ones)
        before, grown = grown, open_view(tmp_path, grown)
        assert grown.stretches[0] is before.stretches[0]
        fresh = open_view(tmp_path)
        for _ in range(20):
            asked = _query(chance)
            assert _ours(grown, dictionary, asked, "any") == _ours(fresh, dictionary, asked, "any")
        mask = grown.live.copy()
        closure = dictionary.closure
        assert grown.tag_counts(closure, mask) == fresh.tag_counts(closure, mask)


@pytest.mark.parametrize("share", [0.02, 0.15, 0.5, 1.0])
def test_counts_of_tags_are_those_of_a_look_at_each_document(
    view: View, dictionary: Dictionary, share: float
) -> None:
    closure, chance = dictionary.closure, np.random.default_rng(5)
    carried = [set(tags) for tags in _carried(view, closure)]
    for _ in range(25):
        mask = view.live & (chance.random(view.size) < share)
        counted = Counter(tag for place in np.flatnonzero(mask) for tag in carried[place])
        assert view.tag_counts(closure, mask) == dict(counted)
    for tag_id in closure.survivors:
        survivor = closure.survivors[tag_id]
        held = [survivor in tags for tags in carried]
        assert view.under(closure, tag_id).tolist() == held


def test_sixteen_threads_read_one_view_without_damage(
    folder: Path, dictionary: Dictionary, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(6)
    queries = [_query(chance) for _ in range(60)]
    alone = open_view(folder)
    right = [_ours(alone, dictionary, asked, "any") for asked in queries]
    # Hardly anything fits: all threads go to the files all the time, and throw out each other's.
    monkeypatch.setattr(stretches, "KEPT", kept.Kept(bytes_max=20_000))
    shared = open_view(folder)
    outcomes: Counter[str] = Counter()

    def ask(seed: int) -> None:
        mine = random.Random(seed)
        for _ in range(25):
            at = mine.randrange(len(queries))
            try:
                same = _ours(shared, dictionary, queries[at], "any") == right[at]
                outcomes["right" if same else "wrong"] += 1
            except Exception as fault:
                outcomes[repr(fault)] += 1

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-4)
    try:
        threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert outcomes == {"right": 16 * 25}


def test_all_that_is_kept_fits_into_one_room() -> None:
    room = kept.Kept(bytes_max=10_000)
    for number in range(100):
        room.get(number, lambda: (np.zeros(100, np.int32),))
        assert room.bytes <= room.bytes_max
    made: list[int] = []

    def again() -> tuple[np.ndarray]:
        made.append(1)
        return (np.zeros(1),)

    room.get(99, again)
    assert made == []
    room.get(0, again)
    assert made == [1]


def _document(chance: random.Random, number: int) -> Document:
    def text(size: int) -> str:
        return " ".join(chance.choices(KNOWN, range(len(KNOWN), 0, -1), k=size))

    return Document(
        atom_id=number,
        kind=chance.choice(KINDS),
        study_id=chance.randint(1, STUDIES),
        status="published",
        author_id=1,
        date=date(2024, 1, 1) + timedelta(number),
        language="en",
        title=text(chance.randint(1, 6)),
        body=text(chance.randint(0, 40)),
        quotes=tuple(text(8) for _ in range(chance.randint(0, 2))),
        tag_ids=tuple(chance.sample(range(1, TAGS + 5), chance.randint(0, 4))),
    )


def _vocabulary(chance: random.Random) -> Vocabulary:
    merged = {3: 7, 9: 7, 7: 20, 30: 2}
    tags = tuple(TagRow(n, f"t{n}", 1, "active", merged.get(n)) for n in range(1, TAGS + 1))
    edges = {(child, chance.randrange(1, child)) for child in range(2, TAGS) for _ in range(2)}
    lendings = tuple(
        Lending(chance.randint(1, STUDIES), chance.randint(1, TAGS), kinds)
        for kinds in ((), ("fact",), ("insight", "recommendation"), ())
    )
    return Vocabulary(1, tags, tuple(sorted(edges)), (), lendings)


def _query(chance: random.Random) -> Query:
    def some(least: int, most: int) -> tuple[str, ...]:
        return tuple(chance.sample([*KNOWN, "nowhere"], chance.randint(least, most)))

    shape = chance.randrange(6)
    return Query(
        words=some(1, 5),
        phrases=tuple(some(2, 3) for _ in range(chance.randint(1, 2))) if shape == 1 else (),
        prefixes=(chance.choice(KNOWN)[: chance.randint(2, 3)],) if shape == 2 else (),
        without=some(1, 2) if shape == 3 else (),
    )


def _ours(view: View, dictionary: Dictionary, asked: Query, match: str) -> list[tuple[int, float]]:
    ranked = Ranked(view, dictionary, asked.words, expand=False)
    matched = matching(view, ranked, asked, view.live)
    places = np.flatnonzero(matched.asked(match)).tolist()
    return _ordered((place, float(ranked.scores[place])) for place in places)


def _theirs(searcher: Searcher, asked: Query, match: str) -> list[tuple[int, float]]:
    def term(word: str) -> query.Query:
        return query.Term("text", words.stem(word))

    stems = list(dict.fromkeys(map(words.stem, asked.words)))
    scored = [
        query.Or([query.Term("text", stem), query.Term("title", stem, boost=TITLE_BONUS)])
        for stem in stems
    ]
    needed: list[query.Query] = [
        query.ConstantScoreQuery(query.Prefix("written", prefix), 0.0) for prefix in asked.prefixes
    ]
    # Taken away as sets: a matcher for "and not" lets single documents slip through.
    excluded = set(searcher.docs_for_query(query.Or([term(word) for word in asked.without])))
    for phrase in asked.phrases:
        wanted = query.Phrase("text", [words.stem(word) for word in phrase])
        # One that stands nowhere else is looked for by its words.
        if set(searcher.docs_for_query(query.And([wanted, *needed]))) - excluded:
            needed.append(wanted)
    whole: query.Query = (query.And if match == "all" else query.Or)(scored)
    # What begins as asked answers by that alone, unless all words are asked for.
    is_answer = bool(asked.prefixes) and match == "any"
    narrowing = query.And(needed if is_answer else [whole, *needed])
    held = set(searcher.docs_for_query(narrowing)) - excluded
    found = searcher.search(query.Or(scored), limit=None)
    scores = {place: score for score, place in found.top_n}
    return _ordered((place, scores.get(place, 0.0)) for place in held)


def _ordered(found: Iterator[tuple[int, float]]) -> list[tuple[int, float]]:
    return sorted(
        ((place, round(score, 9)) for place, score in found), key=lambda one: (-one[1], one[0])
    )


def _carried(view: View, closure: Closure) -> Iterator[set[int]]:
    given: dict[int, set[int]] = {place: set() for place in range(view.size)}
    for stretch in view.stretches:
        for place, tag_id in zip(*stretch.pairs("tags"), strict=True):
            given[int(place)] |= closure.ancestors(int(tag_id))
    for place, (study, kind) in enumerate(
        zip(view.facts["study"], view.facts["kind"], strict=True)
    ):
        for tag_id in closure.survivors.values():
            lent = closure.lent(tag_id)
            if any(
                study in studies and (not kinds or KINDS[kind] in kinds)
                for kinds, studies in lent.items()
            ):
                given[place].add(tag_id)
    yield from (given[place] for place in range(view.size))

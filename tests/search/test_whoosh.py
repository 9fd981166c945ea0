"""What a lineage of Whoosh must do right; another one may take its place when it passes these."""

from __future__ import annotations

import random
import sys
import threading
from collections import Counter
from pathlib import Path

from whoosh import fields, index
from whoosh.query import And, Or, Phrase, Require, Term

from research_repo.search import Search, Wanted
from tests.search.conftest import House


def words(chance: random.Random, least: int, most: int) -> str:
    return " ".join(
        chance.choice("abcdefghij") * chance.randint(2, 3)
        for _ in range(chance.randint(least, most))
    )


def test_a_refreshed_searcher_sees_updates_and_deletions(tmp_path: Path) -> None:
    schema = fields.Schema(key=fields.ID(unique=True, stored=True), text=fields.TEXT)
    writing = index.create_in(str(tmp_path), schema)
    writer = writing.writer()
    for number in range(50):
        writer.add_document(key=f"k{number}", text="hello old world")
    writer.commit()
    searcher = writing.searcher()
    for number in range(3):
        writer = index.open_dir(str(tmp_path)).writer()
        writer.update_document(key=f"k{number}", text="hello new world")
        writer.commit(merge=False)
        searcher = searcher.refresh()
        assert len(searcher.search(Term("key", f"k{number}"), limit=None)) == 1
        assert len(searcher.search(Term("text", "old"), limit=None)) == 49 - number
    writer = index.open_dir(str(tmp_path)).writer()
    writer.delete_by_term("key", "k40")
    writer.commit(merge=False)
    searcher = searcher.refresh()
    assert len(searcher.search(Term("key", "k40"))) == 0
    searcher.close()


def test_a_required_filter_does_not_break_ranking(tmp_path: Path) -> None:
    chance = random.Random(1)
    whole = index.create_in(str(tmp_path), fields.Schema(text=fields.TEXT, kind=fields.KEYWORD))
    writer = whole.writer()
    for _ in range(1000):
        kinds = " ".join(chance.sample(["x", "y", "z"], 2))
        writer.add_document(text=words(chance, 3, 12), kind=kinds)
    writer.commit()
    with whole.searcher() as searcher:
        for word in ("aa", "bb", "ccc", "ddd"):
            for kind in "xyz":
                assert searcher.search(Require(Term("text", word), Term("kind", kind)), limit=10)


def test_a_phrase_is_found_at_every_position(tmp_path: Path) -> None:
    # A lineage that took an encoded position for its old format failed at 46 only.
    whole = index.create_in(str(tmp_path), fields.Schema(text=fields.TEXT))
    writer = whole.writer()
    for before in range(60):
        padding = [f"pad{number}" for number in range(before)]
        writer.add_document(text=" ".join([*padding, "alpha", "beta"]))
    writer.commit()
    with whole.searcher() as searcher:
        assert len(searcher.search(Phrase("text", ["alpha", "beta"]), limit=None)) == 60


def test_a_searcher_of_its_own_per_thread_counts_right(tmp_path: Path) -> None:
    chance = random.Random(2)
    whole = index.create_in(str(tmp_path), fields.Schema(text=fields.TEXT))
    writer = whole.writer()
    texts = [words(chance, 3, 12) for _ in range(500)]
    for text in texts:
        writer.add_document(text=text)
    writer.commit()
    held = [set(text.split()) for text in texts]
    outcomes: Counter[bool] = Counter()

    def ask(seed: int) -> None:
        mine = random.Random(seed)
        with index.open_dir(str(tmp_path)).searcher() as searcher:
            for _ in range(40):
                pair = {mine.choice("abcdefghij") * 2, mine.choice("abcdefghij") * 3}
                terms = [Term("text", word) for word in pair]
                both = sum(1 for _ in And(terms).docs(searcher))
                either = sum(1 for _ in Or(terms).docs(searcher))
                outcomes[both == sum(pair <= some for some in held)] += 1
                outcomes[either == sum(bool(pair & some) for some in held)] += 1

    in_threads(ask)
    assert outcomes == {True: 4 * 40 * 2}


def test_one_search_shared_by_threads_counts_right(house: House) -> None:
    chance = random.Random(3)
    known = [f"word{number}" for number in range(200)]
    held = [set(chance.choices(known, k=40)) for _ in range(60)]
    for some in held:
        house.atom("Words", kind="insight", body=" ".join(sorted(some)))
    house.find()
    outcomes: Counter[bool] = Counter()

    def ask(seed: int) -> None:
        mine = random.Random(seed)
        for _ in range(30):
            pair = set(mine.sample(known, 2))
            wanted = Wanted(" ".join(pair), literal=True)
            total = search.find(wanted, house.people["olga"]).total
            outcomes[total == sum(bool(pair & some) for some in held)] += 1

    for _ in range(3):
        # A fresh search has read nothing yet: every word takes all threads to the files.
        search = Search(house.database, house.search.live.folder)
        in_threads(ask)
    assert outcomes == {True: 3 * 4 * 30}


def in_threads(ask) -> None:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-4)
    try:
        threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)

"""What is measured is what its page says: the corpus, the questions, and the same answers from all engines."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from benchmarks import comparing, corpus, growth, questions, results, serving, tables
from benchmarks.__main__ import measured
from benchmarks.corpus import Corpus
from benchmarks.loading import loaded
from benchmarks.peers import NAMES, OURS, child, engine, is_installed
from benchmarks.peers.engine import PAGE, Answer, Asked, Document, Engine, Tree, documents
from benchmarks.peers.typing_errors import one_edit_away
from research_repo.core import words


def test_the_corpus_is_the_same_each_time(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        corpus.write(Corpus(20, 30), tmp_path / name)
    for file in ("tags.csv", "atoms.jsonl"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_the_corpus_has_the_shape_that_its_page_tells(tmp_path: Path) -> None:
    tags, atoms = corpus.write(Corpus(500, 1000), tmp_path)
    rows = list(csv.DictReader(tags.read_text("utf-8").splitlines()))
    notes = [json.loads(line) for line in atoms.read_text("utf-8").splitlines()]
    sizes = [len(words.tokens(f"{n['title']} {n['body']} {n['quote']}")) for n in notes]
    assert 76 < mean(sizes) < 80
    assert 4 < mean(len(note["tags"].split(";")) for note in notes) < 5
    assert 0.6 < mean(note["language"] == "ru" for note in notes) < 0.7
    assert 0.07 < mean("|" in row["parent_ids"] for row in rows) < 0.11
    # Forms of a word share its stem, else nothing of inflection would be measured.
    forms = [lexeme.forms for some in Corpus(1, 1).lexemes.values() for lexeme in some[:300]]
    assert mean(len({words.stem(form) for form in some}) / len(some) for some in forms) < 0.6


SIZE = 60, 40
KNOWS_WORDS_AND_TAGS = [
    pytest.param(name, marks=pytest.mark.slow if name == "PostgreSQL" else ())
    for name in NAMES
    if "Whoosh" not in name and name != OURS
]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a small corpus."""
    folder = tmp_path_factory.mktemp("source")
    corpus.write(Corpus(*SIZE), folder)
    return folder


@pytest.fixture(scope="module")
def held(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance with the small corpus."""
    folder = tmp_path_factory.mktemp("held") / "instance"
    loaded(Corpus(*SIZE), source, folder)
    return folder


def asked_of(source: Path) -> list[Asked]:
    return questions.questions(Corpus(*SIZE), Tree.read(source / corpus.TAGS), 6)


def by_hand(source: Path, asked: Asked) -> Answer:
    """The answer by looking at every note."""
    tree = Tree.read(source / corpus.TAGS)
    found = [one for one in documents(source, tree) if answers(one, asked, tree)]
    counts: dict[int, int] = {}
    for one in found if asked.counts else ():
        for tag in {above for own in one.tags for above in tree.above[own]}:
            counts[tag] = counts.get(tag, 0) + 1
    return Answer(len(found), (), counts)


def answers(one: Document, asked: Asked, tree: Tree) -> bool:
    held = one.stems.split()
    under = asked.tag is None or any(asked.tag in tree.above[tag] for tag in one.tags)
    told = {
        "nothing": True,
        "any": not set(held).isdisjoint(asked.stems),
        "all": set(held) >= set(asked.stems),
        "phrase": f" {' '.join(asked.ordered_stems)} " in f" {' '.join(held)} ",
        "prefix": any(stem.startswith(asked.words[:1]) for stem in held),
    }
    return under and told[asked.match]


def compared(one: Engine, source: Path, kinds: set[str]) -> None:
    """Build or open it, ask everything, and hold it against what is there."""
    one.open()
    try:
        for asked in asked_of(source):
            answer = one.ask(asked)
            if asked.match == "typo" or answer is None:
                continue
            found = one.named(asked, answer)
            right = by_hand(source, asked)
            assert len(found.top) == len(set(found.top)) == min(found.total, PAGE), asked
            if asked.kind in kinds:
                assert found.total == right.total, asked
                assert {t: n for t, n in found.counts.items() if n} == right.counts, asked
        one.edit(3, "zzfirst")
        one.edit(3, "zzword")
        assert not one.finds("zzother")
        while not one.finds("zzword"):
            pass
    finally:
        one.close()


@pytest.mark.parametrize("name", KNOWS_WORDS_AND_TAGS)
def test_a_peer_answers_what_is_there(name: str, source: Path) -> None:
    if not is_installed(name):
        pytest.skip(f"{name} is not installed")
    # PostgreSQL runs as somebody else, who may not enter the folders of pytest.
    with TemporaryDirectory(prefix="peer", ignore_cleanup_errors=True) as folder:
        engine(name)(Path(folder), source).build()
        compared(engine(name)(Path(folder), source), source, set(questions.KINDS))


def test_the_product_answers_what_is_there(source: Path, held: Path) -> None:
    exact = set(questions.KINDS) - set(comparing.OF_ITS_OWN)
    compared(engine(OURS)(held, source), source, exact)


def test_whoosh_as_in_its_tutorial_counts_tags_as_all_do(source: Path, tmp_path: Path) -> None:
    name = "Whoosh as in its tutorial"
    engine(name)(tmp_path, source).build()
    same = {"nothing typed, counts of all tags", "a tag alone, newest first"}
    compared(engine(name)(tmp_path, source), source, same)


def test_questions_are_the_same_each_time_and_of_every_kind(source: Path) -> None:
    assert asked_of(source) == asked_of(source)
    assert {one.kind for one in asked_of(source)} == set(questions.KINDS)
    assert "word" in one_edit_away("wrod") & one_edit_away("wor") & one_edit_away("wond")


def test_an_engine_that_tells_another_total_is_named() -> None:
    def told(*totals: int) -> dict[str, Any]:
        asked = {"one rare word": {"told": [(total, 0) for total in totals]}}
        return {"has_same_words": True, "kinds": asked}

    figures = {OURS: told(1, 2), "SQLite FTS5": told(1, 2), "tantivy": told(1, 3)}
    found = {one["engine"]: one["alike"] for one in comparing.agreement(figures)}
    assert found == {OURS: 2, "SQLite FTS5": 2, "tantivy": 1}
    (sentence,) = tables.disagreements({"agreement": list(comparing.agreement(figures))})
    assert sentence.startswith("one rare word: tantivy")


def test_what_a_peer_is_ahead_at_is_said() -> None:
    def kinds(rare: float, common: float) -> dict[str, Any]:
        return {"kinds": {"rare": {"p50": rare}, "common": {"p50": common}}}

    engines = {OURS: kinds(10, 2), "SQLite FTS5": kinds(1, 20), "tantivy": {"skipped": "left out"}}
    assert list(tables.ahead({"engines": engines})) == [
        "SQLite FTS5 is ahead at: rare (10.0 times).",
        "tantivy: left out.",
    ]


@pytest.mark.slow
def test_everything_is_measured_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = Corpus(*SIZE)
    monkeypatch.setattr(questions, "QUESTIONS", 3)
    monkeypatch.setattr(serving, "PAGES", 10)
    marks = [(results.BEGIN, results.END), results.PEERS, results.QUALITY]
    page = tmp_path / "page.md"
    page.write_text("".join(f"Before\n{begin}\nold\n{end}\nAfter\n" for begin, end in marks))
    monkeypatch.setattr(results, "FOLDER", tmp_path / "results")
    monkeypatch.setattr(results, "PAGES", {page})
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "2026-01-01-other-experiment.json").write_text("{}")
    peers = ["Whoosh as in its tutorial", "PostgreSQL", "tantivy"]
    (tmp_path / "work").mkdir()
    figures = measured(made, tmp_path / "work", None, peers, with_pages=True)
    took = figures["loading"]["transactions"]
    assert 0 < took["p50"] <= took["p95"] <= took["max"]
    # The last of ten pages is due after nine thirtieths of a second.
    assert figures["http"]["thirty a second"]["pages_per_second"] < 34
    quality = {"set": {"question": {"ndcg": 0.8124, "recall": 0.9, "queries": 12}}}
    capsys.readouterr()
    results.show(figures)
    results.keep(figures | {"quality": quality})
    assert "SQLite FTS5 is ahead" in capsys.readouterr().out
    told = page.read_text()
    for line in (
        "| one common word |",
        "| import, one write transaction |",
        "| search page, work of the server |",
        "| 60 / 40 | this product | SQLite FTS5 |",
        "| set: question | 12 | 0.812 | 0.900 |",
        "- tantivy: left out.",
    ):
        assert line in told
    assert "old" not in told.replace("threshold", "")
    assert str(tmp_path) not in "".join(f.read_text() for f in results.FOLDER.iterdir())


def test_growth_tells_how_many_times_longer_the_largest_takes() -> None:
    def size(common: float) -> dict[str, Any]:
        kinds = {"one common word": {"p50": common, "cpu": common}}
        return {OURS: {"kinds": kinds}, growth.BESIDE: {"kinds": kinds}}

    lines = list(growth.told({(1000, 50): size(2.0), (100_000, 50): size(9.0)}))
    assert lines[2].endswith("× 4.5")


def test_a_kind_that_takes_too_long_is_asked_less_often(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "SECONDS_A_KIND", 0.0)
    comparing.write_questions(Corpus(*SIZE), source)
    engine("SQLite FTS5")(tmp_path, source).build()
    found = child.asked(engine("SQLite FTS5")(tmp_path, source), source)
    assert {one["asked"] for one in found["kinds"].values()} == {child.LEAST}
    assert found["edit_findable"]["saved"]["p50"] < found["edit_findable"]["begun"]["p50"]

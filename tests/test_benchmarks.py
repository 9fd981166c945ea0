"""The corpus that speed is measured on is what its page says, and the same everywhere."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from statistics import mean

import pytest

from benchmarks import corpus, results, speed, yardstick
from benchmarks.__main__ import loaded, measured
from benchmarks.corpus import Corpus
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


@pytest.mark.slow
def test_everything_is_measured_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = Corpus(60, 40)
    monkeypatch.setattr(speed, "EDITS", 2)
    loading = loaded(made, tmp_path)
    assert 0 < loading["index_seconds"] < loading["atoms_seconds"]
    took = loading["transactions"]
    assert 0 < took["p50"] <= took["p95"] <= took["max"] < 1000 * loading["atoms_seconds"]
    marks = [(results.BEGIN, results.END), results.QUALITY]
    page = tmp_path / "page.md"
    page.write_text("".join(f"Before\n{begin}\nold\n{end}\nAfter\n" for begin, end in marks))
    monkeypatch.setattr(results, "FOLDER", tmp_path / "results")
    monkeypatch.setattr(results, "PAGES", {page})
    capsys.readouterr()
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "2026-01-01-other-experiment.json").write_text("{}")
    figures = {
        **measured(made, tmp_path / "instance"),
        "loading": loading,
        "yardstick": yardstick.measured(made, tmp_path / corpus.ATOMS, tmp_path),
        "quality": {"set": {"question": {"ndcg": 0.8124, "recall": 0.9, "queries": 12}}},
    }
    results.show(figures)
    results.keep(figures)
    assert "one common word" in capsys.readouterr().out
    for line in (
        "| one common word |",
        "| import, one write transaction |",
        "| the same rows into SQLite FTS5 |",
        "| set: question | 12 | 0.812 | 0.900 |",
    ):
        assert line in page.read_text()
    assert "old" not in page.read_text()
    assert str(tmp_path) not in "".join(f.read_text() for f in results.FOLDER.iterdir())

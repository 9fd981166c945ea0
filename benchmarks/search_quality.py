"""How good search is on judged sets: `python -m benchmarks.search_quality [SET …]`.

The sets lie beside the checkout in ../shared/data, or where RESEARCH_REPO_DATA says. Each comes into
a repository of its own by `research-repo import`, and each query is asked as a program asks it, over
the HTTP API with 20 hits. nDCG@10 uses the gain 2^grade − 1; recall@20 counts grades from 2 (from 1
where there are no others).

Sentences are asked once more with one slip of the keys in the longest word of each query, and as they
come out when they are typed on the other keyboard.
"""

from __future__ import annotations

import csv
import json
import os
import random
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import log2
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from typing import Any

from click.testing import CliRunner

from research_repo.app import create_app
from research_repo.cli import commands
from research_repo.core import instance, people
from research_repo.core.models import Person
from research_repo.core.words import language_of
from research_repo.search import Search
from research_repo.settings import Settings

SENTENCES = ("ir_xquad_ru_sent", "ir_xquad_en_sent")
SETS = (*SENTENCES, "ux_research_ru_en")
HITS = 20
TITLE_LENGTH = 200
STUDY = "judged"
PERSON = "bench@example.org"

Ask = Callable[[str, str | None], list[str]]
"""Asks a text, within a tag or not, and gives the external ids of the hits."""
Change = Callable[[str], str]


@dataclass(frozen=True)
class Judged:
    """One query with the grades of what answers it, by external id."""

    kind: str
    text: str
    grades: Mapping[str, int]
    tag: str | None = None


@dataclass(frozen=True)
class Quality:
    ndcg: float
    recall: float
    queries: int


def data_folder() -> Path:
    """Where the judged sets are."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    return Path(os.environ.get("RESEARCH_REPO_DATA") or beside)


def measure(name: str) -> dict[str, Quality]:
    """The quality on one set, by kind of query."""
    with loaded(name) as ask:
        return measured(ask, queries(name))


def measured(ask: Ask, asked: Iterable[Judged], change: Change = str) -> dict[str, Quality]:
    """The quality by kind of query; `change` is what happens to a query on the way."""
    figures = defaultdict(list)
    for judged in asked:
        hits = ask(change(judged.text), judged.tag)
        figures[judged.kind].append((ndcg(hits, judged.grades), recall(hits, judged.grades)))
    return {
        kind: Quality(mean(n for n, _ in some), mean(r for _, r in some), len(some))
        for kind, some in figures.items()
    }


def ndcg(hits: Sequence[str], grades: Mapping[str, int], depth: int = 10) -> float:
    ideal = _gain(sorted(grades.values(), reverse=True)[:depth])
    return _gain([grades.get(name, 0) for name in hits[:depth]]) / ideal if ideal else 0.0


def recall(hits: Sequence[str], grades: Mapping[str, int], depth: int = HITS) -> float:
    enough = min(2, max(grades.values()))
    wanted = {name for name, grade in grades.items() if grade >= enough}
    return len(wanted & set(hits[:depth])) / len(wanted)


@contextmanager
def loaded(name: str) -> Iterator[Ask]:
    """A repository that holds a set for as long as it is measured, and how to ask it."""
    folder = data_folder() / name
    with TemporaryDirectory() as parent:
        settings = Settings(instance=Path(parent) / "instance", secret_key="k" * 48)
        paths = _import_tags(settings, folder)
        _import_atoms(settings, folder, paths)
        token = _run(settings, "token", "add", PERSON, "--name", "bench").strip()
        app = create_app(settings)
        client = app.test_client()
        headers = {"Authorization": f"Bearer {token}"}

        def ask(text: str, tag: str | None = None) -> list[str]:
            values = {"q": text, "limit": HITS, **({"tag": paths[tag]} if tag else {})}
            answer = client.get("/api/v1/search", query_string=values, headers=headers)
            return [hit["external_id"] for hit in answer.json["hits"]]

        yield ask
        app.extensions["house"].database.close()


@contextmanager
def opened() -> Iterator[tuple[Search, Person]]:
    """An empty repository that lasts as long as a measurement."""
    with TemporaryDirectory() as folder:
        settings = Settings(instance=Path(folder))
        database = instance.open_instance(settings)
        with database.saving() as session:
            nobody = people.NewPassword("", "no-hash", is_one_time=False)
            by = people.add(session, people.system(session), PERSON, "Bench", "admin", nobody)
        yield Search(database, settings.index_folder), by
        database.close()


SLIPS = ("insert", "delete", "substitute", "transpose")
ALPHABETS = {"ru": "абвгдежзийклмнопрстуфхцчшщъыьэюя", "en": "abcdefghijklmnopqrstuvwxyz"}
_EN_KEYS = "`qwertyuiop[]asdfghjkl;'zxcvbnm,./~QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>?@#$^&|"
_RU_KEYS = 'ёйцукенгшщзхъфывапролджэячсмитьбю.ЁЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ,"№;:?/'


def slipped(text: str, slip: str, chance: random.Random) -> str:
    """The text with one slip of the keys in its longest word."""
    words = list(re.finditer(r"[^\W\d_]+", text))
    if not words:
        return text
    found = max(words, key=lambda word: len(word.group()))
    letters = ALPHABETS["ru" if re.search("[а-яё]", found.group().lower()) else "en"]
    at, after = chance.randrange(found.start(), found.end()), chance.choice(letters)
    if slip == "insert":
        return text[:at] + after + text[at:]
    if slip == "delete":
        return text[:at] + text[at + 1 :]
    if slip == "substitute":
        others = letters.replace(text[at].lower(), "")
        return text[:at] + chance.choice(others) + text[at + 1 :]
    pairs = [at for at in range(found.start(), found.end() - 1) if text[at] != text[at + 1]]
    at = chance.choice(pairs or [found.start()])
    return text[:at] + text[at : at + 2][::-1] + text[at + 2 :]


def on_other_keys(text: str) -> str:
    """The text as it comes out when the keyboard is set to the other language."""
    is_russian = language_of(text) == "ru"
    here, there = (_RU_KEYS, _EN_KEYS) if is_russian else (_EN_KEYS, _RU_KEYS)
    return text.translate(str.maketrans(here, there))


def variants(seed: int = 7) -> dict[str, Change]:
    """How queries are mistyped, by name; the same each time."""
    chance = random.Random(seed)

    def of(slip: str) -> Change:
        return lambda text: slipped(text, slip, chance)

    return {**{slip: of(slip) for slip in SLIPS}, "other keys": on_other_keys}


def _gain(grades: Iterable[int]) -> float:
    return sum((2**grade - 1) / log2(place + 2) for place, grade in enumerate(grades))


def _import_tags(settings: Settings, folder: Path) -> dict[str, str]:
    """Bring in the tags of a set; the path of each by its id."""
    if not (folder / "tags.csv").exists():
        return {}
    rows = {row["id"]: row for row in _rows(folder / "tags.csv")}
    paths: dict[str, str] = {}
    for row in rows.values():
        steps, step = [], row
        while step:
            steps.append(step["pref_label_en"])
            step = rows.get(step["parent_id"], {})
        paths[row["id"]] = " > ".join([row["scheme"], *reversed(steps)])
    fields = ("pref_label_ru", "pref_label_en", "alt_labels_ru", "alt_labels_en")
    lines = [
        {
            "id": row["id"],
            "scheme": row["scheme"],
            "parent_ids": "|".join(filter(None, (row["parent_id"], row["extra_parent_ids"]))),
            **{field: row[field] for field in fields},
        }
        for row in rows.values()
    ]
    file = settings.instance.parent / "tags.csv"
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)
    _run(settings, "import", "tags", str(file))
    return paths


def _import_atoms(settings: Settings, folder: Path, paths: Mapping[str, str]) -> None:
    file = settings.instance.parent / "atoms.jsonl"
    with file.open("w", encoding="utf-8") as opened:
        for note in _notes(folder):
            opened.write(json.dumps(_columns(note, paths), ensure_ascii=False) + "\n")
    _run(settings, "people", "add", PERSON, "--name", "Bench", "--role", "reader")
    _run(settings, "import", "atoms", str(file), "--study", STUDY)


def _columns(note: Mapping[str, Any], paths: Mapping[str, str]) -> dict[str, str]:
    if "text" in note:
        text = note["text"]
        body = text if len(text) > TITLE_LENGTH else ""
        return {"external_id": note["id"], "title": text[:TITLE_LENGTH], "body": body}
    plain = ("external_id", "kind", "study", "title", "body", "quote", "observed_on", "language")
    return {
        **{name: note[name] or "" for name in plain},
        "tags": ";".join(paths[tag_id] for tag_id in note["tags"]),
        **{name: ";".join(note[name]) for name in ("supports", "contradicts")},
    }


def _run(settings: Settings, *arguments: str) -> str:
    done = CliRunner().invoke(
        commands, arguments, env={"RESEARCH_REPO_INSTANCE": str(settings.instance)}
    )
    if done.exit_code:
        raise RuntimeError(f"{' '.join(arguments)}: {done.output}")
    return done.stdout


def queries(name: str) -> Iterator[Judged]:
    """The judged queries of a set, in the order of its file."""
    folder = data_folder() / name
    grades: dict[str, dict[str, int]] = defaultdict(dict)
    if (folder / "qrels.tsv").exists():
        for row in _rows(folder / "qrels.tsv", delimiter="\t"):
            grades[row["query_id"]][row["doc_id"]] = int(row["relevance"])
    for query in _lines(folder / "queries.jsonl"):
        judged = query.get("relevant") or grades.get(query["id"])
        if judged:
            kind = query.get("type", "question")
            yield Judged(kind, query["text"], judged, query.get("tag_filter"))


def _notes(folder: Path) -> list[dict[str, Any]]:
    logged = folder / "atoms.jsonl"
    return list(_lines(logged if logged.exists() else folder / "docs.jsonl"))


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _rows(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def main() -> None:
    for name in sys.argv[1:] or SETS:
        if not (data_folder() / name).is_dir():
            print(f"{name}: not in {data_folder()}; set RESEARCH_REPO_DATA")
            continue
        print(name)
        with loaded(name) as ask:
            asked = list(queries(name))
            _tell(measured(ask, asked))
            for variant, change in variants().items() if name in SENTENCES else ():
                _tell(measured(ask, asked, change), f"{variant}: ")


def _tell(figures: Mapping[str, Quality], before: str = "") -> None:
    for kind, quality in figures.items():
        print(
            f"  {before + kind:24} nDCG@10 {quality.ndcg:.3f}   recall@20 {quality.recall:.3f}"
            f"   ({quality.queries} queries)",
            flush=True,
        )


if __name__ == "__main__":
    main()

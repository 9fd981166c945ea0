"""How good search is on judged sets: `python -m benchmarks.search_quality [SET …]`.

The sets lie beside the checkout in ../shared/data, or where RESEARCH_REPO_DATA says. Each is logged
into a repository of its own by the product's verbs; each query is asked as a person asks it, with 20
hits a page. nDCG@10 uses the gain 2^grade − 1; recall@20 counts grades from 2 (from 1 where there
are no others).
"""

from __future__ import annotations

import csv
import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from math import log2
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from typing import Any

from sqlmodel import Session

from research_repo.core import (
    atoms,
    instance,
    people,
    schemes,
    studies,
    tag_edges,
    tagging,
    tags,
)
from research_repo.core.models import Person, Tag
from research_repo.core.words import fold
from research_repo.search import Search, Wanted
from research_repo.settings import LANGUAGES, Settings

SETS = ("ir_xquad_ru_sent", "ir_xquad_en_sent", "ux_research_ru_en")
HITS = 20
AT_ONCE = 500


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
    folder = data_folder() / name
    with opened() as (search, by):
        names, tag_keys = _load(search, by, folder)
        search.catch_up()
        figures = defaultdict(list)
        for judged in _queries(folder):
            wanted = Wanted(
                text=judged.text,
                tags=(tag_keys[judged.tag],) if judged.tag else (),
                limit=HITS,
            )
            hits = [names[hit.atom_id] for hit in search.find(wanted, by).hits]
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
def opened() -> Iterator[tuple[Search, Person]]:
    """A repository that lasts as long as the measurement."""
    with TemporaryDirectory() as folder:
        settings = Settings(instance=Path(folder))
        database = instance.open_instance(settings)
        with database.saving() as session:
            nobody = people.NewPassword("", "no-hash", is_one_time=False)
            by = people.add(
                session, people.system(session), "bench@example.org", "Bench", "admin", nobody
            )
        yield Search(database, settings.index_folder), by
        database.close()


def _gain(grades: Iterable[int]) -> float:
    return sum((2**grade - 1) / log2(place + 2) for place, grade in enumerate(grades))


def _load(search: Search, by: Person, folder: Path) -> tuple[dict[int, str], dict[str, str]]:
    """Log all notes; the external id of each atom, and the key of each tag by its id in the set."""
    with search.database.saving() as session:
        study_keys, made_tags = _log_studies_and_tags(session, by, folder)
    names: dict[int, str] = {}
    notes = _notes(folder)
    for start in range(0, len(notes), AT_ONCE):
        some = notes[start : start + AT_ONCE]
        ready = [atoms.ready(_values(note, study_keys)) for note in some]
        with search.database.saving() as session:
            for note, values in zip(some, ready, strict=True):
                atom = atoms.log(session, by, values)
                tag_ids = [made_tags[tag_id].id for tag_id in note.get("tags", ())]
                tagging.put(session, by, atom, tag_ids)
                names[atom.id] = note.get("external_id") or note["id"]
    return names, {tag_id: tag.key for tag_id, tag in made_tags.items()}


def _log_studies_and_tags(
    session: Session, by: Person, folder: Path
) -> tuple[dict[str, str], dict[str, Tag]]:
    study_keys: dict[str, str] = {}
    if (folder / "studies.csv").exists():
        for row in _rows(folder / "studies.csv"):
            values = studies.StudyValues(title=row["title"], questions=[(None, row["question"])])
            made = studies.create(session, by, row["key"], studies.ready(values))
            study_keys[row["key"]] = made.key
    made_tags: dict[str, Tag] = {}
    if (folder / "tags.csv").exists():
        _log_tags(session, by, _rows(folder / "tags.csv"), made_tags)
    return study_keys, made_tags


def _log_tags(
    session: Session, by: Person, rows: list[dict[str, str]], made: dict[str, Tag]
) -> None:
    taken: set[tuple[str, str, str]] = set()
    scheme_keys: dict[str, str] = {}

    def free(row: Mapping[str, str], language: str) -> list[str]:
        # A label that another tag of the group has is refused; the set shares three of them.
        labels = [row[f"pref_label_{language}"], *row[f"alt_labels_{language}"].split("|")]
        fresh = [t for t in labels if (row["scheme"], language, fold(t)) not in taken]
        taken.update((row["scheme"], language, fold(text)) for text in fresh)
        return fresh

    for row in rows:
        name = row["scheme"]
        if name not in scheme_keys:
            known = schemes.named(session, name)
            scheme_keys[name] = (known or schemes.add(session, by, {"en": name})).key
        pref = {language: row[f"pref_label_{language}"] for language in LANGUAGES}
        alt = {language: free(row, language) for language in LANGUAGES}
        parents = [row["parent_id"], *row["extra_parent_ids"].split("|")]
        made[row["id"]] = tags.create(session, by, scheme_keys[name], tags.TagWords(pref, alt))
        row["parents"] = "|".join(parent for parent in parents if parent)
    # A page refuses a place that a longer way gives already; the set has some.
    places = {row["id"]: [*filter(None, row["parents"].split("|"))] for row in rows}
    for child, parents in tag_edges.settle(places).above.items():
        for parent in parents:
            tags.add_parent(session, by, made[child].key, made[parent].key)


def _values(note: Mapping[str, Any], study_keys: Mapping[str, str]) -> atoms.AtomValues:
    if "text" in note:
        text = note["text"]
        body = text if len(text) > atoms.TITLE_MAX else ""
        return atoms.AtomValues(kind="insight", title=text[: atoms.TITLE_MAX], body=body)
    quotes = [atoms.EvidenceValues(text=note["quote"])] if note["quote"] else []
    return atoms.AtomValues(
        kind=note["kind"],
        title=note["title"],
        body=note["body"],
        study_key=study_keys[note["study"]],
        evidence=quotes,
        observed_on=date.fromisoformat(note["observed_on"]),
        language=note["language"],
    )


def _queries(folder: Path) -> Iterator[Judged]:
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
        for kind, quality in measure(name).items():
            print(
                f"  {kind:18} nDCG@10 {quality.ndcg:.3f}   recall@20 {quality.recall:.3f}"
                f"   ({quality.queries} queries)"
            )


if __name__ == "__main__":
    main()

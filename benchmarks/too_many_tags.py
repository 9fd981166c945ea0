"""What happens to a tag list as it grows: `python -m benchmarks.too_many_tags`.

A flat list of tags (what a spreadsheet column or a multi-select field gives) against this product,
on the same notes with the same tags, at 50, 500, 4,420 and 10,000 tags. The vocabularies are real:
the UNESCO Thesaurus, then OpenStreetMap's presets; only what is missing to 10,000 is made up. The
method and its limits stand in docs/en/too-many-tags.md, where the figures go, too.
"""

from __future__ import annotations

import csv
import os
import random
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean, median, quantiles
from tempfile import TemporaryDirectory

import click
from sqlmodel import select

from benchmarks import flat_list, results_of_tags
from benchmarks.corpus import TAG_COLUMNS, Corpus
from benchmarks.flat_list import FlatList
from benchmarks.search_quality import data_folder, opened
from research_repo.core import atoms, tagging
from research_repo.core.models import Person, Tag
from research_repo.core.words import fold
from research_repo.search import Search, Wanted

SEED = 11
SIZES = (50, 500, 4_420, 10_000)
NOTES = 3_000
TAGS_OF_A_NOTE = 2
QUESTIONS = 200
TYPED_FIRST = 3
RANKED = ("this product, search",)
AT_ONCE = 250
LABEL_MAX = 100

Concepts = Mapping[str, "Concept"]
Reading = tuple[float, float | None]
"""Recall and precision; no precision where nothing was found."""


@dataclass(frozen=True)
class Concept:
    """A tag before it is imported: `parents` are ids, the first one gives its path.

    `held_back` is a synonym that the vocabulary has and nobody recorded in the repository.
    """

    id: str
    scheme: str
    parents: tuple[str, ...]
    pref: Mapping[str, str]
    alt: Mapping[str, tuple[str, ...]]
    held_back: str = ""


@dataclass(frozen=True)
class Question:
    """What somebody types who means a tag, and the notes that they hope for."""

    kind: str
    text: str
    language: str
    concept: str
    hoped: frozenset[int]


@click.command()
@click.option("--notes", default=NOTES, show_default=True)
@click.option("--sizes", default=",".join(map(str, SIZES)), show_default=True)
def main(notes: int, sizes: str) -> None:
    """Measure each size, print it, and write the table and the chart of the documentation."""
    if not (data_folder() / "tags_unesco").is_dir():
        raise click.ClickException(f"No vocabularies in {data_folder()}: set RESEARCH_REPO_DATA.")
    figures = [measure(size, notes) for size in map(int, sizes.split(","))]
    results_of_tags.show(figures)
    results_of_tags.keep(figures)


def measure(size: int, notes: int = NOTES) -> results_of_tags.Figures:
    """All figures at one number of tags."""
    chance = random.Random(SEED)
    concepts = chosen(all_concepts(), size)
    with opened() as (search, by), TemporaryDirectory() as folder:
        _import(search, concepts, Path(folder))
        tag_ids = _ids(search, concepts)
        concepts = {name: concepts[name] for name in concepts if name in tag_ids}
        tagged = _log(search, by, concepts, tag_ids, notes, chance)
        flat = FlatList({name: one.pref["en"] for name, one in concepts.items()}, tagged)
        asked = list(questions(concepts, tagged, chance))
        ways = {
            "flat, exact": flat.exact,
            "flat, contains": flat.containing,
            "this product, search": lambda text, _: _searched(search, by, text, notes),
            "this product, first tag offered": lambda text, lang: _offered(
                search, by, text, lang, notes
            ),
        }
        tree = Tree(concepts)
        kinds = [kind for kind in results_of_tags.KINDS if _of(asked, kind)]
        return results_of_tags.Figures(
            tags=len(concepts),
            notes=notes,
            found={
                way: {kind: _quality(look, _of(asked, kind), way in RANKED) for kind in kinds}
                for way, look in ways.items()
            },
            read={
                kind: {
                    "flat": mean(flat.read(one) for one in _of(asked, kind)),
                    "product": mean(
                        _typed(search, by, one, tag_ids, tree) for one in _of(asked, kind)
                    ),
                    "drill-down": mean(tree.read(one.concept) for one in _of(asked, kind)),
                }
                for kind in kinds
            },
            milliseconds={way: _timed(look, asked) for way, look in ways.items()},
        )


def all_concepts() -> dict[str, Concept]:
    """Both vocabularies, and made-up tags as many as it takes."""
    found = dict(_read("tags_unesco", "UNESCO"))
    found |= _read("tags_osm_presets", "OpenStreetMap")
    for line in Corpus(1, max(SIZES)).tags:
        name = f"made-up:{line.id}"
        parents = tuple(f"made-up:{parent}" for parent in line.parents)
        found[name] = Concept(
            name, f"Made up {line.scheme}", parents, line.labels, line.alternative
        )
    return found


def chosen(concepts: Concepts, size: int) -> dict[str, Concept]:
    """The first `size` concepts of a seeded order in which each brings all that lies above it.

    A smaller choice is a part of every larger one: UNESCO's first, then OpenStreetMap's.
    """
    chance = random.Random(SEED)
    taken: dict[str, Concept] = {}
    for source in ("unesco", "osm", "made-up"):
        names = sorted(name for name in concepts if name.startswith(source))
        chance.shuffle(names)
        for name in names:
            fresh = [one for one in _with_all_above(concepts, name) if one not in taken]
            if len(taken) + len(fresh) <= size:
                taken |= {one: concepts[one] for one in fresh}
    return {
        name: replace(one, parents=tuple(up for up in one.parents if up in taken))
        for name, one in taken.items()
    }


def questions(
    concepts: Concepts, tagged: Mapping[str, set[int]], chance: random.Random
) -> Iterator[Question]:
    """Up to 200 of each kind. A question whose words are another tag's own label is left out."""
    tree = Tree(concepts)
    own = {
        language: {fold(one.pref[language]) for one in concepts.values() if language in one.pref}
        for language in ("en", "ru")
    }

    known = own["en"].union(
        *({fold(label) for label in one.alt.get("en", ())} for one in concepts.values())
    )

    def ask(kind: str, name: str, text: str, language: str) -> Question:
        hoped = frozenset().union(*(tagged.get(one, set()) for one in tree.under(name)))
        return Question(kind, text, language, name, hoped)

    made: dict[str, list[Question]] = defaultdict(list)
    for name, one in concepts.items():
        if not any(tagged.get(below) for below in tree.under(name)):
            continue
        if tree.below.get(name):
            made["a parent tag"].append(ask("a parent tag", name, one.pref["en"], "en"))
            continue
        made["its own label"].append(ask("its own label", name, one.pref["en"], "en"))
        others = [text for text in one.alt.get("en", ()) if fold(text) not in own["en"]]
        if others:
            made["a synonym"].append(ask("a synonym", name, chance.choice(others), "en"))
        if one.held_back and fold(one.held_back) not in known:
            kind = "a synonym nobody recorded"
            made[kind].append(ask(kind, name, one.held_back, "en"))
        if "ru" in one.pref and fold(one.pref["ru"]) not in own["en"]:
            kind = "the other language"
            made[kind].append(ask(kind, name, one.pref["ru"], "ru"))
    for some in made.values():
        yield from chance.sample(some, min(QUESTIONS, len(some)))


class Tree:
    """What lies under what, and how many names somebody reads on the way down."""

    def __init__(self, concepts: Concepts) -> None:
        self.concepts = concepts
        self.below: dict[str, set[str]] = defaultdict(set)
        self.tops: dict[str, set[str]] = defaultdict(set)
        for name, one in concepts.items():
            for parent in one.parents:
                self.below[parent].add(name)
            if not one.parents:
                self.tops[one.scheme].add(name)

    def under(self, name: str) -> set[str]:
        """The concept and all that it includes."""
        seen, frontier = {name}, [name]
        while frontier:
            fresh = self.below.get(frontier.pop(), set()) - seen
            seen |= fresh
            frontier += fresh
        return seen

    def read(self, name: str) -> int:
        """Names read from the group down, each level from its beginning in alphabetical order."""
        path = [name]
        while parents := self.concepts[path[-1]].parents:
            path.append(parents[0])
        path.reverse()
        scheme = self.concepts[path[0]].scheme
        levels: list[Collection[str]] = [self.tops[scheme], *(self.below[up] for up in path[:-1])]
        groups = sorted(self.tops)
        return (
            groups.index(scheme)
            + 1
            + sum(
                sorted(level, key=self._label).index(step) + 1
                for level, step in zip(levels, path, strict=True)
            )
        )

    def _label(self, name: str) -> tuple[str, str]:
        return fold(self.concepts[name].pref["en"]), name


def _read(folder: str, scheme: str) -> Iterator[tuple[str, Concept]]:
    prefix = "unesco" if folder == "tags_unesco" else "osm"
    with (data_folder() / folder / "tags.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        pref = {one: row[f"pref_label_{one}"] for one in ("en", "ru") if row[f"pref_label_{one}"]}
        if "en" in pref and all(map(_is_label, pref.values())):
            alt = {
                language: tuple(filter(_is_label, row[f"alt_labels_{language}"].split("|")))
                for language in ("en", "ru")
            }
            held_back = alt["en"][-1] if len(alt["en"]) > 1 else ""
            alt["en"] = alt["en"][:-1] if held_back else alt["en"]
            parents = tuple(f"{prefix}:{up}" for up in row["parent_id"].split("|") if up)
            name = f"{prefix}:{row['id']}"
            yield name, Concept(name, scheme, parents, pref, alt, held_back)


def _is_label(text: str) -> bool:
    return 0 < len(text) <= LABEL_MAX and not set(text) & set("›>;|\n")


def _with_all_above(concepts: Concepts, name: str) -> list[str]:
    line = [name]
    for one in line:
        line += [up for up in concepts[one].parents if up in concepts and up not in line]
    return line


def _import(search: Search, concepts: Concepts, folder: Path) -> None:
    file = folder / "tags.csv"
    with file.open("w", encoding="utf-8", newline="") as rows:
        lines = csv.writer(rows)
        lines.writerow(TAG_COLUMNS)
        for one in concepts.values():
            prefs = [one.pref.get(language, "") for language in ("ru", "en")]
            alts = ["|".join(one.alt.get(language, ())) for language in ("ru", "en")]
            lines.writerow([one.id, one.scheme, "|".join(one.parents), *prefs, *alts, "", ""])
    done = subprocess.run(
        [sys.executable, "-m", "research_repo", "import", "tags", str(file), "--json"],
        env={**os.environ, "RESEARCH_REPO_INSTANCE": str(search.database.folder)},
        capture_output=True,
        text=True,
    )
    if done.returncode not in (0, 1):  # some rows refused: those tags are left out of everything
        raise click.ClickException(f"import tags: {done.stderr or done.stdout}"[:2000])


def _ids(search: Search, concepts: Concepts) -> dict[str, int]:
    with search.database.reading() as session:
        made = dict(session.exec(select(Tag.guid, Tag.id)).all())
    return {name: made[name] for name in concepts if name in made}


def _log(
    search: Search,
    by: Person,
    concepts: Concepts,
    tag_ids: Mapping[str, int],
    notes: int,
    chance: random.Random,
) -> dict[str, set[int]]:
    """Concept → the notes that carry it. The texts say nothing of their tags."""
    names = list(concepts)
    texts = list(flat_list.texts(notes, chance))
    tagged: dict[str, set[int]] = defaultdict(set)
    for start in range(0, len(texts), AT_ONCE):
        ready = [
            atoms.ready(atoms.AtomValues("insight", text))
            for text in texts[start : start + AT_ONCE]
        ]
        with search.database.saving() as session:
            for values in ready:
                atom = atoms.log(session, by, values)
                carried = chance.sample(names, TAGS_OF_A_NOTE)
                tagging.put(session, by, atom, [tag_ids[name] for name in carried])
                for name in carried:
                    tagged[name].add(atom.id)
    search.catch_up()
    return tagged


def _searched(search: Search, by: Person, text: str, limit: int) -> list[int]:
    return [hit.atom_id for hit in search.find(Wanted(text, limit=limit), by).hits]


def _offered(search: Search, by: Person, text: str, language: str, limit: int) -> list[int]:
    offers = search.suggest(text, by, language, limit=1)
    if not offers:
        return []
    with search.database.reading() as session:
        key = session.get_one(Tag, offers[0].tag_id).key
    return [hit.atom_id for hit in search.find(Wanted(tags=(key,), limit=limit), by).hits]


def _quality(
    look: flat_list.Look, asked: Sequence[Question], is_ranked: bool
) -> results_of_tags.Quality:
    read = [_reading(look(one.text, one.language), one.hoped, is_ranked) for one in asked]
    precise = [precision for _, precision in read if precision is not None]
    return results_of_tags.Quality(
        recall=mean(recall for recall, _ in read),
        precision=mean(precise) if precise else None,
        nothing=1 - len(precise) / len(read),
        questions=len(read),
    )


def _reading(found: Sequence[int], hoped: frozenset[int], is_ranked: bool) -> Reading:
    # A ranking has no end of its own: it is read as far as there are notes to hope for.
    read = found[: len(hoped)] if is_ranked else found
    right = len(hoped.intersection(read))
    return right / len(hoped), right / len(read) if read else None


def _typed(
    search: Search, by: Person, one: Question, tag_ids: Mapping[str, int], tree: Tree
) -> int:
    """Different tags read while typing, letter by letter from the third on, until the right one."""
    seen: set[int] = set()
    for size in range(min(TYPED_FIRST, len(one.text)), len(one.text) + 1):
        for offer in search.suggest(one.text[:size], by, one.language):
            seen.add(offer.tag_id)
            if offer.tag_id == tag_ids[one.concept]:
                return len(seen)
    return len(seen) + tree.read(one.concept)


def _timed(look: flat_list.Look, asked: Sequence[Question]) -> tuple[float, float]:
    """Milliseconds of one search, p50 and p95."""
    times = []
    for one in asked:
        start = time.perf_counter()
        look(one.text, one.language)
        times.append(1000 * (time.perf_counter() - start))
    return median(times), quantiles(times, n=20)[-1]


def _of(asked: Sequence[Question], kind: str) -> list[Question]:
    return [one for one in asked if one.kind == kind]


if __name__ == "__main__":
    main()

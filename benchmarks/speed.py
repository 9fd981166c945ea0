"""How long searches take, by kind, and how soon an edit is findable."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.corpus import LEXEMES, Corpus, Note
from research_repo.core import atoms, indexing
from research_repo.core.models import Person
from research_repo.search import Search, Wanted

QUERIES = 100
EDITS = 30
COMMON, RARE = 50, 4_000  # ranks of words

Ask = Callable[[], object]


@dataclass(frozen=True)
class Latency:
    """Milliseconds: asked again, and asked for the first time, when words must be read from disk."""

    p50: float
    p95: float
    first_p95: float


def of_searches(search: Search, by: Person, corpus: Corpus) -> dict[str, Latency]:
    """The latency of each kind of question, in the order of the table."""
    asked = _questions(search, by, corpus)
    search.find(Wanted("a"), by)  # opens the index and reads the vocabulary, as serving does
    search.suggest("a", by, "ru")
    found = {}
    for kind, asks in asked.items():
        first = _timed(asks)
        again = _timed(asks)
        found[kind] = Latency(part(again, 50), part(again, 95), part(first, 95))
    return found


def of_edits(search: Search, by: Person) -> dict[str, float]:
    """From an edit's commit until its author and anybody else find it, in milliseconds."""
    with search.database.saving() as session:
        made = atoms.log(session, by, atoms.ready(atoms.AtomValues("insight", "Catching up")))
    search.start()
    try:
        times = [_edit(search, by, made.key, made.version + n, f"zzword{n}") for n in range(EDITS)]
    finally:
        search.stop()
    return {"p50": part(times, 50), "p95": part(times, 95)}


def memory_megabytes(which: str = "VmRSS") -> float:
    """What this process holds now; with `VmHWM`, the most that it held."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (held,) = (line.split()[1] for line in status.splitlines() if line.startswith(which))
    return int(held) / 1024


def _edit(search: Search, by: Person, key: str, version: int, word: str) -> float:
    values = atoms.ready(atoms.AtomValues("insight", f"Catching up {word}"))
    with search.database.saving() as session:
        atoms.edit(session, by, key, version, values)
    start = time.perf_counter()
    while not search.find(Wanted(word, literal=True), by).total:
        time.sleep(0.001)
    return 1000 * (time.perf_counter() - start)


def _questions(search: Search, by: Person, corpus: Corpus) -> dict[str, list[Ask]]:
    chance = random.Random(corpus.seed)
    notes = [corpus.note(chance.randrange(corpus.atoms)) for _ in range(QUERIES)]
    keys = _used_tags(search, by, chance)

    def words(note: Note) -> str:
        return " ".join(corpus.word(chance, note["language"]) for _ in range(3))

    def texts(make: Callable[[Note], str]) -> list[Ask]:
        return [_finding(search, by, Wanted(make(note))) for note in notes]

    return {
        "one common word": texts(lambda note: _ranked(corpus, chance, note, 0, COMMON)),
        "one rare word": texts(lambda note: _ranked(corpus, chance, note, RARE, LEXEMES)),
        "three words": texts(words),
        "a question of eight words": texts(lambda note: _excerpt(chance, note, 8)),
        "a phrase of two words": texts(lambda note: f'"{_excerpt(chance, note, 2)}"'),
        "a prefix of three letters": texts(lambda note: words(note)[:3] + "*"),
        "words under a tag": [
            _finding(search, by, Wanted(words(note), tags=(key,)))
            for note, key in zip(notes, keys, strict=True)
        ],
        "words with all counts": [_counting(search, by, Wanted(words(note))) for note in notes],
        "a tag alone": [_finding(search, by, Wanted(tags=(key,))) for key in keys],
        "nothing typed": [_counting(search, by, Wanted())] * (QUERIES // 5),
        "a tag while typing": [_typing(search, by, chance, note) for note in notes],
        "counts of all tags": [partial(search.counts, by)] * (QUERIES // 5),
    }


def _finding(search: Search, by: Person, wanted: Wanted) -> Ask:
    return lambda: search.find(wanted, by)


def _counting(search: Search, by: Person, wanted: Wanted) -> Ask:
    return lambda: search.facets(search.find(wanted, by), wanted)


def _typing(search: Search, by: Person, chance: random.Random, note: Note) -> Ask:
    typed = note["tags"].split("; ")[0][: chance.randint(2, 6)]
    return lambda: search.suggest(typed, by, note["language"])


def _ranked(corpus: Corpus, chance: random.Random, note: Note, first: int, last: int) -> str:
    lexemes = corpus.lexemes[note["language"]]
    return chance.choice(lexemes[chance.randrange(first, last)].forms)


def _excerpt(chance: random.Random, note: Note, size: int) -> str:
    sentence = chance.choice(note["body"].split(". ")).rstrip(".").lower().split()
    start = chance.randrange(len(sentence) - size + 1)
    return " ".join(sentence[start : start + size])


def _used_tags(search: Search, by: Person, chance: random.Random) -> list[str]:
    used = search.counts(by)
    with search.database.reading() as session:
        keys = [tag.key for tag in indexing.vocabulary(session).tags if tag.id in used]
    return chance.choices(keys, k=QUERIES)


def _timed(asks: list[Ask]) -> list[float]:
    times = []
    for ask in asks:
        start = time.perf_counter()
        ask()
        times.append(1000 * (time.perf_counter() - start))
    return times


def part(times: list[float], percent: int) -> float:
    """The time below which so many of a hundred lie."""
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]

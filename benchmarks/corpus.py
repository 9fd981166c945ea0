"""A seeded corpus of any size, in words of our own making: `python -m benchmarks.corpus FOLDER`.

Words are built of syllables and take real endings, so that stems and inflections exist in both
languages. How often a word occurs follows Zipf. Tags stand in trees, some under two parents; their
labels are words of the texts, so that searches meet them. The same seed makes the same files: an
import of atoms (JSON Lines) and an import of tags (CSV), as DESIGN §5 has them.
"""

from __future__ import annotations

import csv
import json
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path

from research_repo.core.words import STOP_WORDS, language_of

SEED = 20_240_917
LEXEMES = 8_000  # of each language; with their endings some 40,000 words
RUSSIAN_SHARE = 0.65
STOP_WORD_SHARE = 0.3
SECOND_PARENT_SHARE = 0.09
SCHEMES = 8
ATOMS_PER_STUDY = 100
FIRST_DAY = date(2022, 1, 10)

TAGS, ATOMS = "tags.csv", "atoms.jsonl"

Note = dict[str, str]

TAG_COLUMNS = (
    "id scheme parent_ids pref_label_ru pref_label_en "
    "alt_labels_ru alt_labels_en scope_note_ru scope_note_en"
).split()

_SYLLABLES = {
    "ru": (
        "ба ве го ди жу зо ки лу ма не по ра си то фу хо ца че шо ля мю ня рю ся тё бро вла гре "
        "дро кли пре сто тру шпо"
    ).split(),
    "en": (
        "ba ce di fo gu ha je ki lo mu na po qua ri sa te vu wi xo ze bra cli dro fle gri plo "
        "ske sta tri whe"
    ).split(),
}
_CLOSINGS = {"ru": "в г д з к л м н п р с т".split(), "en": "b d g k l m n p r t".split()}
_ENDINGS = {
    "ru": (
        ("", "а", "у", "ом", "е", "ы", "ов", "ам", "ами", "ах"),
        ("ка", "ки", "ке", "ку", "кой", "кам", "ками"),
        ("ение", "ения", "ению", "ением", "ении", "ений"),
        ("ный", "ная", "ное", "ного", "ному", "ным", "ные", "ных"),
        ("ить", "ит", "ят", "ил", "ила", "или", "ите"),
    ),
    "en": (
        ("", "s"),
        ("", "s", "ed", "ing", "er"),
        ("ation", "ations"),
        ("y", "ies"),
        ("al", "ally"),
    ),
}


@dataclass(frozen=True)
class Lexeme:
    """A word with all its forms, the plain one first."""

    forms: tuple[str, ...]


@dataclass(frozen=True)
class TagLine:
    id: str
    scheme: str
    parents: tuple[str, ...]
    labels: dict[str, str]
    alternative: dict[str, tuple[str, ...]]


class Corpus:
    """Everything about one size; texts are made while they are read."""

    def __init__(self, atoms: int, tags: int, seed: int = SEED) -> None:
        self.atoms = atoms
        self.seed = seed
        chance = random.Random(seed)
        self.lexemes = {language: _lexemes(chance, language) for language in _SYLLABLES}
        self._zipf = list(accumulate(1 / (rank + 2.7) for rank in range(LEXEMES)))
        stop_words = sorted(STOP_WORDS)
        self._stop_words = {
            language: [word for word in stop_words if language_of(word) == language]
            for language in _SYLLABLES
        }
        self.tags = _tags(chance, tags, self.lexemes)
        self._tag_zipf = list(accumulate(1 / (rank + 10) for rank in range(tags)))
        self._popular = chance.sample(range(tags), tags)

    def notes(self) -> Iterator[Note]:
        """The rows of the import of atoms."""
        for number in range(self.atoms):
            yield self.note(number)

    def word(self, chance: random.Random, language: str) -> str:
        """A word of the texts, as often as it occurs in them, in any of its forms."""
        (lexeme,) = chance.choices(self.lexemes[language], cum_weights=self._zipf)
        return chance.choice(lexeme.forms)

    def note(self, number: int) -> Note:
        """One row by its number: the same in every reading."""
        chance = random.Random(f"{self.seed} {number}")
        language = "ru" if chance.random() < RUSSIAN_SHARE else "en"
        places = chance.choices(self._popular, cum_weights=self._tag_zipf, k=chance.choice((4, 5)))
        titled = self._sentence(chance, language, chance.randint(8, 14))
        body = [self._sentence(chance, language, chance.randint(8, 16)) for _ in range(4)]
        return {
            "external_id": f"n{number}",
            "kind": chance.choices(("fact", "insight", "recommendation"), (80, 15, 5))[0],
            "title": titled,
            "body": " ".join(body),
            "study": f"study-{number // ATOMS_PER_STUDY:04}",
            "observed_on": str(FIRST_DAY + timedelta(days=chance.randrange(1000))),
            "tags": "; ".join(dict.fromkeys(self.tags[place].labels[language] for place in places)),
            "quote": self._sentence(chance, language, chance.randint(12, 26)),
            "language": language,
        }

    def _sentence(self, chance: random.Random, language: str, size: int) -> str:
        chosen = [
            chance.choice(self._stop_words[language])
            if chance.random() < STOP_WORD_SHARE
            else self.word(chance, language)
            for _ in range(size)
        ]
        return " ".join(chosen).capitalize() + "."


def write(corpus: Corpus, folder: Path) -> tuple[Path, Path]:
    """The two files to import: tags, then atoms."""
    tags, atoms = folder / TAGS, folder / ATOMS
    with tags.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, TAG_COLUMNS, restval="")
        table.writeheader()
        table.writerows(_row(line) for line in corpus.tags)
    with atoms.open("w", encoding="utf-8") as file:
        for note in corpus.notes():
            file.write(json.dumps(note, ensure_ascii=False) + "\n")
    return tags, atoms


def _lexemes(chance: random.Random, language: str) -> list[Lexeme]:
    found: dict[str, Lexeme] = {}
    while len(found) < LEXEMES:
        syllables = chance.choices(_SYLLABLES[language], k=chance.choice((1, 2, 2, 3)))
        root = "".join(syllables) + chance.choice(_CLOSINGS[language])
        endings = chance.choice(_ENDINGS[language])
        found.setdefault(root, Lexeme(tuple(root + ending for ending in endings)))
    return list(found.values())


def _tags(chance: random.Random, count: int, lexemes: dict[str, list[Lexeme]]) -> list[TagLine]:
    lines: list[TagLine] = []
    above: list[set[int]] = []
    members: dict[str, list[int]] = {f"area-{number}": [] for number in range(SCHEMES)}
    taken: set[str] = set()
    for place in range(count):
        scheme = chance.choice(list(members))
        parents = _parents(chance, place, members[scheme], above)
        above.append({place}.union(*(above[parent] for parent in parents)))
        members[scheme].append(place)
        lines.append(
            TagLine(
                id=f"t{place}",
                scheme=scheme,
                parents=tuple(f"t{parent}" for parent in parents),
                labels={name: _label(chance, some, taken) for name, some in lexemes.items()},
                alternative={name: (_label(chance, some, taken),) for name, some in lexemes.items()}
                if chance.random() < 0.5
                else dict.fromkeys(lexemes, ()),
            )
        )
    return lines


def _parents(
    chance: random.Random, place: int, scheme: list[int], above: list[set[int]]
) -> list[int]:
    if len(scheme) < 5:
        return []
    first = scheme[int(len(scheme) * chance.random() ** 2)]
    if chance.random() > SECOND_PARENT_SHARE:
        return [first]
    second = chance.randrange(place)
    is_redundant = second in above[first] or first in above[second]
    return [first] if is_redundant else [first, second]


def _label(chance: random.Random, lexemes: list[Lexeme], taken: set[str]) -> str:
    while True:
        label = " ".join(chance.choice(lexemes).forms[0] for _ in range(chance.choice((1, 2, 2))))
        if label.replace("ё", "е") not in taken:
            taken.add(label.replace("ё", "е"))
            return label.capitalize()


def _row(line: TagLine) -> dict[str, str]:
    row = {"id": line.id, "scheme": line.scheme, "parent_ids": "|".join(line.parents)}
    for language, label in line.labels.items():
        row[f"pref_label_{language}"] = label
        row[f"alt_labels_{language}"] = "|".join(line.alternative[language])
    return row


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    write(Corpus(*map(int, sys.argv[2:4] or (10_000, 1_000))), folder)

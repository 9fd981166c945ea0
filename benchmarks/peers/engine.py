"""What every engine is given, asked and has to answer: the same for all of them.

A note becomes one text of stems (those of the product, so that hits can be compared), its tags and
its day. An answer is a whole page: how many notes in all, the best twenty, and, where the question
asks for it, for every tag how many of the notes carry it or a tag below it.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from csv import DictReader
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

from benchmarks import corpus
from benchmarks.gauges import megabytes
from research_repo.core import words

PAGE = 20
COLUMNS = ("title", "body", "quote")


@dataclass(frozen=True)
class Document:
    """A note as the engines take it; `tags` are the numbers of its own tags."""

    number: int
    text: str
    title: str
    day: int
    tags: tuple[int, ...]

    @property
    def stems(self) -> str:
        """All its words, stop words too, as stems with a blank between."""
        return stemmed(self.text)


@dataclass(frozen=True)
class Asked:
    """One question.

    `match` says how the words hang together: any, all, phrase, prefix, typo, or nothing where no
    word is asked. `tag` is the number of a tag whose subtree the notes must lie in; without words
    the newest come first.
    """

    kind: str
    words: tuple[str, ...] = ()
    match: str = "nothing"
    tag: int | None = None
    counts: bool = False

    @cached_property
    def stems(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(words.stem(word) for word in self.words))

    @property
    def ordered_stems(self) -> tuple[str, ...]:
        """For phrases, where a word may come twice."""
        return tuple(words.stem(word) for word in self.words)


@dataclass(frozen=True)
class Answer:
    total: int
    top: tuple[int, ...] = ()
    """The numbers of the notes, the best first."""
    counts: Mapping[int, int] = field(default_factory=dict)


class Engine(ABC):
    """An engine in a folder of its own: built in one process, opened and asked in another."""

    has_same_words = True
    """Whether it indexes the same stems as the others, so that its totals must be theirs."""

    def __init__(self, folder: Path, source: Path) -> None:
        self.folder = folder
        self.source = source

    @abstractmethod
    def build(self) -> None:
        """Take in all documents; when it returns they are findable."""

    @abstractmethod
    def open(self) -> None:
        """Make ready to be asked."""

    @abstractmethod
    def ask(self, asked: Asked) -> Answer | None:
        """The answer; None where the engine has no such question."""

    def named(self, _asked: Asked, answer: Answer) -> Answer:
        """The answer in the numbers of the corpus; what that takes is not measured."""
        return answer

    @abstractmethod
    def edit(self, number: int, word: str) -> None:
        """Add a word to a note; return when that is saved as safely as the engine saves."""

    def finds(self, word: str) -> bool:
        """Whether a search for the word finds anything yet."""
        found = self.ask(Asked("", (word,), "any"))
        return found is not None and found.total > 0

    def process_ids(self) -> list[int]:
        """Processes beside this one whose memory is the engine's."""
        return []

    def megabytes_on_disk(self) -> float:
        return megabytes(self.folder)

    def close(self) -> None:  # noqa: B027 (most have nothing to close)
        """Let go of everything."""

    @cached_property
    def tree(self) -> Tree:
        return Tree.read(self.source / corpus.TAGS)


class Tree:
    """The tags: what lies above and below each."""

    def __init__(self, parents: Mapping[int, Sequence[int]], labels: Mapping[str, int]) -> None:
        self.labels = labels
        self.above: dict[int, tuple[int, ...]] = {}
        self.below: dict[int, list[int]] = {}
        for tag in sorted(parents):
            # Parents come before their children in the file.
            over = {one for parent in parents[tag] for one in self.above[parent]}
            self.above[tag] = (tag, *sorted(over))
            for one in self.above[tag]:
                self.below.setdefault(one, []).append(tag)

    @classmethod
    def read(cls, path: Path) -> Tree:
        """As the file of the corpus has it; a label in either language leads to its tag."""
        parents, labels = {}, {}
        with path.open(encoding="utf-8", newline="") as file:
            for row in DictReader(file):
                number = number_of(row["id"])
                parents[number] = [number_of(one) for one in row["parent_ids"].split("|") if one]
                labels[row["pref_label_ru"]] = labels[row["pref_label_en"]] = number
        return cls(parents, labels)


def documents(source: Path, tree: Tree) -> Iterator[Document]:
    """All notes of the corpus in a folder, read one after another."""
    with (source / corpus.ATOMS).open(encoding="utf-8") as file:
        for line in file:
            note = json.loads(line)
            yield Document(
                number=number_of(note["external_id"]),
                text=" ".join(note[column] for column in COLUMNS),
                title=note["title"],
                day=date.fromisoformat(note["observed_on"]).toordinal(),
                tags=tuple(tree.labels[label] for label in note["tags"].split("; ")),
            )


def stemmed(text: str) -> str:
    """The stems of a text; nothing but the blank divides them."""
    return " ".join(words.stem(token) for token in words.tokens(text))


def number_of(name: str) -> int:
    """17 of n17 and t17."""
    return int(name[1:])

"""The peer: tags as a flat list of words, as a spreadsheet or a multi-select field has them."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from benchmarks.search_quality import data_folder
from research_repo.core.words import fold

TYPED_FIRST = 3

Look = Callable[[str, str], list[int]]
"""What was typed and its language → the notes found, in the order in which they are read."""


class Asked(Protocol):
    """What the list needs to know of a question."""

    @property
    def text(self) -> str: ...
    @property
    def concept(self) -> str: ...


class FlatList:
    """Every tag has one word, in English; whoever tags always takes the right one.

    That is kinder than life, where a flat list gathers a second word for the same thing.
    """

    def __init__(self, labels: Mapping[str, str], tagged: Mapping[str, set[int]]) -> None:
        self._order = sorted(labels, key=lambda name: (fold(labels[name]), name))
        self._labels = {name: fold(text) for name, text in labels.items()}
        self._rows = sqlite3.connect(":memory:")
        self._rows.execute("CREATE TABLE carried (label TEXT, note INTEGER)")
        self._rows.executemany(
            "INSERT INTO carried VALUES (?, ?)",
            ((self._labels[name], note) for name in labels for note in tagged.get(name, ())),
        )
        self._rows.execute("CREATE INDEX by_label ON carried (label)")

    def exact(self, text: str, _language: str) -> list[int]:
        """The notes whose tag is what was typed, whatever its case."""
        query = "SELECT DISTINCT note FROM carried WHERE label = ? ORDER BY note"
        return [note for (note,) in self._rows.execute(query, (fold(text),))]

    def containing(self, text: str, _language: str) -> list[int]:
        """The notes with a tag that contains what was typed."""
        query = "SELECT DISTINCT note FROM carried WHERE instr(label, ?) ORDER BY note"
        return [note for (note,) in self._rows.execute(query, (fold(text),))]

    def read(self, asked: Asked) -> int:
        """Names read until the right one: those that contain the first three letters typed, and
        where it is not among them the list from its beginning."""
        typed = fold(asked.text)[:TYPED_FIRST]
        shown = [name for name in self._order if typed in self._labels[name]]
        if asked.concept in shown:
            return shown.index(asked.concept) + 1
        return len(shown) + self._order.index(asked.concept) + 1


def texts(count: int, chance: random.Random) -> Iterator[str]:
    """Short texts of customers, none of which was written with these tags in mind."""
    with (data_folder() / "texts_banking77_en" / "atoms.jsonl").open(encoding="utf-8") as file:
        found = [json.loads(line) for line in file]
    for row in chance.sample(found, count):
        yield (row.get("title") or row["text"])[:500]

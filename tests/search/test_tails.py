"""What a typed beginning begins, as a look at each label tells it."""

from __future__ import annotations

import random

import pytest

from research_repo.core import words
from research_repo.search.tails import Tails

LABELS = [
    "оплата картой",
    "карта",
    "оплата",
    "«оплата» 1c",
    "e-mail",
    "",
    "карта",
    "а а",
    "🙂 карта",
]


def by_hand(labels: list[str], text: str) -> list[tuple[int, bool, bool]]:
    found = []
    for place, label in enumerate(labels):
        for at in {0, *(start for start, _, _ in words.spans(label))}:
            if label[at:].startswith(text):
                found.append((place, not at, label == text and not at))
    return sorted(found)


@pytest.mark.parametrize("seed", range(4))
def test_each_beginning_of_a_word_finds_its_labels(seed: int) -> None:
    chance = random.Random(seed)
    made = [" ".join(chance.choices(["а", "аб", "б", "ба", "a-b"], k=3)) for _ in range(60)]
    labels = [*LABELS, *made]
    chance.shuffle(labels)
    tails = Tails(labels)
    asked = {label[at : at + 4] for label in labels for at in range(len(label))}
    for text in {*asked, *labels, "нет", "карта!", "карта\0", "а а а"} - {""}:
        assert sorted(tails.beginning(text)) == by_hand(labels, text)
    known = {word for label in labels for _, _, word in words.spans(label)}
    assert tails.words() == sorted(known)


def test_no_labels_begin_with_nothing() -> None:
    tails = Tails([])
    assert (list(tails.beginning("а")), tails.words()) == ([], [])

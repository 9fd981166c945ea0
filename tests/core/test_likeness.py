"""Labels that mean the same are told, and those that only look so are not.

The pairs in `likeness/near.tsv` and `likeness/distinct.tsv` are our own. One half, drawn by a seed,
served for tuning; each half must hold by itself.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable
from pathlib import Path

import pytest

from benchmarks.search_quality import data_folder
from research_repo.core import spelling, words
from research_repo.core.likeness import Likeness, Near

PAIRS = Path(__file__).with_name("likeness")
SEED = 20261122
TOP = 3
FOUND_AT_LEAST = 0.95
FALSE_AT_MOST = 0.05

Row = dict[str, str]


def rows(name: str) -> list[Row]:
    with (PAIRS / f"{name}.tsv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


NEAR, DISTINCT = rows("near"), rows("distinct")


def halves(listed: list[Row]) -> dict[str, list[Row]]:
    mixed = listed[:]
    random.Random(SEED).shuffle(mixed)
    return {"tuned on": mixed[: len(mixed) // 2], "held out": mixed[len(mixed) // 2 :]}


def concepts() -> list[tuple[int, str]]:
    """The labels of the near pairs: what means the same is one tag, though several rows have it."""
    tag_of: dict[str, int] = {}
    labels = []
    for row in NEAR:
        texts = [row[code] for code in ("ru", "en") if row[code]]
        known = [tag_of[key] for key in map(sense, texts) if key in tag_of]
        tag_id = known[0] if known else len(tag_of) + 1
        for text in texts:
            tag_of.setdefault(sense(text), tag_id)
            labels.append((tag_id, text))
    return labels


def sense(text: str) -> str:
    return "".join(spelling.term_of(token).stem for token in words.tokens(text))


def is_right(found: Near, row: Row) -> bool:
    return sense(found.label) in {sense(row["ru"]), sense(row["en"])}


def share(listed: Iterable[bool]) -> float:
    answers = list(listed)
    return sum(answers) / len(answers)


def test_the_pairs_are_as_many_as_they_should_be() -> None:
    assert min(len(NEAR), len(DISTINCT)) >= 300
    assert {row["category"] for row in NEAR} == {
        "plural", "inflection", "typo", "transliteration", "language",
    }  # fmt: skip


@pytest.mark.parametrize("half", ["tuned on", "held out"])
def test_the_tag_that_is_meant_is_among_the_first_three(half: str) -> None:
    vocabulary = Likeness(concepts())
    listed = halves(NEAR)[half]
    missed = [
        row["typed"]
        for row in listed
        if not any(is_right(one, row) for one in vocabulary.near(row["typed"])[:TOP])
    ]
    assert len(missed) <= (1 - FOUND_AT_LEAST) * len(listed), missed


@pytest.mark.parametrize("half", ["tuned on", "held out"])
def test_what_people_tell_apart_is_not_asked_about(half: str) -> None:
    listed = halves(DISTINCT)[half]
    asked = [
        (row["one"], row["other"])
        for row in listed
        for typed, there in ((row["one"], row["other"]), (row["other"], row["one"]))
        if Likeness([(1, there)]).near(typed)
    ]
    assert len(set(asked)) <= FALSE_AT_MOST * len(listed), sorted(set(asked))


def test_tags_that_stand_twice_are_found_as_pairs() -> None:
    labels = []
    for place, row in enumerate(NEAR):
        labels += [(2 * place, row[code]) for code in ("ru", "en") if row[code]]
        labels.append((2 * place + 1, row["typed"]))
    found = {(one.tag_id, other.tag_id) for one, other in Likeness(labels).pairs()}
    written_so = share((2 * place, 2 * place + 1) in found for place in range(len(NEAR)))
    # Another keyboard is how somebody types, hardly ever how a tag stands in the vocabulary.
    assert written_so >= FOUND_AT_LEAST


def test_distinct_tags_are_hardly_ever_a_pair() -> None:
    labels = [
        (2 * place + side, row[name])
        for place, row in enumerate(DISTINCT)
        for side, name in enumerate(("one", "other"))
    ]
    found = {(one.tag_id, other.tag_id) for one, other in Likeness(labels).pairs()}
    false = share((2 * place, 2 * place + 1) in found for place in range(len(DISTINCT)))
    assert false <= FALSE_AT_MOST


@pytest.fixture(scope="module")
def thesaurus() -> list[tuple[int, str]]:
    """The labels of a large vocabulary of other people's."""
    table = data_folder() / "tags_unesco" / "tags.csv"
    if not table.exists():
        pytest.skip("the large thesaurus is not here")
    with table.open(encoding="utf-8") as lines:
        return [
            (10_000 + place, text)
            for place, row in enumerate(csv.DictReader(lines))
            for column in ("pref_label_en", "alt_labels_en", "pref_label_ru", "alt_labels_ru")
            for text in row[column].split("|")
            if text
        ]


@pytest.mark.parametrize("half", ["tuned on", "held out"])
def test_among_thousands_of_other_tags_all_this_holds_too(
    half: str, thesaurus: list[tuple[int, str]]
) -> None:
    listed = halves(NEAR)[half]
    vocabulary = Likeness(thesaurus + concepts())
    found = (
        any(is_right(one, row) for one in vocabulary.near(row["typed"])[:TOP]) for row in listed
    )
    assert share(found) >= FOUND_AT_LEAST
    others = halves(DISTINCT)[half]
    vocabulary = Likeness(thesaurus + [(place, row["other"]) for place, row in enumerate(others)])
    false = (
        any(one.label == row["other"] for one in vocabulary.near(row["one"])) for row in others
    )
    assert share(false) <= FALSE_AT_MOST


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("возвраты", "Возврат"),
        ("картой оплата", "Оплата картой"),
        ("e-mail", "Email"),
        ("vozvrat deneg", "Возврат денег"),
        ("чекаут", "Checkout"),
        ("ghbvthrf", "Примерка"),
        ("Дотсавка", "Доставка"),
        ("вызова", "Вызов"),
    ],
)
def test_the_nearest_tag_is_found_however_it_is_written(typed: str, label: str) -> None:
    assert [one.label for one in Likeness([(1, label), (2, "Склад")]).near(typed)] == [label]


@pytest.mark.parametrize(
    ("one", "other"),
    [("2FA", "3FA"), ("Вход", "Выход"), ("C++", "C#"), ("🙂", "🙁"), ("Sign in", "Sign up")],
)
def test_numbers_opposites_and_signs_are_never_alike(one: str, other: str) -> None:
    assert Likeness([(1, one)]).near(other) == []


def test_a_word_of_two_tags_is_a_word_and_no_misspelling() -> None:
    assert Likeness([(1, "Куртики")]).near("Куртаки")
    known = Likeness([(1, "Куртики"), (2, "Серые куртики"), (3, "Куртаки"), (4, "Куртаки белые")])
    assert [one.tag_id for one in known.near("Куртаки")] == [3]


def test_each_tag_is_named_once_by_its_nearest_label() -> None:
    vocabulary = Likeness([(1, "Refunds"), (1, "Refund"), (2, "Refunding")])
    assert [(one.tag_id, one.label) for one in vocabulary.near("refund")] == [(1, "Refund")]


@pytest.mark.parametrize(
    "text", ["", " ", "’", "-", "а" * 5000, "\u202e", "a b c d e f g h i j k l m n"]
)
def test_any_text_is_taken(text: str) -> None:
    vocabulary = Likeness([(1, text), (2, "Refund")])
    vocabulary.near(text)
    vocabulary.pairs()


def test_a_label_whose_end_is_missing_is_found() -> None:
    labels = Likeness([(1, "Сихолный толение")])
    assert [one.tag_id for one in labels.near("Сихолный толени")] == [1]


def test_labels_that_were_there_before_are_compared_as_if_they_were_new() -> None:
    first = [(place, row[name]) for place, row in enumerate(NEAR) for name in ("typed", "en")]
    gone = [one for one in first if one[0] % 7]
    now = [(9_000, "Совсем новая"), *gone, (9_001, gone[0][1]), (9_002, gone[0][1])]
    fresh, grown = Likeness(now), Likeness(now, Likeness(first))
    for row in NEAR:
        for text in (row["typed"], row["ru"], row["en"]):
            assert distances(grown, text) == distances(fresh, text)
    assert len(grown.pairs()) == len(fresh.pairs())


def distances(vocabulary: Likeness, text: str) -> dict[int, float]:
    # Which of a tag's labels is named where two are equally near is left open.
    return {one.tag_id: one.distance for one in vocabulary.near(text)}

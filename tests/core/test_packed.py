"""Many texts and numbers in one piece answer like the lists, sets and dictionaries they stand for."""

from __future__ import annotations

import random
from collections import defaultdict

from research_repo.core.packed import Labels, Lexicon, Numbers, Texts

LETTERS = "абвгab1é🙂"


def some_words(chance: random.Random, count: int) -> list[str]:
    return ["".join(chance.choices(LETTERS, k=chance.randrange(1, 7))) for _ in range(count)]


def test_texts_come_back_as_they_were() -> None:
    told = ["", "Возврат", "two\nlines", "🙂", "\ud800", ""]
    texts = Texts(told)
    assert (list(texts), len(texts), texts[1]) == (told, len(told), "Возврат")
    labels = Labels((-place, text) for place, text in enumerate(told))
    assert list(labels) == [(-place, text) for place, text in enumerate(told)]
    assert (len(labels), labels[3]) == (len(told), (-3, "🙂"))


def test_numbers_are_found_by_their_key_in_the_order_in_which_they_came() -> None:
    chance = random.Random(1)
    pairs = [(word, chance.randrange(100)) for word in some_words(chance, 3_000)]
    held: dict[str, list[int]] = defaultdict(list)
    for word, number in pairs:
        held[word].append(number)
    numbers = Numbers(pairs)
    for word in [*held, *some_words(chance, 500), ""]:
        assert list(numbers.of(word)) == held.get(word, [])
        assert (word in numbers) == (word in held)


def test_numbers_that_are_gone_leave_the_others_with_their_keys() -> None:
    pairs = [("one", 0), ("two", 1), ("one", 2), ("three", 2)]
    other = Numbers(pairs).renumbered([7, -1, 5])
    other.add("two", 9)
    other.settle()
    assert [list(other.of(key)) for key in ("one", "two", "three")] == [[7, 5], [9], [5]]


def test_a_lexicon_knows_what_it_took_in_by_shape() -> None:
    chance = random.Random(2)
    lexicon, held = Lexicon(), set[str]()
    for _ in range(20):
        fresh = some_words(chance, 100)
        lexicon.add(fresh)
        held |= {*fresh}
        for asked in (some_words(chance, 300), some_words(chance, 2)):
            assert lexicon.known(asked) == held & {*asked}
    for first in LETTERS:
        for length in range(8):
            alike = lexicon.alike(first, length)
            assert len(alike) == len({*alike})
            assert {*alike} == {one for one in held if one[0] == first and len(one) == length}

"""A large vocabulary changes: where tags stand is new at once, their words a moment later."""

from __future__ import annotations

import gc
import random
import threading
import time
import tracemalloc
from collections.abc import Callable

import pytest

from research_repo.core import tags
from research_repo.core.indexing import LabelRow, TagRow, Vocabulary
from research_repo.core.likeness import Likeness
from research_repo.search import dictionary
from research_repo.search.closure import Closure
from research_repo.search.dictionary import Dictionary
from tests.search.conftest import House

PATIENCE_SECONDS = 10
BYTES_A_TAG = 2_500


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Words are prepared aside, and only once the test lets them."""
    may_go_on, prepared = threading.Event(), dictionary._prepared

    def wait(vocabulary: Vocabulary, closure: Closure, *before: Likeness) -> Dictionary:
        if threading.current_thread().name == "words of tags":
            assert may_go_on.wait(PATIENCE_SECONDS)
        return prepared(vocabulary, closure, *before)

    monkeypatch.setattr(dictionary, "_prepared", wait)
    monkeypatch.setattr(dictionary, "PREPARED_AT_ONCE", 0)
    return may_go_on


def soon(is_true: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_true() and time.monotonic() < deadline:
        time.sleep(0.01)
    return is_true()


def offered(house: House, typed: str) -> list[str]:
    return [one.label for one in house.search.suggest(typed, house.people["ilya"], "en")]


def test_nobody_waits_for_the_words_of_a_large_vocabulary(
    house: House, slow: threading.Event
) -> None:
    payment, refund = house.tag("Payment"), house.tag("Refund")
    atom = house.atom("Money comes late", tags=["Refund"])
    assert "Payment" in offered(house, "pay")
    assert house.find(tags=(payment.key,)).total == 0
    house.do(tags.add_parent, "ilya", refund.key, payment.key)
    house.tag("Wallet")
    # The place counts at once; the new word is not known yet, and nobody waits for it.
    assert [hit.atom_id for hit in house.find(tags=(payment.key,)).hits] == [atom.id]
    assert "Wallet" not in offered(house, "wall")
    assert "Payment" in offered(house, "pay")
    slow.set()
    assert soon(lambda: "Wallet" in offered(house, "wall"))
    assert [hit.atom_id for hit in house.find(tags=(payment.key,)).hits] == [atom.id]


def test_words_that_change_while_others_are_prepared_are_not_forgotten(
    house: House, slow: threading.Event
) -> None:
    house.tag("Payment")
    assert "Payment" in offered(house, "pay")
    house.tag("Wallet")
    assert "Wallet" not in offered(house, "wall")
    house.tag("Voucher")
    assert "Voucher" not in offered(house, "vouch")
    slow.set()
    assert soon(lambda: "Voucher" in offered(house, "vouch"))
    assert "Wallet" in offered(house, "wall")


def test_words_that_could_not_be_prepared_are_tried_again(
    house: House, slow: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.tag("Payment")
    assert "Payment" in offered(house, "pay")
    working = dictionary._prepared

    def fail(vocabulary: Vocabulary, closure: Closure, *before: Likeness) -> Dictionary:
        raise MemoryError

    monkeypatch.setattr(dictionary, "_prepared", fail)
    house.tag("Wallet")
    assert "Wallet" not in offered(house, "wall")
    assert soon(lambda: not house.search._dictionary._is_preparing)
    monkeypatch.setattr(dictionary, "_prepared", working)
    slow.set()
    house.tag("Voucher")
    assert soon(lambda: "Wallet" in offered(house, "wall"))


def test_each_further_tag_takes_little_memory() -> None:
    vocabulary = made_up(1_500)
    prepared = dictionary._prepared(vocabulary, Closure(vocabulary))
    assert (
        prepared.labels.likeness
    )  # single words are remembered by now, however many tags there are
    gc.collect()
    tracemalloc.start()
    try:
        again = dictionary._prepared(vocabulary, Closure(vocabulary), prepared.labels.likeness)
        assert again.labels.likeness
        gc.collect()
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # An object for each label and word would take 6,500; in few pieces it is 1,600.
    assert taken / len(vocabulary.tags) < BYTES_A_TAG


def made_up(count: int) -> Vocabulary:
    chance = random.Random(3)
    syllables = "ва ко ми тре ла шу ner tol gra si po ket".split()

    def label() -> str:
        return " ".join("".join(chance.choices(syllables, k=3)) for _ in range(2))

    ids = range(1, count + 1)
    return Vocabulary(
        edition=1,
        tags=tuple(TagRow(one, f"key{one}", one % 5, "approved", None) for one in ids),
        edges=tuple((one, one // 4) for one in ids if one >= 4),
        labels=tuple(LabelRow(one, code, "pref", label()) for one in ids for code in ("ru", "en")),
    )

"""Slips of the keys and the wrong keyboard are put right, and nothing else is touched."""

from __future__ import annotations

import pytest

from research_repo.search import Correction
from research_repo.search.spelling import Spelled
from tests.search.conftest import House


@pytest.fixture
def filled(house: House) -> House:
    house.atom("Регистрация занимает десять минут", body="Код подтверждения не приходит")
    house.atom("Refund takes a week", body="The courier calls twice, see 1C export")
    house.atom("Приложение для продавцов", body="Кнопка оплаты не видна")
    house.find()
    return house


@pytest.mark.parametrize(
    ("typed", "used"),
    [
        ("регстрация", "регистрация"),
        ("региистрация", "регистрация"),
        ("рекистрация", "регистрация"),
        ("ергистрация", "регистрация"),
        ("егистрация", "регистрация"),
        ("тегистрация", "регистрация"),
        ("регстраця", "регистрация"),
        ("couriar", "courier"),
        ("refnud", "refund"),
    ],
)
def test_a_slip_finds_the_word_that_was_meant(filled: House, typed: str, used: str) -> None:
    found = filled.find(typed)
    assert found.corrections == (Correction("spelling", typed, used),)
    assert found.total == 1


@pytest.mark.parametrize("typed", ["реф", "refunding", "оплаты", "wek", "takeing1", "эпидемия"])
def test_short_known_and_far_words_stay_as_they_are(filled: House, typed: str) -> None:
    assert filled.find(typed).corrections == ()


def test_of_words_equally_near_the_frequent_one_is_meant(house: House) -> None:
    for number in range(3):
        house.atom(f"Payments fail {number}")
    house.atom("Laments are many")
    house.atom("Pavements are icy")
    assert house.find("pavments").corrections[0].used == "payments"


@pytest.mark.parametrize("typed", ["«регстрация»", '"регстрация"', "“couriar”"])
def test_quoted_words_are_meant_as_they_are_typed(filled: House, typed: str) -> None:
    found = filled.find(typed)
    assert (found.corrections, found.total) == ((), 0)
    assert len(found.loosened) == 1


def test_beside_a_phrase_other_words_are_put_right(filled: House) -> None:
    found = filled.find("«код подтверждения» регстрация")
    assert found.corrections == (Correction("spelling", "регстрация", "регистрация"),)
    assert found.total == 1


def test_a_word_that_is_excluded_is_not_put_right(filled: House) -> None:
    assert filled.find("refund -couriar").corrections == ()
    assert filled.find("refund -couriar").total == 1


@pytest.mark.parametrize(
    ("typed", "used"),
    [
        ("htubcnhfwbz", "регистрация"),
        ("куагтв", "refund"),
        ("ntktajy htubcnhfwbz", "телефон регистрация"),
        ("htubcnhfwbz pfybvftn ltcznm vbyen/", "регистрация занимает десять минут/"),
        ("rjl? htubcnhfwbz!", "код? регистрация!"),
        ("1C 'rcgjhn htubcnhfwbz rjl", "1C экспорт регистрация код"),
        ("refund htubcnhfwbz", "refund регистрация"),
        ("courier регистрация куагтв", "courier регистрация refund"),
        ("rjl,", "код,"),
    ],
)
def test_the_wrong_keyboard_is_noticed_word_by_word(filled: House, typed: str, used: str) -> None:
    assert filled.find(typed).corrections[0] == Correction("layout", typed, used)


@pytest.mark.parametrize(
    "typed", ["refund b", "CRM refund", "yt", "UX", "«htubcnhfwbz»", "-куагтв", "htubc*"]
)
def test_what_makes_sense_on_no_other_keyboard_stays(filled: House, typed: str) -> None:
    assert filled.find(typed).corrections == ()


def test_a_slip_on_the_wrong_keyboard_is_put_right_twice(filled: House) -> None:
    found = filled.find("htucnhfwbz ltcznm vbyen")
    assert found.corrections == (
        Correction("layout", "htucnhfwbz ltcznm vbyen", "регстрация десять минут"),
        Correction("spelling", "регстрация", "регистрация"),
    )


def test_a_word_that_only_others_see_is_neither_known_nor_offered(house: House) -> None:
    hidden = house.study("hidden", by="pavel", access="members")
    house.atom("Зарплаты расходятся вдвое", by="pavel", study=hidden)
    house.atom("Зарплата")
    assert house.find("pfhgkfns", by="olga").corrections[0].kind == "layout"
    assert house.find("расходятсяя", by="olga").corrections == ()
    assert house.find("hfc[jlzncz", by="olga").corrections == ()
    assert house.find("hfc[jlzncz", by="pavel").corrections[0].used == "расходятся"


def test_a_label_that_stands_in_no_text_is_known(house: House) -> None:
    house.tag("Вовлечённость")
    house.atom("Nothing of it here")
    assert house.find("вовлечоность").corrections[0].used == "вовлеченность"


def test_words_of_a_new_commit_are_known_and_the_old_are_not_read_again(house: House) -> None:
    house.atom("Coupons expire")
    house.find()
    view = house.search.live.view()
    assert view is not None
    spelled = Spelled().of(view)
    read = []
    for segment in view.segments.values():
        segment.written = lambda: read.append(1) or {}  # type: ignore[method-assign]
    house.atom("Vouchers vanish")
    house.search.catch_up()
    newer = house.search.live.view()
    assert newer is not None
    assert set().union(*spelled.of(newer).near("vouchars")) >= {"vouchers"}
    assert "coupons" in next(spelled.near("coupns"))
    assert read == []


def test_a_text_full_of_unknown_words_is_searched_as_it_is_typed(filled: House) -> None:
    typed = " ".join(f"regis{letter}ation" for letter in "abcdefghijklm")
    assert len(filled.find(typed).corrections) <= 8

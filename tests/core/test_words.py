"""Labels compare, and words lose their forms, as people expect in Russian and English."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from research_repo.core import words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ёлка", "елка"),
        ("  Card \t payment\n", "card payment"),
        ("Straße", "STRASSE"),
        ("Й", "И\u0306"),
    ],
)
def test_labels_that_people_call_the_same_are_equal(one: str, other: str) -> None:
    assert words.fold(one) == words.fold(other)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Корзина", "ru"),
        ("Checkout", "en"),
        ("Кнопка Pay в Checkout", "ru"),
        ("The word «да»", "en"),
        ("123", "en"),
        ("", "en"),
    ],
)
def test_the_script_tells_the_language(text: str, language: str) -> None:
    assert words.language_of(text) == language


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Онлайн-чат, e–mail", ["онлайн", "чат", "e", "mail"]),
        ("1С", ["1c"]),
        ("В2В и B2B", ["b2b", "и", "b2b"]),
        ("5кг", ["5кг"]),
        ("за\u0301мок", ["замок"]),
        ("soft\u00adhyphen", ["softhyphen"]),
        ("don’t don't", ["don't", "don't"]),
        ("3,5 и 3.5. Node.js", ["3.5", "и", "3.5", "node", "js"]),
        ("?!… — «»", []),
    ],
)
def test_a_text_falls_into_words(text: str, tokens: list[str]) -> None:
    assert words.tokens(text) == tokens


@pytest.mark.parametrize(
    "forms",
    [
        "доставка доставки доставкой доставок",
        "ошибка ошибки ошибок ошибками",
        "человек человека люди людей",
        "кнопка кнопок",
        "письмо писем",
        "идти идет шел шла",
        "registration registrations",
        "deliver delivered delivering",
    ],
)
def test_all_forms_of_a_word_share_a_stem(forms: str) -> None:
    assert len({words.stem(form) for form in forms.split()}) == 1


@pytest.mark.parametrize("pair", [("почта", "почти"), ("стоить", "сто")])
def test_words_that_only_look_related_stay_apart(pair: tuple[str, str]) -> None:
    assert words.stem(pair[0]) != words.stem(pair[1])


def test_stop_words_are_left_out_unless_there_is_nothing_else() -> None:
    assert words.stems("что не так с оплатой") == ["оплат"]
    assert words.stems("to be or not to be") == [
        words.stem(w) for w in "to be or not to be".split()
    ]


def test_keys_of_the_other_keyboard() -> None:
    assert words.other_layout("ghbdtn") == "привет"
    assert words.other_layout("Руддщ") == "Hello"
    assert words.other_layout("[jhjij") == "хорошо"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("onbording", "онбординг"),
        ("vozvrat", "возврат"),
        ("shchuka", "щука"),
        ("возврат", "vozvrat"),
        ("щётка", "shchetka"),
        ("юзабилити", "yuzabiliti"),
    ],
)
def test_the_same_sounds_in_the_other_script(typed: str, meant: str) -> None:
    assert words.transliterate(typed) == meant


@given(st.text())
def test_any_text_is_taken(text: str) -> None:
    assert words.fold(words.fold(text)) == words.fold(text)
    assert all(1 <= len(token) <= words.TOKEN_MAX for token in words.tokens(text))
    words.stems(text)
    words.other_layout(text)
    words.transliterate(text)
    words.language_of(text)


@given(st.text(alphabet="ёйцукенгшщзхъфывапролджэячсмитьбю", min_size=1))
def test_the_keyboard_can_be_switched_there_and_back(text: str) -> None:
    assert words.other_layout(words.other_layout(text)) == text


def test_threads_stem_alike() -> None:
    forms = [f"{root}{ending}" for root in ("доставк", "register") for ending in ("а", "ing", "ой")]
    expected = [words.stem.__wrapped__(form) for form in forms]
    different: list[list[str]] = []

    def ask() -> None:
        for _ in range(300):
            got = [words.stem.__wrapped__(form) for form in forms]
            if got != expected:
                different.append(got)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert different == []

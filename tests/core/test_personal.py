"""Personal data in texts: what is found, what is left alone, and that a mask moves nothing."""

from __future__ import annotations

import re
import time
from datetime import datetime

import phonenumbers
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from research_repo.core import personal
from research_repo.core.personal import MASK


def kinds(text: str, language: str = "ru") -> list[tuple[str, str]]:
    return [(one.kind, text[one.start : one.end]) for one in personal.found(text, language)]


@pytest.mark.parametrize(
    ("text", "kind", "what"),
    [
        ("звоните +7 916 123-45-67.", "phone", "+7 916 123-45-67"),
        ("мой номер телефона: 8 (916) 123-45-67", "phone", "8 (916) 123-45-67"),
        ("пиши в телеграм 89161234567, отвечу", "phone", "89161234567"),
        ("город 8(4852)12-34-56", "phone", "8(4852)12-34-56"),
        ("12.03.2026 8 916 123-45-67", "phone", "8 916 123-45-67"),
        ("London +44 20 7946 0958", "phone", "+44 20 7946 0958"),
        ("it was anna.k+shop@mail.example.org.", "email", "anna.k+shop@mail.example.org"),
        ("почта@домен.рф", "email", "почта@домен.рф"),
        ("карта 4111 1111 1111 1111", "card", "4111 1111 1111 1111"),
        ("4111111111111111", "card", "4111111111111111"),
        ("мир 2200-0000-0000-0004", "card", "2200-0000-0000-0004"),
        ("паспорт 4509 123456", "passport", "4509 123456"),
        ("серия 45 09 номер 123456", "passport", "45 09 номер 123456"),
        ("СНИЛС 112-233-445 95", "snils", "112-233-445 95"),
        ("снилс 11223344595", "snils", "11223344595"),
    ],
)
def test_what_tells_who_somebody_is_is_found_where_it_stands(
    text: str, kind: str, what: str
) -> None:
    assert kinds(text) == [(kind, what)]


@pytest.mark.parametrize(
    "text",
    [
        "заказ 89161234567 за 8 916 000 рублей",
        "Заказ № 4111111111111111",
        "order #4111111111111111 from 2026-11-22 17:00:00",
        "накладная 4509 123456, паспорта нет",
        "в разделе 4509 123456 строк",
        "с 10:00 до 22:00, 01.02.2026–28.02.2026",
        "бюджет 10 000 000 000 рублей, 79 990 за штуку",
        "горячая линия 8 800 555-35-35",
        "карта 4111 1111 1111 1112",
        "СНИЛС 112-233-445 96",
        "@anna сказала, что logo@2x.png лежит тут",
        "ИНН 770708389312, версия 8.916.123.45.67",
        "1764086400 8f14e45f-ceea-467f-9575-1234567890ab",
    ],
)
def test_orders_prices_dates_and_times_are_left_alone(text: str) -> None:
    assert kinds(text) == []
    assert kinds(text, "en") == []


def test_numbers_as_north_america_writes_them_are_looked_for_in_english() -> None:
    assert kinds("call 415-555-2671 now", "en") == [("phone", "415-555-2671")]
    assert kinds("в строке 415-555-2671", "ru") == []


mobiles = st.integers(0, 9_999_999).map(lambda rest: f"+7916{rest:07d}")


@given(
    mobiles,
    st.sampled_from(["+7 916 {}-{}-{}", "8 (916) {}-{}-{}", "8916{}{}{}", "8-916-{}-{}-{}"]),
)
def test_a_mobile_number_is_found_however_it_is_written(number: str, shape: str) -> None:
    assume(phonenumbers.is_valid_number(phonenumbers.parse(number, None)))
    rest = number[5:]
    written = shape.format(rest[:3], rest[3:5], rest[5:])
    assert kinds(f"Мой: {written}, до завтра") == [("phone", written)]


@given(st.integers(0, 10**15 - 1), st.sampled_from(["", " ", "-"]))
def test_a_card_is_found_by_its_check_digit_alone(middle: int, gap: str) -> None:
    body = f"4{middle % 10**14:014d}"
    doubled = [int(sign) * (1 if place % 2 else 2) for place, sign in enumerate(body)]
    check = -sum(part - 9 if part > 9 else part for part in doubled) % 10
    right, wrong = (body + str((check + step) % 10) for step in (0, 1))
    written, spoilt = (
        gap.join(digits[place : place + 4] for place in range(0, 16, 4))
        for digits in (right, wrong)
    )
    assert ("card", written) in kinds(f"с карты {written} списали")
    assert all(kind != "card" for kind, _ in kinds(f"с карты {spoilt} списали"))


@given(st.integers(1_001_999, 999_999_999))
def test_a_snils_is_found_by_its_check_digits(number: int) -> None:
    digits = f"{number:09d}"
    check = sum(int(sign) * (9 - place) for place, sign in enumerate(digits))
    check = check % 101 % 100
    shown = "-".join(digits[place : place + 3] for place in (0, 3, 6))
    assert kinds(f"Вот {shown} {check:02d}.") == [("snils", f"{shown} {check:02d}")]
    assert all(kind != "snils" for kind, _ in kinds(f"Вот {shown} {(check + 1) % 100:02d}."))


@given(st.datetimes(min_value=datetime(1950, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001
def test_no_date_and_no_time_is_taken_for_anything_else(at: datetime) -> None:
    shapes = ("%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M", "%d/%m/%Y %H.%M", "%H:%M:%S.%f", "%d %m %Y")
    for shape in shapes:
        for language in ("ru", "en"):
            assert kinds(f"Было {at.strftime(shape)} и раньше", language) == []


@given(st.integers(0, 10**9), st.sampled_from(["₽", "руб.", "$", "%", "шт."]))
def test_no_price_is_taken_for_anything_else(amount: int, unit: str) -> None:
    for written in (f"{amount:,}".replace(",", " "), f"{amount:,}", str(amount), f"{amount}.50"):
        assert kinds(f"Стоит {written} {unit}") == []


@given(st.integers(0, 10**16), st.sampled_from(["заказ №", "order #", "Заказ ", "ticket ", "№ "]))
def test_no_order_number_is_taken_for_anything_else(number: int, name: str) -> None:
    for language in ("ru", "en"):
        assert kinds(f"{name}{number} так и не пришёл", language) == []


pieces = st.lists(
    st.sampled_from(
        ["+7 916 123-45-67", "a.b@example.org", "4111 1111 1111 1111", "паспорт 4509 123456"]
        + [
            "112-233-445 95",
            "заказ 12",
            "и потом",
            "😀",
            "\n",
            "8",
            "-",
            "+",
            "@",
            "(",
            "2026-11-22",
        ]
    ),
    max_size=12,
)


@given(st.one_of(pieces.map(" ".join), pieces.map("".join), st.text(max_size=200)))
def test_a_mask_hides_all_that_was_found_and_moves_nothing(text: str) -> None:
    found = personal.found(text)
    hidden = personal.masked(text, found)
    assert len(hidden) == len(text)
    assert personal.found(hidden) == []
    inside = {place for one in found for place in range(one.start, one.end)}
    for place, (before, after) in enumerate(zip(text, hidden, strict=True)):
        is_hidden = place in inside and before.isalnum()
        assert after == (MASK if is_hidden else before)
    ends = [0, *(one.end for one in found)]
    assert all(start <= one.start < one.end for start, one in zip(ends, found, strict=False))


@pytest.mark.parametrize(
    "part", ["1", "1 ", "a", "a@", "+7", "8-", "8 916 ", "a.a.", "4111 ", "(916) ", "4509 "]
)
def test_a_hostile_text_takes_no_longer_than_its_length_asks(part: str) -> None:
    text = part * (100_000 // len(part)) + "@" + "a." * 1000
    begun = time.process_time()
    personal.found(text, "en")
    assert time.process_time() - begun < 3


def test_what_was_found_is_counted_by_kind() -> None:
    found = personal.found("a@example.org, b@example.org и +7 916 123-45-67")
    assert personal.counted(found) == {"phone": 1, "email": 2}
    assert re.fullmatch(
        r"[•@., +и-]+",
        personal.masked("a@e.org и +7 916 123-45-67", personal.found("a@e.org и +7 916 123-45-67")),
    )

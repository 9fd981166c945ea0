"""Typing a tag: any word of any label, in either language, however it was typed."""

from __future__ import annotations

import pytest

from research_repo.core import indexing, tags
from research_repo.core.models import Tag
from research_repo.search import Suggestion
from tests.search.conftest import House


@pytest.fixture
def tagged(house: House) -> House:
    house.tag("Оплата картой", en="Card payment", also=["эквайринг", "checkout"])
    house.tag("Возврат денег", en="Refund")
    house.tag("Онбординг", en="Onboarding")
    return house


def labels(house: House, text: str, language: str = "ru", **options: int) -> list[str]:
    found = house.search.suggest(text, house.people["marina"], language, **options)
    return [suggestion.label for suggestion in found]


@pytest.mark.parametrize(
    "typed",
    ["опл", "ОПЛАТА К", "карт", "эквай", "card", "payment", "check", "оплаты", "оплатой картой"],
    ids=str,
)
def test_any_label_is_found_by_the_beginning_or_the_form_of_any_word(
    tagged: House, typed: str
) -> None:
    assert labels(tagged, typed) == ["Оплата картой"]


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("jgkfn", "Оплата картой"),
        ("кугтв", None),
        ("куагт", "Возврат денег"),
        ("onbord", "Онбординг"),
        ("vozvrat", "Возврат денег"),
        ("онбардинг", "Онбординг"),
        ("refnud", "Возврат денег"),
        ("refnu", "Возврат денег"),
    ],
)
def test_wrong_layout_other_script_and_typos_are_understood(
    tagged: House, typed: str, label: str | None
) -> None:
    assert labels(tagged, typed) == ([label] if label else [])


def test_a_suggestion_speaks_the_persons_language_and_tells_what_matched(tagged: House) -> None:
    (found,) = tagged.search.suggest("checkout", tagged.people["marina"], "en")
    assert (found.label, found.matched_label, found.exact) == ("Card payment", "checkout", True)
    (found,) = tagged.search.suggest("check", tagged.people["marina"], "ru")
    assert (found.label, found.exact) == ("Оплата картой", False)


def test_the_exact_label_comes_first_then_beginnings(house: House) -> None:
    for label in ("Mobile app", "App", "App store"):
        house.tag(label)
    assert labels(house, "app", "en") == ["App", "App store", "Mobile app"]


def test_what_is_used_more_comes_first(house: House) -> None:
    house.tag("Card returned")
    often = house.tag("Card lost")
    house.atom("One", by="pavel", tags=[often])
    house.find()
    found = house.search.suggest("card", house.people["marina"], "en")
    assert [(s.label, s.count) for s in found] == [("Card lost", 1), ("Card returned", 0)]


def test_nothing_typed_offers_the_own_last_tags_then_the_most_used(house: House) -> None:
    mine, common = house.tag("Mine"), house.tag("Common")
    for title in ("One", "Two"):
        house.atom(title, by="pavel", tags=[common])
    house.atom("Three", tags=[mine])
    house.find()
    assert labels(house, "", "en") == ["Mine", "Common"]
    assert labels(house, "", "en", limit=1) == ["Mine"]


def test_a_merged_label_offers_the_survivor_and_a_retired_tag_is_not_offered(house: House) -> None:
    keep, drop, old = house.tag("Refund"), house.tag("Money back"), house.tag("Moneybox")
    with house.database.saving() as session:
        session.get_one(Tag, drop.id).replaced_by = keep.id
        indexing.raise_edition(session)
    house.do(tags.retire, "ilya", old.key)
    assert house.search.suggest("mon", house.people["marina"], "en") == [
        Suggestion(keep.id, "Refund", "Money back", exact=False, count=0)
    ]


def test_a_new_label_is_offered_at_once(tagged: House) -> None:
    assert labels(tagged, "логист") == []
    tagged.tag("Логистика")
    assert labels(tagged, "логист") == ["Логистика"]


def test_what_means_the_same_is_offered_first_and_marked(tagged: House) -> None:
    for other in ("Оплаты картами рассрочка", "Картой оплатить"):
        tagged.tag(other)
    for typed in ("оплаты картами", "картой оплата", "oplata kartoj", "Оплта картой"):
        first = tagged.search.suggest(typed, tagged.people["marina"], "ru")[0]
        assert (first.label, first.is_near) == ("Оплата картой", True)


def test_the_near_tags_of_a_new_word_leave_out_what_the_person_may_not_know(house: House) -> None:
    closed = house.study("closed", by="pavel", access="members")
    house.atom("Secret", by="pavel", study=closed, tags=["Lunch boxes"])
    assert house.search.near("Lunch box", house.people["marina"]) == []
    assert [one.label for one in house.search.near("Lunch box", house.people["pavel"])] == [
        "Lunch boxes"
    ]
    assert house.search.doubles() == []

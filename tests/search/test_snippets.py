"""The words of a query are marked in all their forms, and a snippet shows where they meet."""

from __future__ import annotations

from research_repo.search.snippets import best, marked, snippet

LONG = (
    "Сначала говорили о погоде и о дороге. " * 8
    + "Потом сказали, что доставка опаздывает и курьер не звонит. "
    + "В конце попрощались и обещали вернуться. " * 8
)
STEMS = frozenset({"доставк", "курьер"})


def test_all_forms_of_a_word_are_marked() -> None:
    assert marked("О доставке курьерами", STEMS) == [
        ("О ", False),
        ("доставке", True),
        (" ", False),
        ("курьерами", True),
    ]


def test_a_prefix_marks_whatever_begins_so() -> None:
    assert marked("Регистрация", {"рег*"}) == [("Регистрация", True)]


def test_words_of_another_label_are_marked_only_where_all_of_it_stands() -> None:
    stems = {"возврат", "отказ товар"}
    assert marked("Как перейти к товару", stems) == [("Как перейти к товару", False)]
    assert [word for word, is_hit in marked("Отказ от товаров и возврат", stems) if is_hit] == [
        "Отказ",
        "товаров",
        "возврат",
    ]
    assert best(["Что с товаром?", "Про возвраты"], stems) == "Про возвраты"


def test_a_text_without_the_words_stays_whole() -> None:
    assert marked("Ничего", STEMS) == [("Ничего", False)]
    assert marked("", STEMS) == []


def test_a_snippet_shows_the_sentence_where_the_words_meet() -> None:
    shown = snippet(LONG, STEMS, 120)
    assert shown.startswith("…Потом сказали, что доставка опаздывает и курьер не звонит.")
    assert shown.endswith("…")
    assert len(shown) <= 120


def test_a_short_text_is_its_own_snippet() -> None:
    assert snippet("Две  строки\nтекста", STEMS) == "Две строки текста"


def test_the_text_that_answers_best_is_chosen() -> None:
    assert best(["", "Ничего", "Доставка без курьера", "Доставка"], STEMS) == "Доставка без курьера"
    assert best(["", "Ничего"], STEMS) == "Ничего"
    assert best([], STEMS) == ""

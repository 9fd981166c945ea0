"""Places in a text that changes: the same words, at the place where they were said."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from research_repo.core.spans import Span, found, moved

# Few signs, so that the same words stand at many places.
TEXTS = st.text("ab .\n😀", max_size=60)
SENTENCES = [f"Sentence {one} tells of parcel {one * 7}. " for one in range(40)]


@st.composite
def texts_with_spans(draw: st.DrawFn) -> tuple[str, list[Span]]:
    text = draw(TEXTS.filter(bool))
    ends = st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))
    pairs = draw(st.lists(ends.filter(lambda two: two[0] != two[1]), max_size=6))
    return text, [(min(two), max(two)) for two in pairs]


@settings(deadline=None)
@given(texts_with_spans(), TEXTS)
def test_what_comes_back_holds_the_very_words(old: tuple[str, list[Span]], new: str) -> None:
    text, spans = old
    for (start, end), place in zip(spans, moved(text, new, spans), strict=True):
        if place is not None:
            assert new[place[0] : place[1]] == text[start:end]


@settings(deadline=None)
@given(texts_with_spans())
def test_a_text_that_did_not_change_leaves_everything_in_its_place(
    old: tuple[str, list[Span]],
) -> None:
    text, spans = old
    assert moved(text, text, spans) == spans


@settings(deadline=None)
@given(texts_with_spans(), st.data())
@example(("ab ab a", [(3, 5)]), None)
def test_an_edit_elsewhere_loses_no_words(
    old: tuple[str, list[Span]], data: st.DataObject | None
) -> None:
    text, spans = old
    cut, stop, put = (0, 3, "")
    if data is not None:
        cut = data.draw(st.integers(0, len(text)))
        stop = data.draw(st.integers(cut, len(text)))
        put = data.draw(TEXTS)
    new = text[:cut] + put + text[stop:]
    apart = [one for one in spans if one[1] <= cut or one[0] >= stop]
    assert None not in moved(text, new, apart)


@settings(deadline=None)
@given(texts_with_spans(), TEXTS, TEXTS, st.data())
def test_what_nobody_touched_stays_though_the_same_words_stand_beside(
    old: tuple[str, list[Span]], gone: str, come: str, data: st.DataObject
) -> None:
    text, spans = old
    at = data.draw(st.integers(0, len(text)))
    head, tail = text[:at], text[at:]
    moves = [one if one[1] <= at else (one[0] + len(gone), one[1] + len(gone)) for one in spans]
    apart = [one for one in moves if one[1] <= at or one[0] >= at + len(gone)]
    shift = len(come) - len(gone)
    places = moved(head + gone + tail, head + come + tail, apart, (len(head), len(tail)))
    assert places == [one if one[1] <= at else (one[0] + shift, one[1] + shift) for one in apart]


@settings(deadline=None)
@given(st.data())
def test_many_edits_at_once_leave_what_they_did_not_touch_where_it_was_said(
    data: st.DataObject,
) -> None:
    """Sentences go, come and change; each of the others is found, at its own place."""
    old = "".join(SENTENCES)
    fates = data.draw(st.lists(st.sampled_from("stay go add word".split()), min_size=40))
    new, spans, wanted, at = "", [], [], 0
    for sentence, fate in zip(SENTENCES, fates, strict=False):
        new += {"add": "Somebody wrote this here. ", "word": "Well, "}.get(fate, "")
        if fate == "stay":
            spans.append((at, at + len(sentence)))
            wanted.append((len(new), len(new) + len(sentence)))
        new += "" if fate == "go" else sentence
        at += len(sentence)
    assert moved(old, new, spans) == wanted


@settings(deadline=None)
@given(st.permutations(SENTENCES))
def test_words_that_stand_once_are_found_wherever_they_were_taken(order: list[str]) -> None:
    old, new = "".join(SENTENCES), "".join(order)
    places = moved(old, new, [(old.index(one), old.index(one) + 20) for one in SENTENCES])
    assert places == [(new.index(one), new.index(one) + 20) for one in SENTENCES]


def test_the_same_answer_of_another_person_does_not_stand_in_for_one_that_went() -> None:
    old = "Was it late? No, it was not.\nWas it whole? No, it was not.\nWho came? Oleg.\n"
    new = old.replace("Was it whole? No, it was not.\n", "").replace("Oleg", "Olga")
    words = "No, it was not."
    first, second = old.index(words), old.rindex(words)
    places = moved(old, new, [(first, first + 15), (second, second + 15)])
    assert places == [(first, first + 15), None]


def test_words_that_stand_often_are_found_by_what_stands_around_them() -> None:
    old = "Anna: I waited. Yes.\nOlga: I called them. Yes.\nVera: I gave up. No.\n"
    new = "Vera: I gave up. No.\nOlga: I called them. Yes.\nAnna: I waited. Yes.\n"
    start = old.index("Yes.")
    assert moved(old, new, [(start, start + 4)]) == [(new.rindex("Yes."), new.rindex("Yes.") + 4)]


@pytest.mark.parametrize(
    ("near", "place"), [(0, (0, 3)), (9, (8, 11)), (20, (16, 19)), (99, (16, 19))]
)
def test_an_edited_quote_stands_where_its_words_are_nearest(near: int, place: Span) -> None:
    assert found("Yes, no Yes, no Yes", "Yes", near) == place


def test_words_that_stand_nowhere_have_no_place() -> None:
    assert found("Yes, no", "Perhaps", 0) is None
    assert found("Yes, no", "", 0) is None
    assert moved("Yes, no", "", [(0, 3)]) == [None]


def test_a_long_interview_with_many_edits_is_gone_through_quickly() -> None:
    drawn = random.Random(6)
    words = [f"word{one}" for one in range(3000)]
    lines = [" ".join(drawn.choices(words, k=drawn.randint(1, 40))) + ".\n" for _ in range(8000)]
    old = "".join(lines)
    changed = [
        line if drawn.random() < 0.9 else drawn.choice(["", f"Well, {line}", line[:-5] + ".\n"])
        for line in lines
    ]
    starts = drawn.sample(range(len(old) - 60), 1000)
    began = time.process_time()
    places = moved(old, "".join(changed), [(start, start + 60) for start in starts])
    assert time.process_time() - began < 5
    assert sum(place is not None for place in places) > 800

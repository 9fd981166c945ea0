"""The experiment on growing tag lists counts what its page says that it counts."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from benchmarks import line_chart, results_of_tags, too_many_tags
from benchmarks.flat_list import FlatList
from benchmarks.line_chart import Line, Panel
from benchmarks.search_quality import data_folder
from benchmarks.too_many_tags import Concept, Question, Tree, chosen

REFUNDS = {
    "unesco:a": Concept("unesco:a", "Area", (), {"en": "Payment"}, {}),
    "unesco:b": Concept("unesco:b", "Area", ("unesco:a",), {"en": "Refund"}, {}),
    "unesco:c": Concept("unesco:c", "Area", ("unesco:b",), {"en": "Card refund"}, {}),
    "osm:d": Concept("osm:d", "Map", (), {"en": "Bench"}, {}),
}


def asked(text: str, concept: str) -> Question:
    return Question("any", text, "en", concept, frozenset())


def test_the_flat_list_knows_one_word_for_a_tag_and_nothing_of_what_lies_below() -> None:
    labels = {name: one.pref["en"] for name, one in REFUNDS.items()}
    flat = FlatList(labels, {"unesco:b": {1}, "unesco:c": {2, 3}})
    assert flat.exact("REFUND", "en") == [1]
    assert flat.containing("refund", "en") == [1, 2, 3]
    assert flat.exact("money back", "en") == []


def test_in_the_flat_list_names_are_read_by_alphabet() -> None:
    flat = FlatList({name: one.pref["en"] for name, one in REFUNDS.items()}, {})
    # Bench, Card refund, Payment, Refund: three letters typed, else all from the beginning.
    assert flat.read(asked("refunds", "unesco:b")) == 2
    assert flat.read(asked("money back", "unesco:b")) == 4
    assert flat.read(asked("card", "unesco:b")) == 1 + 4


def test_down_the_tree_each_level_is_read_until_the_right_name() -> None:
    tree = Tree(REFUNDS)
    assert tree.read("unesco:c") == 4  # Area, Payment, Refund, Card refund
    assert tree.under("unesco:a") == {"unesco:a", "unesco:b", "unesco:c"}


def test_a_smaller_choice_of_tags_is_a_part_of_a_larger_one_and_whole_upwards() -> None:
    sizes = [set(chosen(REFUNDS, size)) for size in (1, 2, 3, 4)]
    assert [len(some) for some in sizes] == [1, 2, 3, 4]
    assert all(small <= large for small, large in zip(sizes, sizes[1:], strict=False))
    for some in sizes:
        assert all(set(REFUNDS[name].parents) <= some for name in some)


def test_the_chart_is_xml_and_tells_its_lines() -> None:
    panel = Panel("Found & read", "mean", "tags", [50, 10_000], [Line("a <b>", [0.5, 1.0], True)])
    drawn = ElementTree.fromstring(line_chart.drawn("Title", [panel]))
    said = {text.text for text in drawn.iter() if text.tag.endswith("text")}
    assert {"Found & read", "a <b>", "50", "10,000"} <= said


@pytest.mark.slow
def test_with_few_tags_already_a_flat_list_misses_what_this_product_finds() -> None:
    if not (data_folder() / "tags_unesco").is_dir():
        pytest.skip("The vocabularies are not there: set RESEARCH_REPO_DATA.")
    figures = too_many_tags.measure(50, 200)
    assert set(figures.found) == set(results_of_tags.WAYS)
    for kind in ("a synonym", "the other language"):
        assert figures.found["flat, exact"][kind].recall == 0
        assert figures.found["this product, first tag offered"][kind].recall > 0.9
    assert figures.found["flat, exact"]["a parent tag"].recall < 0.7
    assert figures.found["this product, search"]["a parent tag"].recall > 0.9

"""Hierarchies without circles."""

from hypothesis import given
from hypothesis import strategies as st

from research_repo.core import tag_edges

names = st.sampled_from("abcdef")
above = st.dictionaries(names, st.lists(names, max_size=4), max_size=6)


def test_an_edge_that_closes_a_circle_is_refused_and_the_others_stay():
    settled = tag_edges.settle({"a": ["b"], "b": ["c"], "c": ["a"]})
    assert len(settled.circles) == 1
    assert sum(map(len, settled.above.values())) == 2


def test_nothing_lies_under_itself():
    assert tag_edges.settle({"a": ["a"]}).circles == (("a", "a"),)


def test_what_a_longer_way_says_is_left_out_unless_it_stands():
    edges = {"a": ["c", "b"], "b": ["c"], "c": []}
    assert tag_edges.settle(edges).redundant == (("a", "c"),)
    assert tag_edges.settle(edges, {("a", "c")}).redundant == ()


@given(above)
def test_what_is_settled_has_an_order_from_the_top(edges):
    whole = {name: edges.get(name, []) for name in "abcdef"}
    settled = tag_edges.settle(whole)
    order = tag_edges.from_the_top(settled.above)
    assert sorted(order) == list("abcdef")
    for child, parents in settled.above.items():
        assert all(order.index(parent) < order.index(child) for parent in parents)
        for parent in parents:
            others = {name: [*rows] for name, rows in settled.above.items()}
            others[child].remove(parent)
            assert parent not in tag_edges.ancestors(others, child)

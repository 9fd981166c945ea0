"""Quotes marked in a page: no word is lost or doubled, and what overlaps is told apart."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from research_repo.core.marks import Mark, marked


def mark(number: int, start: int, end: int) -> Mark:
    return Mark(number, start, end, "k", "fact", "They wait", "en", "published", "Marina")


PASSAGES = [(0, "I waited for two weeks."), (25, "Nobody told me."), (42, "So I left.")]


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 60)), max_size=8))
def test_the_parts_are_the_passage_and_know_each_quote_that_covers_them(
    pairs: list[tuple[int, int]],
) -> None:
    marks = [mark(at, start, start + size) for at, (start, size) in enumerate(pairs, 1)]
    found = marked(PASSAGES, marks)
    for (start, text), one in zip(PASSAGES, found, strict=True):
        assert "".join(part.text for part in one.parts) == text
        place = start
        for part in one.parts:
            over = [
                m.evidence_id for m in marks if m.start < place + len(part.text) and m.end > place
            ]
            assert part.quotes == tuple(over)
            place += len(part.text)
    shown = [note.evidence_id for one in found for _, note in one.notes]
    begun = [quote for one in found for part in one.parts for quote in part.begins]
    ended = [number for one in found for part in one.parts for number in part.ends]
    assert sorted(shown) == sorted(begun)
    assert sorted(ended) == list(range(1, len(shown) + 1))


def test_two_quotes_that_overlap_have_a_part_of_both() -> None:
    (one, *_) = marked(PASSAGES, [mark(7, 2, 12), mark(8, 9, 22)])
    assert [(part.text, part.quotes, part.ends) for part in one.parts] == [
        ("I ", (), ()),
        ("waited ", (7,), ()),
        ("for", (7, 8), (1,)),
        (" two weeks", (8,), (2,)),
        (".", (), ()),
    ]


def test_a_quote_of_two_turns_has_its_note_where_it_ends() -> None:
    found = marked(PASSAGES, [mark(7, 15, 31)])
    assert [len(one.notes) for one in found] == [0, 1, 0]
    assert found[0].parts[1].begins == (7,)
    assert found[1].parts[0].ends == (1,)
    assert found[1].parts[0].begins == ()

"""What comes from the clipboard: lines, ranges of cells, and whatever people copy by accident."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from research_repo.exchange import pasted
from research_repo.exchange.pasted import LINES, SEPARATORS, Line


def cells(text: str, separator: str | None = None) -> list[tuple[str, ...]]:
    mark = pasted.separator_of(text) if separator is None else separator
    return [line.cells for line in pasted.rows(text, mark)]


def test_each_line_is_a_claim_and_empty_ones_are_none() -> None:
    text = "\ufeff\r\n One \r\n\r\n   \r\nTwo, with a comma; and more\r\n\r\n"
    found = pasted.rows(text.removeprefix("\ufeff"), pasted.separator_of(text))
    assert found == [Line(2, ("One",)), Line(5, ("Two, with a comma; and more",))]


def test_a_range_of_a_spreadsheet_has_tabs_quotes_and_line_breaks_in_its_cells() -> None:
    text = 'They wait\t"I said:\n""where is it""\tand left"\tR-01\nThey call\t\tR-02\n'
    assert cells(text) == [
        ("They wait", 'I said:\n"where is it"\tand left', "R-01"),
        ("They call", "", "R-02"),
    ]
    assert [line.number for line in pasted.rows(text, "\t")] == [1, 3]


def test_a_quote_that_is_closed_nowhere_was_typed_by_somebody() -> None:
    assert cells('"Where is it, asked one\nTwo\tcells') == [
        ('"Where is it, asked one',),
        ("Two", "cells"),
    ]
    assert cells('"Where" is it\n12" screen') == [('"Where" is it',), ('12" screen',)]


@pytest.mark.parametrize("mark", [";", ","])
def test_a_csv_is_known_by_its_names_or_its_quotes(mark: str) -> None:
    named = f"title{mark}quote\nThey wait{mark}Where is it\n"
    assert cells(named) == [("title", "quote"), ("They wait", "Where is it")]
    quoted = f'They wait{mark}"Where{mark} is it"\nThey call{mark}"No, ""no"""\n'
    assert cells(quoted)[1] == ("They call", 'No, "no"')


def test_sentences_with_commas_are_no_table() -> None:
    assert cells("They wait, and call\nThey call, and wait") == [
        ("They wait, and call",),
        ("They call, and wait",),
    ]
    assert cells("a, b\nc") == [("a, b",), ("c",)]


def test_the_marks_of_a_list_are_no_part_of_its_lines() -> None:
    assert cells("• One\n• Two\n\n") == [("One",), ("Two",)]
    assert cells("1. One\n2) Two\n10. Ten") == [("One",), ("Two",), ("Ten",)]
    assert cells("- One\nTwo") == [("- One",), ("Two",)]
    assert cells("– 5 of 12 wait") == [("– 5 of 12 wait",)]


@pytest.mark.parametrize("text", ["", "\n\n\n", "\t\t\n\t", "   "])
def test_nothing_is_nothing(text: str) -> None:
    assert cells(text) == []


@pytest.mark.parametrize("line", ['"', '""', '"""', '"x', '"""x', 'a\t"b', "\t", '" "\t'])
def test_a_long_text_of_quotes_is_read_at_once(line: str) -> None:
    text = f"{line}\n" * 50_000
    began = time.process_time()
    pasted.rows(text, pasted.separator_of(text))
    assert time.process_time() - began < 2


CELLS = st.text(st.sampled_from('ab",;\t\n я'), max_size=8).map(str.strip)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=3), max_size=5), st.sampled_from(SEPARATORS))
def test_what_is_written_is_read_again(table: list[list[str]], mark: str) -> None:
    lines = [Line(n, tuple(row)) for n, row in enumerate(table) if any(row)]
    again = pasted.rows(pasted.written(lines, mark), mark)
    assert [line.cells for line in again] == [line.cells for line in lines]


@given(st.text(max_size=60), st.sampled_from([*SEPARATORS, LINES]))
def test_any_text_is_read(text: str, mark: str) -> None:
    for line in pasted.rows(text, mark):
        assert any(line.cells)

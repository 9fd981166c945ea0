"""Cells that a spreadsheet would compute."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from research_repo.exchange import cells

SIGNS = "=+-@\t\r＝＋－＠"


@pytest.mark.parametrize("sign", SIGNS)
def test_what_a_spreadsheet_would_compute_is_kept_as_text(sign):
    assert cells.neutral(f"{sign}HYPERLINK(1)") == f"'{sign}HYPERLINK(1)"
    assert cells.neutral(f" {sign}1").startswith("'")


def test_an_ordinary_cell_stays_as_it_is():
    for text in ("", "Refund", "'tis", "a=b", "«цитата»"):
        assert cells.neutral(text) == text == cells.original(text)


@given(st.text(alphabet=st.sampled_from(["'", *SIGNS, " ", "\n", "a"])) | st.text())
def test_every_text_comes_back_unchanged(text):
    assert cells.original(cells.neutral(text)) == text


@given(st.text(alphabet=st.sampled_from(["'", *SIGNS, " ", "a"])))
def test_no_cell_begins_like_a_formula(text):
    assert not cells.neutral(text).lstrip().startswith(tuple(SIGNS))

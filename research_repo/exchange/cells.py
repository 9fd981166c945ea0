"""Cells of a table that a spreadsheet would take for a formula: made harmless, and made themselves again."""

from __future__ import annotations

import re

# An apostrophe at the front is a spreadsheet's own sign for "this is text". One that stands there
# already gets another, so that each text comes back as it was.
_FORMULA = re.compile(r"'*\s*[\t\r\n=+\-@＝＋－＠]")


def neutral(text: str) -> str:
    """The text as a cell that no spreadsheet computes."""
    return f"'{text}" if _FORMULA.match(text) else text


def original(cell: str) -> str:
    """The text that `neutral` made this cell from; any other cell is its own text."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell

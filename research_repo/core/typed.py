"""What people type, paste or send, made fit to keep: databases and files refuse what nobody sees."""

from __future__ import annotations

import re
import unicodedata

# Control characters but tab and line break, what Unicode will never assign, and halves of letters.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_SOFT_HYPHEN = "\u00ad"  # comes with pasted text, and every comparison leaves it out
# Letters by their class, yet nothing is to be seen of them.
_BLANK_LETTERS = "\u115f\u1160\u2800\u3164\uffa0"
_LINE_BREAK = re.compile("\r\n?|\u2028|\u2029")


def line(text: str) -> str:
    """One line without spare spaces."""
    return " ".join(_UNFIT.sub("", text).split())


def lines(text: str) -> str:
    """A text with its line breaks, all of one kind: a browser sends two characters for each."""
    return _UNFIT.sub("", _LINE_BREAK.sub("\n", text))


def has_unseen(text: str) -> bool:
    """Whether it holds signs that nobody sees: of no width, or turning the direction of the line."""
    return any(
        sign in _BLANK_LETTERS or (unicodedata.category(sign) == "Cf" and sign != _SOFT_HYPHEN)
        for sign in text
    )

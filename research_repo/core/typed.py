"""What people type, paste or send, made fit to keep: databases and files refuse what nobody sees."""

from __future__ import annotations

import re

# Control characters but tab and line break, what Unicode will never assign, and halves of letters.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_LINE_BREAK = re.compile("\r\n?|\u2028|\u2029")


def line(text: str) -> str:
    """One line without spare spaces."""
    return " ".join(_UNFIT.sub("", text).split())


def lines(text: str) -> str:
    """A text with its line breaks, all of one kind: a browser sends two characters for each."""
    return _UNFIT.sub("", _LINE_BREAK.sub("\n", text))

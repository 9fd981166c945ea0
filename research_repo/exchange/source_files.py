"""Files into sources: transcripts, notes, survey exports, images and PDF files.

A file is what its content says, not what its name says; where both disagree it is refused.
"""

from __future__ import annotations

from pathlib import Path

from research_repo.core.source_texts import SourceText

CHARACTERS_MAX = 5_000_000


def read(
    path: Path, name: str, *, most: int = CHARACTERS_MAX, code_column: str | None = None
) -> SourceText:
    """What is in a file; the ending of `name` says how to read it.

    A table is read by respondents: `code_column` is the header of the column that says who answered,
    an empty one says that nobody is named; without it the headers tell.

    Raises:
        Invalid: it is empty, damaged, too long, dangerous, or of a kind that no source is.
        Unavailable: it took too long to look into.
    """
    raise NotImplementedError(path, name, most, code_column)


def pasted(text: str, *, most: int = CHARACTERS_MAX) -> SourceText:
    """What somebody pasted: a transcript where people take turns in it, else notes.

    Raises:
        Invalid: it is empty or too long.
    """
    raise NotImplementedError(text, most)

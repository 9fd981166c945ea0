"""What counts of a piece of evidence, wherever it is counted: in the database or in the index."""

from __future__ import annotations

from typing import Any, NamedTuple

from research_repo.core import words

MEASURED_FROM = 30
"""A number that rests on fewer says too little of all the others."""

Person = tuple[str, int, str]


class Piece(NamedTuple):
    """What an atom of a study brings: words, a number, a link or a file."""

    copied: tuple[object, ...]
    """Two pieces of which this is the same are one, written down twice."""
    person: Person | None
    """Who is quoted: a participant, or else a name within the study."""
    is_measured: bool
    """It is a number that enough people or cases stand behind."""


NAMED = (
    "kind",
    "text",
    "who",
    "url",
    "number",
    "unit",
    "n",
    "attachment_id",
    "participant_id",
)
"""The columns of evidence that tell these."""


def brought(row: Any, study_id: int | None) -> Piece | None:
    """What a row with the columns NAMED brings to an atom of this study.

    Nothing where it only says from which file the atom came. Nor without a study: nobody could tell
    which study's R-07 is meant, and what a study found belongs into one of its facts.
    """
    if row.kind == "origin" or study_id is None:
        return None
    who = words.fold(row.who)
    copied = (row.kind, row.text, who, row.url, row.number, row.unit, row.n, row.attachment_id)
    person: Person | None = None
    if row.kind == "quote":
        if row.participant_id is not None:
            person = ("participant", row.participant_id, "")
        elif who:
            person = ("name", study_id, who)
    is_measured = row.kind == "number" and (row.n or 0) >= MEASURED_FROM
    return Piece(copied, person, is_measured)

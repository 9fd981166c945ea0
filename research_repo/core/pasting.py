"""Many lines pasted at once become drafts: what each column means, and the drafts, each written once.

What was pasted waits as something typed and not sent. The drafts are made in short transactions,
which count how far they came: pressing twice, or going on after a break, makes none of them twice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import Session

from research_repo.core import atoms, rows, scratch, words
from research_repo.core.atoms import AtomValues
from research_repo.core.errors import Invalid
from research_repo.core.models import Person

LINES_MAX = 500
AT_ONCE = 5
COLUMNS = ("title", "quote", "respondent", "source", "tags", "body", "observed_on")
"""What a column can mean, in the order in which columns without names are taken to mean it."""

_CODE = re.compile(r"[^\W\d_]{0,3}[-_ #№]?\d{1,4}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2}\.\d{1,2}\.\d{4}")


@dataclass(frozen=True)
class Around:
    """What holds for all lines: the study and its questions, who was heard, tags."""

    study_key: str = ""
    who: str = ""
    question_ids: Sequence[int] = ()
    tags: Sequence[str] = ()


def has_names(table: Sequence[Sequence[str]]) -> bool:
    """Whether the first line names the columns."""
    return len(table) > 1 and "title" in rows.guess(table[0]).values()


def guess(table: Sequence[Sequence[str]], is_named: bool) -> list[str]:
    """What each column means, or "" for nothing: by its name, else by what stands in it."""
    width = max(map(len, table), default=0)
    if is_named:
        found = rows.guess(table[0])
        meant = [found.get(name, "") for name in table[0]]
        return [one if one in COLUMNS else "" for one in meant] + [""] * (width - len(meant))
    meant = []
    for place in range(width):
        cells = [row[place] for row in table if place < len(row) and row[place]]
        meant.append(next((one for one in _likely(cells) if one not in meant), ""))
    return meant


def _likely(cells: Sequence[str]) -> Sequence[str]:
    if cells and all(_CODE.fullmatch(cell) for cell in cells):
        return ("respondent",)
    if cells and all(_DAY.fullmatch(cell) for cell in cells):
        return ("observed_on",)
    return ("title", "quote") if cells else ()


def ready(cells: Mapping[str, str], around: Around) -> AtomValues:
    """The draft that a line makes; the slow part, done before a transaction.

    Raises:
        Invalid: column → what to write instead.
    """
    values = rows.values_of({**cells, "study": around.study_key})
    # Who said a quote is told by its own line, else by the whole meeting.
    pieces = [
        replace(piece, who=around.who) if piece.kind == "quote" and not piece.who else piece
        for piece in values.evidence
    ]
    try:
        return atoms.ready(
            replace(
                values,
                status="draft",
                evidence=pieces,
                question_ids=around.question_ids,
                tags=[*dict.fromkeys([*values.tags, *around.tags])],
            )
        )
    except Invalid as refusal:
        raise Invalid(dict(rows.problems_of(refusal))) from refusal


def go_on(
    session: Session, by: Person, form: str, drafts: Sequence[AtomValues], rest: Any = None
) -> bool:
    """Write the next of the drafts that were pasted into this form; whether some are left.

    When all are written what was pasted is gone, but for the `rest`, which waits to be put right.

    Raises:
        Invalid: a tag or the study cannot be used; what was written before stays.
    """
    kept = scratch.get(session, by, form)
    if kept is None or kept.content["done"] is None:
        return False
    done = kept.content["done"]
    for values in drafts[done : done + AT_ONCE]:
        atoms.log(session, by, values)
    done += AT_ONCE
    if done < len(drafts):
        scratch.keep(session, by, form, {**kept.content, "done": done})
    elif rest is None:
        scratch.throw_away(session, by, form)
    else:
        scratch.keep(session, by, form, rest)
    return done < len(drafts)


def alike(titles: Sequence[str]) -> set[int]:
    """The places of claims that an earlier one among them says already."""
    folded = [words.fold(title) for title in titles]
    return {place for place, one in enumerate(folded) if one in folded[:place]}

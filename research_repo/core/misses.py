"""Searches that found nothing or little: words that may be missing labels. Nobody knows who typed them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func
from sqlmodel import Session, col, select

from research_repo.core import access, history, typed, words
from research_repo.core.clock import now, today
from research_repo.core.errors import NotFound
from research_repo.core.models import Person, SearchMiss

FEW = 3
"""Whoever finds this many has found something."""
LETTERS_MIN = 3
TEXT_MAX = 100
"""As long as a label may be; what is longer is a question, and no name of a tag."""
ROWS_MAX = 1_000
DIGITS_MAX = 5

# A sign of an address, or of one that leads somewhere: neither becomes a label.
_ADDRESS = re.compile(r"@|://|\bwww\.", re.IGNORECASE)
_ENDS = " \t.,;:!?…"


@dataclass(frozen=True)
class Miss:
    """What was searched, how often, how many atoms it found at the least, and when last."""

    id: int
    text: str
    times: int
    fewest: int
    last_on: date


def kept_text(text: str) -> str:
    """The text as it is kept; "" for one that is too short or long, or that may name a person."""
    spoken = typed.line(text).strip(_ENDS)
    letters = sum(sign.isalpha() for sign in spoken)
    digits = sum(sign.isdigit() for sign in spoken)
    is_personal = bool(_ADDRESS.search(spoken)) or digits > DIGITS_MAX
    is_label = letters >= LETTERS_MIN and len(spoken) <= TEXT_MAX
    return spoken if is_label and not is_personal else ""


def note(session: Session, found: Mapping[str, int]) -> None:
    """Count searches by what was typed, each with how many atoms it found.

    Texts that `kept_text` refuses are passed over. Where there is no room, what was searched once
    goes first, the longest ago.
    """
    for text, count in found.items():
        spoken = kept_text(text)
        folded = " ".join(words.tokens(spoken))
        if folded:
            _count(session, folded, spoken, count)
    session.flush()
    _make_room(session)


def waiting(session: Session, by: Person) -> list[Miss]:
    """What nobody has settled, the most searched first."""
    access.require_govern(by)
    rows = select(SearchMiss).where(col(SearchMiss.settled_at).is_(None))
    return [_miss(row) for row in session.exec(rows.order_by(*_MOST_SEARCHED))]


def settled(session: Session, by: Person, limit: int) -> list[Miss]:
    """What is not needed as a label, settled last first."""
    access.require_govern(by)
    rows = select(SearchMiss).where(col(SearchMiss.settled_at).is_not(None))
    ordered = rows.order_by(col(SearchMiss.settled_at).desc(), col(SearchMiss.id))
    return [_miss(row) for row in session.exec(ordered.limit(limit))]


def settle(session: Session, by: Person, miss_id: int) -> Miss:
    """No label is needed for it; it does not come up again."""
    row = _row(session, by, miss_id)
    if row.settled_at is None:
        row.settled_at, row.settled_by = now(), by.id
        history.record(session, by, "settled", "search miss", row.id, after={"text": row.text})
    return _miss(row)


def reopen(session: Session, by: Person, miss_id: int) -> Miss:
    """It may be needed after all."""
    row = _row(session, by, miss_id)
    if row.settled_at is not None:
        row.settled_at = row.settled_by = None
        history.record(session, by, "reopened", "search miss", row.id, after={"text": row.text})
    return _miss(row)


_MOST_SEARCHED = (
    col(SearchMiss.times).desc(),
    col(SearchMiss.last_on).desc(),
    col(SearchMiss.id).desc(),
)


def _row(session: Session, by: Person, miss_id: int) -> SearchMiss:
    access.require_govern(by)
    row = session.get(SearchMiss, miss_id)
    if row is None:
        raise NotFound
    return row


def _count(session: Session, folded: str, text: str, found: int) -> None:
    row = session.exec(select(SearchMiss).where(SearchMiss.folded == folded)).first()
    if row is None:
        session.add(SearchMiss(folded=folded, text=text, fewest=found, last_on=today()))
        return
    row.times += 1
    row.fewest = min(row.fewest, found)
    row.last_on = today()


def _make_room(session: Session) -> None:
    spare = session.exec(select(func.count()).select_from(SearchMiss)).one() - ROWS_MAX
    if spare <= 0:
        return
    least = select(SearchMiss).order_by(
        # What a curator has settled would come up again as if nobody had looked.
        col(SearchMiss.settled_at).is_not(None),
        col(SearchMiss.times),
        col(SearchMiss.last_on),
        col(SearchMiss.id),
    )
    for row in session.exec(least.limit(spare)):
        session.delete(row)


def _miss(row: SearchMiss) -> Miss:
    return Miss(row.id, row.text, row.times, row.fewest, row.last_on)

"""What somebody has typed and not sent: kept for them alone, so that a closed window loses nothing.

Each window keeps its own under a name of its own. Two that show the same one do not write over each
other: the second is refused, and keeps its words under another name.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col, select

from research_repo.core import access
from research_repo.core.clock import now
from research_repo.core.errors import Conflict, Invalid
from research_repo.core.language import say
from research_repo.core.models import Person, Scratch

KEPT_DAYS = 30
KEPT_MAX = 50
SIZE_MAX = 400_000
"""Characters of one: a claim with the longest body and some long quotes, or many pasted lines."""
NAME_MAX = 60
FRESH = timedelta(hours=1)
"""What is kept anew within this time, and is the same, is not written again."""


@dataclass(frozen=True)
class Kept:
    """What was typed into a form, under the name of its window; `stamp` differs with each keeping."""

    form: str
    content: Any
    at: datetime

    @property
    def stamp(self) -> str:
        return self.at.isoformat()


def of_person(session: Session, by: Person, beginning: str) -> list[Kept]:
    """All that the person has typed into forms whose names begin so, the last touched first."""
    mine = select(Scratch).where(
        Scratch.person_id == by.id,
        col(Scratch.form).startswith(beginning, autoescape=True),
        Scratch.updated_at > _oldest(),
    )
    rows = session.exec(mine.order_by(col(Scratch.updated_at).desc()))
    return [Kept(row.form, row.content, row.updated_at) for row in rows]


def get(session: Session, by: Person, form: str) -> Kept | None:
    """What the person has typed there; None when it was sent, thrown away, or never was."""
    row = session.get(Scratch, (by.id, form)) if _is_name(form) else None
    if row is None or row.updated_at <= _oldest():
        return None
    return Kept(row.form, row.content, row.updated_at)


def keep(session: Session, by: Person, form: str, content: Any, stamp: str | None = None) -> Kept:
    """Keep what was typed, over what this window has kept there before, whose stamp it names.

    With None for a stamp it replaces whatever is there. What was thrown away is kept anew: words
    that are still on a screen are never lost.

    Raises:
        Conflict: another window has kept something else there; it stays as it is.
        Invalid: it is too long, or too many wait to be sent.
        NotAllowed: the person only reads.
    """
    access.require_log(by)
    if not _is_name(form):
        raise Invalid({"": say("This form cannot be kept. Reload the page.")})
    if len(json.dumps(content, ensure_ascii=False)) > SIZE_MAX:
        raise Invalid({"": say("This is too long to be kept while you type. Send it in parts.")})
    row = session.get(Scratch, (by.id, form))
    if row is None:
        _make_room(session, by)
        row = Scratch(person_id=by.id, form=form)
    elif stamp is not None and row.updated_at.isoformat() != stamp:
        current = Kept(row.form, row.content, row.updated_at)
        raise Conflict(say("Another window has this draft open, and went on with it."), current)
    row.content, row.updated_at = content, now()
    session.add(row)
    session.flush()
    return Kept(form, content, row.updated_at)


def is_kept(session: Session, by: Person, form: str, content: Any) -> bool:
    """Whether just this is kept there already, and not for long."""
    kept = get(session, by, form)
    return kept is not None and kept.content == content and now() - kept.at < FRESH


def throw_away(session: Session, by: Person, form: str) -> None:
    """It was sent, or is not wanted any more; what is not there is no fault."""
    if _is_name(form):
        mine = delete(Scratch).where(col(Scratch.person_id) == by.id, col(Scratch.form) == form)
        session.execute(mine)


def _make_room(session: Session, by: Person) -> None:
    mine = col(Scratch.person_id) == by.id
    session.execute(delete(Scratch).where(mine, col(Scratch.updated_at) <= _oldest()))
    if len(session.exec(select(Scratch.form).where(mine)).all()) >= KEPT_MAX:
        told = say(
            "%(count)s drafts wait to be sent. Send some, or throw some away.", count=KEPT_MAX
        )
        raise Invalid({"": told})


def _oldest() -> datetime:
    return now() - timedelta(days=KEPT_DAYS)


def _is_name(form: str) -> bool:
    return 0 < len(form) <= NAME_MAX and form.isascii() and form.isprintable()

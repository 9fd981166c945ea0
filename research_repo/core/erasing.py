"""Deleting a source for good: what somebody said may have to go, and nothing may keep it."""

from __future__ import annotations

from sqlalchemy import delete, update
from sqlmodel import Session, col

from research_repo.core import access, history
from research_repo.core.errors import Invalid
from research_repo.core.language import say
from research_repo.core.models import Evidence, Passage, Person


def erase(session: Session, by: Person, key: str) -> int:
    """Delete a source that was removed, with its text and what the history kept of it.

    Quotes that were cut from it keep their words and lose the way back. A file that nothing else
    names goes with the next `doctor --fix`. Gives the id of its study.

    Raises:
        NotFound, NotAllowed: as for every change of a source.
        Invalid: it was not removed before.
    """
    source = access.source_to_edit(session, by, key)
    if source.removed_at is None:
        raise Invalid({"": say("Remove the source first. Then it can be deleted for good.")})
    session.execute(
        update(Evidence)
        .where(col(Evidence.source_id) == source.id)
        .values(source_id=None, span_start=None, span_end=None)
    )
    session.execute(delete(Passage).where(col(Passage.source_id) == source.id))
    history.redact(session, "source", source.id)
    history.record(session, by, "erased", "source", source.id)
    study_id = source.study_id
    session.delete(source)
    session.flush()
    return study_id

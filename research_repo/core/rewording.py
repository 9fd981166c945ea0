"""Other words for a source: planned while nobody waits, then written in one short transaction.

The text of a source is its passages with an empty line between them. A plan says which passages come
in place of which others, and where the quotes of the source will stand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy import select as columns
from sqlmodel import Session

from research_repo.core import access, anchors, attachments, history
from research_repo.core.attachments import Kept
from research_repo.core.clock import now
from research_repo.core.db import add_rows
from research_repo.core.errors import Conflict, Invalid, NotFound
from research_repo.core.language import say
from research_repo.core.models import TEXT_KINDS, Passage, Person, Source, metadata
from research_repo.core.source_texts import BETWEEN

CHANGED_MEANWHILE = say("Somebody changed this source while you were writing.")


@dataclass(frozen=True)
class Words:
    """A passage apart from its place: its words, and who said them when, to which question."""

    text: str
    speaker: str = ""
    participant_id: int | None = None
    heading: str = ""
    from_ms: int | None = None
    to_ms: int | None = None


@dataclass(frozen=True)
class Plan:
    """A change of a text before it is written: which passages stand in place of which others, and
    where the quotes will be."""

    key: str
    version: int
    verb: str
    text: str
    first: int
    was: Sequence[Words]
    made: Sequence[Words]
    kept: tuple[int, int]
    """How long the text of the passages is that stay before and after them."""
    places: Mapping[int, tuple[int, int] | None]
    was_file: dict[str, Any]
    file: dict[str, Any] | None


def to_change(session: Session, by: Person, key: str, version: int) -> Source:
    """The source, when the person may change it and nobody has since they read it.

    Raises:
        NotFound: it is not there for them, or was removed.
        NotAllowed: they see it, and may not change it.
        Conflict: it has another version now; carries the source as it is.
    """
    source = access.source_to_edit(session, by, key)
    if source.removed_at is not None:
        raise NotFound(say("This source was removed. Put it back before you change it."))
    if source.version != version:
        raise Conflict(CHANGED_MEANWHILE, source)
    return source


def standing_of(session: Session, source: Source, position: int | None = None) -> list[Words]:
    """The passages of a source that the person may read, or the one at `position`."""
    table = metadata.tables["passage"]
    query = columns(table).where(table.c.source_id == source.id).order_by(table.c.position)
    if position is not None:
        query = query.where(table.c.position == position)
    session.flush()
    return [
        Words(
            source.text[row.start : row.end],
            row.speaker,
            row.participant_id,
            row.heading,
            row.from_ms,
            row.to_ms,
        )
        for row in session.connection().execute(query)
    ]


def passage(session: Session, source: Source, position: int) -> Words:
    """One passage of a source that the person may read.

    Raises:
        NotFound: it has no such passage.
    """
    found = standing_of(session, source, position)
    if not found:
        raise NotFound
    return found[0]


def planned(
    session: Session,
    verb: str,
    source: Source,
    standing: Sequence[Words],
    wanted: Sequence[Words],
    file: dict[str, Any] | None = None,
) -> Plan:
    """What changes when these passages stand in place of all others, and which file in place of its
    own. This is slow where much changes, so it belongs before a transaction.

    Raises:
        Invalid: nothing is left of the text.
    """
    if source.kind in TEXT_KINDS and not wanted:
        raise Invalid(
            {"text": say("Nothing would be left of the text. Remove the source instead.")}
        )
    head = _alike(standing, wanted)
    tail = _alike(standing[head:][::-1], wanted[head:][::-1])
    text = _joined(wanted)
    kept = (len(_joined(wanted[:head])), len(_joined(wanted[len(wanted) - tail :])))
    return Plan(
        key=source.key,
        version=source.version,
        verb=verb,
        text=text,
        first=head,
        was=standing[head : len(standing) - tail],
        made=wanted[head : len(wanted) - tail],
        kept=kept,
        places=anchors.followed(session, source.id, source.text, text, kept),
        was_file={"file_name": source.file_name, "attachment_id": source.attachment_id},
        file=file,
    )


def write(session: Session, by: Person, plan: Plan, kept: Kept | None = None) -> Source:
    """Do what was planned; what changes nothing leaves no trace. `kept` is the new file.

    Raises:
        Conflict: somebody changed the source since it was planned.
    """
    source = to_change(session, by, plan.key, plan.version)
    file = dict(plan.file or plan.was_file)
    if kept:
        file["attachment_id"] = attachments.add(session, kept).id
    if not plan.was and not plan.made and file == plan.was_file:
        return source
    # Quotes may have been cut since.
    late = anchors.followed(session, source.id, source.text, plan.text, plan.kept, plan.places)
    anchors.put(session, {**plan.places, **late})
    _rewrite(session, source, plan.first, len(plan.was), plan.made, plan.text)
    source.text = plan.text
    for name, value in file.items():
        setattr(source, name, value)
    before = {
        "first": plan.first,
        "passages": [list(vars(one).values()) for one in plan.was],
        "file": plan.was_file,
    }
    after = {"first": plan.first, "count": len(plan.made)}
    note(session, by, plan.verb, source, before, after)
    return source


def note(session: Session, by: Person, verb: str, source: Source, before: Any, after: Any) -> None:
    """Count a change of the source, and tell of it in the history."""
    source.version += 1
    source.updated_at = now()
    session.flush()
    history.record(session, by, verb, "source", source.id, before, after)


def _joined(passages: Sequence[Words]) -> str:
    return BETWEEN.join(one.text for one in passages)


def _rewrite(
    session: Session, source: Source, first: int, count: int, made: Sequence[Words], text: str
) -> None:
    """Put rows in place of `count` others, and shift those that follow."""
    table = metadata.tables["passage"]
    mine, place = table.c.source_id == source.id, table.c.position
    further, longer = len(made) - count, len(text) - len(source.text)
    start = _start(session, source.id, first)
    session.flush()
    write = session.connection().execute
    write(delete(table).where(mine, place >= first, place < first + count))
    shifted = {"start": table.c.start + longer, "end": table.c.end + longer}
    if further:
        # By way of numbers that none has: each is compared with those that are not moved yet.
        following = (mine, place >= first + count)
        write(update(table).where(*following).values(position=-1 - place - further, **shifted))
        write(update(table).where(mine, place < 0).values(position=-1 - place))
    elif longer:
        write(update(table).where(mine, place >= first + count).values(shifted))
    add_rows(session, Passage, list(_rows(source.id, first, start, made)))


def _rows(
    source_id: int, first: int, start: int, made: Sequence[Words]
) -> Iterator[dict[str, Any]]:
    for position, one in enumerate(made, first):
        known = {name: value for name, value in vars(one).items() if name != "text"}
        end = start + len(one.text)
        yield {"source_id": source_id, "position": position, "start": start, "end": end, **known}
        start = end + len(BETWEEN)


def _start(session: Session, source_id: int, position: int) -> int:
    """Where the passage at this position begins: after the one above it."""
    above = session.get(Passage, (source_id, position - 1)) if position else None
    return above.end + len(BETWEEN) if above else 0


def _alike(one: Sequence[Words], other: Sequence[Words]) -> int:
    """How many passages both begin with."""
    count = 0
    for ours, theirs in zip(one, other, strict=False):
        if ours != theirs:
            break
        count += 1
    return count

"""Change sets as people see them: their lines in words, who decided, and what stands in the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from research_repo.core import (
    access,
    change_lines,
    change_rows,
    change_runs,
    change_words,
    hierarchy,
    history,
    tagging,
    timeline,
)
from research_repo.core.change_lines import Line
from research_repo.core.change_rows import Image
from research_repo.core.clock import now
from research_repo.core.errors import NotFound
from research_repo.core.language import Message, say
from research_repo.core.models import Atom, ChangeSet, Person

STALE_DAYS = 7


@dataclass(frozen=True)
class SetCard:
    """A change set as people see it."""

    key: str
    status: str
    lines: tuple[Message, ...]
    who: str
    at: datetime
    decided_by: str
    decided_at: datetime | None
    note: str
    reason: str
    is_own: bool
    age_days: int

    @property
    def is_stale(self) -> bool:
        """Whether a proposal has waited for too long."""
        return self.status == "proposed" and self.age_days >= STALE_DAYS


@dataclass(frozen=True)
class Later:
    """A later change that stands in the way of an undo."""

    what: str
    """The tag or the atom; empty where the person may not see it."""
    address: str
    at: datetime | None
    who: str
    event: Message


def get(session: Session, by: Person, key: str) -> ChangeSet:
    """The set, or NotFound. A draft is there for whoever composes it; curators see all others."""
    found = session.exec(select(ChangeSet).where(ChangeSet.key == key.lower())).first()
    is_seen = found is not None and (
        found.person_id == by.id or (access.may_govern(by) and found.status != "draft")
    )
    if found is None or not is_seen:
        raise NotFound
    return found


def lines_of(kept: ChangeSet) -> list[Line]:
    """What a set says."""
    return change_lines.read(kept.lines) if kept.lines else []


def listed(
    session: Session, by: Person, statuses: Sequence[str], language: str, limit: int = 50
) -> list[SetCard]:
    """The sets that the person may see, those that wait the longest or were decided last first."""
    seen = col(ChangeSet.person_id) == by.id
    if access.may_govern(by):
        seen = or_(seen, col(ChangeSet.status) != "draft")
    query = select(ChangeSet).where(seen, col(ChangeSet.status).in_(statuses))
    in_order = (
        col(ChangeSet.created_at)
        if set(statuses) <= {"draft", "proposed"}
        else col(ChangeSet.decided_at).desc()
    )
    return [
        card(session, by, row, language)
        for row in session.exec(query.order_by(in_order, col(ChangeSet.id)).limit(limit))
    ]


def card(session: Session, by: Person, kept: ChangeSet, language: str) -> SetCard:
    """A set as people see it, its tags called as they were when it was applied."""
    lines = lines_of(kept)
    called = (kept.images or {}).get("names", {}).get(language)
    if called is None:
        called = change_words.names(session, lines, language)
    decider = session.get(Person, kept.decided_by) if kept.decided_by else None
    return SetCard(
        key=kept.key,
        status=kept.status,
        lines=tuple(change_words.sentences(session, lines, called, language)),
        who=session.get_one(Person, kept.person_id).name,
        at=kept.created_at,
        decided_by=decider.name if decider else "",
        decided_at=kept.decided_at,
        note=kept.note,
        reason=kept.reason,
        is_own=kept.person_id == by.id,
        age_days=(now() - kept.created_at).days,
    )


def waiting_count(session: Session) -> int:
    """How many proposed sets wait for a curator."""
    waiting = select(func.count(col(ChangeSet.id))).where(ChangeSet.status == "proposed")
    return session.exec(waiting).one()


def drafts_of(session: Session, by: Person) -> list[ChangeSet]:
    """The sets that the person composes, the newest first."""
    mine = select(ChangeSet).where(ChangeSet.person_id == by.id, ChangeSet.status == "draft")
    return list(session.exec(mine.order_by(col(ChangeSet.id).desc())))


def later(
    session: Session, by: Person, kept: ChangeSet, strays: Sequence[Image], language: str
) -> list[Later]:
    """What happened since to the tags and atoms whose rows a set would put back."""
    tag_ids = {
        one.row[change_rows.OF_TAGS[one.table][0]]
        for one in strays
        if one.table in change_rows.OF_TAGS
    }
    hidden = tagging.unseen(session, by)
    cards = hierarchy.cards(session, tag_ids - hidden, language)
    found = []
    for tag_id in sorted(tag_ids):
        tag = cards.get(tag_id)
        name = " › ".join(tag.path) if tag else ""
        address = f"/tags/{tag.key}" if tag else ""
        found += _told(session, kept, "tag", tag_id, name, address)
    seen = select(Atom).where(access.sees_atom(by))
    atom_ids = change_runs.atoms_in(strays)
    atoms = {row.id: row for row in hierarchy.in_chunks(session, seen, Atom.id, atom_ids)}
    for atom_id in sorted(atom_ids):
        row = atoms.get(atom_id)
        title, address = (row.title, f"/atoms/{row.key}") if row else ("", "")
        found += _told(session, kept, "atom", atom_id, title, address)
    return found


def _told(
    session: Session, kept: ChangeSet, noun: str, noun_id: int, name: str, address: str
) -> list[Later]:
    """What happened since to the tags and atoms whose rows a set would put back."""
    since = [
        change
        for change in history.of(session, noun, [noun_id])
        if kept.decided_at is not None
        and change.at >= kept.decided_at
        and (change.after or {}).get("set") != kept.key
    ]
    if not since:
        return [Later(name, address, None, "", say("changed"))]
    return [
        Later(
            name,
            address,
            change.at,
            change.who,
            timeline.SENTENCES.get(change.verb, Message(change.verb)),
        )
        for change in since
    ]

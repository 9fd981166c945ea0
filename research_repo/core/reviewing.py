"""What waits for a curator: new tags, with whoever made them, and what is done with them in one go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from research_repo.core import (
    access,
    change_cards,
    changes,
    hierarchy,
    notices,
    retagging,
    tag_places,
    tag_words,
    tagging,
    tags,
)
from research_repo.core.change_lines import AddLabel, Line, Merge, Retag, Retire
from research_repo.core.clock import now
from research_repo.core.errors import Invalid
from research_repo.core.hierarchy import TagCard
from research_repo.core.language import say
from research_repo.core.models import ChangeSet, Person, Tag

SHOWN = 50


@dataclass(frozen=True)
class Waiting:
    """A tag that waits for a curator."""

    card: TagCard
    who: str
    at: datetime
    age_days: int

    @property
    def is_stale(self) -> bool:
        """Whether it has waited for too long."""
        return self.age_days >= change_cards.STALE_DAYS


def waiting(session: Session, by: Person, language: str, limit: int = SHOWN) -> list[Waiting]:
    """The tags that wait, the oldest first."""
    access.require_govern(by)
    rows = session.exec(
        select(Tag, Person.name)
        .join(Person, col(Person.id) == Tag.person_id)
        .where(Tag.status == "candidate", col(Tag.replaced_by).is_(None), tagging.is_seen(by))
        .order_by(col(Tag.created_at), col(Tag.id))
        .limit(limit)
    ).all()
    made = hierarchy.cards(session, [tag.id for tag, _ in rows], language)
    at = now()
    return [
        Waiting(made[tag.id], who, tag.created_at, (at - tag.created_at).days) for tag, who in rows
    ]


def merge(session: Session, by: Person, key: str, into_key: str) -> ChangeSet:
    """Fold a new tag into one that exists; whoever made it is told which one.

    In its own group it is merged. Into a tag of another group its atoms and words go over, and it
    retires.

    Raises:
        Invalid: it does not wait any more, or the rules forbid it.
    """
    access.require_govern(by)
    tag, into = tags.get(session, key), tags.standing(session, into_key)
    if tag.status != "candidate":
        raise Invalid({"tag": say("Somebody has decided on this tag already. Reload the page.")})
    made = changes.apply_at_once(session, by, _lines(session, by, tag, into))
    if tag.person_id != by.id:
        told = say(
            "Your tag “%(tag)s” became one with “%(into)s”: the word finds that one now.",
            tag=tag_places.name_of(session, tag),
            into=tag_places.name_of(session, into),
        )
        notices.tell(session, [tag.person_id], told, f"/tags/{into.key}")
    return made


def _lines(session: Session, by: Person, tag: Tag, into: Tag) -> list[Line]:
    if tag.scheme_id == into.scheme_id:
        return [Merge(tag.key, into.key)]
    lines: list[Line] = []
    if atoms := sorted(retagging.atoms_seen_with(session, by, [tag.id])):
        lines.append(Retag(atoms, add=[into.key], remove=[tag.key]))
    for language, kind, text in tag_words.of(session, tag).labels():
        if tags.owner_of_label(session, into.scheme_id, language, text) is None:
            lines.append(
                AddLabel(into.key, language, text, "hidden" if kind == "hidden" else "alt")
            )
    return [*lines, Retire(tag.key)]

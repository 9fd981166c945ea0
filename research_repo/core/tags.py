"""Tags: concepts with labels in several languages, in a hierarchy without circles.

Nothing here writes on atoms: the index and the pages resolve the hierarchy when they read.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from sqlalchemy import or_
from sqlmodel import Session, col, select

from research_repo.core import (
    access,
    hierarchy,
    history,
    indexing,
    keys,
    notices,
    schemes,
    tag_places,
    tag_words,
)
from research_repo.core.errors import Conflict, Invalid, NotFound
from research_repo.core.language import say
from research_repo.core.models import Person, Scheme, Tag, TagParent, TagRelated
from research_repo.core.tag_words import LABELS_MAX, NOTE_MAX, TagWords, Words
from research_repo.core.typed import line

__all__ = ["LABELS_MAX", "NOTE_MAX", "TagWords", "Words"]

REASON_MAX = 500

words_of = tag_words.of
owner_of_label = tag_words.owner_of


def get(session: Session, key: str) -> Tag:
    """The tag with this key, or NotFound. A merged tag is found under its own key."""
    tag = session.exec(select(Tag).where(Tag.key == key.lower())).first()
    if tag is None:
        raise NotFound
    return tag


def standing(session: Session, key: str) -> Tag:
    """The tag that stands for this one today: what is done to a merged one is done to that."""
    tag = get(session, key)
    return session.get_one(Tag, hierarchy.resolved(session, [tag.id])[tag.id])


def create(
    session: Session,
    by: Person,
    scheme_key: str,
    its_words: TagWords,
    parent_keys: Iterable[str] = (),
    *,
    guid: str = "",
    is_to_review: bool = False,
) -> Tag:
    """Make a tag. The scheme's rules say who may, and whether it waits for a curator.

    Raises:
        Invalid: a label cannot be used or belongs to another tag of the scheme, or only curators
            add tags to it.
        NotFound: the scheme or a parent is not there.
    """
    scheme = schemes.get(session, scheme_key)
    tag = begin(session, by, scheme, its_words, guid=guid, is_to_review=is_to_review)
    for parent_key in parent_keys:
        tag_places.put_under(session, tag, standing(session, parent_key))
    indexing.raise_edition(session)
    history.record(session, by, "created", "tag", tag.id, after=snapshot(session, tag))
    return tag


def begin(
    session: Session,
    by: Person,
    scheme: Scheme,
    its_words: TagWords,
    *,
    key: str = "",
    guid: str = "",
    is_to_review: bool = False,
) -> Tag:
    """The rows of a new tag without a place; who calls it notes that it was made."""
    access.require_log(by)
    status = schemes.admitted(session, by, scheme, is_to_review=is_to_review)
    tag_words.check(session, scheme, its_words, None)
    tag = Tag(
        key=key or keys.new_key(session, Tag.key),
        guid=guid or str(uuid4()),
        scheme_id=scheme.id,
        status=status,
        person_id=by.id,
    )
    session.add(tag)
    session.flush()
    tag_words.write(session, tag, its_words)
    return tag


def change(session: Session, by: Person, key: str, version: int, its_words: TagWords) -> Tag:
    """Give a tag other labels and notes. Its atoms keep it: nothing is written onto them.

    Raises:
        Conflict: somebody changed the tag since `version`.
    """
    access.require_govern(by)
    tag = get(session, key)
    require_version(session, tag, version)
    tag_words.check(session, session.get_one(Scheme, tag.scheme_id), its_words, tag.id)
    before = snapshot(session, tag)
    tag_words.write(session, tag, its_words)
    _note_change(session, by, "changed", tag, before)
    return tag


def require_version(session: Session, tag: Tag, version: int) -> None:
    """Conflict when somebody changed the tag since `version`; carries its words."""
    if tag.version != version:
        raise Conflict(
            say("Somebody changed this tag meanwhile. Look at it, then make your change again."),
            words_of(session, tag),
        )


def add_parent(session: Session, by: Person, child_key: str, parent_key: str) -> Tag:
    """Put a tag under another one, too. The first of its own scheme gives its path.

    Raises:
        Invalid: it would lie under itself, or lies under that one already.
    """
    access.require_govern(by)
    tag, parent = standing(session, child_key), standing(session, parent_key)
    before = snapshot(session, tag)
    tag_places.put_under(session, tag, parent)
    _note_change(session, by, "placed", tag, before)
    return tag


def remove_parent(session: Session, by: Person, child_key: str, parent_key: str) -> Tag:
    """Take a tag from under another one; without any it stands at the top of its scheme."""
    access.require_govern(by)
    tag, parent = standing(session, child_key), standing(session, parent_key)
    before = snapshot(session, tag)
    tag_places.take_from_under(session, tag, parent)
    _note_change(session, by, "placed", tag, before)
    return tag


def approve(session: Session, by: Person, key: str) -> Tag:
    """A candidate becomes a tag like any other; whoever proposed it is told."""
    tag = _set_status(session, by, key, "approved")
    if tag.person_id != by.id:
        notices.tell(
            session,
            [tag.person_id],
            say("The tag “%(tag)s” was approved.", tag=tag_places.name_of(session, tag)),
            f"/tags/{tag.key}",
        )
    return tag


def reject(session: Session, by: Person, key: str, reason: str) -> Tag:
    """Retire a candidate; its atoms keep it, and whoever proposed it is told why.

    Raises:
        Invalid: no reason is given, or it is no candidate any more.
    """
    access.require_govern(by)
    reason = line(reason)
    if not reason:
        raise Invalid({"reason": say("Say in a few words why: whoever proposed it is told.")})
    if len(reason) > REASON_MAX:
        advice = say("A reason has at most %(count)s characters.", count=REASON_MAX)
        raise Invalid({"reason": advice})
    if get(session, key).status != "candidate":
        raise Invalid({"tag": say("Somebody has decided on this tag already. Reload the page.")})
    tag = _set_status(session, by, key, "deprecated")
    if tag.person_id != by.id:
        message = say(
            "The tag “%(tag)s” was not taken: %(reason)s. Its atoms keep it for now.",
            tag=tag_places.name_of(session, tag),
            reason=reason.rstrip("."),
        )
        notices.tell(session, [tag.person_id], message, f"/tags/{tag.key}")
    return tag


def retire(session: Session, by: Person, key: str) -> Tag:
    """It stays on old atoms and finds them, and cannot be put on new ones."""
    return _set_status(session, by, key, "deprecated")


def restore(session: Session, by: Person, key: str) -> Tag:
    """A retired tag can be put on atoms again."""
    return _set_status(session, by, key, "approved")


def snapshot(session: Session, tag: Tag) -> dict[str, Any]:
    """All that is stored about a tag, as plain JSON for its history."""
    edges = session.exec(
        select(TagParent).where(TagParent.child_id == tag.id).order_by(col(TagParent.position))
    )
    its_words = words_of(session, tag)
    beside = select(TagRelated).where(
        or_(col(TagRelated.one_id) == tag.id, col(TagRelated.other_id) == tag.id)
    )
    related = {end for row in session.exec(beside) for end in (row.one_id, row.other_id)}
    return {
        "status": tag.status,
        "replaced_by": tag.replaced_by,
        "labels": [list(label) for label in its_words.labels()],
        "notes": {kind: dict(notes) for kind, notes in its_words.notes().items() if notes},
        "parents": [[edge.parent_id, edge.is_primary] for edge in edges],
        "related": sorted(related - {tag.id}),
    }


def _set_status(session: Session, by: Person, key: str, status: str) -> Tag:
    access.require_govern(by)
    tag = get(session, key)
    if tag.status != status:
        before = snapshot(session, tag)
        tag.status = status
        _note_change(session, by, status, tag, before)
    return tag


def _note_change(session: Session, by: Person, verb: str, tag: Tag, before: dict[str, Any]) -> None:
    tag.version += 1
    session.flush()
    indexing.raise_edition(session)
    history.record(session, by, verb, "tag", tag.id, before, snapshot(session, tag))

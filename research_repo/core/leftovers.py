"""Tags and groups that an import made before it died, taken back where nobody has used them since."""

from __future__ import annotations

import json
from collections.abc import Collection

from sqlalchemy import delete, or_
from sqlmodel import Session, col, select

from research_repo.core import history, indexing, tagging
from research_repo.core.models import (
    ChangeSet,
    Scheme,
    SchemeLabel,
    Tag,
    TagLabel,
    TagNote,
    TagParent,
    TagRelated,
)


def take_back(session: Session, tag_ids: Collection[int], scheme_ids: Collection[int]) -> None:
    """Remove those of these tags, then of these groups, that nothing refers to and nobody changed.

    A tag that somebody put on an atom or a study, placed, merged, approved or named in a proposal
    stays, and so does all that it lies under.
    """
    left = session.exec(
        select(Tag).where(
            col(Tag.id).in_(tag_ids),
            Tag.status == "candidate",
            Tag.version == 1,
            col(Tag.replaced_by).is_(None),
        )
    )
    unused = {tag.id: tag for tag in left}
    for tag_id in tagging.in_use(session, unused) | _named_elsewhere(session, unused):
        unused.pop(tag_id, None)
    going = _without_used_children(session, set(unused) - _proposed(session, unused.values()))
    for noun, column in ((TagLabel, TagLabel.tag_id), (TagNote, TagNote.tag_id)):
        session.execute(delete(noun).where(col(column).in_(going)))
    session.execute(delete(TagParent).where(col(TagParent.child_id).in_(going)))
    history.forget(session, "tag", going)
    session.execute(delete(Tag).where(col(Tag.id).in_(going)))
    _take_back_groups(session, scheme_ids)
    indexing.raise_edition(session)


def _take_back_groups(session: Session, scheme_ids: Collection[int]) -> None:
    filled = set(session.exec(select(Tag.scheme_id).where(col(Tag.scheme_id).in_(scheme_ids))))
    changed = history.told_again(session, "scheme", scheme_ids)
    going = set(scheme_ids) - filled - changed
    history.forget(session, "scheme", going)
    session.execute(delete(SchemeLabel).where(col(SchemeLabel.scheme_id).in_(going)))
    session.execute(delete(Scheme).where(col(Scheme.id).in_(going)))


def _named_elsewhere(session: Session, tag_ids: Collection[int]) -> set[int]:
    related = select(TagRelated).where(
        or_(col(TagRelated.one_id).in_(tag_ids), col(TagRelated.other_id).in_(tag_ids))
    )
    merged = session.exec(select(Tag.replaced_by).where(col(Tag.replaced_by).in_(tag_ids)))
    pairs = session.exec(related).all()
    found = {tag_id for pair in pairs for tag_id in (pair.one_id, pair.other_id)}
    return found | {tag_id for tag_id in merged if tag_id is not None}


def _proposed(session: Session, tags: Collection[Tag]) -> set[int]:
    """The tags that a set of changes names, whatever became of it."""
    said = "\n".join(
        json.dumps([lines, images])
        for lines, images in session.exec(select(ChangeSet.lines, ChangeSet.images))
    )
    return {tag.id for tag in tags if f'"{tag.key}"' in said}


def _without_used_children(session: Session, tag_ids: set[int]) -> set[int]:
    """Those below which nothing stays."""
    edges = session.exec(
        select(TagParent.parent_id, TagParent.child_id).where(col(TagParent.parent_id).in_(tag_ids))
    ).all()
    going = set(tag_ids)
    while kept := {parent for parent, child in edges if parent in going and child not in going}:
        going -= kept
    return going

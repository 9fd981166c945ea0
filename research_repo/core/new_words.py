"""New tags that look like others: what is told after a file brought them in."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from research_repo.core import hierarchy, naming, tagging, words
from research_repo.core.language import Message, say
from research_repo.core.likeness import Likeness
from research_repo.core.models import Person, Tag, TagLabel

TOLD_MAX = 500


def doubts(session: Session, by: Person, paths: Sequence[str], language: str) -> list[Message]:
    """For each of these paths of new tags, made or to be made, that looks like another tag: which.

    Tags that do not exist for `by` are not told of. Reads all labels.
    """
    if not paths:
        return []
    labels = _labels(session, by)
    there = {words.fold(text) for _, text in labels}
    # What a trial would make is not there yet.
    labels += [
        (-1 - place, _leaf(path))
        for place, path in enumerate(paths)
        if words.fold(_leaf(path)) not in there
    ]
    vocabulary = Likeness(labels)
    near = {path: vocabulary.near(_leaf(path)) for path in paths[:TOLD_MAX]}
    ids = {one.tag_id for found in near.values() for one in found if one.tag_id > 0}
    cards = hierarchy.cards(session, ids, language)
    told = []
    for path, found in near.items():
        others = (
            cards[one.tag_id].full_path if one.tag_id > 0 else paths[-1 - one.tag_id]
            for one in found
        )
        if other := next((one for one in others if one != path), None):
            text = say("The new tag “%(tag)s” looks like “%(other)s”.", tag=path, other=other)
            told.append(text)
    return told


def _leaf(path: str) -> str:
    return naming.steps_of(path)[-1].strip()


def _labels(session: Session, by: Person) -> list[tuple[int, str]]:
    labels = session.exec(
        select(TagLabel.tag_id, TagLabel.text)
        .join(Tag, col(Tag.id) == TagLabel.tag_id)
        .where(Tag.status != "deprecated")
    ).all()
    hidden = tagging.unseen(session, by)
    ends = hierarchy.resolved(session, {tag_id for tag_id, _ in labels})
    return [(ends[tag_id], text) for tag_id, text in labels if ends[tag_id] not in hidden]

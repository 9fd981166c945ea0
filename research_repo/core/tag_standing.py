"""The vocabulary as it stands, by guid: what a list of tags is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from sqlmodel import Session, col, select

from research_repo.core import indexing, tag_ids, tag_lists, words
from research_repo.core.models import Tag, TagLabel, TagNote, TagParent, TagRelated
from research_repo.core.tag_lists import Group

Label = tuple[str, str, str]
"""Language, kind, text."""
Note = tuple[str, str]
"""Kind, language."""


@dataclass(frozen=True)
class Stored:
    """A tag as it stands in the repository."""

    id: int
    group: str
    status: str
    replaced_by: str
    labels: frozenset[Label]
    notes: Mapping[Note, str]
    parents: tuple[str, ...]
    related: frozenset[str] = frozenset()

    def has(self, text: str) -> bool:
        """Whether one of its labels, in any language, is this word."""
        return words.fold(text) in {words.fold(label) for _, _, label in self.labels}


@dataclass(frozen=True)
class Standing:
    """The vocabulary as it is now, by guid."""

    edition: int
    groups: tuple[Group, ...]
    group_ids: Mapping[str, int]
    tags: Mapping[str, Stored]

    @cached_property
    def by_uuid(self) -> dict[str, str]:
        """UUID → the guid that it stands for in files that hold nothing but UUIDs."""
        return {made: guid for guid, made in tag_ids.uuids(self.tags).items()}

    @cached_property
    def groups_by_uuid(self) -> dict[str, str]:
        """The same for groups: UUID → key."""
        made = tag_ids.uuids(group.guid for group in self.groups)
        return {made[group.guid]: group.key for group in self.groups}

    def survivor(self, guid: str) -> str:
        """The tag that stands for this one today."""
        while guid in self.tags and self.tags[guid].replaced_by:
            guid = self.tags[guid].replaced_by
        return guid


def standing_now(session: Session) -> Standing:
    """The vocabulary as it is now."""
    groups = tag_lists.groups_of(session)
    rows = session.exec(select(Tag)).all()
    guids = {row.id: row.guid for row in rows}
    labels: dict[int, set[Label]] = {}
    # Columns, not rows: tens of thousands of objects would take seconds.
    words_of = select(TagLabel.tag_id, TagLabel.language, TagLabel.kind, TagLabel.text)
    for tag_id, language, kind, text in session.exec(words_of):
        labels.setdefault(tag_id, set()).add((language, kind, text))
    notes: dict[int, dict[Note, str]] = {}
    for note in session.exec(select(TagNote)):
        notes.setdefault(note.tag_id, {})[note.kind, note.language] = note.text
    edges: dict[int, list[str]] = {}
    order = (col(TagParent.is_primary).desc(), col(TagParent.position), col(TagParent.parent_id))
    places = select(TagParent.child_id, TagParent.parent_id)
    for child_id, parent_id in session.exec(places.order_by(*order)):
        edges.setdefault(child_id, []).append(guids[parent_id])
    related: dict[int, set[str]] = {}
    for one, other in session.exec(select(TagRelated.one_id, TagRelated.other_id)):
        related.setdefault(one, set()).add(guids[other])
        related.setdefault(other, set()).add(guids[one])
    tags = {
        row.guid: Stored(
            id=row.id,
            group=groups[row.scheme_id].key,
            status=row.status,
            replaced_by=guids.get(row.replaced_by or 0, ""),
            labels=frozenset(labels.get(row.id, ())),
            notes=notes.get(row.id, {}),
            parents=tuple(edges.get(row.id, ())),
            related=frozenset(related.get(row.id, ())),
        )
        for row in rows
    }
    ids = {group.key: scheme_id for scheme_id, group in groups.items()}
    return Standing(indexing.vocabulary_edition(session), tuple(groups.values()), ids, tags)

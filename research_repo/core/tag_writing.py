"""A planned list of tags on its way into the database, by few statements and in small transactions.

What a tag was before stands in the plan: as long as the vocabulary's edition is the plan's own,
nobody changed it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, insert, or_, tuple_, update
from sqlmodel import Session, col

from research_repo.core import history, indexing, keys, schemes, words
from research_repo.core.db import Database
from research_repo.core.models import Person, Tag, TagLabel, TagNote, TagParent, TagRelated
from research_repo.core.pace import Pace
from research_repo.core.tag_standing import Label, Note, Stored
from research_repo.core.tag_wishes import Plan, Wish

TAGS_AT_ONCE = 100  # to begin with; then as many as this machine writes in a tenth of a second

Progress = Callable[[int, int], None]


class Overtaken(Exception):  # noqa: N818 (the plan is made anew; nothing is wrong)
    """Somebody changed tags meanwhile."""


class Writing:
    """One plan on its way into the database."""

    def __init__(self, database: Database, by: Person, plan: Plan, progress: Progress) -> None:
        self.database, self.by, self.plan, self.progress = database, by, plan, progress
        self.edition = plan.standing.edition
        self.stored = plan.standing.tags
        self.ids = {guid: tag.id for guid, tag in self.stored.items()}
        self.group_ids = dict(plan.standing.group_ids)
        self.groups = {guid: tag.group for guid, tag in self.stored.items()}
        self.groups |= {wish.guid: wish.group for wish in plan.created}
        self.done = 0

    def write(self) -> None:
        """All of it, or Overtaken: what was written until then stays, and the rest is to be planned.

        Raises:
            Overtaken: the plan is no longer true.
        """
        if self.plan.groups:
            with self.database.saving() as session:
                self._alone(session, self._make_groups)
        self._write_all(self.plan.created, self._create)
        self._write_all(self.plan.updated, self._change)
        if self.plan.created:
            with self.database.saving() as session:
                self._alone(session, self._show)

    def _write_all(
        self, wishes: Sequence[Wish], write: Callable[[Session, Sequence[Wish]], None]
    ) -> None:
        pace, start = Pace(TAGS_AT_ONCE), 0
        while some := wishes[start : start + pace.rows]:
            with pace.saving(self.database) as session:
                self._alone(session, write, some)
            start += len(some)
            self.done += len(some)
            self.progress(self.done, len(self.plan.created) + len(self.plan.updated))

    def _alone(self, session: Session, write: Callable[..., None], *some: Any) -> None:
        if indexing.vocabulary_edition(session) != self.edition:
            raise Overtaken
        write(session, *some)
        indexing.raise_edition(session)
        self.edition = indexing.vocabulary_edition(session)

    def _make_groups(self, session: Session) -> None:
        for group in self.plan.groups:
            made = schemes.add(session, self.by, group.labels, key=group.key, guid=group.guid)
            self.group_ids[made.key] = made.id

    def _create(self, session: Session, wishes: Sequence[Wish]) -> None:
        fresh = keys.new_keys(session, Tag.key, len(wishes))
        rows = [
            {
                "key": key,
                "guid": wish.guid,
                "scheme_id": self.group_ids[wish.group],
                "status": "candidate",
                "person_id": self.by.id,
            }
            for key, wish in zip(fresh, wishes, strict=True)
        ]
        made = insert(Tag).returning(col(Tag.id), sort_by_parameter_order=True)
        self.ids |= zip((wish.guid for wish in wishes), session.scalars(made, rows), strict=True)
        merged = [wish for wish in wishes if wish.replaced_by]
        _update(session, [{"id": self._id(one), "replaced_by": self._end(one)} for one in merged])
        _insert(session, TagLabel, _label_rows({self._id(wish): wish.labels for wish in wishes}))
        self._write_notes(session, wishes)
        self._write_places(session, wishes)
        self._write_related(session, wishes)
        after = {self._id(wish): self._snapshot(wish) for wish in wishes}
        history.record_many(session, self.by, "created", "tag", after)

    def _change(self, session: Session, wishes: Sequence[Wish]) -> None:
        ids = [self._id(wish) for wish in wishes]
        before = {self._id(wish): self._was(self.stored[wish.guid]) for wish in wishes}
        self._change_labels(session, wishes)
        session.execute(delete(TagNote).where(col(TagNote.tag_id).in_(ids)))
        self._write_notes(session, wishes)
        either = or_(col(TagRelated.one_id).in_(ids), col(TagRelated.other_id).in_(ids))
        session.execute(delete(TagRelated).where(either))
        self._write_related(session, wishes)
        # The places of a merged tag sleep as they are.
        placed = [wish for wish in wishes if not wish.replaced_by]
        session.execute(
            delete(TagParent).where(
                col(TagParent.child_id).in_([self._id(wish) for wish in placed])
            )
        )
        self._write_places(session, placed)
        session.execute(
            update(Tag).where(col(Tag.id).in_(ids)).values(version=col(Tag.version) + 1)
        )
        changed = ({"status": one.status, "replaced_by": self._end(one)} for one in wishes)
        _update(session, [{"id": tag_id, **row} for tag_id, row in zip(ids, changed, strict=True)])
        after = {self._id(wish): self._snapshot(wish) for wish in wishes}
        history.record_many(session, self.by, "changed", "tag", after, before)

    def _show(self, session: Session) -> None:
        by_status: dict[str, list[int]] = {}
        for wish in self.plan.created:
            by_status.setdefault(wish.status, []).append(self._id(wish))
        for status, ids in by_status.items():
            for start in range(0, len(ids), indexing.ROWS_AT_ONCE):
                some = ids[start : start + indexing.ROWS_AT_ONCE]
                session.execute(update(Tag).where(col(Tag.id).in_(some)).values(status=status))

    def _change_labels(self, session: Session, wishes: Sequence[Wish]) -> None:
        """A label that stays keeps its row: what undoes a change knows it by that."""
        gone: list[tuple[int, str, str]] = []
        new: dict[int, list[Label]] = {}
        for wish in wishes:
            tag_id, stored = self._id(wish), self.stored[wish.guid].labels
            gone += [(tag_id, label[0], label[2]) for label in stored - {*wish.labels}]
            new[tag_id] = [label for label in wish.labels if label not in stored]
        mine = tuple_(col(TagLabel.tag_id), col(TagLabel.language), col(TagLabel.text))
        for start in range(0, len(gone), indexing.ROWS_AT_ONCE):
            some = gone[start : start + indexing.ROWS_AT_ONCE]
            session.execute(delete(TagLabel).where(mine.in_(some)))
        _insert(session, TagLabel, _label_rows(new))

    def _write_notes(self, session: Session, wishes: Iterable[Wish]) -> None:
        rows = (
            {"tag_id": self._id(wish), "kind": kind, "language": language, "text": text}
            for wish in wishes
            for (kind, language), text in wish.notes.items()
        )
        _insert(session, TagNote, rows)

    def _write_places(self, session: Session, wishes: Iterable[Wish]) -> None:
        rows = (
            {
                "child_id": self._id(wish),
                "parent_id": parent_id,
                "position": position,
                "is_primary": is_primary,
            }
            for wish in wishes
            for position, (parent_id, is_primary) in enumerate(self._places(wish))
        )
        _insert(session, TagParent, rows)

    def _write_related(self, session: Session, wishes: Iterable[Wish]) -> None:
        # Of two tags that are not there yet the one that comes later notes the pair.
        pairs = {
            tuple(sorted((self._id(wish), self.ids[one])))
            for wish in wishes
            for one in wish.related
            if one in self.ids
        }
        rows = ({"one_id": one, "other_id": other} for one, other in sorted(pairs))
        _insert(session, TagRelated, rows)

    def _places(self, tag: Wish | Stored) -> list[tuple[int, bool]]:
        return [
            (self.ids[parent], position == 0 and self.groups[parent] == tag.group)
            for position, parent in enumerate(tag.parents)
        ]

    def _snapshot(self, wish: Wish) -> dict[str, Any]:
        is_asleep = wish.replaced_by and wish.guid in self.stored
        placed = self.stored[wish.guid] if is_asleep else wish
        return self._told(wish, self._places(placed), [list(label) for label in wish.labels])

    def _was(self, stored: Stored) -> dict[str, Any]:
        return self._told(stored, self._places(stored), sorted(map(list, stored.labels)))

    def _told(
        self, tag: Wish | Stored, places: list[tuple[int, bool]], labels: list[list[str]]
    ) -> dict[str, Any]:
        return {
            "status": tag.status,
            "replaced_by": self._end(tag),
            "labels": labels,
            "notes": _by_kind(tag.notes),
            "parents": [list(place) for place in places],
            "related": sorted(self.ids[one] for one in tag.related if one in self.ids),
        }

    def _id(self, wish: Wish) -> int:
        return self.ids[wish.guid]

    def _end(self, tag: Wish | Stored) -> int | None:
        return self.ids[tag.replaced_by] if tag.replaced_by else None


def _label_rows(labels: Mapping[int, Iterable[Label]]) -> Iterator[dict[str, Any]]:
    for tag_id, its in labels.items():
        for language, kind, text in its:
            yield {
                "tag_id": tag_id,
                "language": language,
                "kind": kind,
                "text": text,
                "folded": words.fold(text),
            }


def _by_kind(notes: Mapping[Note, str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for (kind, language), text in notes.items():
        found.setdefault(kind, {})[language] = text
    return found


def _insert(session: Session, model: Any, rows: Iterable[dict[str, Any]]) -> None:
    if listed := list(rows):
        session.execute(insert(model), listed)


def _update(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        session.execute(update(Tag), rows)

"""Bringing in a list of tags: in small transactions, unseen by readers until the last one.

New tags are written as candidates, parents before children; when all are there, one transaction
gives them the status that the file says. An import that was cut short leaves candidates for the
curators, and the same file finishes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import delete, insert, or_, update
from sqlmodel import Session, col, select

from research_repo.core import access, history, indexing, keys, schemes, tag_plans, tags, words
from research_repo.core.db import Database
from research_repo.core.errors import Unavailable
from research_repo.core.language import say
from research_repo.core.models import (
    History,
    HistoryPayload,
    Person,
    Tag,
    TagLabel,
    TagNote,
    TagParent,
    TagRelated,
)
from research_repo.core.tag_lists import Flaw, Group, TagList
from research_repo.core.tag_wishes import Plan, Wish

TAGS_AT_ONCE = 100  # with labels, places and history about a thousand rows, well within 250 ms
CHANGES_AT_ONCE = 25
ATTEMPTS = 50

Progress = Callable[[int, int], None]
Row = TypeVar("Row")


@dataclass(frozen=True)
class Outcome:
    """What a list of tags did to the repository, or would do."""

    created: int
    updated: int
    unchanged: int
    groups_created: tuple[str, ...]
    tags_created: tuple[str, ...]
    tags_updated: tuple[str, ...]
    groups: tuple[Group, ...]
    """All groups that the list speaks of, the new ones among them."""
    refused: tuple[Flaw, ...]
    warnings: tuple[Flaw, ...]

    def as_json(self, language: str) -> dict[str, Any]:
        """The outcome as plain values, the reasons in words."""
        flaws = sorted([*self.refused, *self.warnings], key=_place)
        return {
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "refused": len(self.refused),
            "studies_created": [],
            "schemes_created": list(self.groups_created),
            "tags_created": list(self.tags_created),
            "warnings": [
                {"row": flaw.row, "column": flaw.column, "reason": flaw.reason.put(language)}
                for flaw in flaws
            ],
        }


class _Overtaken(Exception):  # noqa: N818 (the plan is made anew; nothing is wrong)
    pass


def preview(session: Session, by: Person, listed: TagList, group: str = "") -> Outcome:
    """What `bring_in` would do now."""
    access.require_govern(by)
    return _outcome(tag_plans.plan(session, listed, group))


def bring_in(
    database: Database,
    by: Person,
    listed: TagList,
    group: str = "",
    progress: Progress = lambda _done, _total: None,
) -> Outcome:
    """Make the repository's tags what the list says; tags that it does not name stay as they are.

    What cannot be used is told row by row and left out. The same list again changes nothing.
    """
    access.require_govern(by)
    told: Outcome | None = None
    for _ in range(ATTEMPTS):
        with database.reading() as session:
            plan = tag_plans.plan(session, listed, group)
        told = told or _outcome(plan)
        try:
            _Writing(database, by, plan, progress).write()
        except _Overtaken:
            continue  # somebody changed tags meanwhile: what is left is compared with theirs
        return told
    raise Unavailable(say("Others change the tags all the time. Try again in a minute."))


def _outcome(plan: Plan) -> Outcome:
    return Outcome(
        created=len(plan.created),
        updated=len(plan.updated),
        unchanged=plan.unchanged,
        groups_created=tuple(group.key for group in plan.groups),
        tags_created=tuple(wish.name for wish in plan.created),
        tags_updated=tuple(wish.name for wish in plan.updated),
        groups=tuple(
            group for group in (*plan.standing.groups, *plan.groups) if group.key in plan.used
        ),
        refused=tuple(sorted(plan.refused, key=_place)),
        warnings=tuple(sorted(plan.warnings, key=_place)),
    )


def _place(flaw: Flaw) -> tuple[int, str]:
    return flaw.row, flaw.column


class _Writing:
    """One plan on its way into the database."""

    def __init__(self, database: Database, by: Person, plan: Plan, progress: Progress) -> None:
        self.database, self.by, self.plan, self.progress = database, by, plan, progress
        self.edition = plan.standing.edition
        self.ids = {guid: tag.id for guid, tag in plan.standing.tags.items()}
        self.group_ids = dict(plan.standing.group_ids)
        self.groups = {guid: tag.group for guid, tag in plan.standing.tags.items()}
        self.groups |= {wish.guid: wish.group for wish in plan.created}

    def write(self) -> None:
        total = len(self.plan.created) + len(self.plan.updated)
        done = 0
        if self.plan.groups:
            self._save(self._make_groups)
        for some in _chunks(self.plan.created, TAGS_AT_ONCE):
            self._save(self._create, some)
            self.progress(done := done + len(some), total)
        for some in _chunks(self.plan.updated, CHANGES_AT_ONCE):
            self._save(self._change, some)
            self.progress(done := done + len(some), total)
        if self.plan.created:
            self._save(self._show)

    def _save(self, write: Callable[..., None], *some: Any) -> None:
        with self.database.saving() as session:
            if indexing.vocabulary_edition(session) != self.edition:
                raise _Overtaken
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
        survivors = [
            {"id": self.ids[wish.guid], "replaced_by": self.ids[wish.replaced_by]}
            for wish in wishes
            if wish.replaced_by
        ]
        if survivors:
            session.execute(update(Tag), survivors)
        self._write_words(session, wishes)
        _insert(session, TagParent, (edge for wish in wishes for edge in self._edges(wish)))
        self._write_related(session, wishes)
        self._note_created(session, wishes)

    def _change(self, session: Session, wishes: Sequence[Wish]) -> None:
        rows = session.exec(select(Tag).where(col(Tag.id).in_(self._ids_of(wishes)))).all()
        before = {row.guid: (row, tags.snapshot(session, row)) for row in rows}
        for model in (TagLabel, TagNote):
            session.execute(delete(model).where(col(model.tag_id).in_(self._ids_of(wishes))))
        self._write_words(session, wishes)
        ids = self._ids_of(wishes)
        either = or_(col(TagRelated.one_id).in_(ids), col(TagRelated.other_id).in_(ids))
        session.execute(delete(TagRelated).where(either))
        self._write_related(session, wishes)
        placed = [wish for wish in wishes if not wish.replaced_by]
        session.execute(delete(TagParent).where(col(TagParent.child_id).in_(self._ids_of(placed))))
        _insert(session, TagParent, (edge for wish in placed for edge in self._edges(wish)))
        for wish in wishes:
            tag, was = before[wish.guid]
            tag.status = wish.status
            tag.replaced_by = self.ids[wish.replaced_by] if wish.replaced_by else None
            tag.version += 1
            session.flush()
            history.record(
                session, self.by, "changed", "tag", tag.id, was, tags.snapshot(session, tag)
            )

    def _show(self, session: Session) -> None:
        by_status: dict[str, list[int]] = {}
        for wish in self.plan.created:
            by_status.setdefault(wish.status, []).append(self.ids[wish.guid])
        for status, ids in by_status.items():
            for some in _chunks(ids, indexing.ROWS_AT_ONCE):
                session.execute(update(Tag).where(col(Tag.id).in_(some)).values(status=status))

    def _write_words(self, session: Session, wishes: Sequence[Wish]) -> None:
        _insert(
            session,
            TagLabel,
            (
                {
                    "tag_id": self.ids[wish.guid],
                    "language": language,
                    "kind": kind,
                    "text": text,
                    "folded": words.fold(text),
                }
                for wish in wishes
                for language, kind, text in wish.labels
            ),
        )
        _insert(
            session,
            TagNote,
            (
                {"tag_id": self.ids[wish.guid], "kind": kind, "language": language, "text": text}
                for wish in wishes
                for (kind, language), text in wish.notes.items()
            ),
        )

    def _write_related(self, session: Session, wishes: Sequence[Wish]) -> None:
        # Of two tags that are not there yet the one that comes later notes the pair.
        pairs = {
            tuple(sorted((self.ids[wish.guid], self.ids[one])))
            for wish in wishes
            for one in wish.related
            if one in self.ids
        }
        _insert(
            session,
            TagRelated,
            ({"one_id": one, "other_id": other} for one, other in sorted(pairs)),
        )

    def _edges(self, wish: Wish) -> Iterator[dict[str, Any]]:
        for position, parent in enumerate(wish.parents):
            yield {
                "child_id": self.ids[wish.guid],
                "parent_id": self.ids[parent],
                "position": position,
                "is_primary": position == 0 and self.groups[parent] == wish.group,
            }

    def _note_created(self, session: Session, wishes: Sequence[Wish]) -> None:
        lines = [
            {
                "person_id": self.by.id,
                "verb": "created",
                "noun": "tag",
                "noun_id": self.ids[wish.guid],
            }
            for wish in wishes
        ]
        made = insert(History).returning(col(History.id), sort_by_parameter_order=True)
        ids = session.scalars(made, lines).all()
        _insert(
            session,
            HistoryPayload,
            (
                {"history_id": line_id, "after": self._snapshot(wish)}
                for line_id, wish in zip(ids, wishes, strict=True)
            ),
        )

    def _snapshot(self, wish: Wish) -> dict[str, Any]:
        edges = self._edges(wish)
        notes: dict[str, dict[str, str]] = {}
        for (kind, language), text in wish.notes.items():
            notes.setdefault(kind, {})[language] = text
        return {
            "status": wish.status,
            "replaced_by": self.ids[wish.replaced_by] if wish.replaced_by else None,
            "labels": [list(label) for label in wish.labels],
            "notes": notes,
            "parents": [[edge["parent_id"], edge["is_primary"]] for edge in edges],
            "related": sorted(self.ids[one] for one in wish.related if one in self.ids),
        }

    def _ids_of(self, wishes: Iterable[Wish]) -> list[int]:
        return [self.ids[wish.guid] for wish in wishes]


def _insert(session: Session, model: Any, rows: Iterable[dict[str, Any]]) -> None:
    if listed := list(rows):
        session.execute(insert(model), listed)


def _chunks(rows: Sequence[Row], size: int) -> Iterator[Sequence[Row]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]

"""The way up: what lies over tags, and what stands for them, read in one question for all heights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import CTE, and_, func
from sqlmodel import Session, col, select

from research_repo.core.many import among, rows_of
from research_repo.core.models import Tag, TagParent

PATH_MAX = 64


@dataclass(frozen=True)
class Above:
    """All that lies over some tags, read at once. Asked of survivors."""

    parents: dict[int, list[int]]
    """Survivor → its parents, resolved, the primary one first."""
    scheme_of: dict[int, int]
    ends: dict[int, int]
    """Tag → the tag that stands for it today."""

    def line(self, tag_id: int) -> tuple[int, ...]:
        """The tag's path: up to the top of its scheme by primary parents, then read downwards."""
        line = [tag_id]
        while len(line) < PATH_MAX:
            mine = self.scheme_of[line[-1]]
            listed = self.parents.get(line[-1], ())
            over = [one for one in listed if self.scheme_of[one] == mine and one not in line]
            if not over:
                break
            line.append(over[0])
        return tuple(reversed(line))

    def ancestors(self, tag_id: int) -> set[int]:
        """All that the tag lies under, at any height, without the tag itself."""
        seen: set[int] = set()
        frontier = {self.ends.get(tag_id, tag_id)}
        while frontier:
            found = {one for tag in frontier for one in self.parents.get(tag, ())}
            frontier = found - seen - {tag_id}
            seen |= frontier
        return seen


def above(session: Session, tag_ids: Iterable[int]) -> Above:
    """The tags, what stands for them, and all that those lie under: one question for all heights."""
    replaced: dict[int, int | None] = {}
    scheme_of: dict[int, int] = {}
    edges: set[tuple[int, bool, int, int]] = set()
    for row in rows_of(session, _upward(), tag_ids):
        tag_id, scheme_id, replaced_by, parent_id, is_primary, position = row
        replaced[tag_id], scheme_of[tag_id] = replaced_by, scheme_id
        if parent_id is not None:
            edges.add((tag_id, not is_primary, position, parent_id))
    ends = {tag_id: end(replaced, tag_id) for tag_id in replaced}
    over: dict[int, list[int]] = {}
    for child, _, _, parent_id in sorted(edges):
        survivor = ends[parent_id]
        if survivor != child and survivor not in over.setdefault(child, []):
            over[child].append(survivor)
    return Above(over, scheme_of, ends)


@cache
def _upward() -> Any:
    # From a merged tag the way leads to its survivor alone: its own parents sleep.
    awake = and_(col(TagParent.child_id) == col(Tag.id), col(Tag.replaced_by).is_(None))
    first: Any = select(col(Tag.id).label("tag_id")).where(among(Tag.id))
    up: CTE = first.cte("upward", recursive=True)
    further = func.coalesce(col(Tag.replaced_by), col(TagParent.parent_id))
    steps = (
        select(further)
        .select_from(up)
        .join(Tag, col(Tag.id) == up.c.tag_id)
        .join(TagParent, awake, isouter=True)
        .where(further.is_not(None))
    )
    up = up.union(steps)
    return (
        select(  # type: ignore[call-overload]
            Tag.id,
            Tag.scheme_id,
            Tag.replaced_by,
            TagParent.parent_id,
            TagParent.is_primary,
            TagParent.position,
        )
        .select_from(up)
        .join(Tag, col(Tag.id) == up.c.tag_id)
        .join(TagParent, awake, isouter=True)
    )


def end(replaced: Mapping[int, int | None], tag_id: int) -> int:
    """Where a chain of merges ends."""
    while (survivor := replaced.get(tag_id)) is not None:
        tag_id = survivor
    return tag_id

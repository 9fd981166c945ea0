"""The shape of the vocabulary: who replaced whom, what lies under what, and a tag's path.

The one place that resolves redirects. A merged tag's children belong to its survivor; its own
parents sleep; what would become a self edge or a duplicate is dropped on reading.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, and_
from sqlmodel import Session, col, select

from research_repo.core.models import SchemeLabel, Tag, TagLabel, TagParent

CHUNK = 500
PATH_MAX = 64

Step = Callable[[Session, set[int]], dict[int, list[int]]]


@dataclass(frozen=True)
class TagCard:
    """A tag as people see it: its label and path in their language."""

    id: int
    key: str
    label: str
    language: str
    """The language of the label: their own where there is one."""
    path: tuple[str, ...]
    """Labels from the top of the scheme down to this tag."""
    scheme_id: int
    scheme: str
    status: str

    @property
    def full_path(self) -> str:
        """Scheme and path in one line: names the tag without doubt, and is read back by `named`."""
        return " > ".join((self.scheme, *self.path))


def resolved(session: Session, tag_ids: Iterable[int]) -> dict[int, int]:
    """Tag → the tag that stands for it today, at the end of its chain of merges."""
    wanted = set(tag_ids)
    replaced: dict[int, int | None] = {}
    frontier = set(wanted)
    while frontier:
        rows = in_chunks(session, select(Tag.id, Tag.replaced_by), Tag.id, frontier)
        replaced.update(dict(rows))
        frontier = {next_id for _, next_id in rows if next_id and next_id not in replaced}
    return {tag_id: _end(replaced, tag_id) for tag_id in wanted if tag_id in replaced}


def _end(replaced: dict[int, int | None], tag_id: int) -> int:
    while (survivor := replaced.get(tag_id)) is not None:
        tag_id = survivor
    return tag_id


def merged_into(session: Session, tag_ids: Iterable[int]) -> dict[int, int]:
    """Every tag that resolves to one of these (they themselves included) → that one."""
    stands_for = {tag_id: tag_id for tag_id in tag_ids}
    frontier = set(stands_for)
    while frontier:
        rows = in_chunks(session, select(Tag.id, Tag.replaced_by), Tag.replaced_by, frontier)
        frontier = set()
        for merged, survivor in rows:
            if merged not in stands_for:
                stands_for[merged] = stands_for[survivor]
                frontier.add(merged)
    return stands_for


def redirects() -> CTE:
    """Every tag (`tag_id`) with every tag that it leads to (`survivor_id`), itself included."""
    itself: Any = select(col(Tag.id).label("tag_id"), col(Tag.id).label("survivor_id"))
    chain: CTE = itself.cte("redirect", recursive=True)
    further = select(chain.c.tag_id, Tag.replaced_by).join(
        Tag, and_(col(Tag.id) == chain.c.survivor_id, col(Tag.replaced_by).is_not(None))
    )
    return chain.union(further)


def parents(session: Session, tag_ids: Iterable[int]) -> dict[int, list[int]]:
    """Tag → its parents, resolved, the primary one first. The tags must be survivors."""
    rows = in_chunks(
        session,
        select(TagParent.child_id, TagParent.parent_id, TagParent.is_primary, TagParent.position),
        TagParent.child_id,
        tag_ids,
    )
    ends = resolved(session, {row[1] for row in rows})
    found: dict[int, list[int]] = {}
    for child, parent, _, _ in sorted(rows, key=lambda row: (not row[2], row[3], row[1])):
        survivor = ends[parent]
        if survivor != child and survivor not in found.setdefault(child, []):
            found[child].append(survivor)
    return found


def children(session: Session, tag_ids: Iterable[int]) -> dict[int, list[int]]:
    """Tag → its children: those of everything merged into it, too, without the merged ones."""
    stands_for = merged_into(session, tag_ids)
    rows = in_chunks(
        session,
        select(TagParent.parent_id, TagParent.child_id, Tag.replaced_by).join(
            Tag, col(Tag.id) == TagParent.child_id
        ),
        TagParent.parent_id,
        stands_for,
    )
    found: dict[int, list[int]] = {}
    for parent, child, replaced_by in rows:
        survivor = stands_for[parent]
        if replaced_by is None and child != survivor:
            listed = found.setdefault(survivor, [])
            if child not in listed:
                listed.append(child)
    return found


def ancestors(session: Session, tag_id: int) -> set[int]:
    """All that the tag lies under, at any height, without the tag itself."""
    return _walk(session, tag_id, parents)


def descendants(session: Session, tag_id: int) -> set[int]:
    """All that lies under the tag, at any depth, without the tag itself."""
    return _walk(session, tag_id, children)


def roots(session: Session, scheme_id: int) -> list[int]:
    """The tags at the top of a scheme: those without a parent in it."""
    mine = list(
        session.exec(
            select(Tag.id).where(Tag.scheme_id == scheme_id, col(Tag.replaced_by).is_(None))
        )
    )
    known = set(mine)
    above = parents(session, mine)
    return [tag_id for tag_id in mine if not known.intersection(above.get(tag_id, ()))]


def cards(session: Session, tag_ids: Iterable[int], language: str) -> dict[int, TagCard]:
    """Tag → its card in this language. Merged tags get the card of their survivor."""
    ends = resolved(session, tag_ids)
    lines = _primary_lines(session, set(ends.values()))
    involved = {tag_id for line in lines.values() for tag_id in line}
    tags = {row.id: row for row in in_chunks(session, select(Tag), Tag.id, involved)}
    labels = labels_of(session, involved, language)
    schemes = scheme_labels(session, language)
    made: dict[int, TagCard] = {}
    for tag_id, line in lines.items():
        tag = tags[tag_id]
        made[tag_id] = TagCard(
            id=tag_id,
            key=tag.key,
            label=labels[tag_id][0],
            language=labels[tag_id][1],
            path=tuple(labels[step][0] for step in line),
            scheme_id=tag.scheme_id,
            scheme=schemes.get(tag.scheme_id, ""),
            status=tag.status,
        )
    return {tag_id: made[end] for tag_id, end in ends.items()}


def labels_of(
    session: Session, tag_ids: Collection[int], language: str
) -> dict[int, tuple[str, str]]:
    """Tag → its preferred label and that label's language; another language where there is none."""
    rows = in_chunks(
        session,
        select(TagLabel.tag_id, TagLabel.text, TagLabel.language).where(TagLabel.kind == "pref"),
        TagLabel.tag_id,
        tag_ids,
    )
    best: dict[int, tuple[str, str]] = {}
    for tag_id, text, spoken in sorted(rows, key=lambda row: (row[2] != language, row[2], row[1])):
        best.setdefault(tag_id, (text, spoken))
    return {tag_id: best.get(tag_id, (f"#{tag_id}", "")) for tag_id in tag_ids}


def scheme_labels(session: Session, language: str) -> dict[int, str]:
    """Scheme → what it is called in this language."""
    rows = session.exec(select(SchemeLabel.scheme_id, SchemeLabel.text, SchemeLabel.language)).all()
    found: dict[int, str] = {}
    for scheme_id, text, _ in sorted(rows, key=lambda row: (row[2] != language, row[2])):
        found.setdefault(scheme_id, text)
    return found


def line(session: Session, tag_id: int) -> tuple[int, ...]:
    """The tag's path as ids, from the top of its scheme down to itself."""
    return _primary_lines(session, {tag_id})[tag_id]


def _primary_lines(session: Session, tag_ids: set[int]) -> dict[int, tuple[int, ...]]:
    above: dict[int, int | None] = {}
    frontier = set(tag_ids)
    while frontier:
        found = primary_parents(session, frontier)
        above.update({tag_id: found.get(tag_id) for tag_id in frontier})
        frontier = {parent for parent in found.values() if parent not in above}
    return {tag_id: _line(above, tag_id) for tag_id in tag_ids}


def primary_parents(session: Session, tag_ids: Collection[int]) -> dict[int, int]:
    """Tag → the parent of its own scheme that gives its path; tags at the top are left out."""
    above = parents(session, tag_ids)
    involved = {*tag_ids, *(parent for listed in above.values() for parent in listed)}
    scheme_of = dict(in_chunks(session, select(Tag.id, Tag.scheme_id), Tag.id, involved))
    found = {}
    for tag_id, listed in above.items():
        mine = [parent for parent in listed if scheme_of[parent] == scheme_of[tag_id]]
        if mine:
            found[tag_id] = mine[0]
    return found


def _line(above: dict[int, int | None], tag_id: int) -> tuple[int, ...]:
    line = [tag_id]
    while (parent := above.get(line[-1])) is not None and len(line) < PATH_MAX:
        line.append(parent)
    return tuple(reversed(line))


def _walk(session: Session, tag_id: int, step: Step) -> set[int]:
    seen: set[int] = set()
    frontier = {tag_id}
    while frontier:
        found = step(session, frontier)
        frontier = {next_id for listed in found.values() for next_id in listed} - seen - {tag_id}
        seen |= frontier
    return seen


def in_chunks(session: Session, query: Any, column: Any, ids: Iterable[int]) -> list[Any]:
    """The rows of `query` whose `column` is one of `ids`; databases limit the values of a statement."""
    listed = list(ids)
    rows: list[Any] = []
    for start in range(0, len(listed), CHUNK):
        rows += session.exec(query.where(col(column).in_(listed[start : start + CHUNK]))).all()
    return rows

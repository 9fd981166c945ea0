"""The rows that a change set writes: read before and after, kept as their difference, put back.

Counters (a tag's version, an atom's, the vocabulary's edition) only count changes: they are no part
of an image and never go back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Table, delete, insert, or_, select, tuple_, update
from sqlmodel import Session

from research_repo.core.hierarchy import merged_into
from research_repo.core.models import UtcDateTime, metadata

ROWS_AT_ONCE = 400
COUNTERS = {"tag": {"version"}}

Row = dict[str, Any]
Key = tuple[Any, ...]
State = dict[str, dict[Key, Row]]

# Table → the columns by which a row belongs to a tag; in the order in which rows can be made.
OF_TAGS = {
    "tag": ("id",),
    "tag_label": ("tag_id",),
    "tag_note": ("tag_id",),
    "tag_parent": ("child_id",),
    "tag_related": ("one_id", "other_id"),
}
OF_ATOMS = ("atom_tag", "atom_not_applicable")
TABLES = (*OF_TAGS, *OF_ATOMS)


@dataclass(frozen=True)
class Image:
    """A row before and after; None where it was not there."""

    table: str
    before: Row | None
    after: Row | None

    @property
    def key(self) -> Key:
        row = self.before or self.after or {}
        return tuple(row[column.name] for column in _keys(_table(self.table)))

    @property
    def row(self) -> Row:
        """What tells whose row it is."""
        return self.before or self.after or {}


def state(
    session: Session,
    tag_ids: Collection[int],
    atom_ids: Collection[int] = (),
    put_ids: Collection[int] = (),
    scheme_ids: Collection[int] = (),
) -> State:
    """The rows of these tags; and what the atoms have of the tags `put_ids`, whatever stands for
    them, and of the marks that the schemes do not apply."""
    found: State = {}
    for name, owners in OF_TAGS.items():
        table = _table(name)
        found[name] = {}
        for some in _chunks(tag_ids):
            wanted = or_(*(table.c[owner].in_(some) for owner in owners))
            found[name] |= _rows(session, table, wanted)
    narrowed = {
        "atom_tag": ("tag_id", merged_into(session, put_ids)),
        "atom_not_applicable": ("scheme_id", scheme_ids),
    }
    for name, (column, ids) in narrowed.items():
        table = _table(name)
        found[name] = {}
        for some in _chunks(atom_ids):
            wanted = table.c.atom_id.in_(some) & table.c[column].in_(ids)
            found[name] |= _rows(session, table, wanted)
    return found


def difference(before: State, after: State) -> list[Image]:
    """What was written between two states."""
    images = []
    for name in TABLES:
        old, new = before[name], after[name]
        for key in sorted(old.keys() | new.keys(), key=str):
            if old.get(key) != new.get(key):
                images.append(Image(name, old.get(key), new.get(key)))
    return images


def plain(images: Iterable[Image]) -> list[Any]:
    """Images as plain JSON."""
    return [[one.table, one.before, one.after] for one in images]


def from_plain(stored: Iterable[Any]) -> list[Image]:
    """The images that plain JSON holds."""
    return [Image(*one) for one in stored]


def strays(session: Session, images: Sequence[Image]) -> list[Image]:
    """The images whose row is not as the set left it: somebody wrote it since."""
    found = []
    for name, some in _by_table(images):
        now = _standing(session, name, [one.key for one in some])
        found += [one for one in some if _is_stray(one, now.get(one.key))]
    return found + _in_use(session, images)


def put_back(session: Session, images: Sequence[Image]) -> None:
    """Write what was before; each row must stand as the set left it."""
    tables = dict(_by_table(images))
    for name in reversed(TABLES):
        table = _table(name)
        made = [one.key for one in tables.get(name, ()) if one.before is None]
        for some in _chunks(made):
            session.execute(delete(table).where(_is_one_of(table, some)))
    for name in TABLES:
        table = _table(name)
        for one in tables.get(name, ()):
            if one.before is not None and one.after is not None:
                values = {column: one.before[column] for column in _changed(one)}
                session.execute(
                    update(table).where(_is_one_of(table, [one.key])).values(_typed(table, values))
                )
    for name in TABLES:
        table = _table(name)
        rows = [one.before for one in tables.get(name, ()) if one.after is None and one.before]
        if rows:
            session.execute(insert(table), [_typed(table, row) for row in rows])
    read_anew(session)


def read_anew(session: Session) -> None:
    """Let the session forget what it knows of these tables: they were written past it."""
    for one in list(session):
        if getattr(one, "__tablename__", "") in TABLES:
            session.expire(one)


def references() -> list[Column[Any]]:
    """Every column that holds a tag, whatever table it is in."""
    tag = _table("tag")
    return [
        column
        for table in metadata.sorted_tables
        for column in table.columns
        if any(key.column.table is tag for key in column.foreign_keys)
    ]


def _in_use(session: Session, images: Sequence[Image]) -> list[Image]:
    # A tag that the set made goes with it, unless something new holds it.
    made = {one.key[0]: one for one in images if one.table == "tag" and one.before is None}
    if not made:
        return []
    own = {(one.table, one.key) for one in images if one.before is None}
    found = []
    for column in references():
        table = column.table
        query = select(column, *_keys(table)).where(column.in_(made))
        found += [
            made[tag_id]
            for tag_id, *key in session.execute(query)
            if (table.name, tuple(key)) not in own
        ]
    return list({one.key: one for one in found}.values())


def _is_stray(image: Image, now: Row | None) -> bool:
    if image.after is None or now is None:
        return now is not image.after
    columns = _changed(image) if image.before is not None else list(image.after)
    # What a table got since then is not compared.
    return any(now.get(column) != image.after[column] for column in columns)


def _changed(image: Image) -> list[str]:
    before, after = image.before or {}, image.after or {}
    return [column for column in before if before[column] != after.get(column)]


def _by_table(images: Sequence[Image]) -> Iterator[tuple[str, list[Image]]]:
    for name in TABLES:
        some = [one for one in images if one.table == name]
        if some:
            yield name, some


def _standing(session: Session, name: str, keys: Sequence[Key]) -> dict[Key, Row]:
    table = _table(name)
    found: dict[Key, Row] = {}
    for some in _chunks(keys):
        found |= _rows(session, table, _is_one_of(table, some))
    return found


def _is_one_of(table: Table, keys: Sequence[Key]) -> Any:
    columns = _keys(table)
    if len(columns) == 1:
        return columns[0].in_([key[0] for key in keys])
    return tuple_(*columns).in_(keys)


def _rows(session: Session, table: Table, wanted: Any) -> dict[Key, Row]:
    counters = COUNTERS.get(table.name, set())
    columns = [column for column in table.columns if column.name not in counters]
    names = [column.name for column in columns]
    places = [names.index(column.name) for column in _keys(table)]
    return {
        tuple(values[place] for place in places): dict(zip(names, map(_plain, values), strict=True))
        for values in session.execute(select(*columns).where(wanted))
    }


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _typed(table: Table, row: Row) -> Row:
    return {
        name: datetime.fromisoformat(value)
        if isinstance(value, str) and isinstance(table.c[name].type, UtcDateTime)
        else value
        for name, value in row.items()
    }


def _table(name: str) -> Table:
    return metadata.tables[name]


def _keys(table: Table) -> list[Column[Any]]:
    return list(table.primary_key.columns)


def _chunks(ids: Collection[Any]) -> Iterator[list[Any]]:
    listed = list(ids)
    for start in range(0, len(listed), ROWS_AT_ONCE):
        yield listed[start : start + ROWS_AT_ONCE]

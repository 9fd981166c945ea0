"""Change sets: what is previewed is what happens, and undoing leaves everything as it was."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session, col, select

from research_repo.core import (
    change_cards,
    change_effects,
    change_lines,
    change_rows,
    changes,
    hierarchy,
    history,
    indexing,
    keys,
    notices,
    schemes,
    tagging,
    tags,
)
from research_repo.core.change_lines import (
    AddLabel,
    AddParent,
    Approve,
    Create,
    Define,
    Line,
    Merge,
    Move,
    Relate,
    RemoveLabel,
    RemoveParent,
    Rename,
    Restore,
    Retag,
    Retire,
    Unrelate,
)
from research_repo.core.db import Database
from research_repo.core.errors import Conflict, Invalid, NotAllowed, NotFound, Refusal
from research_repo.core.models import ChangeSet, Person, Tag, TagLabel, metadata
from research_repo.core.tags import TagWords
from tests import make

# What tells of changes, and what only counts them: all else must be as it was.
TELLING = {"history", "history_payload", "index_queue", "change_set", "notice", "repository"}
COUNTING = {"tag": {"version"}, "atom": {"version", "updated_at"}}

Dump = dict[str, dict[Any, dict[str, Any]]]


def dump(session: Session) -> Dump:
    """Every row of the repository that a change set might write, by its key."""
    session.flush()
    found: Dump = {}
    for table in metadata.sorted_tables:
        if table.name in TELLING:
            continue
        names = [c.name for c in table.columns if c.name not in COUNTING.get(table.name, ())]
        key = [c.name for c in table.primary_key.columns]
        found[table.name] = {}
        for values in session.execute(select(*(table.c[name] for name in names))):
            row = dict(zip(names, values, strict=True))
            found[table.name][tuple(row[name] for name in key)] = row
    return found


def changed(before: Dump, after: Dump) -> set[tuple[str, Any]]:
    """Table and key of the rows that differ."""
    return {
        (name, key)
        for name in before
        for key in before[name].keys() | after[name].keys()
        if before[name].get(key) != after[name].get(key)
    }


def do(session: Session, by: Person, *lines: Line) -> ChangeSet:
    """Compose, look, apply."""
    made = changes.compose(session, by, lines)
    seen = changes.preview(session, by, lines)
    return changes.apply(session, by, made.key, seen.print)


def label(session: Session, tag: Tag) -> str:
    return hierarchy.labels_of(session, [tag.id], "en")[tag.id][0]


def path(session: Session, tag: Tag) -> tuple[str, ...]:
    return hierarchy.cards(session, [tag.id], "en")[tag.id].path


def end(session: Session, tag: Tag) -> int:
    return hierarchy.resolved(session, [tag.id])[tag.id]


class World:
    """A made-up vocabulary with atoms, and a way to change it at random."""

    def __init__(self, session: Session, by: Person, seed: int) -> None:
        self.session, self.by, self.random = session, by, random.Random(seed)  # noqa: S311
        self.count = 0
        for _ in range(14):
            self._make_tag()
        study = make.study(session, by)
        for number in range(18):
            some = self.random.sample(self.keys(), self.random.randint(0, 3))
            atom = make.atom(session, by, f"Seen {number}", study)
            tagging.put(session, by, atom, [tags.get(session, key).id for key in some])
        self.atoms = list(indexing.atom_ids_after(session, 0, 1000))

    def keys(self) -> list[str]:
        return list(self.session.exec(select(Tag.key).order_by(col(Tag.id))))

    def _word(self) -> str:
        self.count += 1
        return f"word {self.count}"

    def _make_tag(self) -> None:
        scheme = self.random.choice(["product-area", "segment"])
        keys_now = self.keys()
        under = self.random.sample(keys_now, min(len(keys_now), self.random.randint(0, 1)))
        words = TagWords(pref={"en": self._word()}, alt={"ru": [self._word()]})
        tags.create(self.session, self.by, scheme, words, under)

    def line(self, new: list[str]) -> Line:
        """Any change of any tags: many of them are against the rules."""
        pick = self.random.choice
        known = self.keys() + new
        tag, other, third = pick(known), pick(known), pick(known)
        words = list(self.session.exec(select(TagLabel.text)))
        parents = hierarchy.parents(self.session, self.ids([tag]))
        placed = [one for some in parents.values() for one in some]
        start = self.session.get_one(Tag, pick(placed)).key if placed else ""
        kinds: list[Callable[[], Line]] = [
            lambda: self._create(new, pick(["", other])),
            lambda: Rename(tag, "en", pick([self._word(), pick(words)]), pick([True, False])),
            lambda: AddLabel(tag, pick(["en", "ru"]), self._word(), pick(["alt", "hidden"])),
            lambda: RemoveLabel(tag, pick(["en", "ru"]), pick(words)),
            lambda: Define(tag, "en", pick(["", self._word()]), pick(["scope", "definition"])),
            lambda: Move(tag, pick([start, ""]), pick([other, ""])),
            lambda: AddParent(tag, other),
            lambda: RemoveParent(tag, start or other),
            lambda: Relate(tag, other),
            lambda: Unrelate(tag, other),
            lambda: Merge(tag, other),
            lambda: Merge(tag, other),
            lambda: Retire(tag),
            lambda: Restore(tag),
            lambda: Approve(tag),
            lambda: Retag(
                self._some_atoms(), add=[tag], remove=pick([[], [other], [other, third]])
            ),
            lambda: Retag(self._some_atoms(), remove=[tag]),
        ]
        return pick(kinds)()

    def _create(self, new: list[str], parent: str) -> Line:
        key = keys.new_key(self.session, Tag.key)
        new.append(key)
        return Create(
            key, self.random.choice(["product-area", "segment"]), {"en": self._word()}, parent
        )

    def _some_atoms(self) -> list[int]:
        return sorted(self.random.sample(self.atoms, self.random.randint(1, 6)))

    def ids(self, some: list[str]) -> list[int]:
        return list(self.session.exec(select(Tag.id).where(col(Tag.key).in_(some))))

    def set_of_lines(self) -> list[Line]:
        new: list[str] = []
        return [self.line(new) for _ in range(self.random.choice([1, 1, 1, 2, 3]))]

    def live(self) -> None:
        """What people do meanwhile: facts are logged, tagged; words come to tags."""
        pick = self.random.choice
        made = make.atom(self.session, self.by, f"Later {self.count}", None)
        tagging.put(self.session, self.by, made, [tags.get(self.session, pick(self.keys())).id])
        self.atoms.append(made.id)
        self._make_tag()


@pytest.mark.parametrize("seed", range(10))
def test_five_hundred_random_changes_do_what_was_previewed_and_are_undone_without_a_trace(
    session: Session, curator: Person, seed: int
) -> None:
    world = World(session, curator, seed)
    tried = applied = 0
    while tried < 50 or applied < 15:
        lines = world.set_of_lines()
        tried += len(lines)
        before = dump(session)
        try:
            made = changes.compose(session, curator, lines)
            seen = changes.preview(session, curator, lines)
        except (Invalid, NotFound, NotAllowed):
            assert dump(session) == before
            continue
        assert dump(session) == before
        changes.apply(session, curator, made.key, seen.print)
        applied += 1
        after = dump(session)
        assert changed(before, after) == {(one.table, one.key) for one in rows_of(made)}
        assert_previewed(seen, before, after)
        assert_sound(session)
        if world.random.random() < 0.6:
            changes.undo(session, curator, made.key)
            assert changed(before, dump(session)) == set()
        elif world.random.random() < 0.5:
            world.live()
            between = changed(after, dump(session))
            try:
                changes.undo(session, curator, made.key)
            except (Conflict, Invalid):
                continue
            # What people did since stays, and nothing but that differs from before.
            assert changed(before, dump(session)) == between
            assert_sound(session)


def rows_of(made: ChangeSet) -> list[change_rows.Image]:
    return change_rows.from_plain(made.images["rows"])


def assert_previewed(seen: changes.Preview, before: Dump, after: Dump) -> None:
    """Atoms whose tags mean something else now were all among those that the preview counted."""

    def face(rows: Dump) -> dict[int, Any]:
        ends: dict[int, int] = {}
        for (tag_id,), row in rows["tag"].items():
            while row["replaced_by"]:
                row = rows["tag"][row["replaced_by"],]
            ends[tag_id] = row["id"]
        above: dict[int, set[int]] = {}
        for row in rows["tag_parent"].values():
            if ends[row["child_id"]] == row["child_id"]:
                above.setdefault(row["child_id"], set()).add(ends[row["parent_id"]])

        def over(tag_id: int) -> frozenset[int]:
            found: set[int] = set()
            waits = {tag_id}
            while waits:
                waits = {up for one in waits for up in above.get(one, ())} - found
                found |= waits
            return frozenset(found - {tag_id})

        words: dict[int, str] = {}
        for row in rows["tag_label"].values():
            if row["kind"] == "pref":
                words[row["tag_id"]] = row["text"]
        faces: dict[int, Any] = {row["id"]: set() for row in rows["atom"].values()}
        for row in rows["atom_tag"].values():
            tag_id = ends[row["tag_id"]]
            faces[row["atom_id"]].add((tag_id, words[tag_id], over(tag_id)))
        return faces

    old, new = face(before), face(after)
    differ = {atom_id for atom_id in old if old[atom_id] != new[atom_id]}
    assert len(differ) <= seen.total.atoms
    assert seen.total.atoms <= sum(effect.atoms for effect in seen.effects)
    assert len(seen.total.samples) == min(seen.total.atoms, change_effects.SAMPLES)


def assert_sound(session: Session) -> None:
    """No circle, and nothing related to what it lies under."""
    alive = list(session.exec(select(Tag.id).where(col(Tag.replaced_by).is_(None))))
    related = hierarchy.related(session, alive)
    for tag_id in alive:
        above = hierarchy.ancestors(session, tag_id)
        for parent in hierarchy.parents(session, [tag_id]).get(tag_id, ()):
            assert tag_id not in hierarchy.ancestors(session, parent)
        assert not above.intersection(related.get(tag_id, ()))

"""Change sets: what is previewed is what happens, and undoing leaves everything as it was."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Any

import pytest
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
    Reword,
    Unrelate,
)
from research_repo.core.db import Database
from research_repo.core.errors import Conflict, Invalid, NotAllowed, NotFound
from research_repo.core.models import ChangeSet, Person, ReportAtom, Tag, TagLabel, metadata
from research_repo.core.tags import TagWords
from tests import frozen, make

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
        self.session, self.by, self.random = session, by, random.Random(seed)
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
            lambda: Reword(tag, [("en", "pref", self._word()), ("ru", "alt", pick(words))]),
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
        known = (tags.standing(self.session, key) for key in self.keys())
        living = [tag.id for tag in known if tag.status != "deprecated"]
        tagging.put(self.session, self.by, made, [pick(living)] if living else [])
        self.atoms.append(made.id)
        self._make_tag()


@pytest.mark.parametrize(
    ("seed", "wanted"),
    [
        *((seed, 8) for seed in range(3)),
        # Five hundred that are carried out, and several times as many that are refused.
        *(pytest.param(seed, 50, marks=pytest.mark.slow) for seed in range(3, 13)),
    ],
)
def test_five_hundred_random_changes_do_what_was_previewed_and_are_undone_without_a_trace(
    session: Session, curator: Person, seed: int, wanted: int
) -> None:
    world = World(session, curator, seed)
    applied = 0
    while applied < wanted:
        lines = world.set_of_lines()
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


@pytest.fixture
def area(session: Session, curator: Person) -> Tag:
    return make.tag(session, curator, "Payment")


@pytest.fixture
def card(session: Session, curator: Person, area: Tag) -> Tag:
    return make.tag(session, curator, "Card", under=area)


def refused(session: Session, by: Person, *lines: Line) -> str:
    """What is said about lines that the rules forbid; nothing of them is left."""
    before = dump(session)
    with pytest.raises(Invalid) as refusal:
        changes.compose(session, by, lines)
    assert dump(session) == before
    return str(refusal.value)


def test_a_merge_writes_one_row_and_no_atom_and_its_words_find_the_survivor(
    session: Session, curator: Person
) -> None:
    old, new = make.tag(session, curator, "Basket"), make.tag(session, curator, "Cart")
    atom = make.atom(session, curator, "People lose it", tags=[old])
    before, version = dump(session), atom.version
    made = do(session, curator, Merge(old.key, new.key))
    assert changed(before, dump(session)) == {("tag", (old.id,))}
    assert end(session, old) == new.id
    assert tags.owner_of_label(session, new.scheme_id, "en", "basket") == new.id
    session.refresh(atom)
    assert atom.version == version
    (told,) = [one for one in history.of(session, "tag", [old.id]) if one.verb == "merged"]
    assert told.after["set"] == made.key


def test_the_preview_says_how_much_is_touched_of_what_the_person_sees(
    session: Session, curator: Person, researcher: Person, area: Tag, card: Tag
) -> None:
    closed = make.study(session, researcher, key="closed", access="members")
    make.atom(session, curator, "One", tags=[area])
    make.atom(session, curator, "Both", tags=[card, area])
    make.atom(session, researcher, "Hidden", closed, tags=[card])
    other = make.tag(session, curator, "Money", also=["cash"])
    seen = changes.preview(session, curator, [Merge(area.key, other.key), Retire(card.key)])
    assert [effect.atoms for effect in seen.effects] == [2, 1]
    assert (seen.total.atoms, seen.total.reports, seen.total.tags) == (2, 1, 1)
    assert [one.title for one in seen.total.samples] == ["Both", "One"]
    # The words of what is merged and of what is retired.
    assert seen.total.labels == 2


def test_a_preview_stores_nothing(database: Database) -> None:
    with database.saving() as session:
        by = make.person(session, "Vera", "curator")
        tag = make.tag(session, by, "Basket")
        lines: list[Line] = [
            Create(keys.new_key(session, Tag.key), "product-area", {"en": "Cart"}),
            Rename(tag.key, "en", "Bag"),
        ]
    with database.reading() as session:
        before, edition = dump(session), indexing.vocabulary_edition(session)
    with database.saving() as session:
        changes.preview(session, by, lines)
    with database.reading() as session:
        assert dump(session) == before
        assert indexing.vocabulary_edition(session) == edition


def test_of_two_sets_applied_at_one_moment_the_second_is_judged_after_the_first(
    database: Database,
) -> None:
    with database.saving() as session:
        people = [make.person(session, name, "curator") for name in ("Ilya", "Anna")]
        one, two = make.tag(session, people[0], "Basket"), make.tag(session, people[0], "Cart")
        pairs = [(one.key, two.key), (two.key, one.key)]
    sets: list[tuple[Person, str]] = []
    for by, pair in zip(people, pairs, strict=True):
        with database.saving() as session:
            sets.append((by, changes.compose(session, by, [Merge(*pair)]).key))
    told: list[str] = []

    def press(by: Person, key: str) -> None:
        try:
            with database.saving() as session:
                changes.apply(session, by, key)
            told.append("applied")
        except Invalid as refusal:
            told.append(str(refusal))

    threads = [threading.Thread(target=press, args=each) for each in sets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told.count("applied") == 1
    assert any("this one" in sentence for sentence in told)
    with database.reading() as session:
        assert len({end(session, one), end(session, two)}) == 1


def test_a_tag_into_its_own_child_is_refused_and_so_is_a_circle(
    session: Session, curator: Person, area: Tag, card: Tag
) -> None:
    visa = make.tag(session, curator, "Visa", under=card)
    assert "lies under" in refused(session, curator, Merge(area.key, visa.key))
    assert "lies under" in refused(session, curator, Move(area.key, "", visa.key))
    assert "lies under" in refused(session, curator, AddParent(area.key, card.key))
    assert "this one" in refused(session, curator, Merge(area.key, area.key))


def test_a_circle_that_only_two_lines_close_is_refused_as_a_whole(
    session: Session, curator: Person
) -> None:
    one, two = make.tag(session, curator, "One"), make.tag(session, curator, "Two")
    said = refused(session, curator, AddParent(one.key, two.key), AddParent(two.key, one.key))
    assert "line-1" in said


def test_a_merge_into_another_group_or_into_a_retired_tag_is_refused(
    session: Session, curator: Person, area: Tag
) -> None:
    stage = make.tag(session, curator, "Paying", scheme="journey-stage")
    fax = make.tag(session, curator, "Fax")
    tags.retire(session, curator, fax.key)
    assert "another group" in refused(session, curator, Merge(area.key, stage.key))
    assert "Use it again first" in refused(session, curator, Merge(area.key, fax.key))


def test_what_is_merged_already_is_not_merged_again(session: Session, curator: Person) -> None:
    one, two, three = (make.tag(session, curator, word) for word in ("One", "Two", "Three"))
    do(session, curator, Merge(one.key, two.key))
    assert "merged already" in refused(session, curator, Merge(one.key, three.key))
    assert "this one" in refused(session, curator, Merge(two.key, one.key))


@pytest.mark.parametrize("seed", range(4))
def test_a_chain_of_five_merges_is_undone_in_any_order(
    session: Session, curator: Person, seed: int
) -> None:
    chain = [make.tag(session, curator, f"Step {number}") for number in range(6)]
    atom = make.atom(session, curator, "At the end of it", tags=[chain[0]])
    before = dump(session)
    made = [
        do(session, curator, Merge(one.key, two.key))
        for one, two in zip(chain, chain[1:], strict=False)
    ]
    assert [put.tag_id for put in tagging.of_atoms(session, [atom.id])[atom.id]] == [chain[5].id]
    rows = {(one.id, one.replaced_by) for one in chain}
    assert rows >= {(one.id, two.id) for one, two in zip(chain, chain[1:], strict=False)}
    random.Random(seed).shuffle(made)
    for one in made:
        changes.undo(session, curator, one.key)
    assert dump(session) == before


def test_undoing_keeps_what_people_did_with_the_survivor(session: Session, curator: Person) -> None:
    old, new = make.tag(session, curator, "Basket"), make.tag(session, curator, "Cart")
    made = do(session, curator, Merge(old.key, new.key))
    atom = make.atom(session, curator, "Since then", tags=["Basket"])
    under = make.tag(session, curator, "Coupon", under=new)
    changes.undo(session, curator, made.key)
    assert [put.tag_id for put in tagging.of_atoms(session, [atom.id])[atom.id]] == [new.id]
    assert path(session, under) == ("Cart", "Coupon")
    assert end(session, old) == old.id


def test_an_undo_that_would_give_a_word_to_two_tags_is_refused(
    session: Session, curator: Person
) -> None:
    old, new = make.tag(session, curator, "Basket"), make.tag(session, curator, "Cart")
    made = do(session, curator, Merge(old.key, new.key))
    do(session, curator, AddLabel(new.key, "en", "basket"))
    before = dump(session)
    (problem,) = changes.undo_preview(session, curator, made.key).problems
    assert "would belong to two tags" in str(problem)
    with database_untouched(session, before), pytest.raises(Invalid, match="two tags"):
        changes.undo(session, curator, made.key)


def test_an_undo_that_would_close_a_circle_is_refused(session: Session, curator: Person) -> None:
    one, two = make.tag(session, curator, "One"), make.tag(session, curator, "Two")
    three = make.tag(session, curator, "Three", under=one)
    moved = do(session, curator, Move(three.key, one.key, ""))
    do(session, curator, Move(one.key, "", three.key))
    before = dump(session)
    with database_untouched(session, before), pytest.raises(Invalid, match="under itself"):
        changes.undo(session, curator, moved.key)
    assert two.replaced_by is None


class database_untouched:  # noqa: N801 (reads as a clause)
    """What is refused inside leaves no trace, as in a door that does not commit."""

    def __init__(self, session: Session, before: Dump) -> None:
        self.session, self.before = session, before

    def __enter__(self) -> None:
        self.attempt = self.session.begin_nested()

    def __exit__(self, *_fault: object) -> None:
        self.attempt.rollback()
        assert dump(self.session) == self.before


def test_later_changes_of_the_same_row_are_listed_and_nothing_is_undone(
    session: Session, curator: Person
) -> None:
    anna = make.person(session, "Anna", "curator")
    tag = make.tag(session, curator, "Basket")
    made = do(session, curator, Retire(tag.key))
    do(session, anna, Restore(tag.key))
    before = dump(session)
    (later,) = changes.undo_preview(session, curator, made.key).later
    assert (later.what, later.who, later.address) == ("Basket", "Anna", f"/tags/{tag.key}")
    with pytest.raises(Conflict) as refusal:
        changes.undo(session, curator, made.key)
    assert refusal.value.current == [later]
    assert dump(session) == before


def test_a_tag_that_was_made_goes_unless_something_holds_it(
    session: Session, curator: Person
) -> None:
    before = dump(session)
    key = keys.new_key(session, Tag.key)
    made = do(session, curator, Create(key, "segment", {"en": "Big"}), AddLabel(key, "en", "Large"))
    changes.undo(session, curator, made.key)
    assert dump(session) == before
    second = changes.apply(session, curator, changes.again(session, curator, made.key).key)
    atom = make.atom(session, curator, "Held", tags=[tags.get(session, key)])
    with pytest.raises(Conflict):
        changes.undo(session, curator, second.key)
    assert tagging.of_atoms(session, [atom.id])[atom.id]


def test_an_undo_is_not_undone_but_applied_again(
    session: Session, curator: Person, area: Tag
) -> None:
    made = do(session, curator, Rename(area.key, "en", "Money"))
    with pytest.raises(Invalid, match="what was undone or rejected"):
        changes.again(session, curator, made.key)
    changes.undo(session, curator, made.key)
    with pytest.raises(Invalid, match="Apply it again"):
        changes.undo(session, curator, made.key)
    fresh = changes.again(session, curator, made.key)
    assert fresh.key != made.key
    changes.apply(session, curator, fresh.key)
    assert label(session, area) == "Money"
    with pytest.raises(Conflict, match="decided"):
        changes.apply(session, curator, fresh.key)


def test_of_two_curators_the_second_looks_again(session: Session, curator: Person) -> None:
    anna = make.person(session, "Anna", "curator")
    old, new, bag = (make.tag(session, curator, word) for word in ("Basket", "Cart", "Bag"))
    lines: list[Line] = [Merge(old.key, new.key)]
    mine = changes.compose(session, curator, lines)
    seen = changes.preview(session, curator, lines)
    theirs = changes.compose(session, anna, [Rename(old.key, "en", "Trolley")])
    changes.apply(session, anna, theirs.key)
    with pytest.raises(Conflict, match="Look again"):
        changes.apply(session, curator, mine.key, seen.print)
    session.rollback()


def test_of_two_curators_who_merge_the_same_tag_the_second_is_told(
    session: Session, curator: Person
) -> None:
    anna = make.person(session, "Anna", "curator")
    old, new, bag = (make.tag(session, curator, word) for word in ("Basket", "Cart", "Bag"))
    mine = changes.compose(session, curator, [Merge(old.key, new.key)])
    theirs = changes.compose(session, anna, [Merge(old.key, bag.key)])
    changes.apply(session, anna, theirs.key)
    with pytest.raises(Invalid, match="merged already"):
        changes.apply(session, curator, mine.key)
    assert end(session, old) == bag.id


def test_a_split_makes_parts_and_says_which_atoms_go_where(
    session: Session, curator: Person
) -> None:
    tag = make.tag(session, curator, "Speed")
    first, second, rest = (make.atom(session, curator, word, tags=[tag]) for word in "abc")
    before = dump(session)
    one, two = keys.new_keys(session, Tag.key, 2)
    made = do(
        session,
        curator,
        Create(one, "product-area", {"en": "Speed of pages"}),
        Create(two, "product-area", {"en": "Speed of delivery"}),
        Retag([first.id], add=[one], remove=[tag.key]),
        Retag([second.id], add=[two], remove=[tag.key]),
    )
    puts = tagging.of_atoms(session, [first.id, second.id, rest.id])
    named = {atom_id: [put.tag_id for put in listed] for atom_id, listed in puts.items()}
    assert named == {
        first.id: [tags.get(session, one).id],
        second.id: [tags.get(session, two).id],
        rest.id: [tag.id],
    }
    waiting = {one.atom_id for one in indexing.waiting(session)}
    assert {first.id, second.id} <= waiting
    changes.undo(session, curator, made.key)
    assert dump(session) == before


def test_a_retag_takes_off_what_was_merged_and_keeps_what_the_curator_does_not_see(
    session: Session, curator: Person, researcher: Person
) -> None:
    old, new, other = (make.tag(session, curator, word) for word in ("Basket", "Cart", "Bag"))
    closed = make.study(session, researcher, key="closed", access="members")
    seen = make.atom(session, curator, "Seen", tags=[old])
    hidden = make.atom(session, researcher, "Hidden", closed, tags=[old])
    do(session, curator, Merge(old.key, new.key))
    do(session, curator, Retag([seen.id, hidden.id], add=[other.key], remove=[new.key]))
    puts = tagging.of_atoms(session, [seen.id, hidden.id])
    assert [put.tag_id for put in puts[seen.id]] == [other.id]
    assert [put.tag_id for put in puts[hidden.id]] == [new.id]


def test_a_retag_that_breaks_one_tag_an_atom_names_the_atoms(
    session: Session, curator: Person
) -> None:
    group = make.scheme(session, curator, "Device")
    schemes.set_rules(session, curator, group.key, schemes.Rules(is_single=True))
    phone, tablet = (make.tag(session, curator, word, group.key) for word in ("Phone", "Tablet"))
    atom = make.atom(session, curator, "Read in bed", tags=[phone])
    said = refused(session, curator, Retag([atom.id], add=[tablet.key]))
    assert "Device" in said
    assert "Read in bed" in said
    do(session, curator, Retag([atom.id], add=[tablet.key], remove=[phone.key]))


def test_an_undo_that_breaks_one_tag_an_atom_names_the_atoms(
    session: Session, curator: Person
) -> None:
    group = make.scheme(session, curator, "Device")
    phone, tablet = (make.tag(session, curator, word, group.key) for word in ("Phone", "Tablet"))
    make.atom(session, curator, "Read in bed", tags=[phone, tablet])
    made = do(session, curator, Merge(phone.key, tablet.key))
    schemes.set_rules(session, curator, group.key, schemes.Rules(is_single=True))
    (problem,) = changes.undo_preview(session, curator, made.key).problems
    assert "Read in bed" in str(problem)


def test_related_tags_do_not_lie_under_each_other(
    session: Session, curator: Person, area: Tag, card: Tag
) -> None:
    bonus = make.tag(session, curator, "Bonus")
    assert "belong together" in refused(session, curator, Relate(card.key, area.key))
    do(session, curator, Relate(card.key, bonus.key))
    assert "related already" in refused(session, curator, Relate(bonus.key, card.key))
    assert "relation" in refused(session, curator, Move(area.key, "", bonus.key))
    made = do(session, curator, Unrelate(bonus.key, card.key), Move(area.key, "", bonus.key))
    assert hierarchy.related(session, [card.id]) == {}
    changes.undo(session, curator, made.key)
    assert hierarchy.related(session, [card.id]) == {card.id: [bonus.id]}


def test_a_moved_tag_keeps_the_place_that_gives_its_path(
    session: Session, curator: Person, area: Tag, card: Tag
) -> None:
    bank, shop = make.tag(session, curator, "Bank"), make.tag(session, curator, "Shop")
    do(session, curator, AddParent(card.key, bank.key))
    do(session, curator, Move(card.key, area.key, shop.key))
    assert path(session, card) == ("Shop", "Card")
    do(session, curator, Move(card.key, shop.key, ""))
    assert path(session, card) == ("Bank", "Card")


def test_a_place_that_a_nearer_one_covers_is_refused(
    session: Session, curator: Person, area: Tag, card: Tag
) -> None:
    visa = make.tag(session, curator, "Visa", under=area)
    assert "Move it" in refused(session, curator, AddParent(visa.key, card.key))
    do(session, curator, Move(visa.key, area.key, card.key))
    assert path(session, visa) == ("Payment", "Card", "Visa")


def test_a_word_that_stays_keeps_its_row(session: Session, curator: Person) -> None:
    tag = make.tag(session, curator, "Basket", also=["bag"])
    rows = {row.text: row.id for row in session.exec(select(TagLabel))}
    do(session, curator, Rename(tag.key, "en", "Cart"))
    after = {row.text: row for row in session.exec(select(TagLabel))}
    assert {text: after[text].id for text in rows} == rows
    assert (after["Basket"].kind, after["Cart"].kind) == ("alt", "pref")
    do(session, curator, Rename(tag.key, "en", "Trolley", keeps_old=False))
    assert tags.owner_of_label(session, tag.scheme_id, "en", "cart") is None


def test_a_definition_comes_goes_and_comes_back(session: Session, curator: Person) -> None:
    tag = make.tag(session, curator, "Basket")
    do(session, curator, Define(tag.key, "en", "Where things wait", "definition"))
    made = do(session, curator, Define(tag.key, "en", "", "definition"))
    assert tags.words_of(session, tag).definition == {}
    changes.undo(session, curator, made.key)
    assert tags.words_of(session, tag).definition == {"en": "Where things wait"}


def test_the_words_of_a_form_are_a_change_that_can_be_undone(
    session: Session, curator: Person, area: Tag
) -> None:
    words = TagWords(pref={"en": "Money"}, alt={"en": ["Payment"]}, example={"en": "A card"})
    before = dump(session)
    changes.reword(session, curator, area.key, 1, words)
    assert tags.words_of(session, area) == words
    with pytest.raises(Conflict):
        changes.reword(session, curator, area.key, 1, words)
    changes.reword(session, curator, area.key, 2, words)
    (made,) = change_cards.listed(session, curator, ("applied",), "en")
    assert [str(line) for line in made.lines] == ["Edit the words of “Payment”"]
    changes.undo(session, curator, made.key)
    assert dump(session) == before


def test_what_changes_nothing_is_refused(session: Session, curator: Person, area: Tag) -> None:
    atom = make.atom(session, curator, "One", tags=[area])
    for line in (
        Rename(area.key, "en", "Payment"),
        RemoveLabel(area.key, "en", "nothing"),
        Restore(area.key),
        Approve(area.key),
        Retag([atom.id], add=[area.key]),
        Retag([], add=[area.key]),
        Move(area.key),
        RemoveParent(area.key, area.key),
    ):
        assert "line-0" in refused(session, curator, line)
    with pytest.raises(Invalid, match="empty"):
        changes.compose(session, curator, [])


def test_a_set_that_is_too_large_is_refused(session: Session, curator: Person, area: Tag) -> None:
    with pytest.raises(Invalid, match="at most 1000 atoms"):
        changes.compose(session, curator, [Retag(list(range(1001)), add=[area.key])])
    with pytest.raises(Invalid, match="at most 200 lines"):
        changes.compose(session, curator, [Retire(area.key)] * 201)


def test_a_researcher_proposes_a_curator_decides_and_the_proposer_is_told(
    session: Session, curator: Person, researcher: Person, area: Tag
) -> None:
    def proposed(word: str) -> ChangeSet:
        made = changes.compose(session, researcher, [Rename(area.key, "en", word)])
        with pytest.raises(Invalid, match="why"):
            changes.propose(session, researcher, made.key, " ")
        return changes.propose(session, researcher, made.key, "People say so")

    one, two = proposed("Money"), proposed("Paying")
    with pytest.raises(NotAllowed):
        changes.apply(session, researcher, one.key)
    assert change_cards.waiting_count(session) == 2
    changes.apply(session, curator, one.key)
    with pytest.raises(Invalid, match="why"):
        changes.reject(session, curator, two.key, "")
    changes.reject(session, curator, two.key, "It is about money.")
    told = [str(one.message) for one in notices.listed(session, researcher)]
    assert told == [
        "Your change of the tags was not applied: It is about money.",
        "Your change of the tags was applied.",
    ]
    assert change_cards.waiting_count(session) == 0


def test_readers_compose_nothing_and_a_draft_is_nobody_elses_business(
    session: Session, curator: Person, researcher: Person, reader: Person, area: Tag
) -> None:
    with pytest.raises(NotAllowed):
        changes.compose(session, reader, [Retire(area.key)])
    made = changes.compose(session, researcher, [Retire(area.key)])
    for verb in (
        lambda: change_cards.get(session, curator, made.key),
        lambda: changes.apply(session, curator, made.key),
        lambda: changes.discard(session, curator, made.key),
        lambda: changes.compose(session, curator, [Retire(area.key)], made.key),
    ):
        with pytest.raises(NotFound):
            verb()
    changes.propose(session, researcher, made.key, "Unused")
    with pytest.raises(NotAllowed):
        changes.undo(session, researcher, made.key)
    other = make.person(session, "Petr", "researcher")
    with pytest.raises(NotFound):
        change_cards.get(session, other, made.key)
    with pytest.raises(Conflict):
        changes.discard(session, researcher, made.key)


def test_a_candidate_that_somebody_may_not_know_of_is_not_there_for_their_sets(
    session: Session, researcher: Person
) -> None:
    schemes.set_rules(
        session, make.person(session, "Vera", "curator"), "segment",
        schemes.Rules(who_may_add="review"),
    )  # fmt: skip
    hidden = make.tag(session, researcher, "Secret launch", "segment")
    other = make.person(session, "Petr", "researcher")
    with pytest.raises(NotFound):
        changes.compose(session, other, [Rename(hidden.key, "en", "Known")])


def test_lines_are_added_to_a_set_and_left_out_of_it(
    session: Session, curator: Person, area: Tag, card: Tag
) -> None:
    made = changes.compose(session, curator, [Rename(area.key, "en", "Money")])
    changes.compose(session, curator, [Move(card.key, area.key, "")], made.key)
    shown = change_cards.card(session, curator, made, "en")
    assert [str(line) for line in shown.lines] == [
        "Rename “Payment” to “Money”",
        "Move “Payment › Card” out of “Payment” to the top of its group",
    ]
    changes.leave_out(session, curator, made.key, 0)
    assert len(change_cards.lines_of(made)) == 1
    with pytest.raises(NotFound):
        changes.leave_out(session, curator, made.key, 7)
    changes.discard(session, curator, made.key)
    with pytest.raises(NotFound):
        change_cards.get(session, curator, made.key)


def test_an_applied_set_calls_its_tags_as_they_were_called(
    session: Session, curator: Person, area: Tag
) -> None:
    made = do(session, curator, Rename(area.key, "en", "Money"))
    (line,) = change_cards.card(session, curator, made, "en").lines
    assert str(line) == "Rename “Payment” to “Money”"


def test_lines_from_outside_are_read_strictly() -> None:
    lines: list[Line] = [Merge("b2b", "c3c"), Retag([1, 2], add=["d4d"], query="pay")]
    assert change_lines.read(change_lines.plain(lines)) == lines
    for wrong in (
        "x",
        [{"do": "drop"}],
        [{"do": "merge", "tag": "b"}],
        [{"do": "retire", "tag": 1}],
    ):
        with pytest.raises(Invalid, match="cannot be read"):
            change_lines.read(wrong)


def test_every_column_that_holds_a_tag_says_what_a_change_touches() -> None:
    held = {f"{column.table.name}.{column.name}" for column in change_rows.references()}
    assert held == set(change_effects.HOLDERS)


def test_a_change_names_the_reports_that_it_touches(
    session: Session, curator: Person, researcher: Person
) -> None:
    area = make.tag(session, curator, "Payment")
    tag = make.tag(session, curator, "Card", under=area)
    other = make.tag(session, curator, "Cards")
    insight = make.atom(session, researcher, "People leave", kind="insight", tags=[tag])
    gathers = frozen.row(session, curator, tag_id=area.id)
    gathers.scope, gathers.title = "tag", "All about paying"
    asks = frozen.row(session, curator, wanted=[["tag", tag.key]])
    asks.scope, asks.title = "search", "What cards do"
    picks = frozen.row(session, curator)
    picks.title = "Hand-picked"
    private = frozen.row(session, researcher)
    for report in (picks, private):
        session.add(ReportAtom(report_id=report.id, atom_id=insight.id, place="list", position=0))
    session.flush()
    seen = changes.preview(session, curator, [Merge(tag.key, other.key)])
    assert seen.total.reports == 3
    assert set(seen.total.report_titles) == {"All about paying", "What cards do", "Hand-picked"}

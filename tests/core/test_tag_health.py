"""The checks of the vocabulary find what was planted, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import Session, col

from research_repo.core import hierarchy, indexing, tag_health, tagging, tags
from research_repo.core.clock import now
from research_repo.core.errors import NotAllowed
from research_repo.core.models import AtomTag, Person, Tag
from research_repo.core.tags import TagWords
from tests import make

LONG_AGO = timedelta(days=500)
ATOMS = 40


class Garden:
    """A vocabulary in order; each test plants what is not."""

    def __init__(self, session: Session, by: Person) -> None:
        self.session, self.by = session, by
        make.scheme(session, by, "Parts", key="parts", ru="Части")
        self.top = self.tag("Shop", "Магазин")
        self.kept = [self.tag(f"Good {n}", f"Хорошо {n}", under=self.top) for n in range(3)]
        self.atoms = [make.atom(session, by, f"Fact {n}") for n in range(ATOMS)]
        for place, tag in enumerate(self.kept):
            self.put(tag, range(place * 4, place * 4 + 4))

    def tag(self, en: str, ru: str = "", scheme: str = "parts", **values: object) -> Tag:
        under = values.get("under")
        pref = {"en": en} | ({"ru": ru} if ru else {})
        note = {} if values.get("is_bare") else {"en": f"What {en} is about"}
        parents = [under.key] if isinstance(under, Tag) else []
        return tags.create(self.session, self.by, scheme, TagWords(pref, note=note), parents)

    def put(self, tag: Tag, places: Iterable[int]) -> None:
        for place in places:
            atom = self.atoms[place]
            puts = tagging.of_atoms(self.session, [atom.id]).get(atom.id, [])
            tagging.put(self.session, self.by, atom, [*(one.tag_id for one in puts), tag.id])

    def age(self, *some: Tag) -> None:
        ids = [tag.id for tag in some]
        then = now() - LONG_AGO
        self.session.execute(update(Tag).where(col(Tag.id).in_(ids)).values(created_at=then))
        puts = update(AtomTag).where(col(AtomTag.tag_id).in_(ids))
        self.session.execute(puts.values(created_at=then))
        self.session.expire_all()

    def found(self, check: str) -> set[tuple[str, str]]:
        mine = self.session.get_one(Tag, self.top.id).scheme_id
        vocabulary = tag_health.read(self.session, self.by)
        findings = [
            one
            for one in tag_health.found(vocabulary, check)
            if self.session.get_one(Tag, one.tag_id).scheme_id == mine
        ]
        ids = {one for finding in findings for one in (finding.tag_id, finding.other_id) if one}
        names = {
            tag_id: name
            for tag_id, (name, _) in hierarchy.labels_of(self.session, ids, "en").items()
        }
        return {(names[one.tag_id], names.get(one.other_id or 0, "")) for one in findings}


@pytest.fixture
def garden(session: Session, curator: Person) -> Garden:
    return Garden(session, curator)


@pytest.mark.parametrize("check", tag_health.CHECKS)
def test_nothing_is_found_where_all_is_in_order(garden: Garden, check: str) -> None:
    assert garden.found(check) == set()


def test_what_nobody_used_for_a_year_is_found(garden: Garden) -> None:
    never, lately, new = (garden.tag(name, under=garden.top) for name in ("Never", "Lately", "New"))
    before = garden.tag("Before", under=garden.top)
    garden.put(before, [30])
    garden.age(never, before, garden.top)
    garden.age(lately)
    garden.put(lately, [31, 32])
    assert garden.found("unused") == {("Never", ""), ("Before", "")}
    assert new.status == "approved"


def test_what_was_used_once_is_found_but_not_a_tag_with_others_under_it(garden: Garden) -> None:
    once = garden.tag("Once", under=garden.top)
    garden.put(once, [30])
    garden.put(garden.top, [31])
    assert garden.found("once") == {("Once", "")}


def test_two_tags_that_became_one_count_their_atoms_together(garden: Garden) -> None:
    once, merged = garden.tag("Once", under=garden.top), garden.tag("Onse", under=garden.top)
    garden.put(once, [30])
    garden.put(merged, [31])
    garden.session.get_one(Tag, merged.id).replaced_by = once.id
    indexing.raise_edition(garden.session)
    garden.session.flush()
    assert garden.found("once") == set()


def test_what_nobody_explained_is_found(garden: Garden) -> None:
    garden.tag("Mystery", under=garden.top, is_bare=True)
    assert garden.found("undefined") == {("Mystery", "")}


def test_a_tag_beside_a_wider_one_on_the_same_atom_is_found(garden: Garden) -> None:
    low = garden.tag("Low", under=garden.kept[0])
    garden.put(low, [0, 20])
    garden.put(garden.top, [0, 21])
    assert garden.found("both") == {
        ("Low", "Good 0"), ("Low", "Shop"), ("Good 0", "Shop"),
    }  # fmt: skip


def test_a_tag_that_is_on_everything_is_found(garden: Garden) -> None:
    common = garden.tag("Common", under=garden.top)
    garden.put(common, range(12, 36))
    assert garden.found("common") == {("Common", "")}


def test_a_tag_alone_in_a_group_with_levels_is_found(garden: Garden) -> None:
    garden.tag("Lost")
    make.tag(garden.session, garden.by, "Alone", scheme="severity")
    assert garden.found("orphan") == {("Lost", "")}


def test_an_only_child_is_found(garden: Garden) -> None:
    garden.tag("Only", under=garden.kept[1])
    assert garden.found("chain") == {("Only", "Good 1")}


def test_a_name_that_is_missing_in_one_language_is_found(garden: Garden) -> None:
    garden.tag("English alone", under=garden.top)
    assert garden.found("untranslated") == {("English alone", "")}


def test_a_word_of_two_tags_is_found(garden: Garden) -> None:
    make.scheme(garden.session, garden.by, "Steps", key="steps")
    # The other group's tag was there first: the later one is the one to rename.
    early = garden.tag("Order", scheme="steps")
    garden.tag("order", under=garden.top)
    assert garden.found("ambiguous") == {("order", "Order")}
    tags.retire(garden.session, garden.by, early.key)
    assert garden.found("ambiguous") == set()


def test_a_branch_with_too_many_tags_is_found(garden: Garden) -> None:
    for n in range(tag_health.CHILDREN_MAX):
        garden.tag(f"Sort {n}", under=garden.kept[2])
    assert garden.found("wide") == set()
    garden.tag("One more", under=garden.kept[2])
    assert garden.found("wide") == {("Good 2", "")}


def test_the_end_of_a_branch_with_too_many_levels_is_found(garden: Garden) -> None:
    here = garden.kept[0]
    for level in range(3, tag_health.DEPTH_MAX + 1):
        here = garden.tag(f"Level {level}", under=here)
    assert garden.found("deep") == set()
    garden.tag("Too deep", under=here)
    assert garden.found("deep") == {("Too deep", "")}


def test_use_is_counted_on_the_atoms_that_the_curator_sees(
    garden: Garden, researcher: Person
) -> None:
    closed = make.study(garden.session, researcher, "closed", access="members")
    seen = garden.tag("Secret use", under=garden.top)
    garden.put(seen, [30])
    make.atom(garden.session, researcher, "Hidden", closed, tags=[seen])
    assert garden.found("once") == {("Secret use", "")}


def test_the_checks_are_for_curators(session: Session, researcher: Person) -> None:
    with pytest.raises(NotAllowed):
        tag_health.read(session, researcher)

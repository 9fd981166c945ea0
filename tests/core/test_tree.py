"""The tree a level at a time: what is shown, what waits, and what is told apart."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from research_repo.core import hierarchy, schemes, tags, tree
from research_repo.core.errors import NotFound
from research_repo.core.models import Person, Tag
from tests import make


def level(session: Session, by: Person, **asked: object) -> tree.Level:
    group = schemes.get(session, "product-area")
    return tree.level(session, by, group.id, "en", **asked)  # type: ignore[arg-type]


def labels(shown: tree.Level) -> list[str]:
    return [row.card.label for row in shown.rows]


@pytest.fixture
def area(session: Session, curator: Person) -> Tag:
    return make.tag(session, curator, "Area")


def test_a_wide_branch_is_shown_in_parts_that_miss_nothing(
    session: Session, curator: Person, area: Tag
) -> None:
    for number in range(tree.LEVEL_ROWS * 2 + 7):
        make.tag(session, curator, f"Child {number}", under=area)
    seen: list[str] = []
    while len(seen) < tree.LEVEL_ROWS * 2 + 7:
        part = level(session, curator, under=area.key, start=len(seen))
        assert part.total == tree.LEVEL_ROWS * 2 + 7
        assert len(part.rows) <= tree.LEVEL_ROWS
        seen += labels(part)
    assert seen == [f"Child {number}" for number in range(tree.LEVEL_ROWS * 2 + 7)]


def test_however_much_is_open_a_page_has_its_fill_of_rows(
    session: Session, curator: Person
) -> None:
    opened = []
    for number in range(10):
        top = make.tag(session, curator, f"Top {number}")
        opened.append(top.key)
        for child in range(30):
            make.tag(session, curator, f"Child {number} {child}", under=top)

    def count(shown: tree.Level) -> int:
        return sum(1 + (count(row.below) if row.below else 0) for row in shown.rows)

    shown = level(session, curator, unfolded=opened)
    assert count(shown) == tree.PAGE_ROWS
    assert shown.end < shown.total


def test_thirty_levels_are_walked_one_by_one(session: Session, curator: Person, area: Tag) -> None:
    line = [area]
    for number in range(30):
        line.append(make.tag(session, curator, f"Level {number}", under=line[-1]))
    shown = level(session, curator, unfolded=[tag.key for tag in line])
    for depth, tag in enumerate(line):
        (row,) = [row for row in shown.rows if row.card.id == tag.id]
        assert row.depth == depth
        if row.below:
            shown = row.below
    assert not row.has_children


def test_a_tag_with_two_parents_names_the_other_one(
    session: Session, curator: Person, area: Tag
) -> None:
    payment = make.tag(session, curator, "Payment")
    make.tag(session, curator, "Refund", under=[area, payment])
    (row,) = level(session, curator, under=area.key).rows
    assert row.also_in == ("Payment",)
    (row,) = level(session, curator, under=payment.key).rows
    assert row.also_in == ("Area",)


def test_what_lies_under_a_merged_tag_is_shown_under_the_survivor(
    session: Session, curator: Person, area: Tag
) -> None:
    old = make.tag(session, curator, "Old area")
    make.tag(session, curator, "Refund", under=old)
    session.get_one(Tag, old.id).replaced_by = area.id
    session.flush()
    assert "Old area" not in labels(level(session, curator))
    assert "Refund" not in labels(level(session, curator))
    assert labels(level(session, curator, under=area.key)) == ["Refund"]
    assert labels(level(session, curator, under=old.key)) == ["Refund"]


def test_what_nobody_may_know_of_is_neither_shown_nor_counted(
    session: Session, curator: Person, researcher: Person, reader: Person, area: Tag
) -> None:
    secret = make.tag(session, curator, "Secret", under=area)
    secret.status, secret.person_id = "candidate", researcher.id
    session.flush()
    shown = level(session, reader, under=area.key)
    assert (shown.rows, shown.total) == ((), 0)
    with pytest.raises(NotFound):
        level(session, reader, under=secret.key)
    assert labels(level(session, researcher, under=area.key)) == ["Secret"]


def test_tags_without_a_name_in_the_language_come_last(session: Session, curator: Person) -> None:
    make.tag(session, curator, "Возвраты")
    make.tag(session, curator, "Zebra")
    assert labels(level(session, curator))[-2:] == ["Zebra", "Возвраты"]


def test_retired_tags_are_found_by_any_label(session: Session, curator: Person) -> None:
    old = make.tag(session, curator, "Form of sellers", also=["анкета продавца"])
    make.tag(session, curator, "Form of buyers")
    tags.retire(session, curator, old.key)
    assert tree.retired(session, "АНКЕТА", 5) == [old.id]
    assert tree.retired(session, "form", 5) == [old.id]
    assert tree.retired(session, "%", 5) == []
    assert tree.retired(session, "", 5) == []


def test_the_word_that_found_a_tag_comes_first_among_its_other_words(
    session: Session, curator: Person
) -> None:
    tag = make.tag(session, curator, "Refund", also=["one", "two", "three", "four"])
    (row,) = tree.listed(session, curator, [tag.id], "en", {tag.id: "рефанд"})
    assert row.other_words == ("рефанд", "one", "two")
    (row,) = tree.listed(session, curator, [tag.id], "en", {tag.id: "REFUND"})
    assert row.other_words == ("one", "two", "three")


def test_the_same_word_under_different_parents_is_told_apart(
    session: Session, curator: Person, area: Tag
) -> None:
    payment = make.tag(session, curator, "Payment")
    make.scheme(session, curator, "Segment of people", key="people")
    first = make.tag(session, curator, "Account", under=area)
    other = make.tag(session, curator, "account", scheme="people")
    alone = make.tag(session, curator, "Bonus", under=payment)
    made = hierarchy.cards(session, [first.id, other.id, alone.id], "en")
    assert made[first.id].name == "Account (Area)"
    assert made[first.id].steps == ("Product area", "Area", "Account")
    assert made[other.id].name == "account (Segment of people)"
    assert made[alone.id].name == "Bonus"
    assert made[alone.id].steps == ("Payment", "Bonus")

"""What a tag's page tells around the name."""

from __future__ import annotations

from sqlmodel import Session

from research_repo.core import cards, study_tags, tag_pages, tags, tree
from research_repo.core.models import Person, Tag
from research_repo.core.tags import TagWords
from tests import make


def around(session: Session, by: Person, tag: Tag, language: str = "en") -> tag_pages.Around:
    return tag_pages.around(session, by, tree.page(session, by, tag.key, language), language)


def test_all_that_finds_a_tag_is_told_by_language_with_the_names_of_merged_ones(
    session: Session, curator: Person
) -> None:
    refund = make.tag(session, curator, "Refund", also=["money back", "рефанд"], ru="Возврат денег")
    old = make.tag(session, curator, "Repayment", also=["манибэк"])
    session.get_one(Tag, old.id).replaced_by = refund.id
    session.flush()
    assert around(session, curator, refund).finds == (
        ("en", ("Repayment", "money back")),
        ("ru", ("Возврат денег", "рефанд", "манибэк")),
    )
    assert around(session, curator, refund, "ru").finds == (
        ("ru", ("рефанд", "манибэк")),
        ("en", ("Refund", "Repayment", "money back")),
    )


def test_notes_are_told_in_the_language_of_the_reader_or_in_the_one_there_is(
    session: Session, curator: Person
) -> None:
    its_words = TagWords(
        pref={"en": "Refund"},
        definition={"ru": "Деньги назад"},
        note={"en": "Not the parcel", "ru": "Не посылка"},
    )
    tag = tags.create(session, curator, "product-area", its_words)
    notes = around(session, curator, tag).notes
    assert notes["definition"] == tag_pages.Note("Деньги назад", "ru")
    assert notes["scope"] == tag_pages.Note("Not the parcel", "en")
    assert "example" not in notes


def test_of_many_children_those_with_the_most_atoms_are_shown(
    session: Session, curator: Person
) -> None:
    area = make.tag(session, curator, "Area")
    many = [make.tag(session, curator, f"Child {number}", under=area) for number in range(20)]
    counts = {tag.id: number for number, tag in enumerate(many)}
    page = tree.page(session, curator, area.key, "en")
    below = tag_pages.below(session, curator, page, "en", counts)
    assert below.total == 20
    assert [row.card.label for row in below.rows] == [
        f"Child {number}" for number in range(19, 19 - tag_pages.BELOW_SHOWN, -1)
    ]
    assert not any(row.also_in for row in below.rows)


def test_asserted_inferred_and_inherited_are_told_apart(
    session: Session, curator: Person, researcher: Person
) -> None:
    area = make.tag(session, curator, "Area")
    narrow = make.tag(session, curator, "Narrow", under=area)
    lends = make.study(session, curator, key="lends")
    lends_narrow = make.study(session, curator, key="lends-narrow")
    study_tags.put(session, curator, lends, [area.id])
    study_tags.put(session, curator, lends_narrow, [narrow.id])
    made = {
        "asserted": make.atom(session, curator, "a", tags=[area, narrow]),
        "inferred": make.atom(session, curator, "b", tags=[narrow]),
        "lent": make.atom(session, curator, "c", lends),
        "lent and inferred": make.atom(session, curator, "d", lends_narrow),
    }
    shown = cards.of_atoms(session, curator, [atom.id for atom in made.values()], "en")
    found = tag_pages.through(session, area.id, shown)
    told = {
        name: (found[atom.id].tag and found[atom.id].tag.label, found[atom.id].is_lent)
        for name, atom in made.items()
        if atom.id in found
    }
    assert told == {
        "inferred": ("Narrow", False),
        "lent": (None, True),
        "lent and inferred": ("Narrow", True),
    }

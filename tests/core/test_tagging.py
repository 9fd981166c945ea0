"""Tags on atoms: what a label or a path names, and what is written where tags were merged."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from research_repo.core import cards, hierarchy, schemes, tagging, tags
from research_repo.core.errors import Conflict, Invalid, NotAllowed
from research_repo.core.models import Atom, AtomTag, Person, Tag
from tests import make


def labels(session: Session, by: Person, atom: Atom) -> list[str]:
    (card,) = cards.of_atoms(session, by, [atom.id], "en")
    return [tag.label for tag in card.tags]


def rows(session: Session, atom: Atom) -> list[int]:
    return sorted(session.exec(select(AtomTag.tag_id).where(AtomTag.atom_id == atom.id)))


def named(session: Session, by: Person, *texts: str) -> list[Tag]:
    return [session.get_one(Tag, one) for one in tagging.named(session, by, texts, "en")]


@pytest.fixture
def card(session: Session, curator: Person) -> Tag:
    area = make.tag(session, curator, "Payment", ru="Оплата", also=["paying"])
    return make.tag(session, curator, "Card", ru="Карта", under=area)


@pytest.mark.parametrize(
    "text",
    [
        "Card",
        "CARD",
        " карта ",
        "Product area > Payment > Card",
        "product-area>card",
        "Область продукта › paying › Карта",
        "ОБЛАСТЬ ПРОДУКТА > оплата > card",
    ],
)
def test_a_tag_is_named_by_any_label_or_path_in_any_language(
    session: Session, researcher: Person, card: Tag, text: str
) -> None:
    assert named(session, researcher, text) == [card]


def test_the_same_tag_named_twice_is_one(session: Session, researcher: Person, card: Tag) -> None:
    assert named(session, researcher, "Card", "карта", "Product area > Card") == [card]


def test_an_unknown_word_becomes_a_tag_among_the_free_ones(
    session: Session, researcher: Person
) -> None:
    (tag,) = named(session, researcher, "тёмная тема")
    found = hierarchy.cards(session, [tag.id], "ru")[tag.id]
    assert (found.full_path, found.status) == ("Свободные теги > тёмная тема", "approved")
    assert found.language == "ru"
    assert named(session, researcher, "Темная  тема") == [tag]


def test_an_unknown_step_is_made_along_the_path_and_waits_where_its_group_reviews(
    session: Session, researcher: Person, curator: Person, card: Tag
) -> None:
    schemes.set_rules(session, curator, "product-area", schemes.Rules(who_may_add="review"))
    (deep,) = named(session, researcher, "Product area > Payment > Card > Visa > Gold")
    found = hierarchy.cards(session, [deep.id], "en")[deep.id]
    assert found.path == ("Payment", "Card", "Visa", "Gold")
    assert found.status == "candidate"
    (approved,) = named(session, curator, "Product area > Payment > Cash")
    assert approved.status == "approved"


def test_a_word_that_several_groups_have_lists_the_paths_to_choose_from(
    session: Session, curator: Person, researcher: Person, card: Tag
) -> None:
    other = make.tag(session, curator, "Card", scheme="journey-stage")
    with pytest.raises(Invalid) as refused:
        named(session, researcher, "card")
    told = str(refused.value)
    assert "Journey stage › Card; Product area › Payment › Card" in told
    assert named(session, researcher, "Journey stage > Card") == [other]


def test_a_word_is_not_in_doubt_because_of_a_tag_that_the_person_may_not_know(
    session: Session, curator: Person, researcher: Person, card: Tag
) -> None:
    owner = make.person(session, "Petr", "researcher")
    secret = make.study(session, owner, "secret", access="members")
    hidden = make.candidate(session, owner, "Card", scheme="segment")
    make.atom(session, owner, "They leave", study=secret, tags=[hidden])
    assert named(session, researcher, "card") == [card]
    with pytest.raises(Invalid, match="Segment › Card"):
        named(session, curator, "card")


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("", "Write a word or a path"),
        ("Product area > > Card", "Write a word or a path"),
        ("Nothing > Card", "Begin the path with one that exists"),
        ("a|b", "part labels from each other"),
        ("x" * 101, "at most 100 characters"),
        ("Severity > Payment > x" + "y" * 100, "at most 100 characters"),
    ],
)
def test_what_names_no_tag_is_refused_beside_the_tags(
    session: Session, researcher: Person, text: str, advice: str
) -> None:
    with pytest.raises(Invalid, match=advice) as refused:
        named(session, researcher, text)
    assert list(refused.value.problems) == ["tags"]


def test_a_step_that_lies_elsewhere_is_refused_with_its_path(
    session: Session, researcher: Person, card: Tag
) -> None:
    with pytest.raises(Invalid, match="Product area › Payment › Card"):
        named(session, researcher, "Product area > Example area > Card")


def test_a_merged_tags_word_names_the_survivor(
    session: Session, curator: Person, researcher: Person, card: Tag
) -> None:
    old = make.tag(session, curator, "Plastic")
    old.replaced_by = card.id
    assert named(session, researcher, "plastic") == [card]
    assert named(session, researcher, "Product area > Payment > Plastic") == [card]


def test_an_atom_with_both_merged_and_survivor_shows_one_tag_and_keeps_its_rows(
    session: Session, curator: Person, researcher: Person, card: Tag
) -> None:
    old = make.tag(session, curator, "Plastic")
    atom = make.atom(session, researcher, "People fear cards", tags=[old, card])
    old.replaced_by = card.id
    session.flush()
    assert labels(session, researcher, atom) == ["Card"]
    before = rows(session, atom)
    tagging.put(session, researcher, atom, [card.id])
    tagging.put(session, researcher, atom, [old.id])
    assert rows(session, atom) == before == sorted([old.id, card.id])


def test_a_merged_tag_is_written_as_its_survivor_and_taken_off_with_all_its_rows(
    session: Session, curator: Person, researcher: Person, card: Tag
) -> None:
    oldest, old = make.tag(session, curator, "Plastic"), make.tag(session, curator, "Bank card")
    atom = make.atom(session, researcher, "People fear cards", tags=[oldest, old])
    oldest.replaced_by, old.replaced_by = old.id, card.id
    session.flush()
    other = make.atom(session, researcher, "Cards get lost")
    tagging.put(session, researcher, other, [oldest.id])
    assert rows(session, other) == [card.id]
    tagging.put(session, researcher, atom, [])
    assert rows(session, atom) == []


def test_a_retired_tag_stays_where_it_is_and_goes_nowhere_new(
    session: Session, curator: Person, researcher: Person, card: Tag
) -> None:
    old = make.tag(session, curator, "Plastic")
    atom = make.atom(session, researcher, "People fear cards", tags=[old])
    other = make.atom(session, researcher, "Cards get lost")
    old.replaced_by = card.id
    tags.retire(session, curator, card.key)
    tagging.put(session, researcher, atom, [card.id])
    for tag_id in (card.id, old.id):
        with pytest.raises(Invalid, match="retired. Choose another one"):
            tagging.put(session, researcher, other, [tag_id])
    assert rows(session, other) == []


def test_an_atom_takes_fifty_tags_and_no_more(session: Session, researcher: Person) -> None:
    texts = [f"tag {number}" for number in range(51)]
    make.atom(session, researcher, "Everything matters", tags=texts[:50])
    with pytest.raises(Invalid, match="at most 50 tags"):
        make.atom(session, researcher, "Everything matters", tags=texts)


def test_a_curator_tags_what_others_wrote_and_a_stranger_does_not(
    session: Session, curator: Person, researcher: Person, reader: Person, card: Tag
) -> None:
    atom = make.atom(session, researcher, "People fear cards", kind="insight")
    tagging.put(session, curator, atom, [card.id])
    assert rows(session, atom) == [card.id]
    for by in (reader, make.person(session, "Petr", "researcher")):
        with pytest.raises(NotAllowed):
            tagging.put(session, by, atom, [])
    assert rows(session, atom) == [card.id]


def test_tags_changed_while_somebody_writes_are_not_overwritten_in_silence(
    session: Session, curator: Person, researcher: Person, card: Tag
) -> None:
    from research_repo.core import atoms

    atom = make.atom(session, researcher, "People fear cards", kind="insight")
    tagging.put(session, curator, atom, [card.id])
    mine = atoms.ready(atoms.AtomValues(kind="insight", title="People fear plastic"))
    with pytest.raises(Conflict):
        atoms.edit(session, researcher, atom.key, 1, mine)


def test_a_candidate_stays_known_where_its_merged_tag_is_seen(
    session: Session, researcher: Person, reader: Person
) -> None:
    plastic, money = (make.candidate(session, researcher, one) for one in ("plastic", "money"))
    atom = make.atom(session, researcher, "People fear cards", tags=[plastic, money])
    assert tagging.unseen(session, reader) == set()
    plastic.replaced_by = money.id
    tagging.put(session, researcher, atom, [])
    assert {plastic.id, money.id} <= tagging.unseen(session, reader)
    session.add(AtomTag(atom_id=atom.id, tag_id=plastic.id, person_id=researcher.id))
    session.flush()
    assert tagging.unseen(session, reader) == set()


def test_the_tags_used_last_come_first_and_once(
    session: Session, curator: Person, researcher: Person, card: Tag
) -> None:
    old = make.tag(session, curator, "Plastic")
    money = make.tag(session, curator, "Money")
    for number, tag in enumerate([money, old, card, money, card]):
        make.atom(session, researcher, f"Finding {number}", tags=[tag])
    old.replaced_by = card.id
    session.flush()
    assert tagging.recent(session, researcher) == [card.id, money.id]
    assert tagging.recent(session, researcher, limit=1) == [card.id]

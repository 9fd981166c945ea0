"""What a query means to the tags: synonyms, parents, the other language, merges."""

from __future__ import annotations

from research_repo.core.models import Tag
from research_repo.search import Meaning, Why
from tests.search.conftest import House


def merged(house: House, drop: Tag, keep: Tag) -> None:
    with house.database.saving() as session:
        session.get_one(Tag, drop.id).replaced_by = keep.id
        from research_repo.core import indexing

        indexing.raise_edition(session)


def test_a_synonym_finds_what_carries_the_tag(house: House) -> None:
    tag = house.tag("Tips", also=["gratuity"])
    house.atom("Couriers count on coins", tags=[tag])
    found = house.find("gratuity")
    assert found.total == 1
    assert found.hits[0].why == (Why("tag", "gratuity", tag.id),)
    assert found.meanings == (Meaning("gratuity", tag.id, 1),)


def test_a_synonym_finds_texts_that_use_the_other_label(house: House) -> None:
    tag = house.tag("Tips", also=["gratuity"])
    house.atom("Tips are small")
    assert house.find("gratuity").hits[0].why == (Why("label", "Tips", tag.id),)


def test_the_other_language_finds_the_same(house: House) -> None:
    tag = house.tag("Доставка", en="Delivery")
    house.atom("Курьер опоздал", tags=[tag])
    assert house.titles("delivery") == ["Курьер опоздал"]


def test_a_parent_tag_finds_what_carries_its_descendants(house: House) -> None:
    onboarding = house.tag("Onboarding")
    registration = house.tag("Registration", under=onboarding)
    form = house.tag("Form", under=registration)
    house.atom("Six fields are too many", tags=[form])
    assert house.titles("onboarding") == ["Six fields are too many"]
    assert house.titles(tags=(onboarding.key,)) == ["Six fields are too many"]


def test_a_tag_filter_means_its_subtree_and_tags_of_two_groups_mean_both(house: House) -> None:
    delivery, payment = house.tag("Delivery"), house.tag("Payment", scheme="segment")
    courier = house.tag("Courier", under=delivery)
    house.atom("Couriers take cash", tags=[courier, payment])
    house.atom("Couriers are late", tags=[courier])
    assert len(house.titles(tags=(delivery.key,))) == 2
    assert house.titles(tags=(delivery.key, payment.key)) == ["Couriers take cash"]
    assert house.titles(tags=("nosuchtag",)) == []


def test_tag_counts_include_descendants_and_count_each_atom_once(house: House) -> None:
    top = house.tag("Top")
    left, right = house.tag("Left", under=top), house.tag("Right", under=top)
    both = house.tag("Both", under=[left, right])
    house.atom("One", tags=[both, left])
    house.atom("Two", tags=[right])
    counts = house.find().tag_counts
    assert counts == {top.id: 2, left.id: 1, right.id: 2, both.id: 1}
    assert house.search.counts(house.people["olga"]) == counts


def test_a_moved_tag_counts_in_its_new_place_without_reindexing(house: House) -> None:
    from research_repo.core import tags

    old, new = house.tag("Old"), house.tag("New")
    leaf = house.tag("Leaf", under=old)
    house.atom("One", tags=[leaf])
    assert house.find().tag_counts == {old.id: 1, leaf.id: 1}
    house.do(tags.add_parent, "ilya", leaf.key, new.key)
    house.do(tags.remove_parent, "ilya", leaf.key, old.key)
    assert house.search.counts(house.people["olga"]) == {new.id: 1, leaf.id: 1}


def test_a_merged_tag_means_its_survivor(house: House) -> None:
    keep, drop = house.tag("Refund"), house.tag("Money back")
    child = house.tag("Late refund", under=drop)
    house.atom("One", tags=[drop, keep])
    house.atom("Two", tags=[child])
    house.find()
    merged(house, drop, keep)
    found = house.find("money back")
    assert found.tag_counts == {keep.id: 2, child.id: 1}
    assert found.meanings == (Meaning("money back", keep.id, 2),)
    assert len(house.titles(tags=(drop.key,))) == 2


def test_a_span_counts_once_however_many_labels_it_answers(house: House) -> None:
    tag = house.tag("Delivery", also=["shipping", "dispatch"])
    house.atom("Delivery", tags=[tag])
    house.atom("Shipping")
    hits = house.find("delivery").hits
    assert [len(hit.why) for hit in hits] == [1, 1]


def test_the_longest_label_wins(house: House) -> None:
    delivery, fee = house.tag("Delivery"), house.tag("Delivery fee")
    house.atom("Too dear", tags=[fee])
    house.atom("Too late", tags=[delivery])
    assert [meaning.tag_id for meaning in house.find("delivery fee").meanings] == [fee.id]


def test_match_all_takes_the_tag_for_the_word(house: House) -> None:
    tag = house.tag("Tips", also=["gratuity"])
    house.atom("Couriers count on coins", tags=[tag])
    house.atom("Couriers are late")
    assert house.titles("gratuity couriers", match="all") == ["Couriers count on coins"]

"""Atoms that say nearly the same: found by words and tags, never those that somebody may not see."""

from __future__ import annotations

import random
import time

import pytest

from research_repo.core import atoms, links, studies
from research_repo.core.errors import NotFound
from research_repo.core.models import Atom
from research_repo.search.similar import Similar
from tests.search.conftest import House


def similar(house: House, atom: Atom, by: str = "olga") -> list[Similar]:
    house.search.catch_up()
    return house.search.similar(atom.key, house.people[by])


def ids(house: House, atom: Atom, by: str = "olga") -> list[int]:
    return [one.atom_id for one in similar(house, atom, by)]


@pytest.fixture
def told(house: House) -> Atom:
    """A claim among others that speak of something else."""
    for number in range(12):
        house.atom(f"Sellers wait for their payout in week {number}", kind="insight")
        house.atom(f"Couriers lose their way in yard {number}", kind="insight")
    return house.atom("Покупатели не видят статус возврата денег", kind="insight")


def test_the_nearest_comes_first_and_what_is_far_does_not_come(house: House, told: Atom) -> None:
    near = house.atom("Люди ждут возврат денег и не понимают его статус", kind="insight")
    house.atom("Статус продавца важен", kind="insight")
    assert ids(house, told)[:1] == [near.id]
    assert told.id not in ids(house, told)
    assert len(ids(house, told)) <= 2


def test_body_and_quotes_count_too(house: House, told: Atom) -> None:
    one = house.atom("Первое", body="Примерочная занята коробками с посудой", kind="insight")
    other = house.atom("Второе", quote="Коробками с посудой занята вся примерочная!")
    assert ids(house, one) == [other.id]


def test_a_shared_rare_tag_brings_near_what_has_other_words(house: House, told: Atom) -> None:
    refund = house.tag("Возврат денег")
    status = house.tag("Статус", under=refund)
    one = house.atom("Nobody writes a date", kind="insight", tags=[refund])
    other = house.atom("People ask the chat", kind="insight", tags=[status])
    assert ids(house, one) == [other.id]


def test_almost_the_same_words_are_said_to_be_so_and_come_first(house: House, told: Atom) -> None:
    again = house.atom("Покупатели не видят статуса возвратов денег", kind="insight")
    near = house.atom("Возврат денег: статус, статус и ещё раз статус", kind="insight")
    found = {one.atom_id: one.has_same_words for one in similar(house, told)}
    assert found == {again.id: True, near.id: False}
    assert ids(house, told)[0] == again.id


def test_linked_claims_are_shown_elsewhere(house: House, told: Atom) -> None:
    near = house.atom("Статус возврата денег не виден", kind="insight")
    assert ids(house, told) == [near.id]
    house.do(links.add, "marina", near.key, told.key, "relates")
    assert ids(house, told) == []


def test_drafts_and_archived_claims_do_not_come(house: House, told: Atom) -> None:
    near = house.atom("Статус возврата денег не виден", kind="insight")
    house.atom("Статус возврата денег не найти", kind="insight", status="draft")
    house.do(atoms.set_status, "marina", near.key, near.version, "archived")
    assert ids(house, told, by="marina") == []


def test_nothing_of_a_closed_study_comes_to_others(house: House, told: Atom) -> None:
    closed = house.study("closed", access="members")
    near = house.atom("Статус возврата денег не виден", study=closed)
    assert ids(house, told, by="olga") == []
    assert ids(house, told, by="marina") == [near.id]
    assert ids(house, told, by="anna") == [near.id]
    house.do(studies.add_member, "marina", "closed", house.people["olga"].email, False)
    assert ids(house, told, by="olga") == [near.id]


def test_a_claim_that_one_may_not_see_has_no_similar_ones(house: House, told: Atom) -> None:
    closed = house.study("closed", access="members")
    hidden = house.atom("Статус возврата денег не виден", study=closed)
    with pytest.raises(NotFound):
        similar(house, hidden, by="olga")
    with pytest.raises(NotFound):
        house.search.similar("nothing", house.people["olga"])


def test_a_claim_that_is_not_in_the_index_yet_has_none(house: House, told: Atom) -> None:
    similar(house, told)
    fresh = house.atom("Статус возврата денег не виден", kind="insight")
    assert house.search.similar(fresh.key, house.people["olga"]) == []


def test_at_most_five_come(house: House, told: Atom) -> None:
    for number in range(8):
        house.atom(f"Статус возврата денег не виден, случай {number}", kind="insight")
    assert len(ids(house, told)) == 5


def test_looking_for_them_takes_little_time(house: House) -> None:
    made = random.Random(5)
    vocabulary = [f"word{number}" for number in range(900)]
    kept = [
        house.atom(" ".join(made.choices(vocabulary, k=12)), kind="insight") for _ in range(300)
    ]
    similar(house, kept[0])
    spent = []
    for atom in kept[:20]:
        begun = time.process_time()
        house.search.similar(atom.key, house.people["olga"])
        spent.append(time.process_time() - begun)
    assert sorted(spent)[10] < 0.05


def typed(house: House, text: str, by: str = "olga") -> list[int]:
    house.search.catch_up()
    return [one.atom_id for one in house.search.similar_to(text, house.people[by])]


def test_what_exists_is_told_while_a_claim_is_typed(house: House, told: Atom) -> None:
    house.atom("Статус продавца важен", kind="insight")
    assert typed(house, "Покупатели") == []
    assert typed(house, "Покупателям не виден статус их возвратов") == [told.id]
    assert typed(house, "Примерочная занята коробками с посудой") == []
    assert typed(house, "") == typed(house, "!" * 500) == []


def test_a_claim_typed_in_almost_the_same_words_is_said_to_be_so(house: House, told: Atom) -> None:
    house.search.catch_up()
    olga = house.people["olga"]
    (near,) = house.search.similar_to("Покупатели не видят статуса возвратов денег", olga)
    assert near.has_same_words
    (near,) = house.search.similar_to("Возврат денег и его статус ищут в чате", olga)
    assert not near.has_same_words


def test_what_is_typed_brings_nothing_of_a_closed_study_nor_a_draft(
    house: House, told: Atom
) -> None:
    closed = house.study("closed", access="members")
    hidden = house.atom("Скрытый дефект обнаружен внутри коробки", study=closed)
    draft = house.atom("Скрытый дефект обнаружен снаружи", kind="insight", status="draft")
    assert typed(house, "Скрытый дефект обнаружен внутри коробки") == []
    assert typed(house, "Скрытый дефект обнаружен внутри коробки", "marina") == [hidden.id]
    assert draft.id not in typed(house, "Скрытый дефект обнаружен снаружи", "marina")

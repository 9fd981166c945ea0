"""Maps, coverage, months and strength: what is counted is what a look at each atom gives."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from functools import partial

import pytest

from research_repo.core import schemes, strength
from research_repo.core.errors import Unavailable
from research_repo.core.models import KINDS, Person
from research_repo.core.strength import LEVELS
from research_repo.search import Wanted, mapping
from research_repo.search.files import Damaged
from research_repo.search.mapping import Cross, Place
from tests.search import world
from tests.search.conftest import House
from tests.search.world import Truth

SEARCHES = 6
MOST = (40, 40)


def places(truth: Truth) -> list[Place]:
    """The tops of all groups, and what lies below each tag that has something below it."""
    tops = [(scheme_id, "") for scheme_id in {tag.scheme_id for tag in truth.graph.tags.values()}]
    ends = {truth.graph.end(tag_id) for tag_id in truth.graph.tags}
    over = {parent for tag_id in ends for parent in truth.graph.parents(tag_id)}
    return tops + [(truth.graph.tags[one].scheme_id, truth.graph.tags[one].key) for one in over]


def key_of(truth: Truth, tag_id: int) -> str:
    return truth.graph.tags[tag_id].key


@pytest.mark.parametrize("seed", range(2))
def test_each_cell_is_counted_as_by_hand_and_opens_as_many_in_a_search(
    house: House, seed: int
) -> None:
    chance = random.Random(seed)
    world.build(house, chance)
    house.search.catch_up()
    cells = 0
    with house.database.reading() as session:
        truth = Truth(session)
        for number in range(SEARCHES):
            filtered = replace(world.wanted_by_chance(chance, truth), text="")
            wanted = filtered if number % 2 else Wanted()
            by = house.people[chance.choice(list(house.people))]
            known = places(truth)
            rows, columns = chance.choice(known[: 1 + number]), chance.choice(known)
            ask = partial(mapping.crossed, rows=rows, columns=columns, most=MOST)
            cross = house.search.counted(wanted, by, ask)
            cells += _is_true(house, truth, wanted, by, cross, {rows[1], columns[1]})
    assert cells


def _is_true(
    house: House, truth: Truth, wanted: Wanted, by: Person, cross: Cross, under: set[str]
) -> int:
    over = {truth.graph.end(truth.graph.by_key[key]) for key in under - {""}}
    found = [one for one in truth.found(wanted, by) if over <= one.under]
    assert cross.total == len(found)
    cells = 0
    for row, values, total in zip(cross.rows.tag_ids, cross.values, cross.row_totals, strict=True):
        assert total == sum(row in one.under for one in found)
        for column, value in zip(cross.columns.tag_ids, values, strict=True):
            assert value == sum({row, column} <= one.under for one in found)
            both = (*wanted.also, key_of(truth, row), key_of(truth, column))
            assert (
                house.search.find(replace(wanted, also=both), by, is_counted=False).total == value
            )
            cells += value > 0
    for column, total in zip(cross.columns.tag_ids, cross.column_totals, strict=True):
        assert total == sum(column in one.under for one in found)
    return cells


def test_of_a_long_level_those_with_most_are_shown_in_the_order_of_the_vocabulary(
    house: House,
) -> None:
    tags = [house.tag(f"Tag {number}") for number in range(6)]
    for often, tag in zip((1, 3, 0, 2, 5, 4), tags, strict=True):
        for number in range(often):
            house.atom(f"{tag.key} {number}", tags=[tag])
    house.search.catch_up()
    place = (tags[0].scheme_id, "")
    ask = partial(mapping.crossed, rows=place, columns=place, most=(3, 2))
    cross = house.search.counted(Wanted(), house.people["olga"], ask)
    assert cross.rows.tag_ids == (tags[1].id, tags[4].id, tags[5].id)
    assert cross.columns.tag_ids == (tags[4].id, tags[5].id)
    assert cross.rows.total == cross.columns.total == 7  # one came with the repository


def test_what_is_known_under_a_tag_is_counted_as_by_hand(house: House) -> None:
    chance = random.Random(1)
    world.build(house, chance)
    house.search.catch_up()
    since = date(2025, 1, 1)
    with house.database.reading() as session:
        truth = Truth(session)
        for by in house.people.values():
            found = truth.found(Wanted(), by)
            for place in places(truth):
                ask = partial(mapping.coverage, place=place, since=since, order="most", most=40)
                answer = house.search.counted(Wanted(), by, ask)
                assert answer.found == len(found)
                for tag_id, one in answer.tags.items():
                    mine = [atom for atom in found if tag_id in atom.under]
                    kinds = Counter(atom.atom.kind for atom in mine)
                    assert one.kinds == {kind: kinds[kind] for kind in KINDS}
                    assert one.latest == max((atom.day for atom in mine), default=None)
                    assert one.recent == sum(atom.day >= since for atom in mine)
                    assert one.tags >= one.empty
                ask_months = partial(mapping.over_time, tag_ids=[tag_id])
                months = house.search.counted(Wanted(), by, ask_months)[tag_id]
                assert months == Counter((atom.day.year, atom.day.month) for atom in mine)


def test_a_level_is_told_by_most_by_least_and_by_what_was_heard_longest_ago(house: House) -> None:
    much, old, none = (house.tag(name, scheme="segment") for name in ("Much", "Old", "None"))
    for number in range(3):
        house.atom(f"New {number}", tags=[much], observed_on=date(2026, 5, 1))
    house.atom("Old", tags=[old], observed_on=date(2020, 5, 1))
    house.search.catch_up()
    place = (much.scheme_id, "")

    def told(order: str, most: int = 9) -> mapping.Coverage:
        ask = partial(mapping.coverage, place=place, since=date(2026, 1, 1), order=order, most=most)
        return house.search.counted(Wanted(), house.people["olga"], ask)

    assert list(told("most").tags) == [much.id, old.id, none.id]
    assert list(told("least", 2).tags) == [none.id, old.id]
    assert list(told("oldest").tags)[-1] == much.id
    assert sorted(told("most", 1).totals) == [0, 1, 3]
    assert told("most").found == 4


def test_levels_of_strength_are_those_that_each_claim_is_told_to_have(house: House) -> None:
    chance = random.Random(1)
    world.build(house, chance)
    house.search.catch_up()
    with house.database.reading() as session:
        truth = Truth(session)
        for by in house.people.values():
            found = truth.found(Wanted(), by)
            told = strength.of_atoms(session, by, [one.atom.id for one in found])
            level = {one.atom.id: told[one.atom.id].level for one in found}
            answer = house.search.counted(Wanted(), by, mapping.levels)
            kinds = {one.atom.kind for one in found}
            assert answer.kinds == {
                kind: _levels(level[one.atom.id] for one in found if one.atom.kind == kind)
                for kind in kinds
            }
            studies = {one.study.id for one in found if one.study}
            assert answer.studies == {
                study_id: _levels(
                    level[one.atom.id] for one in found if one.study and one.study.id == study_id
                )
                for study_id in studies
            }
            months = {(one.day.year, one.day.month) for one in found}
            assert answer.months == {
                month: _levels(
                    level[one.atom.id] for one in found if (one.day.year, one.day.month) == month
                )
                for month in months
            }


def _levels(found: Iterable[str]) -> tuple[int, ...]:
    counts = Counter(found)
    return tuple(counts[level] for level in LEVELS)


def test_a_study_that_is_closed_to_somebody_is_in_none_of_their_cells(house: House) -> None:
    with house.database.saving() as session:
        scheme = schemes.add(session, house.people["ilya"], {"en": "Stage"}, key="stage")
        scheme_id = scheme.id
    stage, area = house.tag("Convert", scheme="stage"), house.tag("Basket")
    closed = house.study("closed", access="members")
    house.atom("Nobody finds the button", study=closed, tags=[stage, area])
    house.search.catch_up()
    ask = partial(mapping.crossed, rows=(scheme_id, ""), columns=(area.scheme_id, ""), most=MOST)
    for name, count in (("marina", 1), ("olga", 0), ("pavel", 0), ("anna", 1)):
        cross = house.search.counted(Wanted(), house.people[name], ask)
        assert cross.total == count
        assert sum(map(sum, cross.values)) == count


def test_without_an_index_it_says_that_nothing_can_be_counted_now(house: House) -> None:
    house.atom("One")
    house.find()
    house.search.live.report(Damaged("by hand"))
    with pytest.raises(Unavailable):
        house.search.counted(Wanted(), house.people["olga"], mapping.levels)

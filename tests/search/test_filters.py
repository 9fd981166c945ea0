"""Filters let pass what fits them and nothing else, with an index and without one."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date

import pytest

from research_repo.core import studies
from research_repo.core.models import Study
from research_repo.search import Wanted
from research_repo.search.files import Damaged
from tests.search import world
from tests.search.conftest import House
from tests.search.world import Truth

SEARCHES = 80


@pytest.mark.parametrize("seed", [1, 2])
def test_any_mix_of_filters_finds_what_a_look_at_each_atom_finds(house: House, seed: int) -> None:
    chance = random.Random(seed)
    world.build(house, chance)
    house.search.catch_up()
    with house.database.reading() as session:
        truth = Truth(session)
        found = 0
        for _ in range(SEARCHES):
            wanted = world.wanted_by_chance(chance, truth)
            by = house.people[chance.choice(list(house.people))]
            expected = sorted(one.atom.id for one in truth.found(wanted, by))
            found += bool(expected)
            assert house.search.ids(wanted, by, 1000) == expected, (wanted, by.name)
            assert house.search.find(wanted, by).total == len(expected), (wanted, by.name)
    assert found > SEARCHES // 5


@pytest.mark.parametrize("seed", [4])
def test_while_the_index_is_rebuilt_filters_mean_the_same(house: House, seed: int) -> None:
    chance = random.Random(seed)
    world.build(house, chance)
    house.search.live.report(Damaged("by hand"))
    with house.database.reading() as session:
        truth = Truth(session)
        for _ in range(SEARCHES):
            # Words are looked up in another way then, and any of them is enough.
            wanted = replace(world.wanted_by_chance(chance, truth), text="", match="any")
            by = house.people[chance.choice(list(house.people))]
            found = house.search.find(wanted, by)
            assert found.rebuilding is not None
            assert found.total == len(truth.found(wanted, by)), (wanted, by.name)


NOBODY_KNOWS = {
    "tags": ("gone",),
    "exact": ("gone",),
    "also": ("gone",),
    "kinds": ("gone",),
    "studies": ("gone", "\ud800", "\x00"),
    "methods": ("gone",),
    "authors": (999_999_999,),
    "languages": ("xx",),
    "has": ("gone",),
    "statuses": ("gone",),
}


@pytest.mark.parametrize("is_damaged", [False, True])
@pytest.mark.parametrize("name", list(NOBODY_KNOWS))
def test_a_value_that_nobody_knows_lets_nothing_pass(
    house: House, name: str, is_damaged: bool
) -> None:
    house.atom("One", quote="Two")
    house.find()
    if is_damaged:
        house.search.live.report(Damaged("by hand"))
    asked = Wanted(**{name: NOBODY_KNOWS[name]})
    assert house.search.find(asked, house.people["marina"]).total == 0


@pytest.mark.parametrize("is_damaged", [False, True])
def test_what_nobody_knows_excludes_nothing(house: House, is_damaged: bool) -> None:
    house.atom("One", kind="insight")
    house.find()
    if is_damaged:
        house.search.live.report(Damaged("by hand"))
    names = ("tag", "exact", "kind", "study", "method", "by", "lang", "has")
    values = ("gone", "\ud800", "9" * 5000, "-1", "")
    asked = Wanted(without=tuple((name, value) for name in names for value in values))
    assert house.search.find(asked, house.people["marina"]).total == 1


def test_tags_of_one_group_are_alternatives_and_groups_must_all_hold(house: House) -> None:
    basket, returns = house.tag("Basket"), house.tag("Returns")
    problem = house.tag("Grave", scheme="severity")
    house.atom("A", tags=[basket, problem])
    house.atom("B", tags=[returns])
    house.atom("C", tags=[problem])
    assert house.find(tags=(basket.key, returns.key)).total == 2
    assert house.titles(tags=(basket.key, returns.key, problem.key)) == ["A"]


def test_days_count_from_the_first_and_up_to_the_last_excluded(house: House) -> None:
    for day in (28, 29, 30):
        house.atom(f"On {day}", observed_on=date(2025, 3, day))
    assert set(house.titles(after=date(2025, 3, 29))) == {"On 29", "On 30"}
    assert house.titles(before=date(2025, 3, 29)) == ["On 28"]


def test_a_study_that_changes_its_method_is_found_by_the_new_one(house: House) -> None:
    study = house.study("calls", method="survey")
    house.atom("A", study=study)
    assert house.find(methods=("survey",)).total == 1
    values = studies.ready(studies.StudyValues(title=study.title, method="diary"))
    house.do(studies.change, "marina", study.key, study.version, values)
    assert house.find(methods=("survey",)).total == 0
    assert house.find(methods=("diary",)).total == 1
    with house.database.reading() as session:
        assert session.get_one(Study, study.id).method == "diary"

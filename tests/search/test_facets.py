"""Every count of a facet is what a look at each atom gives, and a click finds as many as it says."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from research_repo.core import studies, study_tags
from research_repo.core.models import METHODS, Person, Study
from research_repo.search import Facet, FacetLine, Found, Wanted
from research_repo.search.counting import by_month
from tests.search import world
from tests.search.conftest import House
from tests.search.world import Known, Truth

SEARCHES = 60

FLAT: dict[str, tuple[str, Callable[[Known], Any]]] = {
    "kinds": ("kinds", lambda one: one.atom.kind),
    "studies": ("studies", lambda one: one.study.id if one.study else None),
    "methods": ("methods", lambda one: one.study.method if one.study else None),
    "authors": ("authors", lambda one: one.atom.author_id),
    "languages": ("languages", lambda one: one.atom.language),
}
"""Each simple facet of `Options`: the field of `Wanted` that it fills, and what it counts."""


@pytest.mark.parametrize("seed", range(3))
def test_counts_equal_a_look_at_each_atom_without_the_choice_in_their_facet(
    house: House, seed: int
) -> None:
    chance = random.Random(seed)
    world.build(house, chance)
    house.search.catch_up()
    with house.database.reading() as session:
        truth = Truth(session)
        for _ in range(SEARCHES):
            wanted = world.wanted_by_chance(chance, truth)
            by = house.people[chance.choice(list(house.people))]
            found = house.search.find(wanted, by)
            _counts_are_true(truth, wanted, by, found)
            for facet in house.search.facets(found, wanted):
                _facet_is_true(truth, wanted, by, facet)


def _counts_are_true(truth: Truth, wanted: Wanted, by: Person, found: Found) -> None:
    any_, all_ = (truth.total(wanted, by, match=match) for match in ("any", "all"))
    assert (found.total_any, found.total_all) == (any_, all_)
    assert found.total == (all_ if wanted.match == "all" else any_)
    for name, (field, value_of) in FLAT.items():
        free = replace(wanted, **{field: ()})
        assert getattr(found.options, name) == _spread(truth.found(free, by), value_of), name
    years = truth.found(replace(wanted, after=None, before=None), by)
    assert found.options.years == _spread(years, lambda one: one.day.year)
    under = Counter(tag_id for one in truth.found(wanted, by) for tag_id in one.under)
    assert found.tag_counts == dict(under)


def _spread(found: Iterable[Known], value_of: Callable[[Known], Any]) -> dict[Any, int]:
    counts = Counter(map(value_of, found))
    return {value: count for value, count in counts.items() if value is not None}


def _facet_is_true(truth: Truth, wanted: Wanted, by: Person, facet: Facet) -> None:
    mine = {key for key, tag_id in truth.graph.by_key.items() if _is_of(truth, tag_id, facet)}
    free = replace(
        wanted,
        tags=tuple(key for key in wanted.tags if key not in mine),
        exact=tuple(key for key in wanted.exact if key not in mine),
    )
    under = Counter(tag_id for one in truth.found(free, by) for tag_id in one.under)
    for line in _lines(facet):
        if not line.is_exact:
            assert line.count == under[line.tag_id], line


def _is_of(truth: Truth, tag_id: int, facet: Facet) -> bool:
    return truth.graph.tags[tag_id].scheme_id == facet.scheme_id


def _lines(facet: Facet) -> Iterator[FacetLine]:
    yield from facet.options
    for branch in facet.branches:
        yield from (*branch.line, *branch.options)


@pytest.mark.parametrize("seed", range(10, 12))
def test_a_click_finds_as_many_as_its_line_said(house: House, seed: int) -> None:
    chance = random.Random(seed)
    world.build(house, chance)
    house.search.catch_up()
    clicks = 0
    with house.database.reading() as session:
        truth = Truth(session)
        for _ in range(SEARCHES // 2):
            wanted = world.wanted_by_chance(chance, truth)
            by = house.people[chance.choice(list(house.people))]
            found = house.search.find(wanted, by)
            for clicked, count in _clicks(truth, wanted, found, house.search.facets(found, wanted)):
                clicks += 1
                assert house.search.find(clicked, by).total == count, (wanted, clicked)
    assert clicks > SEARCHES


def _clicks(
    truth: Truth, wanted: Wanted, found: Found, facets: list[Facet]
) -> Iterator[tuple[Wanted, int]]:
    """What leads to a search that a line counts alone: no other alternative stays beside it."""
    for name, (field, _) in FLAT.items():
        for value, count in getattr(found.options, name).items():
            chosen = truth.studies[value].key if name == "studies" else value
            yield replace(wanted, **{field: (chosen,)}), count
    for year, count in found.options.years.items():
        span = {"after": date(year, 1, 1), "before": date(year + 1, 1, 1)}
        yield replace(wanted, **span), count
    tag_of = truth.graph.by_key
    for facet in facets:
        for line in _lines(facet):
            gone = {key for key in wanted.tags if tag_of.get(key) in line.instead}
            rest = [key for key in (*wanted.tags, *wanted.exact) if key not in gone]
            is_alone = not any(key in tag_of and _is_of(truth, tag_of[key], facet) for key in rest)
            if not line.is_chosen and is_alone:
                key = truth.graph.tags[line.tag_id].key
                tags = tuple(key for key in wanted.tags if key not in gone)
                yield replace(wanted, tags=(*tags, key)), line.count


def facet_of(house: House, scheme_id: int, **wanted: Any) -> Facet:
    found = house.find(**wanted)
    listed = house.search.facets(found, Wanted(**wanted))
    return next(one for one in listed if one.scheme_id == scheme_id)


def test_a_facet_opens_along_what_is_chosen_and_offers_what_lies_beside(house: House) -> None:
    returns = house.tag("Returns")
    refund, courier = house.tag("Refund", under=returns), house.tag("Courier", under=returns)
    term = house.tag("Term", under=refund)
    basket = house.tag("Basket")
    for tags in ([term], [refund], [courier], [basket], [basket]):
        house.atom(f"Note {tags[0].key} {random.random()}", tags=tags)
    at_top = facet_of(house, returns.scheme_id)
    assert at_top.branches == ()
    assert [(line.tag_id, line.count) for line in at_top.options] == [
        (returns.id, 3),
        (basket.id, 2),
    ]
    inside = facet_of(house, returns.scheme_id, tags=(refund.key,))
    (branch,) = inside.branches
    assert [(line.tag_id, line.count, line.is_chosen) for line in branch.line] == [
        (returns.id, 3, False),
        (refund.id, 2, True),
    ]
    assert branch.line[0].instead == (refund.id,)
    assert [(line.tag_id, line.count, line.instead) for line in branch.options] == [
        (term.id, 1, (refund.id,))
    ]
    assert [(line.tag_id, line.count, line.instead) for line in inside.options] == [
        (courier.id, 1, ())
    ]
    both = house.find(tags=(refund.key, courier.key))
    assert both.total == 3


def test_a_phrase_means_the_same_under_every_filter(house: House) -> None:
    """Else a click on a facet would find other words than those that were counted."""
    one, other = house.study("one"), house.study("other")
    house.atom("The parcel came late", study=one)
    house.atom("Late came no parcel", study=other)
    found = house.find('"parcel came late"')
    assert (found.total, found.loosened) == (1, ())
    assert house.find('"parcel came late"', studies=("other",)).total == 0
    assert house.find('"parcel flew late"').loosened == ("parcel flew late",)


def test_a_closed_study_changes_no_count_of_others(house: House) -> None:
    house.atom("Late", by="marina", observed_on=date(2024, 5, 1))
    house.atom("Later", by="pavel", kind="insight", observed_on=date(2024, 5, 1))
    before = house.find(by="olga")
    facets = house.search.facets(before, Wanted())
    study = house.study("secret", by="anna", access="members", method="diary")
    tag = house.tag("Salary", by="anna")
    house.atom("Поздно", by="anna", study=study, tags=[tag], observed_on=date(2019, 1, 1))
    with house.database.saving() as session:
        stored = session.get_one(Study, study.id)
        study_tags.put(session, house.people["anna"], stored, [tag.id])
    after = house.find(by="olga")
    assert after.options == before.options
    assert house.search.facets(after, Wanted()) == facets
    for asked in (
        Wanted(methods=("diary",)),
        Wanted(authors=(house.people["anna"].id,)),
        Wanted(before=date(2020, 1, 1)),
        Wanted(studies=("secret",)),
        Wanted(tags=(tag.key,)),
        Wanted(languages=("ru",)),
    ):
        found = house.search.find(asked, house.people["olga"])
        assert (found.total, found.tag_counts, found.options.methods.get("diary")) == (0, {}, None)
        assert found.options == _without_choice(before, asked)
        assert house.search.find(asked, house.people["anna"]).total == 1


def _without_choice(before: Found, asked: Wanted) -> Any:
    """What is left where nothing is found: the facet of the choice itself, as before."""
    own = {
        "methods": asked.methods,
        "authors": asked.authors,
        "years": asked.before,
        "studies": asked.studies,
        "languages": asked.languages,
    }
    kept = {name: {} for name in ("kinds", *own)}
    kept |= {name: getattr(before.options, name) for name, chosen in own.items() if chosen}
    tags = {before_id: {} for before_id in _schemes_of(asked)}
    return replace(before.options, **kept, tags=tags)


def _schemes_of(asked: Wanted) -> list[int]:
    return [1] if asked.tags else []


def test_a_tag_that_nobody_may_know_of_is_in_no_facet(house: House) -> None:
    study = house.study("secret", access="members")
    house.atom("Nobody asks", study=study, tags=["Severance"])
    found = house.find(by="marina")
    (hidden,) = (tag_id for tag_id in found.tag_counts)
    with house.database.reading() as session:
        key = Truth(session).graph.tags[hidden].key
    wanted = Wanted(tags=(key,), without=(("tag", key),))
    asked = house.search.find(wanted, house.people["olga"])
    assert house.search.facets(asked, wanted) == []
    assert asked.total == 0


def test_days_are_counted_by_month_however_far_apart_they_are() -> None:
    near = [date(2024, 2, 29), date(2024, 3, 1), date(2024, 3, 31)]
    far = [date(1, 1, 1), date(1969, 12, 31), date(9999, 12, 31)]
    for days in (near, far, near + far):
        counted = by_month(np.array([day.toordinal() for day in days]))
        expected = Counter(day.year * 12 + day.month - 1 for day in days)
        assert counted == dict(expected)
    assert by_month(np.empty(0, np.int64)) == {}


def test_a_method_that_changes_is_counted_anew(house: House) -> None:
    study = house.study("calls", method=METHODS[1])
    house.atom("A", study=study)
    assert house.find().options.methods == {METHODS[1]: 1}
    values = studies.ready(studies.StudyValues(title=study.title, method=METHODS[3]))
    house.do(studies.change, "marina", study.key, study.version, values)
    assert house.find().options.methods == {METHODS[3]: 1}

"""Strength as the index counts it is strength as the database counts it, for whoever asks."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from sqlmodel import select

from research_repo.core import indexing, strength
from research_repo.core.models import Atom
from research_repo.search import Wanted
from tests import claims
from tests.search.conftest import House

ALL = ("published", "draft", "archived")


@pytest.mark.parametrize("seed", range(6))
def test_hits_are_as_strong_as_the_database_says(house: House, seed: int) -> None:
    chance = random.Random(seed)
    with house.database.saving() as session:
        claims.build(session, [house.people["marina"], house.people["pavel"]], chance, 120)
        ids = list(session.exec(select(Atom.id)))
        indexing.enqueue(session, house.people["anna"], ids)
    levels: Counter[str] = Counter()
    for name in ("anna", "marina", "pavel", "olga"):
        by = house.people[name]
        for sort in ("relevance", "strength"):
            hits = house.find(by=name, statuses=ALL, limit=200, sort=sort).hits
            with house.database.reading() as session:
                told = strength.of_atoms(session, by, ids)
            assert {hit.atom_id: hit.backing.strength for hit in hits} == told
        levels.update(one.level for one in told.values())
    assert set(levels) == set(strength.LEVELS)


@pytest.mark.parametrize("seed", range(3))
def test_sorted_by_strength_the_level_never_rises(house: House, seed: int) -> None:
    chance = random.Random(seed)
    with house.database.saving() as session:
        claims.build(session, [house.people["marina"], house.people["pavel"]], chance, 120)
        indexing.enqueue(session, house.people["anna"], session.exec(select(Atom.id)))
    order = ("strong", "fair", "weak", "disputed")
    for name in ("anna", "olga"):
        house.search.catch_up()
        hits = house.search.find(Wanted(sort="strength", limit=200), house.people[name]).hits
        found = [hit.backing.strength for hit in hits if hit.backing.strength]
        told = [
            (-order.index(one.level), one.studies, one.methods, one.respondents) for one in found
        ]
        assert told == sorted(told, reverse=True)
        assert len(found) == len(hits) > 40

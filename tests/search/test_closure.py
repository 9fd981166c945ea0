"""Counts under any hierarchy equal what counting by hand gives."""

from __future__ import annotations

import random

import numpy as np
import pytest
from sqlmodel import delete

from research_repo.core import indexing
from research_repo.core.indexing import TagRow, Vocabulary
from research_repo.core.models import AtomTag, Tag, TagParent
from research_repo.search.closure import Closure
from research_repo.search.facets import beside
from tests.search.conftest import House

TAGS, ATOMS = 18, 40


def subtrees_by_hand(
    replaced: dict[int, int], edges: set[tuple[int, int]], tag_ids: list[int]
) -> dict[int, set[int]]:
    """For each surviving tag all tags whose atoms belong under it, by walking until nothing changes."""

    def survivor(tag_id: int) -> int:
        return survivor(replaced[tag_id]) if tag_id in replaced else tag_id

    below = {tag_id: {tag_id} for tag_id in tag_ids if tag_id not in replaced}
    for tag_id in replaced:
        below[survivor(tag_id)].add(tag_id)
    grew = True
    while grew:
        grew = False
        for child, parent in edges:
            if child not in replaced and not below[child] <= below[survivor(parent)]:
                below[survivor(parent)] |= below[child]
                grew = True
    return below


def random_hierarchy(
    chance: random.Random, tag_ids: list[int]
) -> tuple[dict[int, int], set[tuple[int, int]]]:
    """Edges and redirects that only ever point to a tag made earlier: no circles, any depth."""
    replaced, edges = {}, set()
    for place, tag_id in enumerate(tag_ids[1:], 1):
        earlier = tag_ids[:place]
        edges |= {(tag_id, parent) for parent in chance.sample(earlier, min(place, 2))}
        if chance.random() < 0.3:
            replaced[tag_id] = chance.choice(earlier)
    return replaced, edges


@pytest.mark.parametrize("seed", range(12))
def test_counts_equal_counting_by_hand(house: House, seed: int) -> None:
    chance = random.Random(seed)
    tag_ids = [house.tag(f"Tag{number}").id for number in range(TAGS)]
    replaced, edges = random_hierarchy(chance, tag_ids)
    given: dict[int, set[int]] = {}
    for number in range(ATOMS):
        atom = house.atom(f"Note {number}", kind=chance.choice(["insight", "recommendation"]))
        given[atom.id] = set(chance.sample(tag_ids, chance.randint(0, 4)))
    with house.database.saving() as session:
        session.exec(delete(TagParent))
        for child, parent in edges:
            session.add(TagParent(child_id=child, parent_id=parent))
        for tag_id, survivor in replaced.items():
            session.get_one(Tag, tag_id).replaced_by = survivor
        for atom_id, tags in given.items():
            for tag_id in tags:
                session.add(AtomTag(atom_id=atom_id, tag_id=tag_id, person_id=1))
        indexing.raise_edition(session)
    below = subtrees_by_hand(replaced, edges, tag_ids)
    expected = {
        tag_id: count
        for tag_id, members in below.items()
        if (count := sum(bool(tags & members) for tags in given.values()))
    }
    assert house.find().tag_counts == expected
    with house.database.reading() as session:
        tag = session.get_one(Tag, chance.choice(tag_ids))
    end = tag.id
    while end in replaced:
        end = replaced[end]
    assert house.find(tags=(tag.key,)).total == expected.get(end, 0)
    # The database, which answers while there is no index, counts the same.
    assert house.search._count_in_database(house.people["anna"]) == expected


def test_beside_a_tag_stand_those_that_say_something_new(house: House) -> None:
    area = house.tag("Area")
    refund = house.tag("Refund", under=area)
    narrow = house.tag("Status of a refund", under=refund)
    people = house.tag("People")
    buyers = house.tag("Buyers", under=people)
    channel = house.tag("Channel")
    mail, chat = house.tag("Mail", under=channel), house.tag("Chat", under=channel)
    for number in range(3):
        house.atom(f"Waits {number}", tags=[narrow, buyers, mail])
    house.atom("Asks", tags=[refund, chat])
    house.atom("Elsewhere", tags=[area, people])
    found = house.find("", tags=(refund.key,))
    with house.database.reading() as session:
        closure = Closure(indexing.vocabulary(session))
    told = beside(closure, found.tag_counts, refund.key, 10)
    # All hits of People come from Buyers; those of Channel from two tags.
    assert told == [(channel.id, 4), (buyers.id, 3), (mail.id, 3), (chat.id, 1)]
    assert beside(closure, found.tag_counts, refund.key, 2) == told[:2]
    assert beside(closure, found.tag_counts, "nothing", 2) == []


def test_what_lies_above_and_below_is_what_a_walk_from_parent_to_parent_finds() -> None:
    chance = random.Random(11)
    for size in (0, 1, 40, 200):
        ids = range(3, 3 + size)
        merged = {one: chance.choice(ids) for one in ids if chance.random() < 0.1}
        tags = [TagRow(one, f"t{one}", one % 3, "active", merged.get(one)) for one in ids]
        # Circles, too: merging may close one for a moment.
        edges = [(chance.choice(ids), chance.choice(ids)) for _ in range(size)]
        closure = Closure(Vocabulary(1, tuple(tags), tuple(edges), ()))
        above = {one: walked(one, closure.survivors, edges) for one in ids}
        below = {one: [two for two in ids if one in above[two]] for one in ids}
        asked = [*ids, 0, 2, 10_000]
        for one in asked:
            assert closure.ancestors(one) == above.get(one, set())
            own = below.get(closure.survivors.get(one, one), [])
            assert closure.subtree(one).tolist() == own
        found, sizes = closure.above(np.array(asked))
        assert found.tolist() == [tag for one in asked for tag in sorted(above.get(one, ()))]
        assert sizes.tolist() == [len(above.get(one, ())) for one in asked]


def walked(tag_id: int, survivors: dict[int, int], edges: list[tuple[int, int]]) -> set[int]:
    reached: set[int] = set()
    fresh = [survivors[tag_id]]
    while fresh:
        here = fresh.pop()
        if here not in reached:
            reached.add(here)
            fresh += [survivors[over] for child, over in edges if child == here == survivors[child]]
    return reached

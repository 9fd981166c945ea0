"""Tags of a study are found, counted and filtered as tags of its atoms, and written on none of them."""

from __future__ import annotations

import random

import pytest
from sqlmodel import select

from research_repo.core import access, indexing, schemes, studies, study_tags
from research_repo.core.models import Atom, Person, Study, Tag
from research_repo.search import Wanted
from research_repo.search.files import Damaged
from tests.search.conftest import House


def tag_study(house: House, study: Study, *tags: Tag, by: str = "marina") -> None:
    with house.database.saving() as session:
        stored = session.get_one(Study, study.id)
        study_tags.put(session, house.people[by], stored, [tag.id for tag in tags])


def test_a_tag_on_a_study_is_findable_at_once_and_rewrites_no_document(house: House) -> None:
    study = house.study("cards")
    for number in range(3):
        house.atom(f"Note {number}", study=study)
    tag = house.tag("Payment", ru="Оплата")
    assert house.find(tags=(tag.key,)).total == 0
    tag_study(house, study, tag)
    with house.database.reading() as session:
        assert indexing.waiting(session) == []
    asked = Wanted(tags=(tag.key,))
    assert house.search.find(asked, house.people["olga"]).total == 3
    assert house.search.find(Wanted("оплата"), house.people["olga"]).total == 3
    assert house.search.counts(house.people["olga"])[tag.id] == 3
    assert house.search.check() == []
    tag_study(house, study)
    assert house.search.find(asked, house.people["olga"]).total == 0


def test_an_atom_that_moves_to_another_study_inherits_from_that_one(house: House) -> None:
    cards, cash = house.study("cards"), house.study("cash")
    tag = house.tag("Payment")
    tag_study(house, cards, tag)
    atom = house.atom("Note", study=cash)
    assert house.find(tags=(tag.key,)).total == 0
    with house.database.saving() as session:
        session.get_one(Atom, atom.id).study_id = cards.id
        indexing.enqueue(session, house.people["marina"], [atom.id])
    assert house.find(tags=(tag.key,)).total == 1


def test_what_was_put_on_an_atom_weighs_more_than_what_its_study_lends(house: House) -> None:
    study = house.study("cards")
    tag = house.tag("Payment")
    house.atom("Only its study speaks of it", study=study)
    house.atom("It carries the tag itself", study=study, tags=[tag])
    for number in range(8):
        house.atom(f"Something else {number}", kind="insight")
    tag_study(house, study, tag)
    hits = house.find("payment").hits
    assert [hit.why[0].kind for hit in hits] == ["tag", "tag"]
    assert hits[0].score > hits[1].score > 0
    assert house.titles("payment")[0] == "It carries the tag itself"


@pytest.mark.parametrize("name", ["pavel", "olga", "ilya"])
def test_a_closed_study_leaks_nothing_through_its_tags(house: House, name: str) -> None:
    secret = house.study("secret", access="members")
    tag = house.tag("Severance")
    house.atom("Salaries differ by half", study=secret)
    tag_study(house, secret, tag)
    outsider = house.people[name]
    house.search.catch_up()
    for wanted in (Wanted(tags=(tag.key,)), Wanted("severance")):
        found = house.search.find(wanted, outsider)
        assert (found.total, found.tag_counts, found.meanings) == (0, {}, ())
    assert house.search.counts(outsider) == {}
    assert house.search._count_in_database(outsider) == {}
    assert house.find(tags=(tag.key,), by="marina").total == 1


def test_a_word_coined_for_a_closed_study_is_unknown_outside(house: House) -> None:
    secret = house.study("secret", access="members")
    with house.database.saving() as session:
        schemes.set_rules(
            session, house.people["ilya"], "segment", schemes.Rules(who_may_add="review")
        )
    tag = house.tag("Laid off", by="marina", scheme="segment")
    tag_study(house, secret, tag)
    house.do(studies.add_member, "marina", "secret", "pavel@example.org", may_edit=False)
    labels = {
        name: [one.label for one in house.search.suggest("laid", house.people[name], "en")]
        for name in ("marina", "pavel", "olga")
    }
    assert labels == {"marina": ["Laid off"], "pavel": ["Laid off"], "olga": []}


KINDS = ("fact", "insight", "recommendation")


def world(house: House, chance: random.Random) -> tuple[list[Tag], list[Study]]:
    """Tags in two groups, some of them merged; studies open and closed with tags."""
    tags: list[Tag] = []
    for number in range(12):
        scheme = chance.choice(["segment", "product-area"])
        above = chance.sample(tags, 1) if tags and chance.random() < 0.6 else []
        tags.append(house.tag(f"Tag{number}", scheme=scheme, under=above))
    made = [
        house.study(f"study{number}", by=chance.choice(["marina", "pavel"]), access=closed)
        for number, closed in enumerate(["open", "members"] * 3)
    ]
    with house.database.saving() as session:
        for tag in tags[6:9]:
            others = [one for one in tags[:6] if one.scheme_id == tag.scheme_id]
            if others:
                session.get_one(Tag, tag.id).replaced_by = chance.choice(others).id
        indexing.raise_edition(session)
    for study in made:
        tag_study(house, study, *chance.sample(tags, 2), by="anna")
    return tags, made


def brute_force(house: House, by: Person) -> dict[int, set[int]]:
    """Tag → the published atoms that carry it or inherit it, resolved and with all above, by hand."""
    with house.database.reading() as session:
        vocabulary = indexing.vocabulary(session)
        atoms = [row for row in session.exec(select(Atom)) if row.status == "published"]
        reach = access.reach(session, by)
        own = {
            row.atom_id: row.tag_ids for row in indexing.documents(session, [a.id for a in atoms])
        }
        lent: dict[int, list[tuple[int, tuple[str, ...]]]] = {}
        for one in vocabulary.lendings:
            lent.setdefault(one.study_id, []).append((one.tag_id, one.kinds))
    replaced = {tag.id: tag.replaced_by for tag in vocabulary.tags}

    def end(tag_id: int) -> int:
        return tag_id if replaced[tag_id] is None else end(replaced[tag_id])

    def above(tag_id: int) -> set[int]:
        parents = {end(up) for child, up in vocabulary.edges if child == tag_id} - {tag_id}
        return {tag_id}.union(*(above(parent) for parent in parents))

    found: dict[int, set[int]] = {}
    for atom in atoms:
        if not reach.sees(atom.status, atom.study_id, atom.author_id):
            continue
        carried = {*own[atom.id]}
        for tag_id, kinds in lent.get(atom.study_id or 0, ()):
            if not kinds or atom.kind in kinds:
                carried.add(tag_id)
        for tag_id in carried:
            for one in above(end(tag_id)):
                found.setdefault(one, set()).add(atom.id)
    return found


@pytest.mark.parametrize("seed", range(6))
def test_index_and_database_agree_with_counting_by_hand_for_everybody(
    house: House, seed: int
) -> None:
    chance = random.Random(seed)
    tags, places = world(house, chance)
    for number in range(30):
        study = chance.choice(places)
        with house.database.reading() as session:
            owner = session.get_one(Person, study.owner_id).name.lower()
        house.atom(
            f"Note {number}",
            by=owner,
            kind=chance.choice(KINDS),
            study=study,
            tags=[one for one in tags[:6] if chance.random() < 0.1][:1] if number % 2 else [],
            status=chance.choice(["published", "published", "draft"]),
        )
    two_kinds = schemes.Rules(kinds=("fact", "insight"))
    house.do(schemes.set_rules, "ilya", "segment", two_kinds)
    house.search.catch_up()
    for person in house.people.values():
        expected = brute_force(house, person)
        counts = {tag_id: len(atom_ids) for tag_id, atom_ids in expected.items()}
        assert house.search.counts(person) == counts
        assert house.search._count_in_database(person) == counts
        for tag in tags[:6]:
            wanted = Wanted(tags=(tag.key,), limit=100)
            mine = expected.get(tag.id, set())
            assert {hit.atom_id for hit in house.search.find(wanted, person).hits} == mine
            assert {hit.atom_id for hit in house.search._look_up(wanted, person).hits} == mine


def test_while_the_index_is_rebuilt_a_studys_tag_filters_too(house: House) -> None:
    study = house.study("cards")
    house.atom("Note", study=study)
    tag = house.tag("Payment")
    tag_study(house, study, tag)
    house.search.catch_up()
    house.search.live.report(Damaged("by hand"))
    found = house.search.find(Wanted(tags=(tag.key,)), house.people["olga"])
    assert (found.total, found.rebuilding) == (1, 0.0)

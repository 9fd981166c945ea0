"""Who sees what: one table of people, studies and atoms, asked in every way that the product asks."""

from __future__ import annotations

import itertools
from contextlib import nullcontext
from dataclasses import dataclass

import pytest
from sqlmodel import Session, col, select

from research_repo.core import access, cards, people, reports, studies, tagging
from research_repo.core.errors import NotAllowed, NotFound
from research_repo.core.models import Atom, Person, Study, Tag
from tests import make

PEOPLE = (
    "reader",
    "researcher",
    "curator",
    "admin",
    "owner",
    "editor",
    "member",
    "gone member",
    "author",
    "author on the team",
)
PLACES = ("no study", "open", "members")
STATUSES = ("draft", "published", "archived")
WRITERS = ("author", "author on the team")


def is_seen(who: str, place: str, status: str, writer: str) -> bool:
    """The promise, in the words of the design."""
    if who == "admin":
        return True
    on_team = place != "no study" and who in ("owner", "editor", "member", "author on the team")
    in_sight = place != "members" or on_team
    if not in_sight:
        return False
    return status != "draft" or who == writer or on_team


@dataclass
class World:
    people: dict[str, Person]
    studies: dict[str, Study]
    atoms: dict[tuple[str, str, str], Atom]


@pytest.fixture
def world(session: Session) -> World:
    roles = {"reader": "reader", "curator": "curator", "admin": "admin", "member": "reader"}
    who = {name: make.person(session, name, roles.get(name, "researcher")) for name in PEOPLE}
    made = {
        "open": make.study(session, who["owner"], "open"),
        "members": make.study(session, who["owner"], "members", access="members"),
    }
    for study in made.values():
        for name in ("editor", "member", "gone member", "author", "author on the team"):
            may_edit = name not in ("member",)
            studies.add_member(session, who["owner"], study.key, who[name].email, may_edit)
    atoms = {
        (place, status, writer): make.atom(
            session,
            who[writer],
            f"{status} in {place} by {writer}",
            study=made.get(place),
            kind="insight",
            status=status,
        )
        for place, status, writer in itertools.product(PLACES, STATUSES, WRITERS)
    }
    for study in made.values():
        for name in ("gone member", "author"):
            studies.remove_member(session, who["owner"], study.key, who[name].id)
    return World(who, made, atoms)


def seen_by_key(session: Session, by: Person, atom: Atom) -> bool:
    try:
        return access.atom_to_read(session, by, atom.key) == atom
    except NotFound:
        return False


def test_all_ways_to_ask_agree_with_the_promise(session: Session, world: World) -> None:
    for name in PEOPLE:
        by = world.people[name]
        promised = {case for case in world.atoms if is_seen(name, *case)}
        by_sql = set(session.exec(select(Atom.id).where(access.sees_atom(by))))
        reach = access.reach(session, by)
        by_cards = {
            card.id
            for card in cards.of_atoms(session, by, [a.id for a in world.atoms.values()], "en")
        }
        for case, atom in world.atoms.items():
            wanted = case in promised
            assert (atom.id in by_sql) is wanted, (name, case)
            assert reach.sees(atom.status, atom.study_id, atom.author_id) is wanted, (name, case)
            assert (atom.id in by_cards) is wanted, (name, case)
            assert seen_by_key(session, by, atom) is wanted, (name, case)


def test_a_members_study_exists_for_its_team_and_admins_alone(
    session: Session, world: World
) -> None:
    for name in PEOPLE:
        by, inside = world.people[name], name in ("admin", "owner", "editor", "member")
        inside = inside or name == "author on the team"
        listed = {card.key for card in cards.of_studies(session, by)}
        assert listed == ({"open", "members"} if inside else {"open"})
        assert cards.tally(session, by)["study"] == len(listed)
        with nullcontext() if inside else pytest.raises(NotFound):
            access.study_to_read(session, by, "MEMBERS")
        with nullcontext() if inside else pytest.raises(NotFound):
            reports.study_report(session, by, "members", "en")


def test_counts_hold_only_what_the_person_sees(session: Session, world: World) -> None:
    for name in PEOPLE:
        by = world.people[name]
        published = [
            case for case in world.atoms if is_seen(name, *case) and case[1] == "published"
        ]
        assert cards.tally(session, by)["insight"] == len(published)
        for card in cards.of_studies(session, by):
            assert card.insights == len([case for case in published if case[0] == card.key])
        recent = cards.recent(session, by, 100)
        assert set(recent) == {world.atoms[case].id for case in published}


def test_what_is_hidden_cannot_be_edited_and_says_not_that_it_exists(
    session: Session, world: World
) -> None:
    for name in PEOPLE:
        by = world.people[name]
        for case, atom in world.atoms.items():
            on_team = case[0] != "no study" and name in ("owner", "editor", "author on the team")
            may = is_seen(name, *case) and (name in ("admin", case[2]) or on_team)
            if may:
                assert access.atom_to_edit(session, by, atom.key) == atom
            else:
                with pytest.raises(NotAllowed if is_seen(name, *case) else NotFound):
                    access.atom_to_edit(session, by, atom.key)


def test_only_owner_editors_and_admins_change_a_study(session: Session, world: World) -> None:
    for name in PEOPLE:
        by = world.people[name]
        for key in ("open", "members"):
            if name in ("admin", "owner", "editor", "author on the team"):
                assert access.study_to_edit(session, by, key).key == key
            else:
                visible = key == "open" or name == "member"
                with pytest.raises(NotAllowed if visible else NotFound):
                    access.study_to_edit(session, by, key)


def test_researchers_log_into_open_studies_and_editors_into_members_only_ones(
    session: Session, world: World
) -> None:
    into = {
        name: {study.key for study in studies.loggable(session, world.people[name])}
        for name in PEOPLE
    }
    both = {"open", "members"}
    assert into == {
        "reader": set(),
        "researcher": {"open"},
        "curator": {"open"},
        "admin": both,
        "owner": both,
        "editor": both,
        "member": set(),
        "gone member": {"open"},
        "author": {"open"},
        "author on the team": both,
    }


def test_whoever_is_shut_out_has_no_right_left(session: Session) -> None:
    admin = make.person(session, "Vera", "admin")
    make.person(session, "Petr", "admin")
    people.change(session, admin, admin.id, "Vera", "admin", False)
    assert not access.is_admin(admin)
    assert not access.may_log(admin)
    assert not access.may_govern(admin)


def test_a_candidate_of_a_members_study_is_known_only_where_it_is_seen(
    session: Session, world: World
) -> None:
    who = world.people
    make.atom(
        session,
        who["editor"],
        "Leaving",
        study=world.studies["members"],
        tags=["merger rumours"],
    )
    tag = session.exec(select(Tag).where(col(Tag.status) == "candidate")).one()
    knowing = {
        name for name, person in who.items() if tag.id not in tagging.unseen(session, person)
    }
    assert knowing == {"curator", "admin", "owner", "editor", "member", "author on the team"}
    make.atom(session, who["editor"], "Staying", study=world.studies["open"], tags=[tag])
    assert tagging.unseen(session, who["reader"]) == set()


def test_a_demoted_owner_reads_and_no_longer_writes(session: Session, world: World) -> None:
    owner = world.people["owner"]
    people.change(session, world.people["admin"], owner.id, "owner", "reader", True)
    assert access.study_to_read(session, owner, "members")
    with pytest.raises(NotAllowed):
        access.study_to_edit(session, owner, "members")

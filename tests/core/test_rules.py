"""Rules of tag groups: what they are, when they bind, and what already breaks them."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from sqlmodel import Session, select

from research_repo.core import (
    atoms,
    cards,
    history,
    indexing,
    rules,
    schemes,
    studies,
    study_tags,
    tagging,
    tags,
)
from research_repo.core.atoms import AtomValues
from research_repo.core.errors import Conflict, Invalid, NotAllowed
from research_repo.core.models import Atom, AtomTag, Person, Scheme, Study, Tag
from research_repo.core.schemes import Rules
from tests import make

KINDS = ("fact", "insight", "recommendation")


def lay_down(session: Session, by: Person, key: str = "severity", **told: object) -> Scheme:
    return schemes.set_rules(session, by, key, Rules(**told))  # type: ignore[arg-type]


def edited(session: Session, by: Person, atom: Atom, **values: object) -> Atom:
    wanted = AtomValues(kind=atom.kind, title=atom.title, status=atom.status)
    wanted = atoms.ready(replace(wanted, **values))  # type: ignore[arg-type]
    return atoms.edit(session, by, atom.key, atom.version, wanted, with_tags="tags" in values)


def test_a_new_repository_has_five_groups_and_asks_for_nothing(session: Session) -> None:
    assert {card.key: card.tag_count for card in schemes.listed(session, "en")} == {
        "product-area": 1,
        "finding-type": 6,
        "severity": 4,
        "segment": 0,
        "journey-stage": 0,
    }
    assert all(schemes.rules_of(row) == Rules() for row in session.exec(select(Scheme)))
    assert rules.in_force(session) == {}


def test_only_curators_lay_rules_down(session: Session, researcher: Person) -> None:
    with pytest.raises(NotAllowed):
        lay_down(session, researcher, is_single=True)


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"kinds": ("rumour",)}, "kinds"),
        ({"who_may_add": "nobody"}, "who_may_add"),
        ({"steward_id": 999}, "steward"),
        ({"steward_id": 1}, "steward"),
    ],
    ids=["a-kind", "a-word", "a-stranger", "the-system"],
)
def test_rules_that_cannot_be_are_refused(
    session: Session, curator: Person, told: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        lay_down(session, curator, **told)
    assert list(refused.value.problems) == [field]


def test_rules_leave_history_and_the_same_rules_again_none(
    session: Session, curator: Person
) -> None:
    scheme = lay_down(session, curator, is_single=True, kinds=("insight", "fact"))
    lay_down(session, curator, is_single=True, kinds=("fact", "insight"))
    change = history.of(session, "scheme", [scheme.id])[0]
    assert (change.verb, change.before["is_single"], change.after["kinds"]) == (
        "ruled",
        False,
        ["insight", "fact"],
    )


def test_a_refusal_names_whom_to_ask(session: Session, curator: Person, researcher: Person) -> None:
    lay_down(session, curator, who_may_add="curators")
    with pytest.raises(Invalid, match="or ask a curator"):
        make.tag(session, researcher, "Awful", scheme="severity")
    lay_down(session, curator, who_may_add="curators", steward_id=curator.id)
    with pytest.raises(Invalid, match="ask Ilya, who is responsible"):
        make.tag(session, researcher, "Awful", scheme="severity")
    assert make.tag(session, curator, "Awful", scheme="severity").status == "approved"


def test_what_was_published_before_a_rule_stays_and_can_be_edited(
    session: Session, curator: Person, researcher: Person
) -> None:
    atom = make.atom(session, researcher, "Old", kind="insight", tags=["Severity > Major"])
    lay_down(session, curator, "segment", is_required=True)
    assert edited(session, researcher, atom, title="Old, put better").status == "published"
    lay_down(session, curator, is_single=True)
    with pytest.raises(Invalid, match="“Severity” takes one tag"):
        edited(session, researcher, atom, tags=["Severity > Major", "Severity > Minor"])


def test_a_published_atom_cannot_shed_the_tag_that_let_it_in(
    session: Session, curator: Person, researcher: Person
) -> None:
    lay_down(session, curator, is_required=True)
    atom = make.atom(session, researcher, "New", kind="insight", tags=["Severity > Major"])
    # As a door would, what was refused is rolled back.
    with pytest.raises(Invalid, match="needs a tag"), session.begin_nested():
        edited(session, researcher, atom, tags=[])
    with pytest.raises(Invalid, match="needs a tag"), session.begin_nested():
        rules.retag(session, researcher, atom, [])
    rules.retag(session, researcher, atom, [], rules.named(session, ["Серьёзность"]))
    assert rules.of_atom(session, atom) == []


def test_a_draft_is_published_when_it_has_what_is_asked(
    session: Session, curator: Person, researcher: Person
) -> None:
    lay_down(session, curator, is_required=True)
    atom = make.atom(session, researcher, "Half", kind="insight", status="draft")
    page = cards.of_atom(session, researcher, atom.key, "ru")
    assert "Серьёзность" in str(page.to_do[0])
    with pytest.raises(Invalid, match="needs a tag"):
        atoms.set_status(session, researcher, atom.key, atom.version, "published")
    session.refresh(atom)
    edited(session, researcher, atom, status="published", not_applicable=["severity"])
    page = cards.of_atom(session, researcher, atom.key, "en")
    assert (page.card.status, page.not_applicable) == ("published", (("severity", "Severity"),))
    assert page.to_do == ()


def test_what_comes_back_from_the_archive_is_published_anew(
    session: Session, curator: Person, researcher: Person
) -> None:
    atom = make.atom(session, researcher, "Old", kind="insight", status="archived")
    lay_down(session, curator, is_required=True)
    with pytest.raises(Invalid, match="needs a tag"):
        atoms.set_status(session, researcher, atom.key, 1, "published")


def test_the_word_that_none_applies_is_kept_and_told_and_keeps_two_writers_apart(
    session: Session, researcher: Person
) -> None:
    atom = make.atom(session, researcher, "Plain", kind="insight")
    edited(session, researcher, atom, not_applicable=["Severity", "segment"])
    assert rules.marked_keys(session, [atom.id]) == {atom.id: ["severity", "segment"]}
    edited(session, researcher, atom, title="Plainer")
    assert rules.marked_keys(session, [atom.id]) == {atom.id: ["severity", "segment"]}
    with pytest.raises(Conflict):
        atoms.edit(session, researcher, atom.key, 1, atoms.ready(AtomValues("insight", "Mine")))
    version = atom.version
    rules.retag(session, researcher, atom, [], [])
    assert (rules.marks_of(session, atom.id), atom.version) == (set(), version + 1)
    verbs = [change.verb for change in history.of(session, "atom", [atom.id])]
    assert verbs.count("marked") == 2
    with pytest.raises(Invalid, match="There is no tag group “Nothing”"):
        edited(session, researcher, atom, not_applicable=["Nothing"])


def test_a_word_coined_in_a_closed_study_waits_though_its_group_asks_for_nothing(
    session: Session, curator: Person, researcher: Person
) -> None:
    secret = make.study(session, researcher, "secret", access="members")
    make.atom(session, researcher, "They leave", study=secret, tags=["merger"])
    make.atom(session, researcher, "They stay", tags=["loyal"])
    found = {
        text: session.get_one(Tag, tagging.named(session, curator, [text], "en")[0]).status
        for text in ("merger", "loyal")
    }
    assert found == {"merger": "candidate", "loyal": "approved"}


def random_world(session: Session, chance: random.Random, by: Person) -> list[Atom]:
    """Published atoms with any tags, merged ones too, studies that lend some, and marks."""
    made = [tags.get(session, key) for key in _keys(session, "severity")]
    made += [make.tag(session, by, f"Area {n}") for n in range(3)]
    made[1].replaced_by = made[0].id
    places = [make.study(session, by, f"s{n}", access=("open", "members")[n % 2]) for n in range(4)]
    for place in places:
        study_tags.put(session, by, place, [one.id for one in chance.sample(made, 1)])
    found = []
    for number in range(40):
        atom = make.atom(
            session, by, f"Note {number}", study=chance.choice(places), kind=chance.choice(KINDS)
        )
        for tag in chance.sample(made, chance.randint(0, 3)):
            session.add(AtomTag(atom_id=atom.id, tag_id=tag.id, person_id=by.id))
        if chance.random() < 0.3:
            rules.mark(session, by, atom, [made[0].scheme_id])
        found.append(atom)
    session.flush()
    return found


def _keys(session: Session, scheme: str) -> list[str]:
    query = select(Tag.key).join(Scheme).where(Scheme.key == scheme).order_by(Tag.key)
    return list(session.exec(query))


@pytest.mark.parametrize("seed", range(5))
def test_what_breaks_a_rule_is_counted_as_it_is_judged_one_by_one(
    session: Session, curator: Person, reader: Person, seed: int
) -> None:
    chance = random.Random(seed)
    admin = make.person(session, "Anna", "admin")
    found = random_world(session, chance, admin)
    scheme = schemes.get(session, "severity")
    for told in (
        Rules(is_single=True),
        Rules(is_required=True),
        Rules(kinds=("fact",)),
        Rules(is_single=True, is_required=True, kinds=("fact", "insight")),
    ):
        schemes.set_rules(session, curator, "severity", told)
        broken = {atom.id for atom in found if rules.of_atom(session, atom)}
        assert set(rules.of_atoms(session, [atom.id for atom in found])) == broken
        listed = rules.offenders(session, admin, scheme.id, told)
        assert (set(listed), listed) == (broken, sorted(listed, reverse=True))
        assert rules.offender_count(session, admin, scheme.id, told) == len(broken)
        # A curator counts what they may see: nothing of a closed study.
        open_ones = {one.id for one in session.exec(select(Study).where(Study.access == "open"))}
        seen = {atom.id for atom in found if atom.id in broken and atom.study_id in open_ones}
        assert set(rules.offenders(session, curator, scheme.id, told)) == seen


def test_a_study_is_tagged_by_its_editors_and_curators_alone(
    session: Session, curator: Person, researcher: Person, reader: Person
) -> None:
    study = make.study(session, researcher)
    card, cash = (make.tag(session, curator, one) for one in ("Card", "Cash"))
    version, edition = study.version, indexing.vocabulary_edition(session)
    assert study_tags.put(session, researcher, study, [card.id])
    assert study_tags.put(session, curator, study, [card.id, cash.id])
    assert not study_tags.put(session, curator, study, [cash.id, card.id])
    assert study.version == version + 2
    assert indexing.vocabulary_edition(session) == edition + 2
    for other in (reader, make.person(session, "Pavel", "researcher")):
        with pytest.raises(NotAllowed, match="study's editors and tag curators"):
            study_tags.put(session, other, study, [])
    assert study_tags.of_studies(session, [study.id]) == {study.id: [card.id, cash.id]}
    values = studies.ready(studies.StudyValues(title="Renamed"))
    studies.change(session, researcher, study.key, study.version, values)
    assert study_tags.of_studies(session, [study.id]) == {study.id: [card.id, cash.id]}


def test_tags_of_a_study_follow_merges_and_shed_what_was_merged(
    session: Session, curator: Person, researcher: Person
) -> None:
    study = make.study(session, researcher)
    plastic, card = (make.tag(session, curator, one) for one in ("Plastic", "Card"))
    study_tags.put(session, researcher, study, [plastic.id, card.id])
    atom = make.atom(session, researcher, "Note", study=study)
    plastic.replaced_by = card.id
    session.flush()
    assert study_tags.lent(session, [atom.id]) == {atom.id: [card.id]}
    assert not study_tags.put(session, researcher, study, [card.id])
    study_tags.put(session, researcher, study, [])
    assert study_tags.of_studies(session, [study.id]) == {}


def test_a_study_gets_no_retired_tag_and_one_where_one_is_taken(
    session: Session, curator: Person, researcher: Person
) -> None:
    study = make.study(session, researcher)
    fax = make.tag(session, curator, "Fax")
    tags.retire(session, curator, fax.key)
    with pytest.raises(Invalid, match="retired"):
        study_tags.put(session, researcher, study, [fax.id])
    lay_down(session, curator, is_single=True)
    two = tagging.named(session, researcher, ["Severity > Major", "Severity > Minor"], "en")
    with pytest.raises(Invalid, match="“Severity” takes one tag"):
        study_tags.put(session, researcher, study, two)


def test_an_atom_shows_its_own_tags_and_what_its_study_lends_apart(
    session: Session, curator: Person, researcher: Person
) -> None:
    study = make.study(session, researcher)
    card, cash = (make.tag(session, curator, one) for one in ("Card", "Cash"))
    study_tags.put(session, researcher, study, [card.id, cash.id])
    atom = make.atom(session, researcher, "Note", study=study, tags=[card])
    other = make.atom(session, researcher, "Elsewhere", kind="insight")
    mine, theirs = cards.of_atoms(session, researcher, [atom.id, other.id], "en")
    assert [[tag.label for tag in some] for some in (mine.tags, mine.lent)] == [["Card"], ["Cash"]]
    assert theirs.lent == ()
    assert list(session.exec(select(AtomTag.tag_id).where(AtomTag.atom_id == atom.id))) == [card.id]

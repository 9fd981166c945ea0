"""Links: no circles where one claim rests on another, and nothing about claims that are not seen."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from research_repo.core import cards, history, links, studies, timeline
from research_repo.core.errors import Invalid, NotAllowed, NotFound
from research_repo.core.models import Atom, Link, Person
from tests import make


@pytest.fixture
def three(session: Session, researcher: Person) -> list[Atom]:
    return [make.atom(session, researcher, title, kind="insight") for title in ("A", "B", "C")]


def others(session: Session, by: Person, atom: Atom) -> list[tuple[str, str, bool]]:
    page = cards.of_atom(session, by, atom.key, "en")
    return [(link.kind, link.atom.title, link.is_outgoing) for link in page.links]


@pytest.mark.parametrize("kind", ["supports", "supersedes"])
def test_a_circle_among_claims_that_rest_on_each_other_is_refused(
    session: Session, researcher: Person, three: list[Atom], kind: str
) -> None:
    a, b, c = three
    make.link(session, researcher, a, b, kind)
    make.link(session, researcher, b, c, kind)
    for start, end in ((b, a), (c, a), (c, b)):
        with pytest.raises(Invalid, match="that would be a circle"):
            make.link(session, researcher, start, end, kind)
    make.link(session, researcher, a, c, kind)


@pytest.mark.parametrize("kind", ["contradicts", "relates"])
def test_claims_may_contradict_and_relate_to_each_other(
    session: Session, researcher: Person, three: list[Atom], kind: str
) -> None:
    a, b, _ = three
    make.link(session, researcher, a, b, kind)
    make.link(session, researcher, b, a, kind)
    assert others(session, researcher, a) == [(kind, "B", True), (kind, "B", False)]


def test_a_circle_of_different_kinds_is_none(
    session: Session, researcher: Person, three: list[Atom]
) -> None:
    a, b, _ = three
    make.link(session, researcher, a, b, "supports")
    make.link(session, researcher, b, a, "supersedes")


def test_a_claim_is_not_linked_with_itself_nor_in_an_unknown_way(
    session: Session, researcher: Person, three: list[Atom]
) -> None:
    a, b, _ = three
    with pytest.raises(Invalid, match="same claim") as refused:
        make.link(session, researcher, a, a, "relates")
    assert list(refused.value.problems) == ["to"]
    with pytest.raises(Invalid) as refused:
        make.link(session, researcher, a, b, "likes")
    assert list(refused.value.problems) == ["kind"]


def test_a_link_made_twice_is_one_and_told_once(
    session: Session, researcher: Person, three: list[Atom]
) -> None:
    a, b, _ = three
    assert make.link(session, researcher, a, b) == make.link(session, researcher, a, b)
    assert len(session.exec(select(Link)).all()) == 1
    for atom in (a, b):
        verbs = [change.verb for change in history.of(session, "atom", [atom.id])]
        assert verbs == ["linked", "logged"]


def test_a_reader_links_nothing(session: Session, reader: Person, three: list[Atom]) -> None:
    with pytest.raises(NotAllowed):
        make.link(session, reader, three[0], three[1])


@pytest.fixture
def secret(session: Session, researcher: Person, three: list[Atom]) -> Atom:
    """A claim of a members-only study that supports A, contradicts B and was unlinked from C."""
    owner = make.person(session, "Petr", "researcher")
    study = make.study(session, owner, "secret", access="members")
    atom = make.atom(session, owner, "Canary 7f3a", study=study)
    make.link(session, owner, atom, three[0])
    make.link(session, owner, three[1], atom, "contradicts")
    link = make.link(session, owner, atom, three[2], "relates")
    links.remove(session, owner, link.id)
    return atom


def test_links_with_claims_that_are_not_seen_do_not_exist(
    session: Session, researcher: Person, three: list[Atom], secret: Atom
) -> None:
    a, b, c = three
    for atom in three:
        assert others(session, researcher, atom) == []
    assert links.incoming(session, researcher, [a.id, b.id, c.id]) == {}
    (card,) = cards.of_atoms(session, researcher, [a.id], "en")
    assert (card.strength.supporting, card.strength.contradicting) == (0, 0)
    with pytest.raises(NotFound):
        make.link(session, researcher, a, secret)
    for link in session.exec(select(Link)).all():
        with pytest.raises(NotFound):
            links.remove(session, researcher, link.id)


def test_the_history_of_a_claim_tells_nothing_of_links_with_claims_that_are_not_seen(
    session: Session, researcher: Person, three: list[Atom], secret: Atom
) -> None:
    study = session.get_one(Atom, secret.id).study_id
    owner = session.get_one(Person, secret.author_id)
    for atom in three:
        events = timeline.of_atom(session, researcher, atom.id, "en")
        assert [event.who for event in events] == [researcher.name]
        told = timeline.of_atom(session, owner, atom.id, "en")
        assert {event.other_title for event in told} == {"", "Canary 7f3a"}
    studies.add_member(session, owner, "secret", researcher.email, may_edit=False)
    told = timeline.of_atom(session, researcher, three[0].id, "en")
    assert [event.other_title for event in told] == ["Canary 7f3a", ""]
    assert study is not None


def test_a_link_is_removed_by_who_made_it_or_edits_one_of_its_claims(
    session: Session, researcher: Person, reader: Person, curator: Person, three: list[Atom]
) -> None:
    a, b, _ = three
    maker, admin = make.person(session, "Petr", "researcher"), make.person(session, "Vera", "admin")
    for by, may in ((maker, True), (researcher, True), (admin, True), (curator, False)):
        link = make.link(session, maker, a, b)
        (linked,) = links.of_atom(session, by, a)
        assert linked.may_remove is may
        if may:
            links.remove(session, by, link.id)
            assert links.of_atom(session, by, a) == []
        else:
            with pytest.raises(NotAllowed):
                links.remove(session, by, link.id)
    with pytest.raises(NotAllowed):
        links.remove(session, reader, link.id)
    with pytest.raises(NotFound):
        links.remove(session, researcher, 10**6)


def test_an_editor_of_the_study_removes_its_links(
    session: Session, researcher: Person, curator: Person
) -> None:
    owner = make.person(session, "Petr", "researcher")
    study = make.study(session, owner)
    a = make.atom(session, researcher, "A", study=study)
    link = make.link(session, researcher, a, make.atom(session, researcher, "B", study=study))
    (linked,) = links.of_atom(session, owner, a)
    assert linked.may_remove
    links.remove(session, owner, link.id)


def test_only_published_claims_count_as_support(
    session: Session, researcher: Person, three: list[Atom]
) -> None:
    a, b, c = three
    draft = make.atom(session, researcher, "D", kind="insight", status="draft")
    for start in (b, c, draft):
        make.link(session, researcher, start, a)
    make.link(session, researcher, b, a, "contradicts")
    (card,) = cards.of_atoms(session, researcher, [a.id], "en")
    assert (card.strength.supporting, card.strength.contradicting) == (2, 1)

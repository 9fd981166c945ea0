"""What stands under a claim and above it: near claims first, each once, as much as a page can hold."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from research_repo.core import cards, chains, links, studies
from research_repo.core.chains import Chain
from research_repo.core.models import Atom, Person
from tests import make


def chain(session: Session, by: Person, atom: Atom) -> Chain:
    return chains.of_page(session, by, cards.of_atom(session, by, atom.key, "en"), "en")


@pytest.fixture
def deep(session: Session, researcher: Person) -> list[Atom]:
    """A recommendation over two insights that rest on one fact, and one of them on another."""
    advice = make.atom(session, researcher, "Do it", kind="recommendation")
    one, two = (make.atom(session, researcher, t, kind="insight") for t in ("One", "Two"))
    shared = make.atom(session, researcher, "Shared", quote="Both of us")
    own = make.atom(session, researcher, "Own", quote="Only me")
    for start, end in ((one, advice), (two, advice), (shared, one), (shared, two), (own, two)):
        make.link(session, researcher, start, end)
    return [advice, one, two, shared, own]


def test_words_of_all_that_lies_below_unfold_under_each_claim(
    session: Session, researcher: Person, deep: list[Atom]
) -> None:
    found = chain(session, researcher, deep[0])
    under = {
        step.link.atom.title: [said.piece.text for said in step.said] for step in found.supporting
    }
    assert under == {"One": ["Both of us"], "Two": ["Both of us", "Only me"]}
    assert [step.beneath for step in found.supporting] == [1, 2]
    # The page itself shows each once, though two claims lead to it.
    assert [said.piece.text for said in found.words] == ["Both of us", "Only me"]
    assert found.word_count == 2


def test_the_nearest_come_first_and_each_once(
    session: Session, researcher: Person, deep: list[Atom]
) -> None:
    advice, one, two, shared, own = (atom.id for atom in deep)
    below = links.below(session, researcher, [advice, shared])
    assert below == {advice: [one, two, shared, own], shared: []}


def test_what_rests_on_a_claim_tells_what_rests_on_it_in_turn(
    session: Session, researcher: Person, deep: list[Atom]
) -> None:
    leads = chain(session, researcher, deep[3]).leads
    assert [(lead.link.atom.title, [one.title for one in lead.further]) for lead in leads] == [
        ("One", ["Do it"]),
        ("Two", ["Do it"]),
    ]


def test_against_stands_what_contradicts_the_claim_and_not_what_it_contradicts(
    session: Session, researcher: Person, deep: list[Atom]
) -> None:
    _, one, two, _, _ = deep
    make.link(session, researcher, one, two, "contradicts")
    assert [step.link.atom.title for step in chain(session, researcher, two).against] == ["One"]
    assert chain(session, researcher, one).against == ()
    assert [link.atom.title for link in chain(session, researcher, one).opposes] == ["Two"]


def test_drafts_stand_last_and_carry_nothing(
    session: Session, researcher: Person, reader: Person, deep: list[Atom]
) -> None:
    draft = make.atom(session, researcher, "Half", kind="insight", status="draft", quote="Maybe")
    make.link(session, researcher, draft, deep[0])
    first = [
        link.atom.title for link in (s.link for s in chain(session, researcher, deep[0]).supporting)
    ]
    assert first == ["One", "Two", "Half"]
    assert "Maybe" not in [said.piece.text for said in chain(session, researcher, deep[0]).words]
    assert links.below(session, researcher, [deep[0].id])[deep[0].id].count(draft.id) == 0
    seen = [step.link.atom.title for step in chain(session, reader, deep[0]).supporting]
    assert seen == ["One", "Two"]


def test_a_way_through_what_is_not_seen_leads_nowhere(
    session: Session, researcher: Person, reader: Person
) -> None:
    study = make.study(session, researcher, "secret", access="members")
    open_study = make.study(session, researcher)
    fact = make.atom(session, researcher, "Open fact", open_study, quote="Open words")
    hidden = make.atom(session, researcher, "Canary", study, kind="insight")
    advice = make.atom(session, researcher, "Do it", kind="recommendation")
    make.link(session, researcher, fact, hidden)
    make.link(session, researcher, hidden, advice)
    assert chain(session, researcher, advice).word_count == 1
    assert chain(session, reader, advice).supporting == ()
    assert chain(session, reader, fact).leads == ()
    studies.add_member(session, researcher, "secret", reader.email, may_edit=False)
    assert chain(session, reader, advice).word_count == 1


def test_a_claim_over_very_much_shows_a_part_and_counts_it(
    session: Session, researcher: Person
) -> None:
    study = make.study(session, researcher)
    insight = make.atom(session, researcher, "All say so", kind="insight")
    advice = make.atom(session, researcher, "Do it", kind="recommendation")
    make.link(session, researcher, insight, advice)
    for n in range(chains.NEAREST + 5):
        fact = make.atom(session, researcher, f"Fact {n}", study, quote=f"Word {n}")
        make.link(session, researcher, fact, insight)
    (step,) = chain(session, researcher, advice).supporting
    assert (len(step.said), step.said_count) == (chains.UNFOLDED, chains.NEAREST + 5)
    assert step.beneath == chains.NEAREST + 5
    assert len(chain(session, researcher, insight).words) == chains.WORDS_SHOWN


def test_lists_know_what_a_newer_claim_replaces(
    session: Session, researcher: Person, reader: Person
) -> None:
    study = make.study(session, researcher, "secret", access="members")
    old = make.atom(session, researcher, "Old", kind="insight")
    new = make.atom(session, researcher, "New", study, kind="insight")
    make.link(session, researcher, new, old, "supersedes")
    ids = [old.id, new.id]
    standing = [card.standing for card in cards.of_atoms(session, researcher, ids, "en")]
    assert standing == ["replaced", "published"]
    # Who does not see the newer one must not learn that it is there.
    assert [card.standing for card in cards.of_atoms(session, reader, ids, "en")] == ["published"]

"""Confirming a claim: who may, what is kept, where it is shown, and how it is taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from research_repo.core import atoms, confirmations, staleness, timeline
from research_repo.core.clock import months_after, now, today
from research_repo.core.errors import Conflict, Invalid, NotAllowed, NotFound
from research_repo.core.models import Atom, Confirmation, HistoryPayload, Person
from tests import make


@pytest.fixture
def atom(session: Session, researcher: Person) -> Atom:
    made = make.atom(session, researcher, "People pay by card", kind="insight")
    made.review_by = months_after(today(), -2)
    session.flush()
    return made


def confirmed(session: Session, by: Person, atom: Atom, note: str = "") -> int:
    made = confirmations.confirm(session, by, atom.key, note)
    session.expire_all()
    return made


def test_a_confirmation_keeps_who_when_and_a_note_and_moves_the_date(
    session: Session, researcher: Person, atom: Atom
) -> None:
    version = atom.version
    confirmed(session, researcher, atom, "  Asked five   people ")
    found = staleness.of_atoms(session, researcher, [atom.id])[atom.id]
    assert (found.confirmed_by, found.note) == ("Marina", "Asked five people")
    assert found.confirmed_at is not None
    assert found.confirmed_at.date() == today()
    assert atom.review_by == found.review_by == months_after(today(), 18)
    assert (found.is_stale, atom.version) == (False, version + 1)
    line = timeline.of_atom(session, researcher, atom.id, "en")[0]
    assert (line.who, str(line.what)) == ("Marina", "confirmed that it still holds")
    told = {str(one.name): "".join(text for _, text in one.words) for one in line.fields}
    assert told["note"] == "Asked five people"
    assert str(atom.review_by) in told["look again by"]


def test_the_next_date_follows_the_tags_or_is_chosen(
    session: Session, researcher: Person, atom: Atom
) -> None:
    problem = make.atom(session, researcher, "It breaks", tags=["Finding type > Problem"])
    confirmed(session, researcher, problem)
    assert problem.review_by == months_after(today(), 9)
    day = today() + timedelta(days=3)
    confirmations.confirm(session, researcher, atom.key, until=day)
    session.expire_all()
    assert atom.review_by == day


def test_editors_and_curators_confirm_and_others_are_told_what_they_can_do(
    session: Session, researcher: Person, curator: Person, reader: Person, atom: Atom
) -> None:
    petr = make.person(session, "Petr", "researcher")
    for by in (petr, reader):
        with pytest.raises(NotAllowed, match="Ask for a study"):
            confirmations.confirm(session, by, atom.key)
    confirmed(session, curator, atom)
    closed = make.study(session, researcher, "closed", access="members")
    hidden = make.atom(session, researcher, "Hidden", closed)
    with pytest.raises(NotFound):
        confirmations.confirm(session, curator, hidden.key)


def test_what_cannot_be_confirmed_is_refused(
    session: Session, researcher: Person, atom: Atom
) -> None:
    for until in (today(), months_after(today(), 121)):
        with pytest.raises(Invalid) as refusal:
            confirmations.confirm(session, researcher, atom.key, until=until)
        assert list(refusal.value.problems) == ["until"]
    with pytest.raises(Invalid) as refusal:
        confirmations.confirm(session, researcher, atom.key, "x" * 501)
    assert list(refusal.value.problems) == ["note"]
    atoms.set_status(session, researcher, atom.key, atom.version, "archived")
    with pytest.raises(Invalid, match="published"):
        confirmations.confirm(session, researcher, atom.key)
    assert session.exec(select(Confirmation)).all() == []


def test_taken_back_it_leaves_the_date_as_it_was_and_its_line(
    session: Session, researcher: Person, curator: Person, atom: Atom
) -> None:
    before = atom.review_by
    made = confirmed(session, curator, atom)
    confirmations.withdraw(session, curator, atom.key, made)
    session.expire_all()
    assert atom.review_by == before
    assert session.exec(select(Confirmation)).all() == []
    lines = [str(one.what) for one in timeline.of_atom(session, researcher, atom.id, "en")]
    assert lines[:2] == ["took a confirmation back", "confirmed that it still holds"]
    with pytest.raises(NotFound):
        confirmations.withdraw(session, curator, atom.key, made)


def test_a_date_that_somebody_set_since_stays(
    session: Session, researcher: Person, atom: Atom
) -> None:
    first = confirmed(session, researcher, atom)
    atom.review_by = today() + timedelta(days=5)
    session.flush()
    confirmations.withdraw(session, researcher, atom.key, first)
    session.expire_all()
    assert atom.review_by == today() + timedelta(days=5)


def test_a_confirmation_is_taken_back_by_its_giver_and_by_who_may_give_one(
    session: Session, researcher: Person, curator: Person, atom: Atom
) -> None:
    other = make.atom(session, researcher, "Another", kind="insight")
    petr = make.person(session, "Petr", "researcher")
    made = confirmed(session, curator, atom)
    with pytest.raises(NotAllowed):
        confirmations.withdraw(session, petr, atom.key, made)
    with pytest.raises(NotFound):
        confirmations.withdraw(session, researcher, other.key, made)
    curator.role = "reader"
    session.flush()
    confirmations.withdraw(session, curator, atom.key, made)


def test_where_history_was_redacted_nothing_is_guessed(
    session: Session, researcher: Person, atom: Atom
) -> None:
    made = confirmed(session, researcher, atom)
    for payload in session.exec(select(HistoryPayload)):
        payload.before, payload.after, payload.redacted_at = None, None, now()
    session.flush()
    with pytest.raises(Conflict):
        confirmations.withdraw(session, researcher, atom.key, made)


def test_who_writes_on_a_claim_meanwhile_gets_a_conflict_not_the_old_date(
    session: Session, researcher: Person, atom: Atom
) -> None:
    version = atom.version
    confirmed(session, researcher, atom)
    values = atoms.ready(atoms.AtomValues(kind="insight", title="Other words"))
    with pytest.raises(Conflict):
        atoms.edit(session, researcher, atom.key, version, values)

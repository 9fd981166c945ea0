"""Many claims confirmed or archived as one action: those that are theirs, in parts, taken back as one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from research_repo.core import atoms, bulk, bulk_cards, history, jobs, people, timeline
from research_repo.core.clock import months_after, today
from research_repo.core.errors import Conflict, Invalid, NotAllowed, NotFound
from research_repo.core.models import Atom, Confirmation, IndexQueue, Job, Person
from tests import make


def insights(session: Session, by: Person, count: int) -> list[Atom]:
    made = [make.atom(session, by, f"Insight {n}", kind="insight") for n in range(count)]
    for atom in made:
        atom.review_by = months_after(today(), -3)
    session.flush()
    return made


def settled(
    session: Session, by: Person, some: list[Atom], deed: str, note: str = ""
) -> bulk_cards.BulkCard:
    made = bulk.settle(session, by, [one.id for one in some], deed, note)
    session.expire_all()
    return bulk_cards.card(session, by, made, "en")


def test_many_are_confirmed_with_one_note_and_taken_back_as_they_were(
    session: Session, researcher: Person
) -> None:
    some = insights(session, researcher, 3)
    problem = make.atom(session, researcher, "It breaks", tags=["Finding type > Problem"])
    done = settled(session, researcher, [*some, problem], "confirm", "Asked again in June")
    assert (done.status, done.deed, done.note, done.changed) == (
        "done",
        "confirm",
        "Asked again in June",
        4,
    )
    assert [one.review_by for one in some] == [months_after(today(), 18)] * 3
    assert problem.review_by == months_after(today(), 9)
    assert [one.version for one in some] == [2, 2, 2]
    assert {one.note for one in session.exec(select(Confirmation))} == {"Asked again in June"}
    some[0].review_by = today() + timedelta(days=40)
    session.flush()
    bulk.undo(session, researcher, done.id)
    session.expire_all()
    assert [one.review_by for one in some] == [
        today() + timedelta(days=40),
        months_after(today(), -3),
        months_after(today(), -3),
    ]
    assert problem.review_by is None
    assert session.exec(select(Confirmation)).all() == []
    assert history.of(session, "atom", [problem.id])[0].verb == "unconfirmed"
    with pytest.raises(Conflict):
        bulk.undo(session, researcher, done.id)


def test_many_are_archived_told_to_the_index_and_taken_back(
    session: Session, researcher: Person
) -> None:
    some = insights(session, researcher, 3)
    queued = len(session.exec(select(IndexQueue)).all())
    done = settled(session, researcher, some, "archive")
    assert [one.status for one in some] == ["archived"] * 3
    assert len(session.exec(select(IndexQueue)).all()) == queued + 3
    line = timeline.of_atom(session, researcher, some[0].id, "en")[0]
    assert str(line.what) == "archived it"
    assert [str(one.name) for one in line.fields] == ["status"]
    again = settled(session, researcher, some, "archive")
    assert (again.changed, again.same) == (0, 3)
    atoms.set_status(session, researcher, some[0].key, some[0].version, "draft")
    bulk.undo(session, researcher, done.id)
    session.expire_all()
    assert [one.status for one in some] == ["draft", "published", "published"]
    card = bulk_cards.card(session, researcher, bulk.get(session, researcher, done.id), "en")
    assert (card.status, card.taken_back) == ("undone", 2)


@pytest.mark.parametrize("deed", ["confirm", "archive"])
def test_claims_of_others_are_left_and_closed_ones_do_not_exist(
    session: Session, researcher: Person, curator: Person, reader: Person, deed: str
) -> None:
    petr = make.person(session, "Petr", "researcher")
    closed = make.study(session, petr, "closed", access="members")
    mine, theirs = (insights(session, one, 1)[0] for one in (researcher, petr))
    hidden = make.atom(session, petr, "Hidden", closed)
    draft = make.atom(session, researcher, "Draft", kind="insight", status="draft")
    done = settled(session, researcher, [mine, theirs, hidden, draft], deed)
    assert (done.changed, done.not_yours, done.refused) == (1, 1, 1)
    assert [one.title for one in done.left_out.not_yours] == [theirs.title]
    assert [one.title for one, _ in done.left_out.refused] == ["Draft"]
    assert (hidden.version, theirs.version) == (1, 1)
    governed = settled(session, curator, [theirs, hidden], deed)
    assert (governed.changed, hidden.version) == (1, 1)
    with pytest.raises(NotAllowed):
        bulk.settle(session, reader, [mine.id], deed)
    with pytest.raises(NotFound):
        bulk.get(session, petr, done.id)


def test_whoever_lost_the_right_takes_nothing_back(session: Session, researcher: Person) -> None:
    petr = make.person(session, "Petr", "curator")
    some = insights(session, researcher, 2)
    done = settled(session, petr, some, "confirm")
    petr.role = "researcher"
    session.flush()
    bulk.undo(session, petr, done.id)
    session.expire_all()
    assert [one.review_by for one in some] == [months_after(today(), 18)] * 2


def test_a_great_many_are_confirmed_by_a_job_that_goes_on_where_it_broke_off(
    session: Session, researcher: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    monkeypatch.setattr(bulk, "STEP_ATOMS", 2)
    some = insights(session, researcher, 5)
    made = bulk.settle(session, researcher, [one.id for one in some], "confirm")
    job = session.get_one(Job, made.job_id)
    assert (job.kind, made.status) == ("claims.settle", "running")
    assert str(jobs.TITLES[job.kind]) == "Many claims confirmed or archived"
    by = people.get(session, job.arguments["person"])
    assert bulk.go_on(session, by, made.id)
    assert len(session.exec(select(Confirmation)).all()) == 2
    while bulk.go_on(session, by, made.id):
        pass
    assert len(session.exec(select(Confirmation)).all()) == 5
    assert not bulk.go_on(session, by, made.id)
    bulk.undo(session, researcher, made.id)
    assert session.get_one(Job, made.job_id).kind == "claims.unsettle"
    while bulk.go_back(session, by, made.id):
        pass
    session.expire_all()
    assert [one.review_by for one in some] == [months_after(today(), -3)] * 5


def test_what_nobody_means_is_refused(session: Session, researcher: Person) -> None:
    (one,) = insights(session, researcher, 1)
    with pytest.raises(Invalid, match="Choose the findings first"):
        bulk.settle(session, researcher, [], "confirm")
    with pytest.raises(Invalid, match="Choose what is to be done"):
        bulk.settle(session, researcher, [one.id], "delete")
    with pytest.raises(Invalid) as refusal:
        bulk.settle(session, researcher, [one.id], "confirm", "x" * 501)
    assert list(refusal.value.problems) == ["note"]

"""Tags for many findings: in parts, never half forgotten, and taken back exactly."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlmodel import Session, select

from research_repo.core import (
    bulk,
    bulk_cards,
    history,
    jobs,
    retagging,
    rules,
    schemes,
    studies,
    tagging,
    tags,
)
from research_repo.core.errors import Conflict, Invalid, NotAllowed, NotFound
from research_repo.core.models import Atom, AtomTag, BulkStep, IndexQueue, Job, Person, Tag
from tests import make


def tags_on(session: Session, atom: Atom) -> set[int]:
    return {put.tag_id for put in tagging.of_atoms(session, [atom.id]).get(atom.id, ())}


def atoms_of(session: Session, by: Person, count: int, **values: object) -> list[Atom]:
    return [make.atom(session, by, f"Finding {n}", **values) for n in range(count)]  # type: ignore[arg-type]


def begun(
    session: Session,
    by: Person,
    atoms: Sequence[Atom],
    add: Sequence[Tag] = (),
    remove: Sequence[Tag] = (),
) -> int:
    ids = retagging.seen(session, by, [atom.id for atom in atoms])
    return bulk.begin(session, by, ids, [one.id for one in add], [one.id for one in remove]).id


def card(session: Session, by: Person, bulk_id: int) -> bulk_cards.BulkCard:
    return bulk_cards.card(session, by, bulk.get(session, by, bulk_id), "en")


@pytest.fixture
def refund(session: Session, curator: Person) -> Tag:
    return make.tag(session, curator, "Refund")


@pytest.fixture
def parcel(session: Session, curator: Person) -> Tag:
    return make.tag(session, curator, "Parcel")


def test_tags_are_put_on_and_taken_off_with_history_version_and_queue(
    session: Session, researcher: Person, refund: Tag, parcel: Tag
) -> None:
    atoms = atoms_of(session, researcher, 3, tags=[parcel])
    queued = len(session.exec(select(IndexQueue)).all())
    made = begun(session, researcher, atoms, [refund], [parcel])
    session.expire_all()
    assert [tags_on(session, one) for one in atoms] == [{refund.id}] * 3
    assert [one.version for one in atoms] == [2, 2, 2]
    assert len(session.exec(select(IndexQueue)).all()) == queued + 3
    line = history.of(session, "atom", [atoms[0].id])[0]
    assert (line.verb, line.who) == ("tagged", "Marina")
    assert line.before == {"tags": [parcel.id]}
    assert line.after == {"tags": [refund.id], "bulk": made}
    done = card(session, researcher, made)
    assert (done.status, done.total, done.changed, done.done) == ("done", 3, 3, 3)
    assert [one.label for one in done.added] == ["Refund"]
    assert [one.label for one in done.removed] == ["Parcel"]


def test_what_is_so_already_is_not_touched(
    session: Session, researcher: Person, refund: Tag
) -> None:
    with_it, without = atoms_of(session, researcher, 2)
    tagging.put(session, researcher, with_it, [refund.id])
    version = with_it.version
    made = begun(session, researcher, [with_it, without], [refund])
    session.expire_all()
    assert with_it.version == version
    assert (card(session, researcher, made).changed, card(session, researcher, made).same) == (1, 1)


def test_findings_of_others_are_left_and_closed_ones_do_not_exist(
    session: Session, researcher: Person, curator: Person, reader: Person, refund: Tag
) -> None:
    other = make.person(session, "Petr", "researcher")
    open_study = make.study(session, other, "open")
    closed = make.study(session, other, "closed", access="members")
    mine = make.atom(session, researcher, "Mine", open_study)
    theirs = make.atom(session, other, "Theirs", open_study)
    hidden = make.atom(session, other, "Hidden", closed)
    found = bulk.weigh(session, researcher, [mine.id, theirs.id, hidden.id], [refund.id], [])
    assert (found.changing, found.not_yours) == ((mine.id,), (theirs.id,))
    made = begun(session, researcher, [mine, theirs, hidden], [refund])
    done = card(session, researcher, made)
    assert (done.total, done.changed, done.not_yours) == (2, 1, 1)
    assert [one.title for one in done.left_out.not_yours] == ["Theirs"]
    assert tags_on(session, hidden) == tags_on(session, theirs) == set()
    made = begun(session, curator, [mine, theirs, hidden], [refund])
    assert card(session, curator, made).changed == 1
    with pytest.raises(NotAllowed):
        begun(session, reader, [mine], [refund])
    with pytest.raises(NotFound):
        bulk.get(session, other, made)


def test_what_a_rule_forbids_is_named_and_left_as_it_is(
    session: Session, researcher: Person, curator: Person
) -> None:
    scheme = make.scheme(session, curator, "Severity level", "level")
    high, low = (make.tag(session, curator, one, "level") for one in ("High", "Low"))
    schemes.set_rules(session, curator, scheme.key, schemes.Rules(is_single=True, kinds=["fact"]))
    plain, taken = atoms_of(session, researcher, 2)
    tagging.put(session, researcher, taken, [low.id])
    insight = make.atom(session, researcher, "It hurts", kind="insight")
    draft = make.atom(session, researcher, "A draft", kind="insight", status="draft")
    atoms = [plain, taken, insight, draft]
    made = begun(session, researcher, atoms, [high])
    assert [tags_on(session, one) for one in atoms] == [{high.id}, {low.id}, set(), {high.id}]
    told = {one.title: str(why) for one, why in card(session, researcher, made).left_out.refused}
    assert "takes one tag, and here are several: High, Low" in told[taken.title]
    assert "is for facts only" in told["It hurts"]
    # The same tags in one action are a change from one to the other.
    begun(session, researcher, [taken], [high], [low])
    assert tags_on(session, taken) == {high.id}


def test_no_finding_gets_more_tags_than_one_may_have(
    session: Session, researcher: Person, curator: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tagging, "TAGS_MAX", 2)
    one, two, three = (make.tag(session, curator, word) for word in ("One", "Two", "Three"))
    full, free = (
        make.atom(session, researcher, "Full", tags=[one, two]),
        make.atom(session, researcher, "Free", tags=[one]),
    )
    made = begun(session, researcher, [full, free], [three])
    assert tags_on(session, full) == {one.id, two.id}
    assert tags_on(session, free) == {one.id, three.id}
    assert card(session, researcher, made).refused == 1


def test_an_undo_takes_back_exactly_what_was_written_and_nothing_that_people_did_since(
    session: Session, researcher: Person, curator: Person, refund: Tag, parcel: Tag
) -> None:
    had, lacked, took_off, put_again, has_both = atoms_of(session, researcher, 5)
    tagging.put(session, researcher, had, [refund.id])
    for one in (lacked, has_both):
        tagging.put(session, researcher, one, [parcel.id])
    rows = {(row.atom_id, row.tag_id, row.person_id, row.created_at) for row in all_puts(session)}
    made = begun(session, curator, [had, lacked, took_off, put_again, has_both], [refund], [parcel])
    tagging.put(session, researcher, took_off, [])
    tagging.put(session, researcher, put_again, [])
    tagging.put(session, researcher, put_again, [refund.id])
    tagging.put(session, researcher, has_both, [refund.id, parcel.id])
    bulk.undo(session, curator, made)
    session.expire_all()
    assert tags_on(session, had) == {refund.id}
    assert tags_on(session, lacked) == {parcel.id}
    assert tags_on(session, took_off) == set()
    assert tags_on(session, put_again) == {refund.id}
    assert tags_on(session, has_both) == {parcel.id}
    standing = {
        (row.atom_id, row.tag_id, row.person_id, row.created_at) for row in all_puts(session)
    }
    untouched = {row for row in rows if row[0] in (had.id, lacked.id)}
    assert untouched <= standing
    done = card(session, curator, made)
    assert (done.status, done.taken_back) == ("undone", 2)
    with pytest.raises(Conflict):
        bulk.undo(session, curator, made)


def all_puts(session: Session) -> Sequence[AtomTag]:
    return session.exec(select(AtomTag)).all()


def test_an_undo_brings_back_the_word_that_a_group_does_not_apply(
    session: Session, researcher: Person, curator: Person, refund: Tag
) -> None:
    (atom,) = atoms_of(session, researcher, 1)
    rules.mark(session, researcher, atom, [refund.scheme_id])
    made = begun(session, researcher, [atom], [refund])
    assert rules.marks_of(session, atom.id) == set()
    bulk.undo(session, researcher, made)
    assert rules.marks_of(session, atom.id) == {refund.scheme_id}
    assert tags_on(session, atom) == set()


def test_an_undo_breaks_no_rule(session: Session, researcher: Person, curator: Person) -> None:
    scheme = make.scheme(session, curator, "Severity level", "level")
    high, low = (make.tag(session, curator, one, "level") for one in ("High", "Low"))
    schemes.set_rules(session, curator, scheme.key, schemes.Rules(is_single=True))
    (atom,) = atoms_of(session, researcher, 1)
    tagging.put(session, researcher, atom, [low.id])
    made = begun(session, researcher, [atom], [], [low])
    tagging.put(session, researcher, atom, [high.id])
    bulk.undo(session, researcher, made)
    assert tags_on(session, atom) == {high.id}


def test_a_tag_that_was_merged_meanwhile_comes_off_as_its_survivor_and_goes_back_as_itself(
    session: Session, researcher: Person, curator: Person, refund: Tag, parcel: Tag
) -> None:
    from research_repo.core import changes
    from research_repo.core.change_lines import Merge

    (atom,) = atoms_of(session, researcher, 1, tags=[parcel])
    changes.apply_at_once(session, curator, [Merge(parcel.key, refund.key)])
    made = begun(session, researcher, [atom], [], [refund])
    assert tags_on(session, atom) == set()
    bulk.undo(session, researcher, made)
    assert [row.tag_id for row in all_puts(session)] == [parcel.id]


def test_many_findings_wait_for_a_job_that_goes_on_where_it_broke_off(
    session: Session, researcher: Person, refund: Tag, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "STEP_ATOMS", 2)
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    atoms = atoms_of(session, researcher, 5)
    made = begun(session, researcher, atoms, [refund])
    waiting = card(session, researcher, made)
    assert (waiting.status, waiting.is_at_work, waiting.done) == ("running", True, 0)
    assert bulk.go_on(session, researcher, made)
    first = session.exec(select(BulkStep).where(BulkStep.position == 0)).one().images
    assert [len(tags_on(session, one)) for one in atoms] == [1, 1, 0, 0, 0]
    assert bulk.go_on(session, researcher, made)
    assert not bulk.go_on(session, researcher, made)
    assert not bulk.go_on(session, researcher, made)
    assert [len(tags_on(session, one)) for one in atoms] == [1] * 5
    assert session.exec(select(BulkStep).where(BulkStep.position == 0)).one().images == first
    assert card(session, researcher, made).status == "done"


def test_what_is_at_work_can_be_undone_and_then_begins_nothing_more(
    session: Session, researcher: Person, refund: Tag, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "STEP_ATOMS", 2)
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    atoms = atoms_of(session, researcher, 5)
    made = begun(session, researcher, atoms, [refund])
    bulk.go_on(session, researcher, made)
    bulk.undo(session, researcher, made)
    assert not bulk.go_on(session, researcher, made)
    assert not bulk.go_back(session, researcher, made)
    assert [tags_on(session, one) for one in atoms] == [set()] * 5
    assert card(session, researcher, made).status == "undone"


def test_what_broke_off_for_good_is_taken_up_again_by_hand(
    session: Session, researcher: Person, refund: Tag, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "STEP_ATOMS", 2)
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    made = begun(session, researcher, atoms_of(session, researcher, 3), [refund])
    with pytest.raises(Conflict):
        bulk.again(session, researcher, made)
    first = bulk.get(session, researcher, made).job_id
    session.get_one(Job, first).status = "failed"
    session.flush()
    assert not card(session, researcher, made).is_at_work
    assert bulk.again(session, researcher, made).job_id != first
    assert card(session, researcher, made).is_at_work


def test_rights_are_those_of_the_moment(
    session: Session,
    researcher: Person,
    curator: Person,
    refund: Tag,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bulk, "STEP_ATOMS", 2)
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    study = make.study(session, curator, "team", access="members")
    studies.add_member(session, curator, study.key, researcher.email, may_edit=True)
    atoms = [make.atom(session, curator, f"Seen {n}", study) for n in range(4)]
    made = begun(session, researcher, atoms, [refund])
    bulk.go_on(session, researcher, made)
    studies.remove_member(session, curator, study.key, researcher.id)
    bulk.go_on(session, researcher, made)
    assert [len(tags_on(session, one)) for one in atoms] == [1, 1, 0, 0]
    bulk.undo(session, researcher, made)
    while bulk.go_back(session, researcher, made):
        pass
    assert [len(tags_on(session, one)) for one in atoms] == [1, 1, 0, 0]


def test_nonsense_is_refused_with_advice(
    session: Session, researcher: Person, curator: Person, refund: Tag, parcel: Tag
) -> None:
    (atom,) = atoms_of(session, researcher, 1)
    tags.retire(session, curator, parcel.key)
    for add, remove, field in (
        ([], [], "add"),
        ([refund.id], [refund.id], "remove"),
        ([parcel.id], [], "add"),
        (list(range(1, 30)), [], "add"),
    ):
        with pytest.raises(Invalid) as refused:
            bulk.begin(session, researcher, [atom.id], add, remove)
        assert list(refused.value.problems) == [field]
    with pytest.raises(Invalid) as refused:
        bulk.begin(session, researcher, [], [refund.id], [])
    assert list(refused.value.problems) == ["atoms"]
    assert session.exec(select(Job)).all() == []


def test_readers_start_no_tagging_and_may_export(session: Session, reader: Person) -> None:
    with pytest.raises(NotAllowed):
        jobs.start(session, reader, "atoms.tag", {})
    assert jobs.start(session, reader, "atoms.export", {}).kind == "atoms.export"

"""Participants: who sees them, whose quotes are theirs, and what is due for deletion."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import update
from sqlmodel import Session, select

from research_repo.core import atoms, consent, evidence, heard, history, participants, studies
from research_repo.core.atoms import AtomValues
from research_repo.core.clock import now, today
from research_repo.core.db import Database
from research_repo.core.errors import Conflict, Invalid, NotAllowed, NotFound
from research_repo.core.evidence import EvidenceValues
from research_repo.core.models import Atom, IndexQueue, Participant, Passage, Person, Source, Study
from research_repo.core.participants import ParticipantValues
from tests import make


def added(session: Session, by: Person, code: str, study: str = "returns", **more: object) -> int:
    values = participants.ready(ParticipantValues(code=code, **more))  # type: ignore[arg-type]
    return participants.add(session, by, study, values).id


def whose(session: Session, atom: Atom) -> list[tuple[str, int | None]]:
    return [(one.who, one.participant_id) for one in evidence.of_atom(session, atom.id)]


def edited(session: Session, by: Person, atom: Atom, *pieces: EvidenceValues) -> None:
    study = session.get_one(Atom, atom.id).study_id
    key = "returns" if study else ""
    values = AtomValues(kind=atom.kind, title=atom.title, study_key=key, evidence=pieces)
    atoms.edit(session, by, atom.key, atom.version, atoms.ready(values))


def test_a_quote_of_somebody_called_like_a_participant_is_theirs(
    session: Session, researcher: Person
) -> None:
    make.study(session, researcher)
    anna = added(session, researcher, "R-07")
    atom = make.atom(session, researcher, "Refunds take long", quote="Weeks!", who=" r-07 ")
    other = make.atom(session, researcher, "Refunds are odd", quote="Days!", who="R-08")
    assert whose(session, atom) == [("r-07", anna)]
    assert whose(session, other) == [("R-08", None)]


def test_a_code_of_another_study_names_nobody_here(session: Session, researcher: Person) -> None:
    make.study(session, researcher)
    make.study(session, researcher, "other")
    added(session, researcher, "R-07", "other")
    atom = make.atom(session, researcher, "Refunds take long", quote="Weeks!", who="R-07")
    assert whose(session, atom) == [("R-07", None)]


def test_a_participant_added_later_gets_the_quotes_that_name_them(
    session: Session, researcher: Person
) -> None:
    study = make.study(session, researcher)
    atom = make.atom(session, researcher, "Refunds take long", study, quote="Weeks!", who="R-07")
    for waiting in session.exec(select(IndexQueue)).all():
        session.delete(waiting)
    anna = added(session, researcher, "r-07")
    session.expire_all()
    assert whose(session, atom) == [("R-07", anna)]
    assert session.exec(select(IndexQueue.atom_id)).all() == [atom.id]


def test_another_name_beside_a_quote_is_another_person(
    session: Session, researcher: Person
) -> None:
    make.study(session, researcher)
    anna = added(session, researcher, "R-07")
    atom = make.atom(session, researcher, "Refunds take long", quote="Weeks!", who="R-07")
    (row,) = evidence.of_atom(session, atom.id)
    edited(session, researcher, atom, EvidenceValues(text="Weeks", who="R-07", id=row.id))
    assert whose(session, atom) == [("R-07", anna)]
    edited(session, researcher, atom, EvidenceValues(text="Weeks", who="a courier", id=row.id))
    assert whose(session, atom) == [("a courier", None)]


def test_whoever_is_named_by_number_must_have_been_heard_in_the_study(
    session: Session, researcher: Person
) -> None:
    make.study(session, researcher)
    make.study(session, researcher, "other")
    mine, strange = added(session, researcher, "R-07"), added(session, researcher, "X", "other")
    pieces = [EvidenceValues(text=str(one), participant_id=one) for one in (mine, strange, 999)]
    atom = make.atom(session, researcher, "Refunds take long", evidence=pieces)
    assert whose(session, atom) == [("R-07", mine), ("", None), ("", None)]


def test_a_code_stands_once_in_a_study_whatever_its_case(
    session: Session, researcher: Person
) -> None:
    make.study(session, researcher)
    added(session, researcher, "R-07")
    with pytest.raises(Invalid) as refusal:
        added(session, researcher, "r-07")
    assert "code" in refusal.value.problems


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"code": " "}, "code"),
        ({"code": "x" * 65}, "code"),
        ({"code": "anna@example.org"}, "code"),
        ({"code": "+7 916 123-45-67"}, "code"),
        ({"code": "R1", "segment": "паспорт 4509 123456"}, "segment"),
        ({"code": "R1", "consent_purpose": "x" * 501}, "consent_purpose"),
        ({"code": "R1", "consent_on": date(2999, 1, 1)}, "consent_on"),
        ({"code": "R1", "withdrawn_on": date(2999, 1, 1)}, "withdrawn_on"),
        (
            {"code": "R1", "consent_on": date(2026, 2, 1), "consent_until": date(2026, 1, 1)},
            "consent_until",
        ),
        (
            {"code": "R1", "consent_on": date(2026, 2, 1), "withdrawn_on": date(2026, 1, 1)},
            "withdrawn_on",
        ),
    ],
)
def test_what_cannot_be_a_participant_is_refused_beside_the_field(
    values: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        participants.ready(ParticipantValues(**values))  # type: ignore[arg-type]
    assert list(refusal.value.problems) == [field]


def test_a_table_adds_changes_and_leaves_alone(session: Session, researcher: Person) -> None:
    make.study(session, researcher)
    added(session, researcher, "R-1", segment="new", consent_on=date(2026, 1, 1))
    added(session, researcher, "R-2", segment="old")
    table = [
        ParticipantValues(code="r-1", segment="lost"),
        ParticipantValues(code="R-2", segment="old"),
        ParticipantValues(code="R-10"),
    ]
    written = participants.add_many(session, researcher, "returns", table)
    assert (written.added, written.changed, written.unchanged) == (1, 1, 1)
    rows = participants.of_study(session, researcher, "returns")
    assert [(row.code, row.segment) for row in rows] == [
        ("R-1", "lost"),
        ("R-2", "old"),
        ("R-10", ""),
    ]
    assert rows[0].consent_on == date(2026, 1, 1)


def test_participants_of_an_open_study_are_there_for_its_team_alone(
    session: Session, researcher: Person, curator: Person, reader: Person
) -> None:
    study = make.study(session, researcher)
    anna = added(session, researcher, "R-07")
    for outsider in (curator, reader):
        with pytest.raises(NotFound):
            participants.of_study(session, outsider, study.key)
        with pytest.raises(NotFound):
            participants.to_read(session, outsider, study.key, anna)
        with pytest.raises(NotFound):
            added(session, outsider, "R-08")
    studies.add_member(session, researcher, study.key, reader.email, may_edit=False)
    assert [row.id for row in participants.of_study(session, reader, study.key)] == [anna]
    with pytest.raises(NotAllowed):
        added(session, reader, "R-08")


def test_another_code_goes_with_the_quotes(session: Session, researcher: Person) -> None:
    make.study(session, researcher)
    anna = added(session, researcher, "R-07")
    atom = make.atom(session, researcher, "Refunds take long", quote="Weeks!", who="R-07")
    values = ParticipantValues(code="P7")
    row = participants.change(session, researcher, "returns", anna, 1, values)
    assert whose(session, atom) == [("P7", anna)]
    assert row.version == 2
    with pytest.raises(Conflict):
        participants.change(session, researcher, "returns", anna, 1, values)


def test_no_participant_is_reached_through_another_study(
    session: Session, researcher: Person
) -> None:
    make.study(session, researcher)
    make.study(session, researcher, "other")
    strange = added(session, researcher, "X", "other")
    with pytest.raises(NotFound):
        participants.to_read(session, researcher, "returns", strange)


def a_source(session: Session, by: Person, study: Study, participant_id: int, key: str) -> Source:
    row = Source(
        key=key,
        study_id=study.id,
        kind="transcript",
        title=f"Call {key}",
        text="Weeks!",
        person_id=by.id,
        participant_id=participant_id,
        completed_at=now(),
    )
    session.add(row)
    session.flush()
    return row


def test_whoever_was_not_heard_yet_moves_to_another_study(
    session: Session, researcher: Person
) -> None:
    make.study(session, researcher)
    other = make.study(session, researcher, "other")
    anna = added(session, researcher, "R-07")
    atom = make.atom(session, researcher, "Refunds take long", other, quote="Weeks!", who="R-07")
    row = participants.move(session, researcher, "returns", anna, 1, "other")
    session.expire_all()
    assert (row.study_id, row.version) == (other.id, 2)
    assert whose(session, atom) == [("R-07", anna)]
    with pytest.raises(NotFound):
        participants.to_read(session, researcher, "returns", anna)


def test_whoever_was_heard_is_not_moved_away_from_what_they_said(
    session: Session, researcher: Person
) -> None:
    study = make.study(session, researcher)
    make.study(session, researcher, "other")
    anna, boris = added(session, researcher, "R-07"), added(session, researcher, "R-08")
    atom = make.atom(session, researcher, "Refunds take long", study, quote="Weeks!", who="R-07")
    a_source(session, researcher, study, boris, "s1")
    for one, told in ((anna, ": 1 quote would"), (boris, ": 1 source would")):
        with pytest.raises(Invalid) as refusal:
            participants.move(session, researcher, "returns", one, 1, "other")
        assert told in str(refusal.value)
    assert whose(session, atom) == [("R-07", anna)]


def test_a_move_is_refused_where_the_code_is_taken_or_the_study_is_not_ones_own(
    session: Session, researcher: Person, curator: Person
) -> None:
    make.study(session, researcher)
    make.study(session, researcher, "other")
    make.study(session, curator, "foreign")
    anna = added(session, researcher, "R-07")
    added(session, researcher, "r-07", "other")
    for key in ("other", "foreign", "returns", "nothing", ""):
        with pytest.raises(Invalid) as refusal:
            participants.move(session, researcher, "returns", anna, 1, key)
        assert list(refusal.value.problems) == ["study"]
    with pytest.raises(Conflict):
        participants.move(session, researcher, "returns", anna, 9, "other")


def test_a_fact_that_moves_to_another_study_leaves_its_participant_behind(
    session: Session, researcher: Person
) -> None:
    make.study(session, researcher)
    make.study(session, researcher, "other")
    anna, other = added(session, researcher, "R-07"), added(session, researcher, "R-08", "other")
    atom = make.atom(session, researcher, "Refunds take long", quote="Weeks!", who="R-07")
    for who, expected in (("R-07", None), ("R-08", other)):
        (row,) = evidence.of_atom(session, atom.id)
        piece = EvidenceValues(text="Weeks!", who=who, id=row.id, participant_id=anna)
        values = AtomValues(title=atom.title, study_key="other", evidence=[piece])
        atoms.edit(session, researcher, atom.key, atom.version, atoms.ready(values))
        assert whose(session, atom) == [(who, expected)]


def test_due_for_deletion_is_whose_consent_was_withdrawn_or_is_over(
    session: Session, researcher: Person, curator: Person
) -> None:
    make.study(session, researcher)
    make.study(session, researcher, "other")
    day = timedelta(days=1)
    added(session, researcher, "holds", consent_until=today())
    added(session, researcher, "unasked")
    added(session, researcher, "over", consent_until=today() - day)
    added(session, researcher, "withdrawn", withdrawn_on=today() - 9 * day)
    added(session, researcher, "long-over", "other", consent_until=today() - 30 * day)
    make.atom(session, researcher, "Refunds take long", quote="Weeks!", who="withdrawn")
    found = consent.due(session, researcher)
    assert [(one.participant.code, one.study_key, one.since) for one in found] == [
        ("long-over", "other", today() - 29 * day),
        ("withdrawn", "returns", today() - 9 * day),
        ("over", "returns", today()),
    ]
    assert found[1].traces == heard.Traces(quotes=1)
    here = consent.due(session, researcher, "returns")
    assert [one.participant.code for one in here] == ["withdrawn", "over"]
    assert consent.due(session, curator) == []


def test_a_participant_who_is_removed_leaves_the_words_and_nothing_about_themselves(
    session: Session, researcher: Person
) -> None:
    study = make.study(session, researcher)
    anna = added(session, researcher, "R-07", segment="lost customers")
    participants.change(
        session, researcher, "returns", anna, 1, ParticipantValues(code="R-07", segment="new")
    )
    atom = make.atom(session, researcher, "Refunds take long", study, quote="Weeks!", who="R-07")
    source = a_source(session, researcher, study, anna, "s1")
    session.add(Passage(source_id=source.id, position=0, start=0, end=6, participant_id=anna))
    session.flush()
    with pytest.raises(Invalid, match="Call s1"):
        consent.remove(session, researcher, "returns", anna, 2)
    source.removed_at = now()
    session.flush()
    with pytest.raises(Invalid, match="Call s1"):
        consent.remove(session, researcher, "returns", anna, 2)
    source.participant_id = None
    session.execute(update(Passage).values(participant_id=None))
    consent.remove(session, researcher, "returns", anna, 2)
    session.expire_all()
    assert session.get(Participant, anna) is None
    assert whose(session, atom) == [("R-07", None)]
    lines = history.of(session, participants.NOUN, [anna])
    assert [line.verb for line in lines] == ["removed", "changed", "added"]
    assert all(line.before is None and line.after is None for line in lines)


def test_a_table_of_any_length_comes_in_by_parts(database: Database) -> None:
    with database.saving() as session:
        marina = make.person(session, "Marina", "researcher")
        make.study(session, marina)
    told: list[tuple[int, int]] = []
    table = [ParticipantValues(code=f"R{number}") for number in range(1001)]
    written = participants.bring_in(
        database, marina, "returns", table, lambda done, total: told.append((done, total))
    )
    assert written == participants.Written(added=1001)
    assert told == [(500, 1001), (1000, 1001), (1001, 1001)]
    assert participants.bring_in(database, marina, "returns", table).unchanged == 1001

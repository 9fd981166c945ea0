"""Speakers of a source and the participants of its study."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from research_repo.core import (
    access,
    anchors,
    evidence,
    participants,
    sources,
    speakers,
    studies,
)
from research_repo.core.db import Database
from research_repo.core.errors import Invalid, NotAllowed
from research_repo.core.models import IndexQueue, Participant, Passage, Person
from research_repo.core.source_texts import Turn, composed
from research_repo.core.sources import SourceValues
from research_repo.core.speakers import Speaker
from tests import make

TALK = [("Anna", "Where is it?"), ("Petr K.", "Lost."), ("Anna", "When?"), ("Petr K.", "In May.")]


def test_speakers_stand_in_the_order_of_their_first_words(
    session: Session, researcher: Person
) -> None:
    source = make.source(session, researcher, TALK)

    speakers.assign(session, researcher, source.key, {"Petr K.": "R7"})

    assert speakers.of_source(session, source.id) == [
        Speaker("Anna", 2, ""),
        Speaker("Petr K.", 2, "R7"),
    ]
    assert [one.code for one in sources.page(session, source).passages] == ["", "R7", "", "R7"]


def test_a_code_that_stands_names_the_same_participant_whatever_its_case(
    session: Session, researcher: Person
) -> None:
    first = make.source(session, researcher, TALK)
    second = make.source(session, researcher, TALK)

    speakers.assign(session, researcher, first.key, {"Petr K.": "R7"})
    speakers.assign(session, researcher, second.key, {"Petr K.": " r7 "})

    assert len(session.exec(select(Participant)).all()) == 1


def test_a_code_that_tells_who_somebody_is_is_refused(session: Session, researcher: Person) -> None:
    source = make.source(session, researcher, TALK)

    with pytest.raises(Invalid) as refusal:
        speakers.assign(session, researcher, source.key, {"Petr K.": "petr@example.org"})

    assert "petr@example.org" in str(refusal.value.problems["participant"])
    assert not session.exec(select(Participant)).all()


def test_quotes_that_were_cut_before_become_the_participants_and_show_the_code(
    session: Session, researcher: Person
) -> None:
    source = make.source(session, researcher, TALK)
    place = source.text.index("In May.")
    cut = anchors.cut(session, researcher, source.key, place, place + len("In May."))
    atom = make.atom(session, researcher, "It was lost in May", evidence=[cut])
    other = anchors.cut(session, researcher, source.key, 0, len("Where is it?"))
    asked = make.atom(session, researcher, "We asked", evidence=[other])
    both = anchors.cut(session, researcher, source.key, 0, place)
    turns = make.atom(session, researcher, "We asked, and he said", evidence=[both])
    assert not any(evidence.of_atom(session, one.id)[0].who for one in (atom, asked, turns))
    for row in session.exec(select(IndexQueue)):
        session.delete(row)

    speakers.assign(session, researcher, source.key, {"Petr K.": "R7"})

    heard = participants.named(session, atom.study_id or 0, ["R7"])["r7"]
    for one in (atom, turns):
        quote = evidence.of_atom(session, one.id)[0]
        assert (quote.who, quote.participant_id) == ("R7", heard)
    assert evidence.of_atom(session, asked.id)[0].participant_id is None
    queued = [row.atom_id for row in session.exec(select(IndexQueue))]
    assert sorted(queued) == [atom.id, turns.id]


def test_who_was_named_by_hand_over_a_quote_stays(session: Session, researcher: Person) -> None:
    source = make.source(session, researcher, TALK)
    cut = anchors.cut(session, researcher, source.key, 14, 19)
    atom = make.atom(session, researcher, "Lost", evidence=[cut])
    evidence.of_atom(session, atom.id)[0].who = "a courier"
    session.flush()

    speakers.assign(session, researcher, source.key, {"Petr K.": "R7"})

    assert evidence.of_atom(session, atom.id)[0].who == "a courier"


def test_a_speaker_can_be_nobody_again(session: Session, researcher: Person) -> None:
    source = make.source(session, researcher, TALK)
    speakers.assign(session, researcher, source.key, {"Anna": "R1"})

    assert speakers.assign(session, researcher, source.key, {"Anna": ""}) == 2

    assert speakers.of_source(session, source.id)[0].code == ""


def test_naming_speakers_as_they_are_changes_nothing(session: Session, researcher: Person) -> None:
    source = make.source(session, researcher, TALK)
    speakers.assign(session, researcher, source.key, {"Anna": "R1"})
    version = source.version

    assert speakers.assign(session, researcher, source.key, {"Anna": "R1", "x": "R1"}) == 0
    assert source.version == version


def test_whoever_may_not_edit_the_study_names_nobody(session: Session, researcher: Person) -> None:
    source = make.source(session, researcher, TALK)
    reader = make.person(session, "Olga", "reader")
    studies.add_member(session, researcher, "returns", reader.email, may_edit=False)

    with pytest.raises(NotAllowed):
        speakers.assign(session, reader, source.key, {"Anna": "R1"})


def test_respondents_of_a_table_become_participants_with_it(database: Database) -> None:
    with database.saving() as session:
        by = make.person(session, "Marina", "researcher")
        make.study(session, by, "k")
    names = [f"P{n}" for n in range(1200)]
    text = composed("survey", [Turn("Yes", name, heading="Did it come?") for name in names])
    values = SourceValues(title="All", participant="", codes={name: name for name in names})

    key = sources.bring_in(database, by, "k", sources.ready(values, text), text)

    with database.reading() as session:
        source = access.source_to_read(session, by, key)
        assert len(participants.of_study(session, by, "k")) == 1200
        rows = session.exec(
            select(Passage.speaker, Participant.code)
            .join(Participant)
            .where(Passage.source_id == source.id)
        ).all()
        assert len(rows) == 1200
        assert all(speaker == code for speaker, code in rows)


def test_the_one_who_was_heard_stands_on_the_source(session: Session, researcher: Person) -> None:
    source = make.source(session, researcher, [("", "Notes")], participant="R3")

    assert sources.card(session, source).who == "R3"
    with pytest.raises(Invalid) as refusal:
        sources.ready(
            SourceValues(title="x", participant="+7 921 555-01-23"), composed("notes", [Turn("x")])
        )
    assert "participant" in refusal.value.problems

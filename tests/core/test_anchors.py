"""Quotes in their sources: they equal the text where they stand, whatever happens to either."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from research_repo.core import (
    anchors,
    atoms,
    evidence,
    participants,
    rewording,
    sources,
    studies,
)
from research_repo.core.atoms import AtomValues
from research_repo.core.errors import Invalid, NotFound
from research_repo.core.evidence import EvidenceValues
from research_repo.core.models import Atom, Evidence, Passage, Person, Source
from tests import make

TURNS = [
    ("Anna", "How was it? 🙂"),
    ("R-07", "  «Ждала две недели». Nobody told me why.  "),
    ("Anna", "And then?"),
    ("R-07", "Then I stopped waiting."),
]
WORDS = "Nobody told me why."


@pytest.fixture
def source(session: Session, researcher: Person) -> Source:
    return make.source(session, researcher, TURNS, title="Interview 3")


@pytest.fixture
def fact(session: Session, researcher: Person, source: Source) -> Atom:
    return quoting(session, researcher, source, WORDS)


def quoting(session: Session, by: Person, source: Source, words: str, **values: Any) -> Atom:
    """A fact with a quote that was cut from the source."""
    start = source.text.index(words)
    said = anchors.cut(session, by, source.key, start, start + len(words))
    title = values.pop("title", "They wait without knowing why")
    return make.atom(session, by, title, evidence=[said], **values)


def quote_of(session: Session, atom: Atom) -> Evidence:
    (row,) = evidence.of_atom(session, atom.id)
    session.refresh(row)
    return row


def stands(source: Source, row: Evidence) -> bool:
    assert row.span_start is not None
    return source.text[row.span_start : row.span_end] == row.text


def edit(session: Session, by: Person, atom: Atom, *pieces: EvidenceValues) -> None:
    values = AtomValues(title=atom.title, study_key="returns", evidence=pieces)
    atoms.edit(session, by, atom.key, atom.version, atoms.ready(values))


def test_a_quote_is_cut_without_the_spaces_around_it_and_says_whose_it_is(
    session: Session, researcher: Person
) -> None:
    codes = {"R-07": "R-07"}
    source = make.source(session, researcher, TURNS, title="Interview 3", codes=codes)
    start = source.text.index("«Ждала")
    said = anchors.cut(session, researcher, source.key, start - 2, source.text.index("Nobody"))
    assert (said.text, said.who, said.source) == ("«Ждала две недели».", "R-07", "Interview 3")
    assert (said.span_start, said.span_end) == (start, start + len(said.text))


def test_a_quote_of_two_turns_is_the_participants_who_was_heard_in_them(
    session: Session, researcher: Person, source: Source
) -> None:
    heard = participants.add(
        session,
        researcher,
        "returns",
        participants.ready(participants.ParticipantValues(code="R-07")),
    )
    rows = session.exec(select(Passage).where(col(Passage.speaker) == "R-07"))
    for row in rows:
        row.participant_id = heard.id
    session.flush()
    both = anchors.cut(session, researcher, source.key, 0, source.text.index(" Nobody"))
    assert (both.who, both.participant_id) == ("R-07", heard.id)


def test_the_name_of_a_speaker_who_is_nobodys_participant_stays_in_the_source(
    session: Session, researcher: Person, source: Source
) -> None:
    asked = anchors.cut(session, researcher, source.key, 0, 11)
    assert (asked.who, asked.participant_id) == ("", None)
    atom = make.atom(session, researcher, "We asked", evidence=[asked])
    (row,) = evidence.of_atom(session, atom.id)
    colleague = make.person(session, "Olga", "reader")
    studies.add_member(session, researcher, "returns", colleague.email, may_edit=False)
    stranger = make.person(session, "Gleb", "curator")
    told = [
        anchors.origins(session, by, [row]).get(row.id) for by in (researcher, colleague, stranger)
    ]
    assert told == [
        anchors.Origin(source.key, True, "Anna", True),
        anchors.Origin(source.key, True, "Anna", False),
        None,
    ]
    row.who = "a moderator"
    assert anchors.origins(session, researcher, [row])[row.id].speakers == ""


def test_a_quote_says_when_in_the_recording_it_was_said(
    session: Session, researcher: Person, source: Source
) -> None:
    session.exec(select(Passage).where(Passage.position == 1)).one().from_ms = 3_731_000
    session.flush()
    start = source.text.index(WORDS)
    said = anchors.cut(session, researcher, source.key, start, start + 6)
    assert said.source == "Interview 3, 1:02:11"


@pytest.mark.parametrize(("start", "end"), [(3, 3), (9, 4), (11, 12), (9_999, 10_000), (-5, 0)])
def test_nothing_cannot_be_quoted(
    session: Session, researcher: Person, source: Source, start: int, end: int
) -> None:
    with pytest.raises(Invalid, match="Select the words"):
        anchors.cut(session, researcher, source.key, start, end)


def test_more_than_a_quote_holds_cannot_be_quoted(session: Session, researcher: Person) -> None:
    long = make.source(session, researcher, [("R-1", "word " * 5000)])
    with pytest.raises(Invalid, match="at most 20000"):
        anchors.cut(session, researcher, long.key, 0, 25_000)


def test_whoever_is_not_on_the_team_cuts_nothing_from_its_sources(
    session: Session, curator: Person, researcher: Person, source: Source
) -> None:
    with pytest.raises(NotFound):
        anchors.cut(session, curator, source.key, 0, 5)
    sources.remove(session, researcher, source.key)
    with pytest.raises(NotFound):
        anchors.cut(session, researcher, source.key, 0, 5)


def test_words_chosen_before_the_text_changed_are_found_where_they_stand_now(
    session: Session, researcher: Person, source: Source
) -> None:
    start = source.text.index(WORDS)
    source.text = "A note on top.\n\n" + source.text
    session.flush()
    said = anchors.cut(session, researcher, source.key, start, start + len(WORDS), WORDS)
    assert said.text == WORDS
    assert said.span_start == start + 16
    source.text = "Another interview"
    session.flush()
    with pytest.raises(Invalid, match="Quote them as they were said"):
        anchors.cut(session, researcher, source.key, start, start + len(WORDS), WORDS)


def test_a_piece_of_a_passage_is_looked_for_in_that_passage_first(
    session: Session, researcher: Person
) -> None:
    source = make.source(
        session, researcher, [("R-1", "Yes, it was late."), ("R-2", "Oh yes, yes")]
    )
    start = source.text.index("Oh yes")
    said = anchors.cut(session, researcher, source.key, start, len(source.text), "yes")
    assert said.span_start == start + 3


def test_the_marks_of_a_page_are_those_that_touch_it(
    session: Session, researcher: Person, source: Source
) -> None:
    for words in ("How was it?", "«Ждала две недели». Nobody", WORDS):
        quoting(session, researcher, source, words, title=words)
    start = source.text.index("Nobody")
    marks = anchors.of_source(session, researcher, source.id, start + 1, start + 9)
    assert [one.atom_title for one in marks] == ["«Ждала две недели». Nobody", WORDS]
    assert len(anchors.of_source(session, researcher, source.id)) == 3


def test_a_claim_that_a_reader_of_the_source_may_not_see_leaves_no_mark(
    session: Session, researcher: Person, source: Source, curator: Person
) -> None:
    closed = make.study(session, curator, "closed", access="members")
    quoting(session, researcher, source, WORDS)
    hidden = make.atom(session, curator, "Hidden", closed)
    start = source.text.index(WORDS)
    session.add(
        Evidence(
            atom_id=hidden.id,
            kind="quote",
            text=WORDS,
            source_id=source.id,
            span_start=start,
            span_end=start + len(WORDS),
        )
    )
    session.flush()
    titles = [one.atom_title for one in anchors.of_source(session, researcher, source.id)]
    assert titles == ["They wait without knowing why"]


def test_a_form_that_does_not_know_of_sources_leaves_a_quote_in_its_place(
    session: Session, researcher: Person, source: Source, fact: Atom
) -> None:
    before = quote_of(session, fact)
    place = (before.span_start, before.span_end)
    edit(session, researcher, fact, EvidenceValues(id=before.id, text=WORDS, who="R-08"))
    row = quote_of(session, fact)
    assert (row.who, row.source_id, row.span_start, row.span_end) == ("R-08", source.id, *place)


@pytest.mark.parametrize("words", ["told me why.", "told me", "Then I stopped waiting."])
def test_an_edited_quote_stands_where_its_words_stand(
    session: Session, researcher: Person, source: Source, fact: Atom, words: str
) -> None:
    edit(session, researcher, fact, EvidenceValues(id=quote_of(session, fact).id, text=words))
    row = quote_of(session, fact)
    assert row.text == words
    assert stands(source, row)


def test_an_edited_quote_whose_words_nobody_said_so_has_no_place(
    session: Session, researcher: Person, source: Source, fact: Atom
) -> None:
    row_id = quote_of(session, fact).id
    edit(session, researcher, fact, EvidenceValues(id=row_id, text="Nobody told me"))
    edit(session, researcher, fact, EvidenceValues(id=row_id, text="Nobody […] why."))
    row = quote_of(session, fact)
    assert (row.source_id, row.span_start, row.span_end) == (source.id, None, None)


def test_a_place_that_somebody_made_up_is_not_kept(
    session: Session, researcher: Person, source: Source
) -> None:
    said = anchors.cut(session, researcher, source.key, 0, 11)
    atom = make.atom(
        session, researcher, "Made up", evidence=[replace(said, span_start=3, span_end=20)]
    )
    assert stands(source, quote_of(session, atom))


def test_what_is_no_quote_has_no_place(
    session: Session, researcher: Person, source: Source, fact: Atom
) -> None:
    number = EvidenceValues(kind="number", text="weeks", number=2, id=quote_of(session, fact).id)
    edit(session, researcher, fact, number)
    row = quote_of(session, fact)
    assert (row.kind, row.source_id, row.span_start) == ("number", None, None)


def test_quotes_keep_their_places_while_the_text_around_them_changes(
    session: Session, researcher: Person, source: Source, fact: Atom
) -> None:
    last = quoting(session, researcher, source, "I stopped waiting")
    new = "What was said before.\n\n" + source.text.replace("недели", "недели и день")
    assert anchors.follow(session, source.id, source.text, new) == []
    source.text = new
    session.flush()
    assert stands(source, quote_of(session, fact))
    assert stands(source, quote_of(session, last))


def test_of_the_same_answers_in_a_row_the_one_that_went_takes_its_quote_along(
    session: Session, researcher: Person
) -> None:
    answers = [(f"R-{one}", "No.") for one in range(5)]
    source = make.source(session, researcher, answers, kind="survey")
    starts = [row.start for row in session.exec(select(Passage).order_by(col(Passage.position)))]
    facts = [
        make.atom(
            session,
            researcher,
            f"R-{at} says no",
            evidence=[anchors.cut(session, researcher, source.key, start, start + 3)],
        )
        for at, start in enumerate(starts)
    ]
    rows = [(f"R-{one}", "No.") for one in (0, 1, 3, 4)]
    plan = rewording.planned(
        session,
        "replaced",
        source,
        rewording.standing_of(session, source),
        [rewording.Words(words, who) for who, words in rows],
    )
    rewording.write(session, researcher, plan)
    session.expire_all()
    assert [quote_of(session, fact).span_start for fact in facts] == [0, 5, None, 10, 15]


def test_a_quote_whose_source_was_replaced_keeps_its_words_and_gets_its_place_back_with_them(
    session: Session, researcher: Person, source: Source, fact: Atom
) -> None:
    old, row_id = source.text, quote_of(session, fact).id
    assert anchors.follow(session, source.id, old, "Quite another interview.") == [row_id]
    row = quote_of(session, fact)
    assert (row.text, row.source_id, row.span_start) == (WORDS, source.id, None)
    assert anchors.follow(session, source.id, "Quite another interview.", old) == []
    assert stands(source, quote_of(session, fact))


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
@given(st.data())
def test_after_any_edits_each_quote_equals_its_place_or_has_none(
    session: Session, researcher: Person, data: st.DataObject
) -> None:
    with session.begin_nested() as rolled:
        said = data.draw(st.text("abя 😀.", min_size=3, max_size=30).filter(str.strip))
        source = make.source(session, researcher, [("R-1", said)])
        for _ in range(2):
            start = data.draw(st.integers(0, len(source.text) - 1))
            end = data.draw(st.integers(start + 1, len(source.text)))
            words = source.text[start:end].strip()
            if words:
                quoting(session, researcher, source, words)
        for new in data.draw(st.lists(st.text("abя 😀.", max_size=30), max_size=3)):
            anchors.follow(session, source.id, source.text, new)
            source.text = new
            session.flush()
            session.expire_all()
            for row in session.exec(select(Evidence).where(Evidence.source_id == source.id)):
                assert row.span_start is None or stands(source, row)
        rolled.rollback()


def test_thousands_of_quotes_follow_their_source_within_one_short_transaction(
    session: Session, researcher: Person
) -> None:
    lines = [(f"R-{one}", f"Answer {one}: it came after {one % 9} weeks.") for one in range(8000)]
    source = make.source(session, researcher, lines, kind="survey")
    atom = make.atom(session, researcher, "They wait")
    starts = [source.text.index(words) for _, words in lines[::8]]
    session.add_all(
        Evidence(
            atom_id=atom.id,
            kind="quote",
            text=source.text[start : start + 9],
            source_id=source.id,
            span_start=start,
            span_end=start + 9,
        )
        for start in starts
    )
    session.flush()
    new = source.text.replace("after 3 weeks", "after three weeks")
    began = time.process_time()
    assert anchors.follow(session, source.id, source.text, new) == []
    assert time.process_time() - began < 3

"""Texts of sources change: passages keep who said them, quotes their words, and it can be undone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select

from research_repo.core import anchors, evidence, history, source_edits, sources, speakers
from research_repo.core.errors import Conflict, Invalid, NotFound
from research_repo.core.models import Passage, Person, Source
from research_repo.core.rewording import Words
from research_repo.core.source_edits import _aligned
from research_repo.core.source_texts import BETWEEN, SourceText, Turn, composed
from research_repo.core.sources import SourceValues
from tests import make

TALK = [("Anna", "Where is it?"), ("Petr", "Lost."), ("Anna", "When?"), ("Petr", "In May.")]


@pytest.fixture
def source(session: Session, researcher: Person) -> Source:
    made = make.source(session, researcher, TALK)
    speakers.assign(session, researcher, made.key, {"Petr": "R7"})
    return made


def said(session: Session, source: Source) -> list[tuple[str, str, str]]:
    """Speaker, code and words of each passage, after a look at the places of all."""
    rows = list(
        session.exec(
            select(Passage).where(Passage.source_id == source.id).order_by(Passage.position)  # type: ignore[arg-type]
        )
    )
    for row in rows:
        session.refresh(row)
    assert [row.position for row in rows] == list(range(len(rows)))
    assert source.text == BETWEEN.join(source.text[row.start : row.end] for row in rows)
    shown = sources.page(session, source).passages
    return [(one.speaker, one.code, one.text) for one in shown]


def quoted(session: Session, by: Person, source: Source, words: str) -> int:
    """The id of a fact that quotes these words of the source."""
    place = source.text.index(words)
    cut = anchors.cut(session, by, source.key, place, place + len(words))
    return make.atom(session, by, f"They said {words}", evidence=[cut]).id


def place_of(session: Session, source: Source, atom_id: int) -> str | None:
    """What stands in the text where the quote points; None when it points nowhere."""
    quote = evidence.of_atom(session, atom_id)[0]
    session.refresh(quote)
    if quote.span_start is None:
        return None
    return source.text[quote.span_start : quote.span_end]


@pytest.mark.parametrize(
    ("position", "text", "speaker", "passages"),
    [
        (1, "It was lost, they say.", None, ["Where is it?", "It was lost, they say.", "When?"]),
        (0, "Where?", "Petr", ["Where?", "Lost.", "When?"]),
        (1, "Lost.\n\n \nAnd found.", None, ["Where is it?", "Lost.", "And found.", "When?"]),
        (1, "  \n ", None, ["Where is it?", "When?", "In May."]),
    ],
)
def test_a_passage_changes_splits_or_goes_and_the_others_stay_in_place(
    session: Session,
    researcher: Person,
    source: Source,
    position: int,
    text: str,
    speaker: str | None,
    passages: list[str],
) -> None:
    quote = quoted(session, researcher, source, "In May.")

    source_edits.change_passage(
        session, researcher, source.key, source.version, position, text, speaker
    )

    lines = said(session, source)
    assert [words for _, _, words in lines][: len(passages)] == passages
    assert lines[-1] == ("Petr", "R7", "In May.")
    assert place_of(session, source, quote) == "In May."


def test_a_passage_given_to_another_speaker_becomes_that_participants(
    session: Session, researcher: Person, source: Source
) -> None:
    source_edits.change_passage(
        session, researcher, source.key, source.version, 2, "When?", " Petr "
    )

    assert said(session, source)[2] == ("Petr", "R7", "When?")


def test_a_whole_text_keeps_who_said_what_stays_and_what_takes_its_place(
    session: Session, researcher: Person, source: Source
) -> None:
    text = "Where is it?\r\n\r\nLost!\r\n\r\nFor good.\r\n\r\nWhen?\r\n\r\nIn May."

    source_edits.change_text(session, researcher, source.key, source.version, text)

    assert said(session, source) == [
        ("Anna", "", "Where is it?"),
        ("Petr", "R7", "Lost!"),
        ("Petr", "R7", "For good."),
        ("Anna", "", "When?"),
        ("Petr", "R7", "In May."),
    ]


PARTS = st.lists(st.sampled_from(["a", "b b", "c\nc", "d"]), min_size=1, max_size=8)


@given(PARTS, PARTS)
def test_aligned_passages_say_just_what_was_written(was: list[str], now: list[str]) -> None:
    standing = [Words(text, speaker=str(place)) for place, text in enumerate(was)]

    made = _aligned(standing, BETWEEN.join(now))

    assert [one.text for one in made] == now
    assert made == standing if was == now else True


def test_a_passage_with_an_empty_line_in_it_stays_one_while_others_change(
    session: Session, researcher: Person
) -> None:
    source = make.source(session, researcher, [("A", "One\n\ntwo"), ("B", "Three")])

    text = source.text.replace("Three", "Four")
    source_edits.change_text(session, researcher, source.key, source.version, text)

    assert [words for _, _, words in said(session, source)] == ["One\n\ntwo", "Four"]


def test_a_quote_whose_words_were_changed_keeps_them_and_loses_its_place(
    session: Session, researcher: Person, source: Source
) -> None:
    quote = quoted(session, researcher, source, "Lost.")

    source_edits.change_passage(session, researcher, source.key, source.version, 1, "Gone.")

    row = evidence.of_atom(session, quote)[0]
    session.refresh(row)
    assert (row.text, row.source_id, row.span_start, row.span_end) == (
        "Lost.",
        source.id,
        None,
        None,
    )


def test_a_replaced_source_keeps_title_participants_and_the_quotes_that_stand_in_it(
    session: Session, researcher: Person, source: Source
) -> None:
    stays = quoted(session, researcher, source, "In May.")
    goes = quoted(session, researcher, source, "Lost.")
    text = composed("transcript", [Turn("So?", "Anna"), Turn("Well. In May. Or June.", "Petr")])

    source_edits.replace_with(
        session, researcher, source.key, source.version, text, file_name="second.vtt"
    )

    assert said(session, source) == [("Anna", "", "So?"), ("Petr", "R7", "Well. In May. Or June.")]
    assert (source.title, source.file_name) == ("Interview", "second.vtt")
    assert place_of(session, source, stays) == "In May."
    assert place_of(session, source, goes) is None


@pytest.mark.parametrize("verb", ["passage", "text", "file"])
def test_each_change_of_the_text_is_undone_to_the_last_sign_and_made_again(
    session: Session, researcher: Person, source: Source, verb: str
) -> None:
    quote = quoted(session, researcher, source, "Lost.")
    was, named = said(session, source), source.file_name
    key, version = source.key, source.version
    if verb == "passage":
        source_edits.change_passage(session, researcher, key, version, 1, "A\n\nB\n\nC", "Olga")
    elif verb == "text":
        source_edits.change_text(session, researcher, key, version, "Something else")
    else:
        other = composed("notes", [Turn("Else")])
        source_edits.replace_with(session, researcher, key, version, other, "else.txt")
    changed = said(session, source)
    assert changed != was
    assert place_of(session, source, quote) is None

    source_edits.undo(session, researcher, key, source.version)

    assert (said(session, source), source.file_name) == (was, named)
    assert place_of(session, source, quote) == "Lost."
    source_edits.undo(session, researcher, key, source.version)
    assert said(session, source) == changed


def test_only_the_last_change_is_undone_and_only_while_nothing_followed(
    session: Session, researcher: Person, source: Source
) -> None:
    with pytest.raises(NotFound):
        source_edits.undo(session, researcher, source.key, source.version)
    source_edits.change_text(session, researcher, source.key, source.version, "Else")
    assert source_edits.last_change(session, source)

    sources.remove(session, researcher, source.key)
    sources.restore(session, researcher, source.key)

    assert source_edits.last_change(session, source) is None


def test_two_people_who_change_a_source_at_once_do_not_overwrite_each_other(
    session: Session, researcher: Person, source: Source
) -> None:
    version = source.version
    source_edits.change_passage(session, researcher, source.key, version, 0, "First")

    changes: list[Any] = [
        lambda: source_edits.change_text(session, researcher, source.key, version, "x"),
        lambda: source_edits.change_passage(session, researcher, source.key, version, 0, "x"),
        lambda: source_edits.undo(session, researcher, source.key, version),
        lambda: source_edits.describe(
            session, researcher, source.key, version, SourceValues(title="x")
        ),
    ]
    for change in changes:
        with pytest.raises(Conflict):
            change()


def test_what_would_leave_nothing_is_refused(
    session: Session, researcher: Person, source: Source
) -> None:
    with pytest.raises(Invalid):
        source_edits.change_text(session, researcher, source.key, source.version, " \n\n ")
    with pytest.raises(Invalid):
        source_edits.replace_with(
            session, researcher, source.key, source.version, SourceText("image")
        )
    with pytest.raises(NotFound):
        source_edits.change_passage(session, researcher, source.key, source.version, 4, "x")


def test_the_same_text_leaves_no_trace(
    session: Session, researcher: Person, source: Source
) -> None:
    version = source.version

    source_edits.change_text(session, researcher, source.key, version, source.text)

    assert source.version == version


def test_a_removed_source_is_not_changed(
    session: Session, researcher: Person, source: Source
) -> None:
    sources.remove(session, researcher, source.key)

    with pytest.raises(NotFound):
        source_edits.change_text(session, researcher, source.key, source.version, "x")


def test_what_is_known_of_a_source_changes_with_a_line_of_history(
    session: Session, researcher: Person, source: Source
) -> None:
    values = replace(
        SourceValues(title="Second talk", kind="notes", participant="R9"), language="ru"
    )
    ready = sources.ready(values, SourceText("transcript"))

    source_edits.describe(session, researcher, source.key, source.version, ready)

    card = sources.card(session, source)
    assert (card.title, card.kind, card.who) == ("Second talk", "notes", "R9")
    assert history.of(session, "source", [source.id])[0].verb == "described"

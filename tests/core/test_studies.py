"""Studies: keys in every alphabet, questions that keep their answers, a team, two people at once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlmodel import Session, select

from research_repo.core import access, atoms, cards, history, notices, people, studies
from research_repo.core.errors import Conflict, Invalid, NotAllowed, NotFound
from research_repo.core.models import AtomQuestion, Person, Study
from research_repo.core.studies import StudyValues
from tests import make


def changed(session: Session, by: Person, study: Study, **values: Any) -> Study:
    given = {"title": study.title, "access": study.access, **values}
    wanted = studies.ready(StudyValues(**given))
    return studies.change(session, by, study.key, study.version, wanted)


@pytest.mark.parametrize("key", ["a", "returns-2026", "возвраты_2026", "Ёлка", "x" * 64, "調査"])
def test_a_key_of_letters_digits_hyphens_and_underscores_in_any_alphabet_serves(
    session: Session, researcher: Person, key: str
) -> None:
    study = make.study(session, researcher, f" {key} ")
    assert study.key == key
    assert access.study_to_read(session, researcher, key.upper()) == study
    assert access.study_to_read(session, researcher, key.lower()) == study


@pytest.mark.parametrize("key", ["", " ", "a b", "a/b", "x" * 65, "a.b", "../x", "a\nb"])
def test_a_key_that_cannot_be_an_address_is_refused(
    session: Session, researcher: Person, key: str
) -> None:
    with pytest.raises(Invalid, match="such as returns-2026") as refused:
        make.study(session, researcher, key)
    assert list(refused.value.problems) == ["key"]


@pytest.mark.parametrize("key", ["Returns", "RETURNS", " returns "])
def test_a_key_that_exists_in_another_case_is_refused(
    session: Session, researcher: Person, key: str
) -> None:
    make.study(session, researcher, "returns")
    with pytest.raises(Invalid, match="already. Add the month") as refused:
        make.study(session, researcher, key)
    assert list(refused.value.problems) == ["key"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"title": "  "}, "title"),
        ({"title": "x" * 301}, "title"),
        ({"method": "guessing"}, "method"),
        ({"status": "forgotten"}, "status"),
        ({"access": "secret"}, "access"),
        ({"starts_on": date(2026, 2, 1), "ends_on": date(2026, 1, 1)}, "ends_on"),
        ({"participant_count": -1}, "participant_count"),
        ({"participant_count": 2**40}, "participant_count"),
        ({"summary": "x" * 100_001}, "summary"),
        ({"limitations": "x" * 100_001}, "limitations"),
        ({"questions": [(None, f"{number}?") for number in range(51)]}, "questions"),
        ({"questions": [(None, "x" * 501)]}, "questions"),
    ],
)
def test_what_cannot_be_a_study_is_refused_beside_the_field(
    values: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        studies.ready(StudyValues(**{"title": "Returns", **values}))
    assert list(refused.value.problems) == [field]


def test_a_study_keeps_its_prose_as_safe_html(session: Session, researcher: Person) -> None:
    study = make.study(session, researcher, background="**Why**\r\n<script>x</script>")
    assert "<strong>Why</strong>" in study.background_html
    assert "<script" not in study.background_html
    assert study.summary_html == ""


def test_a_reader_starts_no_study(session: Session, reader: Person) -> None:
    with pytest.raises(NotAllowed):
        make.study(session, reader)


def test_questions_keep_their_answers_when_renamed_and_moved_and_lose_them_when_removed(
    session: Session, researcher: Person
) -> None:
    study = make.study(session, researcher, questions=["Why?", "  ", "How?", "When?"])
    why, how, when = studies.questions_of(session, study.id)
    kept = make.atom(session, researcher, "One", study=study, question_ids=[how.id])
    lost = make.atom(session, researcher, "Two", study=study, question_ids=[why.id])
    given = [(None, "Who?"), (how.id, "How exactly?"), (when.id, "When?")]
    changed(session, researcher, study, questions=given)
    assert [row.text for row in studies.questions_of(session, study.id)] == [
        "Who?",
        "How exactly?",
        "When?",
    ]
    assert atoms.question_ids_of(session, kept.id) == [how.id]
    assert atoms.question_ids_of(session, lost.id) == []


def test_a_question_of_another_study_is_not_taken_over(
    session: Session, researcher: Person
) -> None:
    other = make.study(session, researcher, "other", questions=["Why?"])
    (theirs,) = studies.questions_of(session, other.id)
    study = make.study(session, researcher, questions=["How?"])
    (mine,) = studies.questions_of(session, study.id)
    changed(session, researcher, study, questions=[(theirs.id, "Mine now"), (mine.id, "How?")])
    assert [row.text for row in studies.questions_of(session, other.id)] == ["Why?"]
    assert [row.text for row in studies.questions_of(session, study.id)] == ["Mine now", "How?"]


def test_an_atom_that_leaves_its_study_answers_none_of_its_questions(
    session: Session, researcher: Person
) -> None:
    study = make.study(session, researcher, questions=["Why?"])
    (why,) = studies.questions_of(session, study.id)
    atom = make.atom(session, researcher, "One", study=study, question_ids=[why.id])
    moved = atoms.AtomValues(kind="insight", title="One", question_ids=[why.id])
    atoms.edit(session, researcher, atom.key, 1, atoms.ready(moved))
    assert session.exec(select(AtomQuestion)).all() == []


def test_of_two_people_on_one_study_the_second_gets_what_the_first_saved(
    session: Session, researcher: Person
) -> None:
    study = make.study(session, researcher)
    changed(session, researcher, study, title="First")
    with pytest.raises(Conflict) as refused:
        studies.change(
            session, researcher, study.key, 1, studies.ready(StudyValues(title="Second"))
        )
    assert refused.value.current.title == "First"
    assert history.of(session, "study", [study.id])[0].after["title"] == "First"


def test_a_member_sees_the_study_from_the_moment_they_are_told(
    session: Session, researcher: Person, reader: Person
) -> None:
    study = make.study(session, researcher, access="members")
    with pytest.raises(NotFound):
        access.study_to_read(session, reader, study.key)
    studies.add_member(session, researcher, study.key, " OLGA@example.org ", may_edit=False)
    assert access.study_to_read(session, reader, study.key) == study
    (told,) = notices.listed(session, reader)
    assert (told.address, told.is_new) == ("/studies/returns", True)
    assert "Marina" in str(told.message)
    studies.add_member(session, researcher, study.key, reader.email, may_edit=True)
    assert studies.team_of(session, study) == [(researcher, True), (reader, True)]
    assert notices.unread_count(session, reader) == 1
    studies.remove_member(session, researcher, study.key, reader.id)
    with pytest.raises(NotFound):
        access.study_to_read(session, reader, study.key)
    with pytest.raises(NotFound):
        studies.remove_member(session, researcher, study.key, reader.id)


def test_nobody_from_outside_the_owner_and_the_shut_out_join_a_team(
    session: Session, researcher: Person, system: Person
) -> None:
    study = make.study(session, researcher)
    gone = make.person(session, "Anna", "reader")
    people.change(session, system, gone.id, "Anna", "reader", False)
    for email in ("nobody@example.org", researcher.email, gone.email, "system", ""):
        with pytest.raises(Invalid) as refused:
            studies.add_member(session, researcher, study.key, email, may_edit=True)
        assert list(refused.value.problems) == ["email"]


def test_a_member_who_may_not_edit_changes_nothing(
    session: Session, researcher: Person, curator: Person
) -> None:
    study = make.study(session, researcher)
    studies.add_member(session, researcher, study.key, curator.email, may_edit=False)
    for verb in (
        lambda: changed(session, curator, study, title="Mine"),
        lambda: studies.add_member(session, curator, study.key, curator.email, may_edit=True),
        lambda: studies.remove_member(session, curator, study.key, curator.id),
    ):
        with pytest.raises(NotAllowed):
            verb()


def test_studies_are_listed_the_running_first_then_the_newest_and_the_undated_last(
    session: Session, researcher: Person
) -> None:
    for key, status, ends_on in (
        ("old", "completed", date(2024, 1, 1)),
        ("undated", "completed", None),
        ("new", "completed", date(2026, 1, 1)),
        ("gone", "archived", date(2026, 5, 1)),
        ("now", "running", None),
        ("soon", "planned", None),
    ):
        make.study(session, researcher, key, status=status, ends_on=ends_on)
    listed = [card.key for card in cards.of_studies(session, researcher)]
    assert listed == ["now", "soon", "new", "old", "undated", "gone"]
    offered = [study.key for study in studies.loggable(session, researcher)]
    assert offered == ["soon", "now", "new", "undated", "old"]


def test_a_study_tells_how_many_published_atoms_it_has_alone_and_in_the_list(
    session: Session, researcher: Person
) -> None:
    study, other = make.study(session, researcher), make.study(session, researcher, "other")
    for number in range(3):
        make.atom(session, researcher, f"Fact {number}", study)
    make.atom(session, researcher, "Draft", study, status="draft")
    make.atom(session, researcher, "Insight", study, kind="insight")
    make.atom(session, researcher, "Elsewhere", other)
    listed = {card.id: card for card in cards.of_studies(session, researcher)}
    (alone,) = cards.of_studies(session, researcher, [study.id])
    assert (alone.facts, alone.insights, alone.recommendations) == (3, 1, 0)
    assert listed[study.id] == alone
    assert cards.tally(session, researcher) == {"fact": 4, "insight": 1, "study": 2}

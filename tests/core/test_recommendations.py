"""What became of recommendations."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import Session

from research_repo.core import history, report_findings, report_shape, timeline
from research_repo.core.errors import Invalid, NotAllowed, NotFound
from research_repo.core.models import Atom, Person
from research_repo.core.recommendations import Stage, set_stage, stages_of
from research_repo.core.report_shape import Section
from tests import made_reports, make

TRACKER = "https://tracker.example/SHOP-7"


@pytest.fixture
def advice(session: Session, researcher: Person) -> Atom:
    study = make.study(session, researcher)
    return make.atom(session, researcher, "Say when", study, kind="recommendation")


def test_a_recommendation_is_proposed_until_somebody_says_more(
    session: Session, researcher: Person, advice: Atom
) -> None:
    assert stages_of(session, [advice.id]) == {advice.id: Stage()}
    assert Stage().name == "proposed"
    assert set_stage(session, researcher, advice.key, "in_progress", f" {TRACKER} ", "By May")
    told = stages_of(session, [advice.id])[advice.id]
    assert (told.name, told.tracker, told.note) == ("in_progress", TRACKER, "By May")
    assert (told.by, told.at is not None) == (researcher.name, True)


def test_its_words_are_not_changed_by_that_and_programs_hear_of_it(
    session: Session, researcher: Person, advice: Atom
) -> None:
    version, before = advice.version, advice.updated_at
    set_stage(session, researcher, advice.key, "accepted")
    assert (advice.version, advice.updated_at > before) == (version, True)


def test_of_two_people_the_last_holds_and_the_history_tells_of_both(
    session: Session, researcher: Person, curator: Person, advice: Atom
) -> None:
    admin = make.person(session, "Vera", "admin")
    set_stage(session, researcher, advice.key, "in_progress", TRACKER)
    set_stage(session, admin, advice.key, "declined", note="Too dear")
    told = stages_of(session, [advice.id])[advice.id]
    assert (told.name, told.tracker, told.note) == ("declined", TRACKER, "Too dear")
    last, first, *_ = timeline.of_atom(session, researcher, advice.id, "en")
    assert [last.who, first.who] == ["Vera", researcher.name]
    assert [(one.name.one, one.words) for one in last.fields] == [
        ("stage", ((-1, "in progress"), (1, "declined"))),
        ("note", ((1, "Too dear"),)),
    ]
    assert [one.name.one for one in first.fields] == ["stage", "tracked at"]


def test_saying_the_same_again_leaves_no_trace(
    session: Session, researcher: Person, advice: Atom
) -> None:
    assert set_stage(session, researcher, advice.key, "done", TRACKER)
    lines = len(history.of(session, "atom", [advice.id]))
    assert not set_stage(session, researcher, advice.key, "done", TRACKER)
    assert len(history.of(session, "atom", [advice.id])) == lines


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"stage": "published"}, "stage"),
        ({"stage": ""}, "stage"),
        ({"stage": "done", "url": "javascript:alert(1)"}, "tracker"),
        ({"stage": "done", "url": "tracker.example/7"}, "tracker"),
        ({"stage": "done", "url": "https://"}, "tracker"),
        ({"stage": "done", "url": "https://x.example/" + "x" * 2000}, "tracker"),
        ({"stage": "done", "note": "x" * 501}, "note"),
    ],
)
def test_what_cannot_be_used_is_refused_by_its_field(
    session: Session, researcher: Person, advice: Atom, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        set_stage(session, researcher, advice.key, **values)
    assert list(refusal.value.problems) == [field]
    assert stages_of(session, [advice.id])[advice.id] == Stage()


def test_only_recommendations_have_a_stage(session: Session, researcher: Person) -> None:
    insight = make.atom(session, researcher, "People wait", kind="insight")
    with pytest.raises(Invalid) as refusal:
        set_stage(session, researcher, insight.key, "done")
    assert "stage" in refusal.value.problems


def test_who_may_edit_it_may_say_it_and_so_may_the_owner_of_its_study(
    session: Session, researcher: Person, curator: Person, reader: Person
) -> None:
    study = make.study(session, curator)
    advice = make.atom(session, researcher, "Say when", study, kind="recommendation")
    for by in (researcher, curator):
        set_stage(session, by, advice.key, "accepted", note=by.name)
    stranger = make.person(session, "Petr", "researcher")
    for by in (reader, stranger):
        with pytest.raises(NotAllowed):
            set_stage(session, by, advice.key, "done")
    closed = make.study(session, curator, "closed", access="members")
    hidden = make.atom(session, curator, "Secret", closed, kind="recommendation")
    with pytest.raises(NotFound):
        set_stage(session, stranger, hidden.key, "done")


def test_a_report_tells_the_stage_of_recommendations_alone(
    session: Session, researcher: Person, advice: Atom
) -> None:
    other = make.atom(session, researcher, "Say why", kind="recommendation")
    insight = make.atom(session, researcher, "People wait", kind="insight")
    set_stage(session, researcher, advice.key, "accepted", TRACKER)
    ids = [advice.id, other.id, insight.id]
    found = report_findings.of_atoms(session, researcher, ids, "en")
    told = [(found[one].stage, found[one].tracker) for one in ids]
    assert told == [("accepted", TRACKER), ("proposed", ""), ("", "")]


def test_a_report_that_was_frozen_before_stages_were_told_opens() -> None:
    advice = made_reports.finding(1, "Say when", "recommendation", stage="done", tracker=TRACKER)
    report = made_reports.report(Section("recommendations", "r", "Do", findings=(advice,)))
    kept = report_shape.plain(report)
    assert report_shape.from_plain(kept) == report
    for name in ("stage", "tracker"):
        del kept["sections"][0]["findings"][0][name]
    (opened,) = report_shape.from_plain(kept).recommendations
    assert (opened.stage, opened.tracker) == ("", "")

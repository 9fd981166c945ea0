"""Frozen versions of reports: they stay as they were, are told apart, and open to whom they may."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlmodel import Session, select

from research_repo.core import (
    atoms,
    consent,
    report_comparing,
    report_redaction,
    report_shape,
    report_versions,
)
from research_repo.core.errors import Conflict, Invalid, NotAllowed, NotFound
from research_repo.core.models import Atom, Evidence, History, Person, ReportVersion, Study
from research_repo.core.report_shape import Section
from tests import frozen, make


@pytest.fixture
def marina(session: Session) -> Person:
    return make.person(session, "Marina", "researcher")


@pytest.fixture
def olga(session: Session) -> Person:
    return make.person(session, "Olga", "researcher")


def edit(session: Session, by: Person, atom: Atom, **values: object) -> Atom:
    """Another wording of an atom; its quotes stay unless others are given."""
    wanted = {"kind": atom.kind, "title": atom.title, "body": atom.body} | values
    study = session.get_one(Study, atom.study_id).key if atom.study_id else ""
    values_of = atoms.AtomValues(study_key=study, **wanted)  # type: ignore[arg-type]
    return atoms.edit(session, by, atom.key, atom.version, atoms.ready(values_of))


def test_a_version_stays_as_it_was_when_its_claims_change(session: Session, marina: Person) -> None:
    fact = make.atom(session, marina, "Money takes two weeks")
    report = frozen.row(session, marina)
    frozen.version(session, marina, report, [fact], note="For the board")
    edit(session, marina, fact, title="Money takes a month")
    version = report_versions.read(session, marina, report.key, 1)
    assert [one.title for one in version.report.findings] == ["Money takes two weeks"]
    assert (version.report.version, version.report.note) == (1, "For the board")
    assert (version.card.author, version.card.atom_count) == ("Marina", 1)
    assert version.report.address == f"/reports/{report.key}/versions/1"


def test_versions_are_numbered_and_leave_history(session: Session, marina: Person) -> None:
    fact = make.atom(session, marina, "Money takes two weeks")
    report = frozen.row(session, marina)
    for note in ("First", "Second"):
        frozen.version(session, marina, report, [fact], note=note)
    listed = report_versions.listed(session, marina, report)
    assert [(one.number, one.note) for one in listed] == [(2, "Second"), (1, "First")]
    told = session.exec(select(History.verb).where(History.noun == "report")).all()
    assert told == ["published", "published"]


def test_what_a_version_holds_is_plain_json_and_back(session: Session, marina: Person) -> None:
    fact = make.atom(session, marina, "Money takes two weeks", quote="Two weeks!", who="R-07")
    report = frozen.row(session, marina)
    row = frozen.version(session, marina, report, [fact])
    session.expire(row)
    assert report_shape.plain(report_shape.from_plain(row.content)) == row.content


def test_a_report_of_no_claims_is_not_frozen(session: Session, marina: Person) -> None:
    report = frozen.row(session, marina)
    with pytest.raises(Invalid, match="no claim yet"):
        frozen.version(session, marina, report, [])


def test_a_note_has_an_end(session: Session, marina: Person) -> None:
    fact = make.atom(session, marina, "Money takes two weeks")
    with pytest.raises(Invalid, match="at most 1000"):
        frozen.version(session, marina, frozen.row(session, marina), [fact], note="x" * 1001)


def test_a_claim_that_changes_while_its_report_is_frozen_stops_it(
    session: Session, marina: Person
) -> None:
    fact = make.atom(session, marina, "Money takes two weeks")
    report = frozen.row(session, marina)
    made = frozen.made(session, marina, report, [fact])
    ready = report_versions.prepared(session, marina, report.key, made, "")
    atoms.set_status(session, marina, fact.key, fact.version, "archived")
    with pytest.raises(Conflict, match="at this very moment"):
        report_versions.publish(session, marina, ready)
    assert session.exec(select(ReportVersion)).all() == []


def test_only_those_who_may_change_a_report_freeze_it(
    session: Session, marina: Person, olga: Person
) -> None:
    fact = make.atom(session, marina, "Money takes two weeks")
    shared = frozen.row(session, marina, is_shared=True)
    with pytest.raises(NotAllowed):
        frozen.version(session, olga, shared, [fact])
    with pytest.raises(NotFound):
        frozen.version(session, olga, frozen.row(session, marina), [fact])


def test_a_version_on_a_closed_study_asks_first_and_is_hidden_from_others(
    session: Session, marina: Person, olga: Person
) -> None:
    closed = make.study(session, marina, "pay", "Why people leave", access="members")
    open_fact = make.atom(session, marina, "Money takes two weeks")
    closed_fact = make.atom(session, marina, "Marina's secret", closed)
    report = frozen.row(session, marina, is_shared=True)
    frozen.version(session, marina, report, [open_fact])
    made = frozen.made(session, marina, report, [open_fact, closed_fact])
    ready = report_versions.prepared(session, marina, report.key, made, "")
    with pytest.raises(Invalid, match="Why people leave"):
        report_versions.publish(session, marina, ready)
    report_versions.publish(session, marina, ready, is_confirmed=True)
    verbs = session.exec(select(History.verb).where(History.noun == "report")).all()
    assert verbs[-2:] == ["published", "opened"]
    assert [one.number for one in report_versions.listed(session, olga, report)] == [1]
    with pytest.raises(NotFound):
        report_versions.read(session, olga, report.key, 2)


def test_what_a_claim_rests_on_closes_a_version_too(
    session: Session, marina: Person, olga: Person
) -> None:
    closed = make.study(session, marina, "pay", "Why people leave", access="members")
    fact = make.atom(session, marina, "Marina's secret", closed)
    insight = make.atom(session, marina, "People leave", kind="insight", is_confirmed=True)
    further = make.atom(session, marina, "People are gone", kind="insight", is_confirmed=True)
    make.link(session, marina, fact, insight)
    make.link(session, marina, insight, further)
    report = frozen.row(session, marina, is_shared=True)
    frozen.version(session, marina, report, [further])
    assert report_versions.listed(session, olga, report) == []


def test_two_versions_are_laid_beside_each_other(session: Session, marina: Person) -> None:
    old = make.atom(session, marina, "Money takes two weeks", quote="Two weeks!")
    gone = make.atom(session, marina, "The form is long")
    report = frozen.row(session, marina)
    before = frozen.made(session, marina, report, [old, gone])
    edit(session, marina, old, title="Money takes three weeks")
    new = make.atom(session, marina, "The courier is late")
    limits = Section("limitations", "limitations", "Limitations", "Six people.", "<p>Six</p>")
    after = frozen.made(session, marina, report, [old, new])
    summary = replace(after.sections[0], text="Money is very late.")
    after = replace(after, sections=(limits, after.sections[1], summary))
    found = report_comparing.compared(before, after)
    assert [one.title for one in found.claims_added] == ["The courier is late"]
    assert [one.title for one in found.claims_removed] == ["The form is long"]
    assert [one.title for one in found.sections_added] == ["Limitations"]
    assert found.is_rearranged
    (section,) = found.sections_changed
    assert section.words
    assert [part for part in section.words.after if part[1]] == [("very ", True)]
    (claim,) = found.claims_changed
    assert claim.title
    assert [text for text, is_new in claim.title.after if is_new] == ["three"]
    assert claim.evidence_removed == ("Two weeks!",)
    assert report_comparing.compared(after, after).is_same


def test_another_strength_is_told_apart(session: Session, marina: Person) -> None:
    insight = make.atom(session, marina, "People leave", kind="insight")
    report = frozen.row(session, marina)
    before = frozen.made(session, marina, report, [insight])
    against = make.atom(session, marina, "People stay")
    make.link(session, marina, against, insight, "contradicts")
    (weighed,) = report_comparing.compared(
        before, frozen.made(session, marina, report, [insight])
    ).strength
    assert (weighed.before.level, weighed.after.level) == ("weak", "disputed")


def test_a_forgotten_participant_leaves_frozen_versions(session: Session, marina: Person) -> None:
    study = make.default_study(session, marina)
    heard = make.participant(session, marina, "R-07")
    kept = make.atom(session, marina, "Money is late", study, quote="Two weeks!", who="R-07")
    taken = make.atom(session, marina, "The form is long", study, quote="Ten pages", who="R-07")
    report = frozen.row(session, marina, study)
    row = frozen.version(session, marina, report, [kept, taken])
    for piece in session.exec(select(Evidence).where(Evidence.atom_id == taken.id)):
        session.delete(piece)
    session.flush()
    consent.remove(session, marina, study.key, heard.id, heard.version)
    session.refresh(row)
    assert "R-07" not in str(row.content)
    assert "Ten pages" not in str(row.content)
    assert row.redacted_at is not None
    first, second = report_versions.read(session, marina, report.key, 1).report.findings
    assert [piece.text for piece in first.evidence] == ["Two weeks!"]
    assert "words taken out on" in second.evidence[0].text


def test_versions_without_their_words_stay_untouched(session: Session, marina: Person) -> None:
    study = make.default_study(session, marina)
    heard = make.participant(session, marina, "R-07")
    fact = make.atom(session, marina, "Money is late", study, quote="Two weeks!", who="R-08")
    row = frozen.version(session, marina, frozen.row(session, marina, study), [fact])
    consent.remove(session, marina, study.key, heard.id, heard.version)
    session.refresh(row)
    assert row.redacted_at is None


def test_words_of_a_claim_are_taken_out_of_every_version(session: Session, marina: Person) -> None:
    fact = make.atom(session, marina, "Ivan Petrov is angry", quote="I am Ivan", body="Ivan!")
    insight = make.atom(session, marina, "People leave", kind="insight")
    make.link(session, marina, fact, insight)
    report = frozen.row(session, marina)
    rows = [frozen.version(session, marina, report, [fact, insight]) for _ in range(2)]
    assert report_redaction.take_out(session, marina, report.key, fact.key) == 2
    for row in rows:
        session.refresh(row)
        assert "Ivan" not in str(row.content)
        assert "People leave" in str(row.content)
    assert fact.title == "Ivan Petrov is angry"
    with pytest.raises(NotFound):
        report_redaction.take_out(session, marina, report.key, "nothing")


def test_only_those_who_may_change_a_report_take_words_out(
    session: Session, marina: Person, olga: Person
) -> None:
    fact = make.atom(session, marina, "Ivan Petrov is angry")
    report = frozen.row(session, marina, is_shared=True)
    frozen.version(session, marina, report, [fact])
    with pytest.raises(NotAllowed):
        report_redaction.take_out(session, olga, report.key, fact.key)

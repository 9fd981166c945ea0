"""Drift: what became of the claims of a frozen version, told to each reader from what they may see."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session

from research_repo.core import atoms, drift, report_redaction, report_versions, tagging
from research_repo.core.clock import today
from research_repo.core.drift import Drift
from research_repo.core.models import Atom, Person, Report, Study
from tests import frozen, make


@pytest.fixture
def marina(session: Session) -> Person:
    return make.person(session, "Marina", "researcher")


@pytest.fixture
def fact(session: Session, marina: Person) -> Atom:
    return make.atom(session, marina, "Money takes two weeks", quote="Two weeks!", body="Long.")


@pytest.fixture
def report(session: Session, marina: Person) -> Report:
    return frozen.row(session, marina, is_shared=True)


def told(session: Session, by: Person, report: Report) -> Drift:
    return drift.of_version(session, by, report_versions.read(session, by, report.key, 1))


def edit(session: Session, by: Person, atom: Atom, **values: object) -> None:
    study = session.get_one(Study, atom.study_id).key if atom.study_id else ""
    said = {"kind": atom.kind, "title": atom.title, "body": atom.body, "study_key": study}
    wanted = atoms.AtomValues(**(said | values))  # type: ignore[arg-type]
    atoms.edit(session, by, atom.key, atom.version, atoms.ready(wanted))


def test_a_version_whose_claims_stand_has_no_drift(
    session: Session, marina: Person, fact: Atom, report: Report
) -> None:
    frozen.version(session, marina, report, [fact])
    assert not told(session, marina, report)


def test_another_wording_is_drift_and_another_tag_is_none(
    session: Session, marina: Person, fact: Atom, report: Report
) -> None:
    other = make.atom(session, marina, "The form is long")
    frozen.version(session, marina, report, [fact, other])
    tag = make.tag(session, make.person(session, "Ilya", "curator"), "Payment")
    tagging.put(session, marina, other, [tag.id])
    assert not told(session, marina, report)
    edit(session, marina, fact, title="Money takes a month", evidence=[])
    (one,) = told(session, marina, report).claims
    assert (one.key, one.title, one.reasons) == (fact.key, "Money takes two weeks", ("changed",))


def test_a_quote_that_went_is_drift(
    session: Session, marina: Person, fact: Atom, report: Report
) -> None:
    frozen.version(session, marina, report, [fact])
    edit(session, marina, fact, evidence=[])
    assert told(session, marina, report).counts == {"changed": 1}


def test_archived_and_withdrawn_claims_are_drift(
    session: Session, marina: Person, fact: Atom, report: Report
) -> None:
    draft = make.atom(session, marina, "The form is long")
    frozen.version(session, marina, report, [fact, draft])
    atoms.set_status(session, marina, fact.key, fact.version, "archived")
    draft.status = "draft"
    session.flush()
    assert told(session, marina, report).counts == {"archived": 1, "withdrawn": 1}
    reader = make.person(session, "Rita", "reader")
    found = {one.key: one for one in told(session, reader, report).claims}
    assert not found[draft.key].is_seen
    assert found[fact.key].is_seen


def test_a_newer_claim_is_drift_and_is_named(
    session: Session, marina: Person, fact: Atom, report: Report
) -> None:
    frozen.version(session, marina, report, [fact])
    newer = make.atom(session, marina, "Money takes three days")
    make.link(session, marina, newer, fact, "supersedes")
    (one,) = told(session, marina, report).claims
    assert one.reasons == ("superseded",)
    assert one.newer
    assert one.newer.title == "Money takes three days"


def test_what_speaks_against_a_claim_is_drift_once_it_is_disputed(
    session: Session, marina: Person, report: Report
) -> None:
    insight = make.atom(session, marina, "People leave", kind="insight")
    disputed = make.atom(session, marina, "People come", kind="insight")
    against = make.atom(session, marina, "They stay")
    make.link(session, marina, against, disputed, "contradicts")
    frozen.version(session, marina, report, [insight, disputed])
    assert not told(session, marina, report)
    make.link(session, marina, against, insight, "contradicts")
    (one,) = told(session, marina, report).claims
    assert (one.title, one.reasons) == ("People leave", ("disputed",))


def test_a_lost_consent_is_drift_for_the_study_team_alone(
    session: Session, marina: Person, report: Report
) -> None:
    make.default_study(session, marina)
    heard = make.participant(session, marina, "R-07")
    fact = make.atom(session, marina, "Money is late", quote="Two weeks!", who="R-07")
    version = frozen.version(session, marina, report, [fact])
    heard.withdrawn_on = today() - timedelta(days=1)
    session.flush()
    assert not told(session, marina, report)
    heard.withdrawn_on = today()
    session.flush()
    assert told(session, marina, report).counts == {"consent": 1}
    assert not told(session, make.person(session, "Olga", "researcher"), report)
    heard.withdrawn_on, heard.consent_until = None, today() - timedelta(days=1)
    version.published_at -= timedelta(days=2)
    session.flush()
    assert told(session, marina, report).counts == {"consent": 1}


def test_words_that_were_taken_out_are_told_and_are_no_other_drift(
    session: Session, marina: Person, fact: Atom, report: Report
) -> None:
    frozen.version(session, marina, report, [fact])
    report_redaction.take_out(session, marina, report.key, fact.key)
    found = told(session, marina, report)
    assert found
    assert found.redacted_at is not None
    assert found.claims == ()


def test_supporting_facts_that_are_only_named_drift_too(
    session: Session, marina: Person, fact: Atom, report: Report
) -> None:
    insight = make.atom(session, marina, "People leave", kind="insight")
    make.link(session, marina, fact, insight)
    frozen.version(session, marina, report, [insight])
    edit(session, marina, fact, title="Money takes a month")
    (one,) = told(session, marina, report).claims
    assert one.title == "Money takes two weeks"

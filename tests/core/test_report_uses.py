"""Where a claim is used: the living reports and the frozen versions that a reader may see."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from research_repo.core import atoms, changes, report_uses
from research_repo.core.change_lines import Merge
from research_repo.core.models import Atom, Person, ReportAtom
from research_repo.core.report_uses import Use
from tests import frozen, make


@pytest.fixture
def marina(session: Session) -> Person:
    return make.person(session, "Marina", "researcher")


@pytest.fixture
def fact(session: Session, marina: Person) -> Atom:
    return make.atom(session, marina, "Money takes two weeks")


def uses(session: Session, by: Person, atom: Atom) -> list[Use]:
    session.flush()
    return report_uses.of_atom(session, by, atom)


def test_a_published_claim_is_used_in_its_studys_report(
    session: Session, marina: Person, fact: Atom
) -> None:
    (one,) = uses(session, marina, fact)
    assert (one.address, one.is_living, one.versions) == ("/studies/returns/report", True, ())
    draft = make.atom(session, marina, "The form is long", status="draft")
    assert uses(session, marina, draft) == []


def test_versions_are_told_with_their_report(session: Session, marina: Person, fact: Atom) -> None:
    study = make.default_study(session, marina)
    report = frozen.row(session, marina, study)
    for _ in range(2):
        frozen.version(session, marina, report, [fact])
    (one,) = uses(session, marina, fact)
    assert [number for number, _ in one.versions] == [2, 1]
    atoms.set_status(session, marina, fact.key, fact.version, "archived")
    (one,) = uses(session, marina, fact)
    assert (one.is_living, one.address) == (False, f"/reports/{report.key}/versions/2")


def test_what_was_hidden_in_a_report_is_not_used_there(
    session: Session, marina: Person, fact: Atom
) -> None:
    report = frozen.row(session, marina, make.default_study(session, marina))
    session.add(ReportAtom(report_id=report.id, atom_id=fact.id, place="hidden", position=0))
    assert uses(session, marina, fact) == []


def test_picked_claims_are_used_in_reports_across_studies(session: Session, marina: Person) -> None:
    insight = make.atom(session, marina, "People leave", kind="insight")
    report = frozen.row(session, marina)
    session.add(ReportAtom(report_id=report.id, atom_id=insight.id, place="list", position=0))
    assert [one.address for one in uses(session, marina, insight)] == [f"/reports/{report.key}"]
    # It is its owner's until it is shared.
    assert uses(session, make.person(session, "Olga", "researcher"), insight) == []


def test_reports_of_a_tag_use_what_lies_under_it_whatever_was_merged(
    session: Session, marina: Person, curator: Person
) -> None:
    top = make.tag(session, curator, "Returns")
    tag = make.tag(session, curator, "Refund", under=top)
    twin = make.tag(session, curator, "Reimbursement", under=top)
    insight = make.atom(session, marina, "People leave", kind="insight", tags=[twin])
    above = frozen.row(session, marina, tag_id=top.id)
    merged = frozen.row(session, marina, tag_id=tag.id)
    above.scope = merged.scope = "tag"
    assert [one.address for one in uses(session, marina, insight)] == [f"/reports/{above.key}"]
    changes.apply_at_once(session, curator, [Merge(twin.key, tag.key)])
    assert {one.address for one in uses(session, marina, insight)} == {
        f"/reports/{above.key}",
        f"/reports/{merged.key}",
    }


def test_versions_on_closed_studies_are_told_to_their_teams_alone(
    session: Session, marina: Person, fact: Atom
) -> None:
    closed = make.study(session, marina, "pay", "Why people leave", access="members")
    secret = make.atom(session, marina, "A secret", closed)
    report = frozen.row(session, marina, is_shared=True)
    frozen.version(session, marina, report, [fact, secret])
    olga = make.person(session, "Olga", "researcher")
    assert len(uses(session, marina, fact)) == 2
    assert [one.address for one in uses(session, olga, fact)] == ["/studies/returns/report"]

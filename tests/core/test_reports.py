"""The study report: questions in their order, what else was found, and only what the reader sees."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from research_repo.core import reports, studies
from research_repo.core.models import Person, Study
from research_repo.core.report_shape import Finding, StudyReport
from tests import make


def titles(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.title for finding in findings]


def report(session: Session, by: Person, key: str = "returns") -> StudyReport:
    return reports.study_report(session, by, key, "en")


@pytest.fixture
def study(session: Session, researcher: Person) -> Study:
    return make.study(
        session, researcher, questions=["Why?", "How?", "When?"], summary="*Short*", method="diary"
    )


def test_answers_come_by_question_with_insights_before_facts(
    session: Session, researcher: Person, study: Study
) -> None:
    why, how, _ = (row.id for row in studies.questions_of(session, study.id))
    make.atom(session, researcher, "Fact of how", study=study, question_ids=[how])
    make.atom(session, researcher, "Fact of both", study=study, question_ids=[why, how])
    make.atom(session, researcher, "Insight", study=study, kind="insight", question_ids=[how])
    found = report(session, researcher)
    assert [(answer.number, answer.question) for answer in found.answers] == [
        (1, "Why?"),
        (2, "How?"),
        (3, "When?"),
    ]
    assert [titles(answer.insights) for answer in found.answers] == [[], ["Insight"], []]
    assert [titles(answer.facts) for answer in found.answers] == [
        ["Fact of both"],
        ["Fact of how", "Fact of both"],
        [],
    ]
    assert found.also == ()


def test_what_answers_no_question_is_found_also_and_recommendations_stand_apart(
    session: Session, researcher: Person, study: Study
) -> None:
    (why, *_) = (row.id for row in studies.questions_of(session, study.id))
    make.atom(session, researcher, "Fact", study=study)
    make.atom(session, researcher, "Insight", study=study, kind="insight")
    make.atom(session, researcher, "Do it", study=study, kind="recommendation")
    make.atom(
        session, researcher, "Do that", study=study, kind="recommendation", question_ids=[why]
    )
    found = report(session, researcher)
    assert titles(found.also) == ["Insight", "Fact"]
    assert titles(found.recommendations) == ["Do it", "Do that"]


def test_drafts_archived_and_foreign_atoms_are_no_part_of_it(
    session: Session, researcher: Person, study: Study
) -> None:
    other = make.study(session, researcher, "other")
    make.atom(session, researcher, "Draft", study=study, status="draft")
    make.atom(session, researcher, "Archived", study=study, status="archived")
    make.atom(session, researcher, "Foreign", study=other)
    make.atom(session, researcher, "Fact", study=study)
    assert titles(report(session, researcher).also) == ["Fact"]


def test_a_finding_shows_its_evidence_and_what_speaks_for_and_against_it_from_other_studies(
    session: Session, researcher: Person, study: Study
) -> None:
    other = make.study(session, researcher, "other")
    insight = make.atom(session, researcher, "Insight", study=study, kind="insight", quote="I left")
    inside = make.atom(session, researcher, "Inside", study=study)
    outside = make.atom(session, researcher, "Outside", study=other)
    against = make.atom(session, researcher, "Against", study=other)
    make.link(session, researcher, inside, insight)
    make.link(session, researcher, outside, insight)
    make.link(session, researcher, against, insight, "contradicts")
    finding = report(session, researcher).also[0]
    assert [piece.text for piece in finding.evidence] == ["I left"]
    assert [card.title for card in finding.supporting] == ["Inside", "Outside"]
    assert [card.title for card in finding.contradicting] == ["Against"]
    assert (finding.strength.supporting, finding.strength.contradicting) == (2, 1)


def test_support_from_a_members_only_study_is_not_in_a_strangers_report(
    session: Session, researcher: Person, reader: Person, study: Study
) -> None:
    secret = make.study(session, researcher, "secret", access="members")
    insight = make.atom(session, researcher, "Insight", study=study, kind="insight")
    hidden = make.atom(session, researcher, "Canary 7f3a", study=secret)
    make.link(session, researcher, hidden, insight)
    assert "Canary 7f3a" in repr(report(session, researcher))
    assert "Canary 7f3a" not in repr(report(session, reader))
    assert report(session, reader).also[0].strength.supporting == 0


def test_the_tags_of_a_report_are_counted_and_the_most_frequent_come_first(
    session: Session, researcher: Person, curator: Person, study: Study
) -> None:
    fees, trust = make.tag(session, curator, "Fees"), make.tag(session, curator, "Trust")
    old = make.tag(session, curator, "Charges")
    make.atom(session, researcher, "One", study=study, tags=[fees, old])
    make.atom(session, researcher, "Two", study=study, tags=[trust, fees])
    old.replaced_by = fees.id
    session.flush()
    section = report(session, researcher).section("tags")
    assert section
    counted = [(one.tag.label, one.count) for one in section.tags]
    assert counted == [("Fees", 2), ("Trust", 1)]


def test_a_report_names_its_study_team_and_prose(
    session: Session, researcher: Person, reader: Person, study: Study
) -> None:
    studies.add_member(session, researcher, study.key, reader.email, may_edit=False)
    found = report(session, reader, "RETURNS")
    assert (found.key, found.about.method, found.about.team) == (
        "returns",
        "diary",
        ("Marina", "Olga"),
    )
    section = found.section("summary")
    assert section
    assert section.text == "*Short*"
    assert section.html == "<p><em>Short</em></p>"

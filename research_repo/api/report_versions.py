"""Frozen versions: publish one, what became of its claims, and what is different between two."""

from __future__ import annotations

from typing import Annotated, Literal, cast

from pydantic import Field

from research_repo.api.contract import operation
from research_repo.api.door import caller, language, reading, saving, search
from research_repo.api.fields import Body, Text, Values, told
from research_repo.api.models import Kind, Language
from research_repo.api.strength_bodies import Level
from research_repo.core import access, drift, report_comparing, report_versions, reports
from research_repo.core.db import Session
from research_repo.core.language import say
from research_repo.core.models import Report
from research_repo.core.report_comparing import Comparison, Parts
from research_repo.core.report_shape import Finding, StudyReport
from research_repo.report_found import claims_found

NUMBER_MAX = 2_000_000_000
Reason = Literal["archived", "withdrawn", "superseded", "disputed", "changed", "consent"]


class VersionToPublish(Body):
    """A report, frozen as it is now."""

    note: Annotated[Text, Field(max_length=report_versions.NOTE_MAX)] = told(
        say("What is new in it, for those who read it."), ""
    )
    language: Language | None = told(
        say("The language of its headings; null: the one that is asked for."), None
    )
    is_confirmed: bool = told(
        say("The words of the members-only studies that it draws on may be in it."), False
    )


class VersionPublished(Body):
    number: int


class ClaimDrifted(Body):
    id: str
    kind: Kind
    title: str = told(say("As the version has it."))
    reasons: list[Reason]
    replaced_by: str | None = told(say("The key of the claim that takes its place."))


class DriftAnswer(Body):
    claims: list[ClaimDrifted]
    redacted: bool = told(say("Whether words were taken out of the version."))


class TwoStates(Values):
    """Two versions of a report."""

    before: int = told(say("The number of a version."), ..., ge=1, le=NUMBER_MAX)
    after: int | None = told(
        say("The number of another one; without it, the report as it is now."),
        None,
        ge=1,
        le=NUMBER_MAX,
    )


class ClaimOfReport(Body):
    id: str
    kind: Kind
    title: str


class WordsChanged(Body):
    before: str
    after: str


class ClaimChanged(Body):
    id: str
    kind: Kind
    title: WordsChanged | None
    body: WordsChanged | None
    evidence_added: list[str]
    evidence_removed: list[str]


class SectionChanged(Body):
    title: str
    was_called: str | None
    words: WordsChanged | None


class StrengthChanged(Body):
    id: str
    before: Level
    after: Level


class ComparisonAnswer(Body):
    same: bool
    title: WordsChanged | None
    claims_added: list[ClaimOfReport]
    claims_removed: list[ClaimOfReport]
    claims_changed: list[ClaimChanged]
    strength_changed: list[StrengthChanged] = told(say("Level or counts are others."))
    sections_added: list[str]
    sections_removed: list[str]
    sections_changed: list[SectionChanged]
    sections_rearranged: bool


@operation(
    "POST",
    "/reports/<key>/versions",
    say("Freeze a report under its next number. Nothing of it changes any more."),
    VersionPublished,
    status=201,
    problems=(400, 403, 409, 413, 415),
)
def publish_report_version(key: str, json: VersionToPublish) -> tuple[VersionPublished, int]:
    by, code = caller(), json.language or language()
    with reading() as session:
        row = access.report_to_edit(session, by, key)
        report = _living(session, row, code)
        ready = report_versions.prepared(session, by, key, report, json.note)
    with saving() as session:
        made = report_versions.publish(session, by, ready, is_confirmed=json.is_confirmed)
        return VersionPublished(number=made.number), 201


@operation(
    "GET",
    "/reports/<key>/versions/<int:number>/drift",
    say("What became of the claims that a version shows, as they are at this moment."),
    DriftAnswer,
)
def read_report_drift(key: str, number: int) -> DriftAnswer:
    by = caller()
    with reading() as session:
        version = report_versions.read(session, by, key, number)
        found = drift.of_version(session, by, version)
    return DriftAnswer(
        claims=[
            ClaimDrifted(
                id=one.key,
                kind=cast(Kind, one.kind),
                title=one.title,
                reasons=cast(list[Reason], list(one.reasons)),
                replaced_by=one.newer.key if one.newer else None,
            )
            for one in found.claims
        ],
        redacted=found.redacted_at is not None,
    )


@operation(
    "GET",
    "/reports/<key>/comparison",
    say("What is different between two versions of a report, or between one and today."),
    ComparisonAnswer,
)
def compare_report_versions(key: str, query: TwoStates) -> ComparisonAnswer:
    by = caller()
    with reading() as session:
        row = access.report_to_read(session, by, key)
        old = report_versions.read(session, by, key, query.before).report
        new = (
            _living(session, row, old.language)
            if query.after is None
            else report_versions.read(session, by, key, query.after).report
        )
    return _answer(report_comparing.compared(old, new))


def _living(session: Session, row: Report, code: str) -> StudyReport:
    found = claims_found(search(), session, caller(), row, code)
    return reports.of_report(session, caller(), row.key, code, found)


def _answer(found: Comparison) -> ComparisonAnswer:
    return ComparisonAnswer(
        same=found.is_same,
        title=_words(found.title),
        claims_added=[_claim(one) for one in found.claims_added],
        claims_removed=[_claim(one) for one in found.claims_removed],
        claims_changed=[
            ClaimChanged(
                id=one.key,
                kind=cast(Kind, one.kind),
                title=_words(one.title),
                body=_words(one.body),
                evidence_added=list(one.evidence_added),
                evidence_removed=list(one.evidence_removed),
            )
            for one in found.claims_changed
        ],
        strength_changed=[
            StrengthChanged(
                id=one.finding.key,
                before=cast(Level, one.before.level),
                after=cast(Level, one.after.level),
            )
            for one in found.strength
        ],
        sections_added=[one.title for one in found.sections_added],
        sections_removed=[one.title for one in found.sections_removed],
        sections_changed=[
            SectionChanged(
                title=one.title, was_called=one.was_called or None, words=_words(one.words)
            )
            for one in found.sections_changed
        ],
        sections_rearranged=found.is_rearranged,
    )


def _claim(one: Finding) -> ClaimOfReport:
    return ClaimOfReport(id=one.key, kind=cast(Kind, one.kind), title=one.title)


def _words(words: report_comparing.Reworded | None) -> WordsChanged | None:
    if words is None:
        return None
    return WordsChanged(before=_text(words.before), after=_text(words.after))


def _text(parts: Parts) -> str:
    return "".join(text for text, _ in parts)

"""Reports for tests of versions, made of claims without going the way of a layout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session

from research_repo.core import keys, report_findings, report_layouts, report_versions
from research_repo.core.clock import today
from research_repo.core.models import Atom, Person, Report, ReportVersion, Study
from research_repo.core.report_layouts import CLASSIC
from research_repo.core.report_shape import About, Section, StudyReport


def row(session: Session, by: Person, study: Study | None = None, **values: Any) -> Report:
    """A report that `by` owns: of a study, or of picked claims."""
    found = Report(
        key=keys.new_key(session, Report.key),
        scope="study" if study else "list",
        study_id=study.id if study else None,
        title="How parcels return",
        layout=report_layouts.as_json(report_layouts.shipped(CLASSIC, "en")),
        owner_id=by.id,
        **values,
    )
    session.add(found)
    session.flush()
    return found


def made(
    session: Session, by: Person, report: Report, atoms: Sequence[Atom], **values: Any
) -> StudyReport:
    """The report as `by` sees it now: its claims under one heading, and a summary."""
    session.flush()
    found = report_findings.of_atoms(session, by, [one.id for one in atoms], "en")
    shown: dict[str, Any] = {
        "title": report.title,
        "language": "en",
        "sections": (
            Section("summary", "summary", "In short", "Money is late.", "<p>Money is late.</p>"),
            Section("also", "also", "Findings", findings=tuple(found.values())),
        ),
        **values,
    }
    return StudyReport(
        key=report.key,
        scope=report.scope,
        address=f"/reports/{report.key}",
        subtitle="",
        made_on=today(),
        about=About(),
        **shown,
    )


def version(
    session: Session,
    by: Person,
    report: Report,
    atoms: Sequence[Atom],
    note: str = "",
    **values: Any,
) -> ReportVersion:
    """The report frozen as it is now."""
    ready = report_versions.prepared(
        session, by, report.key, made(session, by, report, atoms, **values), note
    )
    return report_versions.publish(session, by, ready, is_confirmed=True)

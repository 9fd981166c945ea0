"""A study report as a page in one file, as JSON, and as a table that the import reads back."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import date
from typing import Any

from research_repo.core import evidence
from research_repo.core.report_shape import Cited, Finding, StudyReport
from research_repo.core.rows import COLUMNS as IMPORTED
from research_repo.exchange import cells, document, markdown, page

EVIDENCE = (
    "kind",
    "text",
    "language",
    "who",
    "source",
    "row",
    "url",
    "number",
    "unit",
    "n",
    "file_name",
)
COLUMNS = (*IMPORTED, "respondent")


def text(report: StudyReport, base_url: str = "") -> str:
    """The report as Markdown; claims link to `base_url` when given."""
    return markdown.write(document.of(report, base_url))


def html(report: StudyReport, base_url: str = "") -> str:
    """The report as one page that needs nothing beside it; claims link to `base_url` when given."""
    return page.write(document.of(report, base_url))


def as_json(report: StudyReport, _base_url: str = "") -> str:
    """Everything in the report as one JSON object."""
    value = {
        "study": report.key,
        "title": report.title,
        "language": report.language,
        "method": report.about.method,
        "starts_on": _day(report.about.starts_on),
        "ends_on": _day(report.about.ends_on),
        "participant_count": report.about.participant_count,
        "team": list(report.about.team),
        "sections": [
            {"name": one.name, "title": one.title, "text": one.text} for one in report.sections
        ],
        "questions": [
            {
                "number": answer.number,
                "question": answer.question,
                "insights": [_finding(one) for one in answer.insights],
                "facts": [_finding(one) for one in answer.facts],
            }
            for answer in report.answers
        ],
        "also_found": [_finding(one) for one in report.also],
        "recommendations": [_finding(one) for one in report.recommendations],
        "tags": [
            {"key": one.tag.key, "path": one.tag.full_path, "count": one.count}
            for section in report.sections
            for one in section.tags
        ],
    }
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def table(report: StudyReport, _base_url: str = "") -> str:
    """The report's claims as CSV in the columns of the import; quotes of one claim in one cell."""
    findings = {one.atom_id: one for one in report.findings}
    supports, contradicts = _outgoing(findings, "supporting"), _outgoing(findings, "contradicting")
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    for atom_id, one in findings.items():
        quote, source = evidence.as_cells(one.evidence)
        row = (
            _external_id(one),
            one.kind,
            one.title,
            one.body,
            one.study_key,
            _day(one.observed_on) or "",
            "; ".join(tag.full_path for tag in one.tags),
            quote,
            source,
            one.language,
            one.status,
            "; ".join(supports.get(atom_id, ())),
            "; ".join(contradicts.get(atom_id, ())),
            evidence.respondent_of(one.evidence),
        )
        rows.writerow(map(cells.neutral, row))
    return text.getvalue()


WRITERS: dict[str, Callable[[StudyReport, str], str]] = {
    "md": text,
    "html": html,
    "json": as_json,
    "csv": table,
}


def _outgoing(findings: dict[int, Finding], side: str) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for one in findings.values():
        for other in getattr(one, side):
            found.setdefault(other.atom_id, []).append(_external_id(one))
    return found


def _external_id(atom: Finding) -> str:
    return atom.external_id or atom.key


def _finding(one: Finding) -> dict[str, Any]:
    atom = one
    return {
        "id": atom.key,
        "external_id": atom.external_id,
        "kind": atom.kind,
        "status": atom.status,
        "replaced": atom.is_replaced,
        "title": atom.title,
        "body": one.body,
        "language": atom.language,
        "date": _day(atom.date),
        "author": atom.author,
        "tags": [{"key": tag.key, "path": tag.full_path, "label": tag.label} for tag in atom.tags],
        "evidence": [{name: getattr(piece, name) for name in EVIDENCE} for piece in one.evidence],
        "strength": atom.strength.plain(),
        "supported_by": [_other(other) for other in one.supporting],
        "contradicted_by": [_other(other) for other in one.contradicting],
    }


def _other(atom: Cited) -> dict[str, Any]:
    return {"id": atom.key, "kind": atom.kind, "title": atom.title}


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None

"""A report as values for programs: JSON, and its claims as a table that the import reads back."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

from research_repo.core import evidence, report_shape
from research_repo.core.language import say
from research_repo.core.report_shape import Finding, StudyReport
from research_repo.core.rows import COLUMNS as IMPORTED
from research_repo.exchange import cells, sheet_writing
from research_repo.exchange.sheet_writing import Column

STRENGTH = ("level", "respondents", "studies", "methods", "measured", "contradicting")
WEIGHED = ("strength", *(f"strength_{name}" for name in STRENGTH[1:]))
FOLLOWED = ("stage", "tracker")
COLUMNS = (*IMPORTED, "respondent", "section", "link", *WEIGHED, *FOLLOWED)
"""Those that the import reads; where in the report the claim stands and in the repository; how strong
it is; how far a recommendation is, and where that is tracked."""

OURS = frozenset({"atom_id", "participant_id", "id", "html", "body_html"})
"""Numbers of rows mean nothing elsewhere, and HTML is the Markdown beside it."""

_LOOKS = {
    "title": Column("title", 60, "wrapped"),
    "body": Column("body", 40),
    "observed_on": Column("observed_on", 12, "day"),
    "tags": Column("tags", 40),
    "quote": Column("quote", 40),
    "section": Column("section", 40),
    "link": Column("link", 40, "link"),
    "tracker": Column("tracker", 40, "link"),
}


def as_json(report: StudyReport, base_url: str | None = "") -> str:
    """All values of the report as one JSON object; addresses are whole ones, or null."""
    told = _told(report_shape.plain(report), base_url or "")
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def table(report: StudyReport, base_url: str | None = "") -> str:
    """The claims as CSV, each once; no cell of it is computed by a spreadsheet."""
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    for row in _rows(report, base_url or ""):
        rows.writerow(cells.neutral(sheet_writing.writable(row[name])) for name in COLUMNS)
    return text.getvalue()


def sheet(report: StudyReport, base_url: str | None = "") -> bytes:
    """The same table as xlsx; only the columns of links lead anywhere.

    Raises:
        OSError: the disk is full.
    """
    columns = [_LOOKS.get(name, Column(name)) for name in COLUMNS]
    cut = say("… [cut here: a cell of a spreadsheet holds no more]").put(report.language)
    days = {one.key: one.observed_on for one in report.findings}
    rows = (
        [(days[row["key"]] or "") if name == "observed_on" else row[name] for name in COLUMNS]
        for row in _rows(report, base_url or "")
    )
    return b"".join(sheet_writing.written(columns, rows, cut))


def _rows(report: StudyReport, base_url: str) -> Iterator[dict[str, str]]:
    places = _places(report)
    found = report.findings
    links = {side: _outgoing(found, side) for side in ("supporting", "contradicting")}
    for one in found:
        quote, source = evidence.as_cells(one.evidence)
        strength = (str(getattr(one.strength, name)) for name in STRENGTH)
        yield {
            "key": one.key,
            "external_id": one.external_id or one.key,
            "kind": one.kind,
            "title": one.title,
            "body": one.body,
            "study": one.study_key,
            "observed_on": one.observed_on.isoformat() if one.observed_on else "",
            "tags": "; ".join(tag.full_path for tag in one.tags),
            "quote": quote,
            "source": source,
            "language": one.language,
            "status": one.status,
            "supports": "; ".join(links["supporting"].get(one.atom_id, ())),
            "contradicts": "; ".join(links["contradicting"].get(one.atom_id, ())),
            "respondent": evidence.respondent_of(one.evidence),
            "section": places[one.atom_id],
            "link": f"{base_url}{one.address}" if base_url and one.address else "",
            **dict(zip(WEIGHED, strength, strict=True)),
            "stage": one.stage,
            "tracker": one.tracker,
        }


def _places(report: StudyReport) -> dict[int, str]:
    """The heading under which each claim stands first."""
    places: dict[int, str] = {}
    for section in report.sections:
        for answer in section.answers:
            for one in (*answer.insights, *answer.facts):
                places.setdefault(one.atom_id, f"{answer.number}. {answer.question}")
        for one in section.findings:
            places.setdefault(one.atom_id, section.title)
    return places


def _outgoing(found: tuple[Finding, ...], side: str) -> dict[int, list[str]]:
    """For each claim the names of those that it speaks for, or against."""
    names: dict[int, list[str]] = {}
    for one in found:
        for other in getattr(one, side):
            names.setdefault(other.atom_id, []).append(one.external_id or one.key)
    return names


def _told(value: Any, base_url: str) -> Any:
    if isinstance(value, dict):
        return {
            name: _address(inner, base_url) if name == "address" else _told(inner, base_url)
            for name, inner in value.items()
            if name not in OURS
        }
    return [_told(inner, base_url) for inner in value] if isinstance(value, list) else value


def _address(path: str, base_url: str) -> str | None:
    return f"{base_url}{path}" if base_url and path else None

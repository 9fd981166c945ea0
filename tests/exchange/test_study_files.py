"""A study report as files."""

from __future__ import annotations

import csv
import io
import json

import pytest
from sqlmodel import Session

from research_repo.core import evidence, reports
from research_repo.core.models import Person
from research_repo.core.report_shape import StudyReport
from research_repo.exchange import cells, study_files
from tests import make

EVIL = "<script>alert(1)</script>"


@pytest.fixture
def report(session: Session, researcher: Person) -> StudyReport:
    study = make.study(session, researcher, title=f"Why {EVIL}", summary="**Late** money")
    insight = make.atom(session, researcher, f"Trust falls {EVIL}", study, kind="insight")
    fact = make.atom(
        session,
        researcher,
        "=HYPERLINK(1)",
        study,
        quote=f"«Где деньги?» {EVIL}",
        who="P1",
        body=f"It *hurts* {EVIL}",
        tags=["Refund"],
        external_id="F-1",
    )
    make.atom(
        session,
        researcher,
        "Many wait",
        study,
        evidence=[
            evidence.EvidenceValues(kind="number", number=12.5, unit="%", n=640, text=EVIL),
            evidence.EvidenceValues(kind="link", url="https://example.org/?a=1&b=2", text=EVIL),
        ],
    )
    make.link(session, researcher, fact, insight)
    return reports.study_report(session, researcher, study.key, "ru")


def test_a_page_in_one_file_holds_the_report_and_needs_nothing_else(report: StudyReport) -> None:
    page = study_files.html(report, "https://repo.example.org")
    for piece in (
        "Trust falls",
        "<strong>Late</strong>",
        "<em>hurts</em>",
        "«Где деньги?»",
        "12,5\u00a0%",
    ):
        assert piece in page
    assert '<html lang="ru">' in page
    assert 'href="https://repo.example.org/atoms/' in page
    for fetching in ("<link", "src=", "url(", "@import"):
        assert fetching not in page


def test_nothing_that_people_wrote_runs_in_the_page(report: StudyReport) -> None:
    page = study_files.html(report)
    assert "<script" not in page
    assert "default-src &#39;none&#39;" in page


def test_the_json_holds_every_claim_with_its_evidence_and_tags(report: StudyReport) -> None:
    told = json.loads(study_files.as_json(report))
    found = {one["title"]: one for one in told["also_found"]}
    fact = found["=HYPERLINK(1)"]
    assert (fact["external_id"], fact["evidence"][0]["who"]) == ("F-1", "P1")
    assert [tag["label"] for tag in fact["tags"]] == ["Refund"]
    insight = found[f"Trust falls {EVIL}"]
    assert [other["id"] for other in insight["supported_by"]] == [fact["id"]]
    assert found["Many wait"]["evidence"][0]["number"] == 12.5


def test_the_table_has_the_columns_of_the_import_and_no_formulas(report: StudyReport) -> None:
    text = study_files.table(report)
    rows = {row["title"]: row for row in csv.DictReader(io.StringIO(text, newline=""))}
    assert tuple(next(iter(rows.values()))) == study_files.COLUMNS
    fact = rows["'=HYPERLINK(1)"]
    assert cells.original(fact["title"]) == "=HYPERLINK(1)"
    assert (fact["external_id"], fact["respondent"], fact["study"]) == ("F-1", "P1", "returns")
    insight = rows[f"Trust falls {EVIL}"]
    assert fact["supports"] == insight["external_id"]
    assert fact["tags"].endswith("> Refund")

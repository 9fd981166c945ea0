"""A report as JSON, CSV and XLSX: values for programs, and a table that the import reads back."""

from __future__ import annotations

import csv
import io
import json

import pytest
from openpyxl import load_workbook

from research_repo.core.report_shape import Section, StudyReport
from research_repo.exchange import cells, report_tables
from tests import made_reports

BASE = "https://repo.example.org"
FORMULA = '=HYPERLINK("https://evil.example","Refund")'


def of_claim(title: str, text: str = "") -> StudyReport:
    said = (made_reports.quote(text),) if text else ()
    claim = made_reports.finding(1, title, evidence=said)
    return made_reports.report(Section("also", "also", "Also found", findings=(claim,)))


def rows_of(report: StudyReport) -> list[dict[str, str]]:
    text = report_tables.table(report, BASE)
    return list(csv.DictReader(io.StringIO(text, newline="")))


def sheet_of(report: StudyReport) -> dict[str, object]:
    sheet = load_workbook(io.BytesIO(report_tables.sheet(report, BASE))).active
    assert sheet is not None
    head, first = list(sheet.iter_rows())[:2]
    return dict(zip((cell.value for cell in head), first, strict=True))


def test_the_json_holds_every_section_and_claim_with_whole_addresses() -> None:
    told = json.loads(report_tables.as_json(made_reports.full(), BASE))
    by_name = {one["name"]: one for one in told["sections"]}
    (insight,) = by_name["answers"]["answers"][0]["insights"]
    assert insight["address"] == f"{BASE}/atoms/A001"
    assert insight["strength"]["respondents"] == 7
    assert [one["key"] for one in insight["contradicting"]] == ["A004"]
    assert insight["evidence"][1]["number"] == 38.5
    assert "atom_id" not in insight
    (advice,) = by_name["recommendations"]["findings"]
    assert (advice["stage"], advice["tracker"]) == ("accepted", "https://tracker.example/SHOP-7")
    assert by_name["charts"]["charts"][0]["values"] == [[3], [8], [5]]


def test_without_a_base_address_no_value_is_an_address_of_ours() -> None:
    assert "/atoms/" not in report_tables.as_json(made_reports.full(), None)
    assert "/atoms/" not in report_tables.table(made_reports.full(), None)


def test_the_table_has_each_claim_once_with_its_place_its_link_and_its_strength() -> None:
    rows = rows_of(made_reports.full())
    assert [row["external_id"] for row in rows] == ["X-1", "X-2", "X-5", "X-6"]
    assert rows[0]["section"] == "1. Why do people call while they wait for money?"
    assert rows[0]["link"] == f"{BASE}/atoms/A001"
    assert (rows[0]["strength"], rows[0]["strength_respondents"]) == ("strong", "7")
    assert rows[1]["supports"] == "X-1"
    assert rows[0]["tags"] == "Area > Refund > Waiting"
    assert [row["stage"] for row in rows] == ["", "", "", "accepted"]
    assert [row["status"] for row in rows] == ["published"] * 4
    assert rows[3]["tracker"] == "https://tracker.example/SHOP-7"


@pytest.mark.parametrize("title", [FORMULA, "@SUM(1)", "+1", "-1", "\t=1", "＝1"])
def test_a_formula_in_a_title_is_text_in_every_table(title: str) -> None:
    (row,) = rows_of(of_claim(title))
    assert row["title"].startswith("'")
    assert cells.original(row["title"]) == title
    cell = sheet_of(of_claim(title))["title"]
    assert cell.data_type == "s"  # type: ignore[attr-defined]
    assert cell.hyperlink is None  # type: ignore[attr-defined]


def test_only_the_columns_of_links_lead_anywhere() -> None:
    row = sheet_of(of_claim("https://example.org is slow", "See https://example.org/x"))
    assert row["link"].hyperlink.target == f"{BASE}/atoms/A001"  # type: ignore[attr-defined]
    assert row["title"].hyperlink is None  # type: ignore[attr-defined]
    assert row["quote"].hyperlink is None  # type: ignore[attr-defined]


def test_control_characters_make_no_broken_table() -> None:
    report = of_claim("Wait\x00\x07 and see", "a\x1bb")
    assert rows_of(report)[0]["title"] == "Wait\ufffd\ufffd and see"
    assert sheet_of(report)["quote"].value == "a\ufffdb"  # type: ignore[attr-defined]
    assert json.loads(report_tables.as_json(report))["title"] == report.title


def test_titles_of_500_letters_and_days_are_kept_whole() -> None:
    row = sheet_of(of_claim("щ" * 500))
    assert row["title"].value == "щ" * 500  # type: ignore[attr-defined]
    assert row["observed_on"].value.date() == made_reports.DAY  # type: ignore[attr-defined]


def test_a_report_without_claims_is_a_table_with_a_head() -> None:
    assert rows_of(made_reports.report()) == []
    assert report_tables.sheet(made_reports.report())
    assert json.loads(report_tables.as_json(made_reports.report()))["sections"] == []


def test_the_same_report_makes_the_same_bytes() -> None:
    report = made_reports.full()
    assert report_tables.sheet(report, BASE) == report_tables.sheet(report, BASE)

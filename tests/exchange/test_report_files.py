"""Every kind of file of a report."""

from __future__ import annotations

import pytest

from research_repo.core.report_shape import Section
from research_repo.exchange import report_files
from tests import made_reports

BEGINNINGS = {
    "md": b"# How people",
    "html": b"<!doctype html>",
    "pdf": b"%PDF-",
    "docx": b"PK",
    "pptx": b"PK",
    "json": b"{",
    "csv": b"external_id,",
    "xlsx": b"PK",
}


@pytest.mark.parametrize("form", report_files.FORMS)
def test_every_kind_is_written_and_again_with_the_same_bytes(form: str) -> None:
    written = report_files.written(form, made_reports.full(), "https://repo.example.org")
    assert BEGINNINGS[form] in written[:200]
    assert report_files.written(form, made_reports.full(), "https://repo.example.org") == written


@pytest.mark.parametrize("form", report_files.FORMS)
def test_a_report_of_nothing_is_a_whole_file_of_every_kind(form: str) -> None:
    assert BEGINNINGS[form] in report_files.written(form, made_reports.report())[:200]


@pytest.mark.parametrize("form", report_files.FORMS)
def test_what_nobody_can_read_makes_no_broken_file(form: str) -> None:
    title = ("\x00\x0b=HYPERLINK(1)\ufffe" + "ы" * 500)[:500]
    claim = made_reports.finding(1, title, evidence=(made_reports.quote("a\x07\x1b"),))
    section = Section("also", "also", title, findings=(claim,))
    report = made_reports.report(section, title="How people" + title)
    assert BEGINNINGS[form] in report_files.written(form, report)[:200]

"""Reports for programs: the list, the versions, and files."""

from __future__ import annotations

import pytest

from research_repo.api.reports import MEDIA
from research_repo.core import report_versions, report_writing, reports
from research_repo.core.db import Database
from research_repo.core.models import Person
from research_repo.exchange import report_files
from tests import make
from tests.api.conftest import V1, Program


@pytest.fixture
def key(database: Database, anna: Person) -> str:
    """A report of the study "returns" with a frozen version."""
    with database.saving() as session:
        study = make.default_study(session, anna)
        make.atom(session, anna, "Money comes late", study, quote="Two weeks!")
        row = report_writing.of_study(session, anna, study.key, "en")
        report = reports.of_report(session, anna, row.key, "en")
        ready = report_versions.prepared(session, anna, row.key, report, "First")
        report_versions.publish(session, anna, ready)
        return row.key


def test_reports_and_their_versions_are_listed(admin: Program, key: str) -> None:
    (one,) = admin.get("/reports")["reports"]
    assert (one["key"], one["study"], one["scope"]) == (key, "returns", "study")
    (version,) = admin.get(f"/reports/{key}/versions")["versions"]
    assert (version["number"], version["note"], version["atoms"]) == (1, "First", 1)


@pytest.mark.parametrize("form", report_files.FORMS)
def test_a_report_is_had_as_every_kind_of_file(admin: Program, key: str, form: str) -> None:
    answer = admin.ask("GET", "/studies/returns/report", query_string={"format": form})
    assert (answer.status_code, answer.mimetype) == (200, report_files.TYPES[form])
    assert answer.get_data()


def test_a_report_is_values_where_no_kind_is_asked_for(admin: Program, key: str) -> None:
    for address in ("/studies/returns/report", f"/reports/{key}", f"/reports/{key}/versions/1"):
        told = admin.get(address)
        claims = [one["title"] for part in told["sections"] for one in part["findings"]]
        assert "Money comes late" in claims
    assert admin.get(f"/reports/{key}/versions/1")["version"] == 1


def test_a_frozen_version_is_the_same_bytes_each_time(admin: Program, key: str) -> None:
    asked = {"query_string": {"format": "docx"}}
    first = admin.ask("GET", f"/reports/{key}/versions/1", **asked).get_data()
    assert admin.ask("GET", f"/reports/{key}/versions/1", **asked).get_data() == first


def test_an_unknown_kind_or_version_is_a_problem(admin: Program, key: str) -> None:
    wrong = admin.ask("GET", f"/reports/{key}", query_string={"format": "exe"})
    assert wrong.status_code == 422
    assert admin.ask("GET", f"/reports/{key}/versions/2").status_code == 404
    assert admin.ask("GET", "/studies/none/report").status_code == 404


def test_the_contract_names_the_types_of_files(admin: Program) -> None:
    told = admin.client.get(f"{V1}/openapi.json").json
    content = told["paths"][f"{V1}/reports/{{key}}"]["get"]["responses"]["200"]["content"]
    assert set(content) == set(MEDIA)

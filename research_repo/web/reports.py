"""Reports as pages and as files."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, url_for

from research_repo.core import access, report_scopes, reports
from research_repo.core.models import Report
from research_repo.core.report_shape import StudyReport
from research_repo.exchange import study_files
from research_repo.web.door import current_person, download, house, reading
from research_repo.web.words import language

bp = Blueprint("reports", __name__)

FORMS = "any(md, html, json, csv):form"


@bp.get("/studies/<key>/report")
def of_study(key: str) -> str:
    by = current_person()
    with reading() as session:
        report = reports.study_report(session, by, key, language())
        study = access.study_to_read(session, by, key)
        row = report_scopes.of_study_row(session, study.id)
        may_arrange = access.may_edit_study(session, by, study)
    return _page(report, row, may_arrange)


@bp.get(f"/studies/<key>/report.<{FORMS}>")
def study_file(key: str, form: str) -> Response:
    with reading() as session:
        report = reports.study_report(session, current_person(), key, language())
    written = study_files.WRITERS[form](report, house().settings.base_url)
    return download(written, f"{report.key}.{form}")


def _page(report: StudyReport, row: Report | None, may_arrange: bool) -> str:
    shown: dict[str, Any] = {"report": report, "row": row, "may_arrange": may_arrange}
    if report.scope == "study":
        shown["address"] = url_for("reports.of_study", key=report.key)
        shown["back"] = url_for("studies.show", key=report.key)
    else:
        shown["address"] = url_for("reports.show", key=report.key)
    return render_template("reports/show.html", **shown)

"""The study report: as a page, and as files made from the same values."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from research_repo.core import reports
from research_repo.exchange import study_files
from research_repo.web.door import current_person, download, house, reading
from research_repo.web.words import language

bp = Blueprint("reports", __name__, url_prefix="/studies/<key>")


@bp.get("/report")
def show(key: str) -> str:
    with reading() as session:
        report = reports.study_report(session, current_person(), key, language())
    return render_template("reports/show.html", report=report)


@bp.get("/report.md", defaults={"form": "md"})
@bp.get("/report.html", defaults={"form": "html"})
@bp.get("/report.json", defaults={"form": "json"})
@bp.get("/report.csv", defaults={"form": "csv"})
def as_file(key: str, form: str) -> Response:
    with reading() as session:
        report = reports.study_report(session, current_person(), key, language())
    written = study_files.WRITERS[form](report, house().settings.base_url)
    return download(written, f"{report.key}.{form}")

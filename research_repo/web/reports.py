"""The study report: as a page, and as a Markdown file of the same text."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from research_repo.core import reports
from research_repo.exchange import markdown
from research_repo.web.door import current_person, house, reading
from research_repo.web.words import language

bp = Blueprint("reports", __name__, url_prefix="/studies/<key>")


@bp.get("/report")
def show(key: str) -> str:
    with reading() as session:
        report = reports.study_report(session, current_person(), key, language())
    return render_template("reports/show.html", report=report)


@bp.get("/report.md")
def as_markdown(key: str) -> Response:
    with reading() as session:
        report = reports.study_report(session, current_person(), key, language())
    answer = Response(markdown.write(report, house().settings.base_url), mimetype="text/markdown")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{report.key}.md")
    return answer

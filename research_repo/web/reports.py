"""Reports as pages and as files, of a study and across studies, and the list of those arranged."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, url_for

from research_repo.core import access, hierarchy, report_lists, report_scopes, reports
from research_repo.core.db import Session
from research_repo.core.models import Person, Report
from research_repo.core.report_shape import StudyReport
from research_repo.report_found import claims_found, pairs_seen
from research_repo.report_jobs import Asked
from research_repo.web import report_files, report_versions
from research_repo.web.door import current_person, reading, search, see_other
from research_repo.web.words import language

bp = Blueprint("reports", __name__)


@bp.get("/reports")
def listed() -> str:
    by = current_person()
    with reading() as session:
        cards = report_lists.listed(session, by)
        deleted = report_lists.deleted(session, by)
    return render_template("reports/listed.html", reports=cards, deleted=deleted)


@bp.get("/studies/<key>/report")
def of_study(key: str) -> str:
    by = current_person()
    with reading() as session:
        report = reports.study_report(session, by, key, language())
        study = access.study_to_read(session, by, key)
        row = report_scopes.of_study_row(session, study.id)
        shown = {
            "report": report,
            "address": url_for("reports.of_study", key=study.key),
            "may_arrange": access.may_edit_study(session, by, study),
            **report_versions.panel(session, by, row),
        }
    return render_template("reports/show.html", **shown)


@bp.get(f"/studies/<key>/report.<{report_files.FORMS}>")
def study_file(key: str, form: str) -> Response:
    return report_files.file(Asked("study", key), form)


@bp.get("/reports/<key>")
def show(key: str) -> str | Response:
    by = current_person()
    with reading() as session:
        standing = access.report_to_read(session, by, key)
        if standing.study_id is not None:
            return see_other(reports.of_row(session, by, standing, language()).address)
        row, report = _read(session, by, key)
        shown = {
            "report": report,
            "address": url_for("reports.show", key=row.key),
            "may_arrange": access.may_edit_report(session, by, row),
            "origin": _origin(session, by, row),
            **report_versions.panel(session, by, row),
        }
    return render_template("reports/show.html", **shown)


@bp.get(f"/reports/<key>.<{report_files.FORMS}>")
def file(key: str, form: str) -> Response:
    return report_files.file(Asked("report", key), form)


def _read(session: Session, by: Person, key: str) -> tuple[Report, StudyReport]:
    row = access.report_to_read(session, by, key)
    found = claims_found(search(), session, by, row, language())
    return row, reports.of_report(session, by, row.key, language(), found)


def _origin(session: Session, by: Person, row: Report) -> str:
    """The page that shows what a report is rolled up from, if there is one."""
    if row.scope == "search":
        return f"{url_for('search.page')}?{urlencode([*pairs_seen(session, by, row), ('match', 'all')])}"
    tag_id = report_scopes.tag_of(session, by, row.tag_id)
    if row.scope != "tag" or tag_id is None:
        return ""
    return url_for("tags.show", key=hierarchy.cards(session, [tag_id], language())[tag_id].key)

"""Frozen versions of a report: publish one, read it, see what became of it, lay two beside each other."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from markupsafe import Markup

from research_repo.core import (
    access,
    drift,
    report_comparing,
    report_redaction,
    report_scopes,
    report_versions,
    report_writing,
    reports,
    shares,
)
from research_repo.core.db import Session
from research_repo.core.drift import Drift
from research_repo.core.errors import Conflict, Invalid, NotFound
from research_repo.core.language import say
from research_repo.core.models import Person, Report, Study
from research_repo.core.report_shape import StudyReport
from research_repo.core.report_versions import Version
from research_repo.report_found import claims_found
from research_repo.report_jobs import Asked
from research_repo.settings import LANGUAGES
from research_repo.web import report_files
from research_repo.web.door import (
    current_person,
    is_on,
    reading,
    saving,
    search,
    see_other,
    tell,
    text,
)
from research_repo.web.words import language, speaking

bp = Blueprint("report_versions", __name__)

Page = str | tuple[str, int] | Response
SHOWN_BESIDE = 3


def panel(session: Session, by: Person, report: Report | None) -> dict[str, Any]:
    """What a report's page tells of its versions: the newest ones, and what became of the last."""
    found = report_versions.listed(session, by, report) if report else []
    newest: Drift | None = None
    if report and found:
        version = report_versions.read(session, by, report.key, found[0].number)
        newest = drift.of_version(session, by, version)
    return {
        "row": report,
        "versions": found[:SHOWN_BESIDE],
        "version_count": len(found),
        "drift": newest,
        "may_publish": report is not None and access.may_edit_report(session, by, report),
    }


@bp.route("/studies/<key>/report/publish", methods=["GET", "POST"])
def publish_study(key: str) -> Page:
    """A study's report has a row of its own once somebody arranges or freezes it."""
    by = current_person()
    with reading() as session:
        study = access.study_to_edit(session, by, key)
        row = report_scopes.of_study_row(session, study.id)
        if row is None and request.method == "GET":
            return _publish_page(session, None, study, Invalid({}))
    if row is None:
        with saving() as session:
            row = report_writing.of_study(session, by, key, language())
    if request.method == "GET":
        return see_other(url_for("report_versions.publish", key=row.key))
    return publish(row.key)


@bp.route("/reports/<key>/publish", methods=["GET", "POST"])
def publish(key: str) -> Page:
    by = current_person()
    with reading() as session:
        row = access.report_to_edit(session, by, key)
        study = session.get(Study, row.study_id) if row.study_id else None
        if request.method == "GET":
            return _publish_page(session, row, study, Invalid({}))
    try:
        with reading() as session:
            report = living(session, by, row, _asked_language())
            ready = report_versions.prepared(session, by, key, report, text("note"))
        with saving() as session:
            version = report_versions.publish(
                session, by, ready, is_confirmed=is_on("is_confirmed")
            )
    except Invalid as refusal:
        with reading() as session:
            return _publish_page(session, row, study, refusal), 422
    except Conflict as conflict:
        with reading() as session:
            return _publish_page(session, row, study, Invalid({"": conflict.message})), 409
    tell(say("Version %(number)s is published. It stays as it is.", number=version.number))
    return see_other(report_versions.address(key, version.number))


@bp.get("/reports/<key>/versions")
def listed(key: str) -> str:
    by = current_person()
    with reading() as session:
        row = access.report_to_read(session, by, key)
        shown = {
            "row": row,
            "title": _title(session, row),
            "back": _living_address(session, row),
            "versions": report_versions.listed(session, by, row),
            "shares": shares.listed(session, by, row),
            "may_publish": access.may_edit_report(session, by, row),
        }
    return render_template("versions/listed.html", **shown)


@bp.get("/reports/<key>/versions/<int:number>")
def show(key: str, number: int) -> str:
    with reading() as session:
        return page(session, key, number, Invalid({}))


def page(session: Session, key: str, number: int, refusal: Invalid, **more: Any) -> str:
    """A version's page; `refusal` is of its form for a link."""
    by = current_person()
    row = access.report_to_read(session, by, key)
    version = report_versions.read(session, by, key, number)
    may_publish = access.may_edit_report(session, by, row)
    links = [one for one in shares.listed(session, by, row) if one.number == number]
    return render_template(
        "versions/show.html",
        row=row,
        version=version.card,
        report=version.report,
        drift=drift.of_version(session, by, version),
        versions=report_versions.listed(session, by, row),
        back=_living_address(session, row),
        sheet=sheet(version.report),
        shares=links,
        closed=report_versions.closed_studies(session, version.card.id) if may_publish else [],
        days_offered=shares.DAYS_OFFERED,
        days_usual=shares.DAYS_USUAL,
        may_publish=may_publish,
        problems=refusal.problems,
        sent=request.form,
        **more,
    )


@bp.get(f"/reports/<key>/versions/<int:number>.<{report_files.FORMS}>")
def file(key: str, number: int, form: str) -> Response:
    return report_files.file(Asked("version", key, number), form)


@bp.get("/reports/<key>/compare")
def compare(key: str) -> str:
    """Two versions, or one and the report as it is today: `before=` and `after=` of the address."""
    by = current_person()
    with reading() as session:
        row = access.report_to_read(session, by, key)
        cards = report_versions.listed(session, by, row)
        if not cards:
            raise NotFound
        before = _number(request.args.get("before")) or cards[0].number
        after = _number(request.args.get("after"))
        old = report_versions.read(session, by, key, before)
        now = _other(session, by, row, after, old)
        shown = {
            "row": row,
            "title": _title(session, row),
            "back": _living_address(session, row),
            "versions": cards,
            "before": before,
            "after": after,
            "found": report_comparing.compared(old.report, now),
        }
    return render_template("versions/compare.html", **shown)


@bp.post("/reports/<key>/take-out")
def take_out(key: str) -> Response:
    """Words that must go leave all frozen versions of the report."""
    with saving() as session:
        count = report_redaction.take_out(session, current_person(), key, text("atom"))
    tell(say("The words are taken out of all frozen versions: %(count)s.", count=count))
    return see_other(url_for("report_versions.listed", key=key))


def living(session: Session, by: Person, row: Report, code: str) -> StudyReport:
    """A report as it is at this moment."""
    found = claims_found(search(), session, by, row, code)
    return reports.of_report(session, by, row.key, code, found)


def sheet(report: StudyReport, **outside: Any) -> Markup:
    """The document itself, in its own language, whatever that of the page is."""
    with speaking(report.language):
        drawn = render_template("reports/_sheet.html", report=report, **outside)
    # A template of ours has escaped it.
    return Markup(drawn)  # noqa: S704


def _other(
    session: Session, by: Person, row: Report, number: int | None, old: Version
) -> StudyReport:
    if number is None:
        return living(session, by, row, old.report.language)
    return report_versions.read(session, by, row.key, number).report


def _publish_page(
    session: Session, row: Report | None, study: Study | None, refusal: Invalid
) -> str:
    by, code = current_person(), _asked_language()
    if row is not None:
        report = living(session, by, row, code)
    else:
        assert study is not None, "what has no row is a study's"  # noqa: S101
        report = reports.study_report(session, by, study.key, code)
    cards = report_versions.listed(session, by, row) if row else []
    change = None
    if row and cards:
        last = report_versions.read(session, by, row.key, cards[0].number)
        change = report_comparing.compared(last.report, report)
    return render_template(
        "versions/publish.html",
        row=row,
        study=study,
        report=report,
        number=cards[0].number + 1 if cards else 1,
        change=change,
        closed=report_versions.closed_of(session, by, report),
        language_of=code,
        back=_living_address(session, row) if row else url_for("reports.of_study", key=report.key),
        note_max=report_versions.NOTE_MAX,
        sent=request.form,
        problems=refusal.problems,
    )


def _asked_language() -> str:
    asked = request.form.get("language") or request.args.get("language", "")
    return asked if asked in LANGUAGES else language()


def _living_address(session: Session, row: Report) -> str:
    if row.study_id is None:
        return url_for("reports.show", key=row.key)
    return url_for("reports.of_study", key=session.get_one(Study, row.study_id).key)


def _title(session: Session, row: Report) -> str:
    if row.title or row.study_id is None:
        return row.title
    return session.get_one(Study, row.study_id).title


def _number(typed: str | None) -> int | None:
    is_one = typed is not None and typed.isascii() and typed.isdigit() and len(typed) < 10
    return int(typed) if typed and is_one else None

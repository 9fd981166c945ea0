"""Templates of reports: those that come with the product, and what a team makes of them."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, render_template, request, url_for

from research_repo.core import access, report_templates
from research_repo.core.errors import Conflict, Invalid, NotFound
from research_repo.core.language import say
from research_repo.core.models import ReportTemplate
from research_repo.core.report_layouts import PLACEHOLDERS, Part, parts_of
from research_repo.core.report_templates import (
    CHANGED,
    NAME_MAX,
    TEXT_MAX,
    TITLE_MAX,
    Template,
    TemplateValues,
)
from research_repo.web import report_parts
from research_repo.web.door import (
    current_person,
    number,
    reading,
    saving,
    see_other,
    tell,
    text,
)
from research_repo.web.words import language

bp = Blueprint("report_templates", __name__, url_prefix="/reports")

Page = str | Response | tuple[str, int]


@bp.get("/templates")
def listed() -> str:
    access.require_log(current_person())
    with reading() as session:
        templates = report_templates.listed(session, language())
    gone = request.args.get("gone", "")
    return render_template("reports/templates.html", templates=templates, gone=gone)


@bp.route("/templates/<key>", methods=["GET", "POST"])
def edit(key: str) -> Page:
    access.require_log(current_person())
    with reading() as session:
        template = report_templates.get(session, key, language())
    if request.method == "GET":
        return _form(template, template.name, list(template.parts))
    parts = _sent(template)
    if text("move"):
        return _form(template, text("name"), parts)
    try:
        _save(template, parts)
    except Invalid as refusal:
        return _form(template, text("name"), parts, refusal), 422
    except Conflict:
        return _form(template, text("name"), parts, Invalid({"": CHANGED})), 409
    tell(say("Saved"))
    return see_other(url_for("report_templates.listed"))


@bp.post("/<key>/keep")
def keep(key: str) -> Response:
    """Keep how a report is arranged as a template, with what its author wrote."""
    by = current_person()
    access.require_log(by)
    with reading() as session:
        report = access.report_to_read(session, by, key)
        parts = [replace(part, questions=()) for part in parts_of(report.layout, language())]
    values = report_templates.ready(TemplateValues(text("name"), parts))
    with saving() as session:
        report_templates.add(session, by, values)
    tell(say("Kept as a template: new reports can begin with it."))
    return see_other(url_for("report_templates.listed"))


@bp.post("/templates/<key>/delete")
def delete(key: str) -> Response:
    with saving() as session:
        report_templates.remove(session, current_person(), key)
    tell(say("The template is gone. Reports that were begun with it stay as they are."))
    return see_other(url_for("report_templates.listed", gone=key))


@bp.post("/templates/<key>/restore")
def restore(key: str) -> Response:
    with saving() as session:
        report_templates.put_back(session, current_person(), key)
    tell(say("The template is back"))
    return see_other(url_for("report_templates.listed"))


def _save(template: Template, parts: list[Part]) -> ReportTemplate:
    by = current_person()
    values = report_templates.ready(TemplateValues(text("name"), parts))
    with saving() as session:
        if text("do") == "copy":
            return report_templates.add(session, by, values)
        return report_templates.change(session, by, template.key, _version(), values)


def _version() -> int:
    try:
        return number("version") or 0
    except Invalid:
        return -1


def _sent(template: Template) -> list[Part]:
    """What was typed; a section of the team's own is added by its heading."""
    parts = [one for one in report_parts.sent(template.parts) if one.id != text("remove")]
    if not parts:
        raise NotFound
    if text("new").strip():
        own = [int(part.id.rpartition("-")[2]) for part in parts if part.is_own]
        parts.append(Part("text", f"text-{max(own, default=0) + 1}", title=text("new")))
    return parts


def _form(template: Template, name: str, parts: list[Part], refusal: Invalid | None = None) -> str:
    problems = dict(refusal.problems) if refusal else {}
    for number_, part in enumerate(parts, 1):
        for field in ("title", "text"):
            if f"{field}-{number_}" in problems:
                problems[f"{field}-{part.id}"] = problems.pop(f"{field}-{number_}")
    return render_template(
        "reports/template.html",
        template=template,
        name=name,
        parts=[(part, part.heading(language())) for part in parts],
        placeholders=PLACEHOLDERS.items(),
        name_max=NAME_MAX,
        heading_max=TITLE_MAX,
        text_max=TEXT_MAX,
        problems=problems,
    )

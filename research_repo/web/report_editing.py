"""How a report is arranged: its sections and their words, and where each claim of it stands.

The form of the sections sends all of them, in the order of the fields. A button beside one moves it
and saves the rest as it was typed, so that nothing is lost where there is no script.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from research_repo.core import (
    access,
    prose,
    report_arranging,
    report_templates,
    report_writing,
    reports,
)
from research_repo.core.errors import Conflict, Invalid
from research_repo.core.language import Message, say
from research_repo.core.report_arranging import TEXT_MAX, PartChoice, PartWords
from research_repo.core.report_arranging import TITLE_MAX as HEADING_MAX
from research_repo.core.report_layouts import PLACEHOLDERS, Part
from research_repo.core.report_writing import TITLE_MAX
from research_repo.core.reports import Arranged
from research_repo.web import report_parts
from research_repo.web.door import (
    current_person,
    is_on,
    number,
    reading,
    saving,
    see_other,
    tell,
    text,
)
from research_repo.web.words import language

bp = Blueprint("report_editing", __name__)

Page = str | Response | tuple[str, int]


@dataclass(frozen=True)
class Row:
    """A section in the form: as it is, or as it was typed."""

    part: Part
    heading: str
    was: str
    """Tells whether anybody typed into it: `print_of` the words that the form began with."""

    @property
    def is_touched(self) -> bool:
        return self.was != print_of(self.part)


def print_of(part: Part) -> str:
    """Differs as soon as the words of a section do."""
    told = f"{part.title}\0{part.text}"
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@bp.post("/studies/<key>/report/arrange")
def begin(key: str) -> Response:
    """On to the form of a study's report, which has a row of its own from now on."""
    with saving() as session:
        row = report_writing.of_study(session, current_person(), key, language())
    return see_other(url_for("report_editing.edit", key=row.key))


@bp.route("/reports/<key>/edit", methods=["GET", "POST"])
def edit(key: str) -> Page:
    arranged = _arranged(key)
    if request.method == "GET":
        return _form(arranged, _standing(arranged))
    sent = _sent(arranged)
    if text("do") == "preview":
        previews = {row.part.id: prose.render(row.part.text, under=2) for row in sent}
        return _form(arranged, sent, previews=previews)
    try:
        _save(key, sent)
    except Invalid as refusal:
        return _form(arranged, sent, problems=refusal.problems), 422
    except Conflict:
        return _both(_arranged(key), sent), 409
    if text("move"):
        return see_other(
            url_for("report_editing.edit", key=key) + f"#part-{text('move').split()[0]}"
        )
    if text("remove") or text("do") == "add":
        return see_other(url_for("report_editing.edit", key=key))
    tell(say("Saved"))
    return see_other(arranged.basis.address)


@bp.post("/reports/<key>/preview")
def preview(key: str) -> str:
    """What the paragraphs of one section will look like, their placeholders not filled in."""
    with reading() as session:
        access.report_to_edit(session, current_person(), key)
    typed = text(f"text-{text('of')}")[:TEXT_MAX]
    return render_template("atoms/_preview.html", html=prose.render(typed, under=2))


@bp.post("/reports/<key>/template")
def by_template(key: str) -> Response:
    with reading() as session:
        template = report_templates.get(session, text("template"), language())
    with saving() as session:
        report_arranging.use_template(session, current_person(), key, template.parts)
    tell(say("Arranged by the template “%(name)s”", name=template.name))
    return see_other(url_for("report_editing.edit", key=key))


@bp.post("/reports/<key>/share")
def share(key: str) -> Response:
    with saving() as session:
        report_writing.share(session, current_person(), key, is_on("shared"))
    tell(
        say("Now everybody who signs in sees it.")
        if is_on("shared")
        else say("Now it is yours alone.")
    )
    return see_other(url_for("report_editing.edit", key=key))


@bp.post("/reports/<key>/delete")
def delete(key: str) -> Response:
    with saving() as session:
        report_writing.remove(session, current_person(), key)
    tell(say("The report is deleted. It can be put back below."))
    return see_other(url_for("reports.listed") + "#deleted")


@bp.post("/reports/<key>/restore")
def restore(key: str) -> Response:
    with saving() as session:
        report_writing.put_back(session, current_person(), key)
    tell(say("The report is back"))
    return see_other(url_for("reports.show", key=key))


def _arranged(key: str) -> Arranged:
    with reading() as session:
        return reports.arranged(session, current_person(), key, language())


def _standing(arranged: Arranged) -> list[Row]:
    return [Row(part, part.heading(language()), print_of(part)) for part in arranged.parts]


def _sent(arranged: Arranged) -> list[Row]:
    rows = []
    for part in report_parts.sent(arranged.parts):
        typed = replace(part, version=_version(f"version-{part.id}"))
        rows.append(Row(typed, part.heading(language()), text(f"was-{part.id}")))
    return rows


def _version(name: str) -> int:
    try:
        return number(name) or 0
    except Invalid:
        return 0


def _save(key: str, sent: list[Row]) -> None:
    by = current_person()
    written, added = _ready(sent), _added()
    with saving() as session:
        if text("title").strip() != text("was-title").strip():
            report_writing.retitle(session, by, key, _version("version"), text("title"))
        choices = [PartChoice(one.part.id, one.part.is_shown, one.part.is_brief) for one in sent]
        report_arranging.arrange(session, by, key, choices)
        for part, words in written:
            report_arranging.write(session, by, key, part.id, part.version, words)
        if text("remove"):
            report_arranging.remove_section(session, by, key, text("remove"))
        if added:
            report_arranging.add_section(session, by, key, added)


def _ready(sent: list[Row]) -> list[tuple[Part, PartWords]]:
    problems: dict[str, Message] = {}
    written = []
    for part in (row.part for row in sent if row.is_touched):
        try:
            words = report_arranging.ready(PartWords(part.title, part.text))
            written.append((part, words))
        except Invalid as refusal:
            problems |= {f"{name}-{part.id}": told for name, told in refusal.problems.items()}
    if problems:
        raise Invalid(problems)
    return written


def _added() -> PartWords | None:
    if text("do") != "add":
        return None
    if not text("new").strip():
        raise Invalid({"new": say("Write the heading of the new section first.")})
    return report_arranging.ready(PartWords(text("new")))


def _both(arranged: Arranged, sent: list[Row]) -> str:
    """The form with what was typed and, where another wrote meanwhile, theirs beside it."""
    now = {part.id: part for part in arranged.parts}
    theirs = {}
    rows = []
    for row in sent:
        standing = now.get(row.part.id)
        if standing is None:
            continue
        if row.is_touched and standing.version != row.part.version:
            theirs[standing.id] = standing
            row = replace(row, part=replace(row.part, version=standing.version))
        elif not row.is_touched:
            shown = replace(standing, is_shown=row.part.is_shown, is_brief=row.part.is_brief)
            row = Row(shown, shown.heading(language()), print_of(shown))
        rows.append(row)
    return _form(arranged, rows, theirs=theirs)


def _form(arranged: Arranged, rows: list[Row], **more: Any) -> str:
    with reading() as session:
        templates = [(one.key, one.name) for one in report_templates.listed(session, language())]
    is_typed = request.method == "POST"
    return render_template(
        "reports/edit.html",
        row=arranged.report,
        report=arranged.basis,
        rows=rows,
        title=text("title") if is_typed else arranged.report.title,
        templates=templates,
        placeholders=PLACEHOLDERS.items(),
        title_max=TITLE_MAX,
        heading_max=HEADING_MAX,
        text_max=TEXT_MAX,
        **{"problems": {}, "theirs": None, "previews": {}, **more},
    )

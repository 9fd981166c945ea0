"""Participants of a study, for its team: the table, one of them, and who is due for deletion."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from research_repo.core import access, cards, consent, heard, participants
from research_repo.core.clock import today
from research_repo.core.errors import Conflict, Invalid
from research_repo.core.language import Message, say, say_many
from research_repo.core.models import Participant, Study
from research_repo.core.participants import COLUMNS, ParticipantValues, Written
from research_repo.exchange import participant_tables
from research_repo.exchange.participant_tables import DAYS, Read
from research_repo.web.door import (
    current_person,
    day,
    download,
    house,
    number,
    page_number,
    reading,
    saving,
    see_other,
    tell,
    text,
)
from research_repo.web.words import language

bp = Blueprint("participants", __name__)

Page = str | Response | tuple[str, int]

ROWS = 100
PROBLEMS_SHOWN = 50
QUOTED_SHOWN = 50


@bp.get("/studies/<key>/participants")
def listed(key: str) -> str:
    by = current_person()
    page = page_number()
    with reading() as session:
        study = access.team_study_to_read(session, by, key)
        found = participants.of_study(session, by, key)
        rows = found[(page - 1) * ROWS : page * ROWS]
        shown = {
            "study": study,
            "rows": rows,
            "total": len(found),
            "page": page,
            "last": -(-len(found) // ROWS) or 1,
            "traces_of": heard.traces(session, [row.id for row in rows]),
            "due": sum(consent.is_due(row, today()) for row in found),
            "may_edit": access.may_edit_study(session, by, study),
            "today": today(),
        }
    return render_template("participants/listed.html", **shown)


@bp.get("/studies/<key>/participants.csv")
def table(key: str) -> Response:
    """The whole table, to be kept elsewhere or to be changed and sent back."""
    by = current_person()
    with reading() as session:
        found = participants.of_study(session, by, key)
        traces = heard.traces(session, [row.id for row in found])
    return download(participant_tables.written(found, traces), f"{key}-participants.csv")


@bp.route("/studies/<key>/participants/new", methods=["GET", "POST"])
def add(key: str) -> Page:
    study = _study_to_edit(key)
    if request.method == "GET":
        return _form_page(study, ParticipantValues(), {})
    try:
        values = participants.ready(_sent())
        with saving() as session:
            row = participants.add(session, current_person(), key, values)
    except Invalid as refusal:
        return _form_page(study, None, refusal.problems), 422
    tell(say("%(code)s is there.", code=row.code))
    return see_other(url_for("participants.listed", key=key))


@bp.route("/studies/<key>/participants/table", methods=["GET", "POST"])
def bring(key: str) -> Page:
    """A range of a spreadsheet, pasted, or a file."""
    study = _study_to_edit(key)
    if request.method == "GET":
        return _table_page(study, Read())
    try:
        read = _read()
    except Invalid as refusal:
        return _table_page(study, Read(), refusal.problems), 422
    if read.problems:
        return _table_page(study, read), 422
    written = participants.bring_in(house().database, current_person(), key, read.values)
    tell(_told(written))
    return see_other(url_for("participants.listed", key=key))


@bp.get("/studies/<key>/participants/<int:participant_id>")
def show(key: str, participant_id: int) -> str:
    return _one_page(key, participant_id, {})


@bp.route("/studies/<key>/participants/<int:participant_id>/edit", methods=["GET", "POST"])
def edit(key: str, participant_id: int) -> Page:
    by = current_person()
    with reading() as session:
        row = participants.to_edit(session, by, key, participant_id)
        study = session.get_one(Study, row.study_id)
    if request.method == "GET":
        return _form_page(study, _of(row), {}, row)
    try:
        values = participants.ready(_sent())
        with saving() as session:
            version = number("version") or 0
            participants.change(session, by, key, participant_id, version, values)
    except Invalid as refusal:
        return _form_page(study, None, refusal.problems, row), 422
    except Conflict as conflict:
        return _form_page(study, None, {"": conflict.message}, conflict.current), 409
    tell(say("Saved"))
    return see_other(url_for("participants.show", key=key, participant_id=participant_id))


@bp.post("/studies/<key>/participants/<int:participant_id>/move")
def move(key: str, participant_id: int) -> Page:
    to_key = text("study").strip()
    try:
        with saving() as session:
            version = number("version") or 0
            row = participants.move(session, current_person(), key, participant_id, version, to_key)
            study = session.get_one(Study, row.study_id)
    except Invalid as refusal:
        return _one_page(key, participant_id, refusal.problems), 422
    tell(say("%(code)s is in “%(study)s” now.", code=row.code, study=study.title))
    return see_other(url_for("participants.show", key=study.key, participant_id=participant_id))


@bp.post("/studies/<key>/participants/<int:participant_id>/remove")
def remove(key: str, participant_id: int) -> Page:
    try:
        with saving() as session:
            version = number("version") or 0
            consent.remove(session, current_person(), key, participant_id, version)
    except Invalid as refusal:
        return _one_page(key, participant_id, refusal.problems), 422
    tell(say("Deleted. The quotes stay, and nobody is named beside them but a code."))
    return see_other(url_for("participants.listed", key=key))


@bp.get("/participants/due")
def due() -> str:
    """Whose consent is over, in all studies of the person's, or in one: `study=`."""
    by = current_person()
    with reading() as session:
        found = consent.due(session, by, request.args.get("study", ""))
    page = page_number()
    return render_template(
        "participants/due.html",
        found=found[(page - 1) * ROWS : page * ROWS],
        total=len(found),
        page=page,
        last=-(-len(found) // ROWS) or 1,
        rows=ROWS,
    )


def _study_to_edit(key: str) -> Study:
    with reading() as session:
        return access.team_study_to_edit(session, current_person(), key)


def _sent() -> ParticipantValues:
    problems: dict[str, Message] = {}
    typed: dict[str, Any] = {name: text(name) for name in COLUMNS if name not in DAYS}
    for name in DAYS:
        try:
            typed[name] = day(name)
        except Invalid as refusal:
            problems |= refusal.problems
    if problems:
        raise Invalid(problems)
    return ParticipantValues(**typed)


def _of(row: Participant) -> ParticipantValues:
    return ParticipantValues(**{name: getattr(row, name) for name in COLUMNS})


def _read() -> Read:
    file = request.files.get("file")
    if file is None or not file.filename:
        if not text("rows").strip():
            raise Invalid({"rows": say("Paste rows, or choose a file of csv or xlsx.")})
        return participant_tables.from_text(text("rows"))
    with tempfile.TemporaryDirectory() as folder:
        ending = Path(file.filename).suffix.lower()[:10]
        path = Path(folder) / f"participants{ending}"
        file.save(path)
        return participant_tables.from_file(path)


def _told(written: Written) -> Message:
    return say(
        "%(added)s, %(changed)s, %(unchanged)s.",
        added=say_many("%(count)s added", "%(count)s added", written.added),
        changed=say_many("%(count)s changed", "%(count)s changed", written.changed),
        unchanged=say_many("%(count)s as before", "%(count)s as before", written.unchanged),
    )


def _form_page(
    study: Study,
    values: ParticipantValues | None,
    problems: dict[str, Message],
    row: Participant | None = None,
) -> str:
    # After a refusal the form shows what was typed, word for word.
    shown = vars(values) if values else request.form
    return render_template(
        "participants/form.html", study=study, shown=shown, row=row, problems=problems
    )


def _table_page(study: Study, read: Read, problems: dict[str, Message] | None = None) -> str:
    return render_template(
        "participants/table.html",
        study=study,
        typed=text("rows"),
        rows=read.problems[:PROBLEMS_SHOWN],
        more=max(0, len(read.problems) - PROBLEMS_SHOWN),
        problems=problems or {},
    )


def _one_page(key: str, participant_id: int, problems: dict[str, Message]) -> str:
    by = current_person()
    with reading() as session:
        row = participants.to_read(session, by, key, participant_id)
        study = session.get_one(Study, row.study_id)
        said = heard.quoted_in(session, by, row.id)
        shown = {
            "row": row,
            "study": study,
            "atoms": cards.of_atoms(session, by, list(said)[:QUOTED_SHOWN], language()),
            "said": said,
            "more": max(0, len(said) - QUOTED_SHOWN),
            "sources": heard.sources_of(session, row.id),
            "may_edit": access.may_edit_study(session, by, study),
            "is_due": consent.is_due(row, today()),
        }
    return render_template("participants/show.html", problems=problems, sent=request.form, **shown)

"""Notices: what a person is told."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from research_repo.core import notices
from research_repo.web.door import current_person, reading, saving, see_other

bp = Blueprint("notices", __name__, url_prefix="/notices")


@bp.get("")
def listed() -> str:
    with reading() as session:
        told = notices.listed(session, current_person())
    return render_template("notices/listed.html", told=told)


@bp.post("/read")
def read_all() -> Response:
    with saving() as session:
        notices.read_all(session, current_person())
    return see_other("/notices")

"""Sources of a study: the list, and the page on which one is read."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request, url_for

from research_repo.core import access, sources
from research_repo.core.errors import NotFound
from research_repo.core.models import Study
from research_repo.web.door import current_person, page_number, reading, row_id, see_other

bp = Blueprint("sources", __name__)

Page = str | Response | tuple[str, int]


@bp.get("/studies/<key>/sources")
def listed(key: str) -> str:
    by = current_person()
    with reading() as session:
        study = access.team_study_to_read(session, by, key)
        shown = {
            "study": study,
            "sources": sources.of_study(session, by, key),
            "may_edit": access.may_edit_study(session, by, study),
        }
    return render_template("sources/listed.html", **shown)


@bp.get("/sources/<key>")
def show(key: str) -> str:
    by = current_person()
    with reading() as session:
        source = access.source_to_read(session, by, key)
        study = session.get_one(Study, source.study_id)
        shown = {
            "source": source,
            "study": study,
            "card": sources.card(session, source),
            "leaf": sources.page(session, source, page_number()),
            "may_edit": access.may_edit_study(session, by, study),
        }
    return render_template("sources/show.html", **shown)


@bp.get("/sources/<key>/at")
def at(key: str) -> Response:
    """The way to a place of the text: `offset=` leads to its page and passage."""
    offset = row_id(request.args.get("offset", ""))
    if offset is None:
        raise NotFound
    with reading() as session:
        source = access.source_to_read(session, current_person(), key)
        page, position = sources.place(session, source, offset)
    return see_other(url_for("sources.show", key=source.key, page=page, _anchor=f"p-{position}"))

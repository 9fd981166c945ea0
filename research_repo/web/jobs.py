"""Jobs: long work, how far it is, and what came of it."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from research_repo.core import access, jobs
from research_repo.web.door import current_person, reading, saving, see_other

bp = Blueprint("jobs", __name__, url_prefix="/jobs")


@bp.get("")
def listed() -> str:
    with reading() as session:
        cards = jobs.listed(session, current_person())
    return render_template("jobs/listed.html", jobs=cards)


@bp.post("/rebuild-index")
def rebuild_index() -> Response:
    access.require_admin(current_person())
    with saving() as session:
        job = jobs.start(session, current_person(), "index.rebuild")
    return see_other(f"/jobs/{job.id}")


@bp.get("/<int:job_id>")
def show(job_id: int) -> str:
    return _page("jobs/show.html", job_id)


@bp.get("/<int:job_id>/progress")
def progress(job_id: int) -> str:
    """The part of the page that changes while the job is at work."""
    return _page("jobs/progress.html", job_id)


def _page(template: str, job_id: int) -> str:
    with reading() as session:
        card = jobs.get(session, current_person(), job_id)
    return render_template(template, job=card)

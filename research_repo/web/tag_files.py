"""A list of tags from a browser: sent, tried out, brought in by a job."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request, url_for

from research_repo.core import access, jobs, schemes
from research_repo.core.errors import Invalid, NotFound
from research_repo.core.language import Message, say
from research_repo.exchange import tag_files, uploads
from research_repo.exchange.uploads import Upload
from research_repo.importing_tags import ListTerms, kept_told, try_out
from research_repo.web import receiving
from research_repo.web.door import current_person, house, is_on, reading, saving, see_other, text
from research_repo.web.words import language

bp = Blueprint("tag_files", __name__, url_prefix="/tags/import")

Page = str | Response | tuple[str, int]

LIST_BYTES = 20 * 1024 * 1024  # a thesaurus needs some forty times its size in memory
AT_ONCE_BYTES = 256 * 1024  # a larger list is read by a job: nobody waits for an answer that long

receiving.takes_files(bp, "begin", access.may_govern)


@bp.route("", methods=["GET", "POST"])
def begin() -> Page:
    access.require_govern(current_person())
    group = request.values.get("group", "").strip()
    if request.method == "GET":
        return _begin_page({}, group)
    try:
        upload = receiving.received(say("Choose a file with a list of tags."))
        if upload.path.stat().st_size > LIST_BYTES:
            size = LIST_BYTES >> 20
            told = say("A list here has at most %(size)s MB. Bring it in by the command line.",
                       size=size)  # fmt: skip
            raise Invalid({"file": told})
        tag_files.check(upload.path.read_bytes(), upload.name)
        return _try(upload, group)
    except Invalid as refusal:
        return _begin_page(refusal.problems, group), 422


@bp.route("/<token>", methods=["GET", "POST"])
def preview(token: str) -> Page:
    by = current_person()
    access.require_govern(by)
    upload = uploads.get(receiving.folder(), by.id, token)
    if request.method == "GET":
        told = kept_told(upload)
        if told is None:
            # It is still being read, or it could not be: its job says which.
            return see_other(url_for("jobs.listed"))
        return render_template("tag_files/preview.html", upload=upload, told=told, groups=_groups())
    if not is_on("start"):
        try:
            return _try(upload, text("group").strip())
        except Invalid as refusal:
            return _begin_page(refusal.problems, text("group")), 422
    return _ask("import.tags", _terms(upload, text("group").strip()))


@bp.get("/<token>/problems.csv")
def preview_problems(token: str) -> Response:
    """All that is to know about a list that waits."""
    by = current_person()
    access.require_govern(by)
    return receiving.refused_rows(uploads.get(receiving.folder(), by.id, token), "problems.csv")


@bp.get("/done/<int:job_id>")
def result(job_id: int) -> str:
    job, upload = _done(job_id)
    has_file = upload is not None and upload.refused.exists()
    return render_template("tag_files/result.html", job=job, told=job.result, has_file=has_file)


@bp.get("/done/<int:job_id>/problems.csv")
def problems(job_id: int) -> Response:
    """All that is to know about a list that came in."""
    return receiving.refused_rows(_done(job_id)[1], "problems.csv")


def _try(upload: Upload, group: str) -> Response:
    terms = _terms(upload, group)
    if upload.path.stat().st_size > AT_ONCE_BYTES:
        upload.told.unlink(missing_ok=True)
        return _ask("import.tags.preview", terms)
    try_out(house().database, receiving.folder(), terms)
    return see_other(url_for("tag_files.preview", token=upload.token))


def _terms(upload: Upload, group: str) -> ListTerms:
    return ListTerms(upload.token, current_person().id, group, language())


def _ask(kind: str, terms: ListTerms) -> Response:
    with saving() as session:
        job = jobs.start(session, current_person(), kind, vars(terms))
    return see_other(url_for("jobs.show", job_id=job.id))


def _done(job_id: int) -> tuple[jobs.JobCard, Upload | None]:
    with reading() as session:
        job = jobs.get(session, current_person(), job_id)
    if job.kind != "import.tags" or job.status != "done":
        raise NotFound
    return job, receiving.upload_of(job)


def _begin_page(problems: dict[str, Message], group: str) -> str:
    endings = tag_files.endings()
    return render_template(
        "tag_files/begin.html", problems=problems, group=group, groups=_groups(), endings=endings
    )


def _groups() -> list[schemes.SchemeCard]:
    with reading() as session:
        return schemes.listed(session, language())

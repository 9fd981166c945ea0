"""A file of findings from a browser: sent, its columns mapped, tried out, brought in by a job."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from flask import Blueprint, Response, render_template, request, url_for

from research_repo.core import access, imports, jobs, studies
from research_repo.core.errors import Invalid, NotFound
from research_repo.core.import_terms import UNKNOWN_TAGS, Outcome, Row, Terms
from research_repo.core.language import Message, say
from research_repo.core.rows import READ_COLUMNS, guess
from research_repo.exchange import tables, uploads
from research_repo.exchange.tables import Table
from research_repo.exchange.uploads import Upload
from research_repo.web import receiving
from research_repo.web.door import (
    current_person,
    house,
    is_on,
    reading,
    saving,
    see_other,
    text,
    texts,
)
from research_repo.web.words import language

bp = Blueprint("imports", __name__, url_prefix="/import")

Page = str | Response | tuple[str, int]

TRY_SECONDS = 5.0
PROBLEMS_SHOWN = 200


receiving.takes_files(bp, "begin", access.may_log)


@bp.route("", methods=["GET", "POST"])
def begin() -> Page:
    by = current_person()
    access.require_log(by)
    if request.method == "GET":
        return _begin_page({}, request.args.get("study", ""))
    try:
        upload = receiving.received(say("Choose a file of csv, xlsx or jsonl."))
        tables.opened(upload.path)
    except Invalid as refusal:
        return _begin_page(refusal.problems, text("study")), 422
    return see_other(url_for("imports.map_columns", token=upload.token, study=text("study")))


@bp.route("/<token>", methods=["GET", "POST"])
def map_columns(token: str) -> Page:
    by = current_person()
    access.require_log(by)
    upload = uploads.get(receiving.folder(), by.id, token)
    table = tables.opened(upload.path)
    if request.method == "GET":
        guessed = guess(table.headers)
        return _map_page(upload, table, guessed, _terms(upload, request.args.get("study", "")))
    chosen = _chosen(table)
    terms = _terms(upload, text("study"))
    try:
        mapping = tables.mapping_of(table, chosen)
    except Invalid as refusal:
        return _map_page(upload, table, chosen, terms, problems=refusal.problems), 422
    if not is_on("start"):
        return _map_page(upload, table, chosen, terms, trial=_tried(table, mapping, terms))
    arguments = {"token": token, "person": by.id, "mapping": mapping, "terms": vars(terms)}
    with saving() as session:
        job = jobs.start(session, by, "import.atoms", arguments)
    return see_other(url_for("jobs.show", job_id=job.id))


@bp.get("/done/<int:job_id>")
def result(job_id: int) -> str:
    job, upload = _done(job_id)
    rows = [
        (one["row"], one["column"], Message.from_json(one["reason"]))
        for one in job.result["warnings"]
    ]
    return render_template(
        "imports/result.html", job=job, outcome=job.result, rows=rows, has_file=_is_there(upload)
    )


@bp.get("/done/<int:job_id>/refused.csv")
def refused(job_id: int) -> Response:
    """The rows that stayed out, to be corrected and sent again."""
    return receiving.refused_rows(_done(job_id)[1], "refused.csv")


def _done(job_id: int) -> tuple[jobs.JobCard, Upload | None]:
    by = current_person()
    with reading() as session:
        job = jobs.get(session, by, job_id)
    if job.kind != "import.atoms" or job.status != "done":
        raise NotFound
    return job, receiving.upload_of(job)


def _is_there(upload: Upload | None) -> bool:
    return upload is not None and upload.refused.exists()


@dataclass(frozen=True)
class Trial:
    """What the rows would do, and how many of them were tried."""

    outcome: Outcome
    count: int
    is_whole: bool


def _tried(table: Table, mapping: dict[str, str], terms: Terms) -> Trial:
    """Try out all rows, or as many as can be read while somebody waits."""
    deadline = time.monotonic() + TRY_SECONDS
    count, is_whole = 0, False

    def rows() -> Iterator[Row]:
        nonlocal count, is_whole
        for row in table.rows(mapping):
            if count and time.monotonic() > deadline:
                return
            count += 1
            yield row
        is_whole = True

    dry = Terms(**{**vars(terms), "is_dry_run": True})
    outcome = imports.run(house().database, current_person(), rows, dry)
    return Trial(outcome, count, is_whole)


def _terms(upload: Upload, study_key: str) -> Terms:
    unknown_tags = text("unknown_tags")
    return Terms(
        file_name=upload.name,
        study_key=study_key.strip(),
        unknown_tags=unknown_tags if unknown_tags in UNKNOWN_TAGS else "create",
        is_all_or_nothing=is_on("all_or_nothing"),
        is_masked=is_on("masked"),
        language=language(),
    )


def _chosen(table: Table) -> dict[str, str]:
    # The form gives one choice for each header, in their order.
    pairs = zip(table.headers, texts("column"), strict=False)
    return {header: column for header, column in pairs if header and column in READ_COLUMNS}


def _begin_page(problems: dict[str, Message], study: str) -> str:
    with reading() as session:
        mine = studies.loggable(session, current_person())
    return render_template(
        "imports/begin.html",
        file_mb=house().settings.file_mb,
        problems=problems,
        study=study,
        studies=[("", say("the file says it"))] + [(one.key, Message(one.title)) for one in mine],
    )


def _map_page(
    upload: Upload,
    table: Table,
    mapping: dict[str, str],
    terms: Terms,
    trial: Trial | None = None,
    problems: dict[str, Message] | None = None,
) -> str:
    told = sorted(trial.outcome.warnings, key=lambda one: one.row) if trial else []
    return render_template(
        "imports/map.html",
        upload=upload,
        table=table,
        shown=table.shown(),
        mapping=mapping,
        columns=READ_COLUMNS,
        terms=terms,
        trial=trial,
        outcome=trial and trial.outcome,
        rows=[(one.row, one.column, one.reason) for one in told[:PROBLEMS_SHOWN]],
        more=max(0, len(told) - PROBLEMS_SHOWN),
        problems=problems or {},
        notes=table.notes,
    )

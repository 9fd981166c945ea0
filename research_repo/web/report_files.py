"""Reports as files: at once where that is quick, by a job where it is not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from flask import Blueprint, Response, request, url_for

from research_repo import report_jobs
from research_repo.bulk_jobs import EXPORTS
from research_repo.core import jobs
from research_repo.core.report_shape import StudyReport
from research_repo.exchange import report_files
from research_repo.report_jobs import Asked
from research_repo.web.door import (
    DOWNLOADS,
    current_person,
    house,
    reading,
    saving,
    search,
    see_other,
    to_keep,
)
from research_repo.web.words import language

bp = Blueprint("report_files", __name__)

FORMS = f"any({', '.join(report_files.FORMS)}):form"
"""For the end of an address."""
BLOCK_BYTES = 1 << 16
# Without it at the front Excel takes a table for one in the encoding of its country.
MARK = b"\xef\xbb\xbf"


def file(asked: Asked, form: str) -> Response:
    """The report as a file, or the page of the job that writes it."""
    by = current_person()
    with reading() as session:
        report = report_jobs.read(session, by, search(), asked, language())
    # Who only asks for the headers starts no work.
    if not report_jobs.is_long(report, form) or request.method == "HEAD":
        return at_once(report, form, asked.name, house().settings.base_url)
    with saving() as session:
        base_url = house().settings.base_url
        job = report_jobs.begin(session, by, asked, form, language(), base_url)
        address = url_for("jobs.show", job_id=job.id)
    return see_other(address)


def at_once(report: StudyReport, form: str, name: str, base_url: str | None) -> Response:
    """The report as a file to keep; without `base_url` nothing in it leads into the repository.

    Raises:
        Unavailable: the disk is full, or it takes too long.
    """
    content = b""
    if request.method != "HEAD":
        content = report_jobs.written(form, report, base_url, house().settings.instance)
    answer = Response(MARK + content if form == "csv" else content, mimetype=DOWNLOADS[form])
    to_keep(answer, f"{name}.{form}")
    return answer


@bp.get("/reports/files/<int:job_id>")
def written(job_id: int) -> Response:
    """The file that a job wrote, for whoever asked for it."""
    by = current_person()
    with reading() as session:
        job = jobs.get(session, by, job_id)
    path, name = report_jobs.handed_out(house().settings.instance / EXPORTS, job, by.id)
    answer = Response(_blocks(path), mimetype=DOWNLOADS[name.rpartition(".")[2]])
    answer.content_length = path.stat().st_size
    to_keep(answer, name)
    return answer


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as kept:
        while block := kept.read(BLOCK_BYTES):
            yield block

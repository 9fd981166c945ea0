"""Files that pages take: larger than a form, kept until their import is done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.datastructures import FileStorage

from research_repo.core import typed
from research_repo.core.errors import Invalid, NotFound
from research_repo.core.jobs import JobCard
from research_repo.core.language import Message
from research_repo.core.models import Person
from research_repo.exchange import uploads
from research_repo.exchange.uploads import Upload
from research_repo.web.door import current_person, house, visitor


def takes_files(bp: Blueprint, view: str, may: Callable[[Person], bool]) -> None:
    """Let a view take a file that is larger than a form, from those who may send one."""

    # Before everything else that looks at the request: reading the form for its token reads it all.
    @bp.url_value_preprocessor
    def take_more(endpoint: str | None, _values: dict[str, Any] | None) -> None:
        by = visitor()
        if endpoint == f"{bp.name}.{view}" and by is not None and may(by):
            request.max_content_length = house().settings.file_bytes


def received(advice: Message) -> Upload:
    """The file that was sent, kept; Invalid with the advice when there is none."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Invalid({"file": advice})
    return kept(sent)


def kept(sent: FileStorage) -> Upload:
    """A file that has a name, kept under its last part."""
    name = typed.line(Path((sent.filename or "").replace("\\", "/")).name)[-100:]
    return uploads.keep(folder(), current_person().id, name, sent.save)


def upload_of(job: JobCard) -> Upload | None:
    """The file that a job brought in, with what is left of it."""
    try:
        return uploads.sent(folder(), job.result["person"], job.result["token"])
    except NotFound:
        return None


def folder() -> Path:
    """Where they wait."""
    return house().settings.instance / "imports"


def refused_rows(upload: Upload | None, name: str) -> Response:
    """What was wrong with a file, as a table to take home."""
    if upload is None or not upload.refused.exists():
        raise NotFound(uploads.GONE)
    answer = Response(upload.refused.read_bytes(), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer

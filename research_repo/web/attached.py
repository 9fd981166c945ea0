"""Files that people attached, on their way out: nothing in them can act in the name of a page."""

from __future__ import annotations

from pathlib import Path

from flask import Response, send_file

from research_repo.core import attachments
from research_repo.core.errors import Unavailable
from research_repo.core.language import say
from research_repo.core.models import Attachment
from research_repo.web.door import house

POLICY = "default-src 'none'; sandbox"
"""What opens such a file by its address runs nothing, loads nothing and is no page of ours."""


def sent_file(attachment: Attachment, name: str) -> Response:
    """A file to keep under `name`, or, where it is an image, to be shown within a page.

    Raises:
        Unavailable: it does not lie where it should.
    """
    path = attachments.path(house().settings.instance, attachment.hash)
    if not path.is_file():
        raise Unavailable(
            say("The file is missing on the server. Ask an administrator to run the doctor.")
        )
    answer = send_file(
        path,
        mimetype=attachment.media_type,
        as_attachment=True,
        download_name=file_name(name, attachment.media_type),
        etag=attachment.hash,
    )
    answer.headers["Content-Security-Policy"] = POLICY
    return answer


def file_name(name: str, media_type: str) -> str:
    """The name, with the ending of what the file is: an image made anew may be of another kind."""
    ending = {"application/pdf": "pdf", "image/jpeg": "jpg"}.get(
        media_type, media_type.rpartition("/")[2]
    )
    return f"{Path(name).stem or 'file'}.{ending}"

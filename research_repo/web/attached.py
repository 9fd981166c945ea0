"""Files that people attached, on their way out: nothing in them can act in the name of a page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from flask import Response

from research_repo.core import atom_files, attachments
from research_repo.core.errors import Unavailable
from research_repo.core.language import say
from research_repo.core.models import Attachment
from research_repo.web.door import house, to_keep

CHUNK_BYTES = 1 << 18
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
    answer = Response(_chunks(path), mimetype=attachment.media_type)
    answer.content_length = path.stat().st_size
    to_keep(answer, atom_files.name_of(name, attachment.media_type))
    answer.headers["Content-Security-Policy"] = POLICY
    return answer


def _chunks(path: Path) -> Iterator[bytes]:
    # Opened when it is read: whoever only asks for the headers leaves no file open.
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk

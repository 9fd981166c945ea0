"""Several files at once become sources of a study: each with a line of its own, none in the way of others.

The files come with `source_files.begin`. What could be read is looked through one by one, or added
as it was read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from flask import Blueprint, render_template
from werkzeug.datastructures import FileStorage

from research_repo import importing_sources
from research_repo.core import access, participants, personal
from research_repo.core.errors import Conflict, Invalid, NotAllowed, NotFound, Unavailable
from research_repo.core.language import Message, say
from research_repo.core.models import TEXT_KINDS, Study
from research_repo.core.source_texts import SourceText
from research_repo.exchange import uploads
from research_repo.exchange.uploads import Upload
from research_repo.importing_sources import Terms
from research_repo.web import receiving
from research_repo.web.door import current_person, house, is_on, reading, texts

bp = Blueprint("several_sources", __name__, url_prefix="/studies/<key>/sources/several")

Page = str | tuple[str, int]

AT_ONCE = 20
TOO_MANY = say("Send at most %(count)s files at once. This one is not kept.", count=AT_ONCE)


@dataclass(frozen=True)
class Line:
    """What became of a file: it was read and waits, is a source, is made into one, or was refused."""

    name: str
    token: str = ""
    read: SourceText | None = None
    personal: Message | None = None
    """What in it tells who somebody is, counted."""
    source: str = ""
    job_id: int | None = None
    refusal: Message | None = None

    @property
    def is_text(self) -> bool:
        """It has passages and speakers."""
        return self.read is not None and self.read.kind in TEXT_KINDS


def looked_through(study: Study, chosen: Sequence[FileStorage]) -> Page:
    """The page of what was read, file by file; nothing is a source yet."""
    lines = [_line(one.filename or "", partial(_waiting, study, one)) for one in chosen[:AT_ONCE]]
    lines += [Line(one.filename or "", refusal=TOO_MANY) for one in chosen[AT_ONCE:]]
    return _page(study, lines)


@bp.post("")
def add(key: str) -> Page:
    """Add those that wait, each as it was read."""
    by = current_person()
    with reading() as session:
        study = access.team_study_to_edit(session, by, key)
    made = []
    for token in texts("token")[:AT_ONCE]:
        # Whatever comes of one, the others come in.
        try:
            upload = uploads.get(receiving.folder(), by.id, token)
        except NotFound as gone:
            made.append(Line("—", refusal=gone.message))
        else:
            made.append(_line(upload.name, partial(_added, study, upload)))
    return _page(study, made)


def _line(name: str, work: Callable[[], Line]) -> Line:
    try:
        return work()
    except Invalid as refusal:
        return Line(name, refusal=next(iter(refusal.problems.values())))
    except (NotFound, NotAllowed, Conflict, Unavailable) as refusal:
        return Line(name, refusal=refusal.message)


def _waiting(study: Study, sent: FileStorage) -> Line:
    upload = receiving.kept(sent)
    try:
        read = importing_sources.read(house().settings, upload.path, _terms(study, upload))
    except (Invalid, Unavailable):
        uploads.forget(upload)
        raise
    found = [one for _, one in importing_sources.personal_in(read)]
    told = personal.told(found) if found else None
    return Line(upload.name, upload.token, read, told)


def _added(study: Study, upload: Upload) -> Line:
    by, here = current_person(), house()
    terms = replace(_terms(study, upload), is_masked=is_on("mask"))
    read = importing_sources.read(here.settings, upload.path, terms)
    names = read.speakers()[: participants.AT_ONCE]
    with reading() as session:
        known = participants.named(session, study.id, names)
    terms = replace(
        terms,
        title=upload.name.rpartition(".")[0],
        codes=importing_sources.guessed(names, known),
        all_codes=bool(read.code_column),
    )
    key, job_id = importing_sources.take_in_or_begin(
        here.database, here.settings, by, upload, read, terms
    )
    return Line(upload.name, read=read, source=key, job_id=job_id)


def _terms(study: Study, upload: Upload) -> Terms:
    return Terms(study.key, upload.name)


def _page(study: Study, lines: Sequence[Line]) -> Page:
    shown: dict[str, Any] = {
        "study": study,
        "lines": lines,
        "waiting": [one for one in lines if one.token],
        "refused": sum(one.refusal is not None for one in lines),
    }
    is_any = any(one.refusal is None for one in lines)
    return render_template("sources/several.html", **shown), 200 if is_any else 422

"""A file or pasted words from a browser become a source: sent, looked through, added or put in place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from research_repo import importing_sources
from research_repo.core import access, participants, personal, sources
from research_repo.core.errors import Conflict, Invalid, Unavailable
from research_repo.core.language import Message, say
from research_repo.core.models import TEXT_KINDS, Source, Study
from research_repo.core.personal import Personal
from research_repo.core.source_texts import SourceText
from research_repo.core.speakers import Speaker
from research_repo.exchange import source_files, uploads
from research_repo.exchange.uploads import Upload
from research_repo.importing_sources import Terms
from research_repo.web import receiving, several_sources
from research_repo.web.door import (
    current_person,
    day,
    house,
    is_on,
    reading,
    see_other,
    tell,
    text,
    texts,
)
from research_repo.web.words import choices

bp = Blueprint("source_files", __name__, url_prefix="/studies/<key>/sources/new")

Page = str | Response | tuple[str, int]

PASTED = "pasted.txt"
SHOWN = 12
NAMED = 100
"""So many speakers are named one by one before a text is added; more can be named on its page."""
AROUND = 24

receiving.takes_files(bp, "begin", access.may_log)


@dataclass(frozen=True)
class Looked:
    """A text that was read and waits to be added: what a page shows of it."""

    text: SourceText
    found: list[tuple[str, Personal]]

    @property
    def passages(self) -> list[tuple[str, str, str, int | None]]:
        """The first ones: words, speaker, heading, time."""
        return [
            (self.text.text[one.start : one.end], one.speaker, one.heading, one.from_ms)
            for one in self.text.passages[:SHOWN]
        ]

    @property
    def told(self) -> Message:
        """What tells who somebody is, counted."""
        return personal.told(one for _, one in self.found)

    def places(self) -> Iterator[list[tuple[str, bool]]]:
        """The first of them with the words around."""
        for words, one in self.found[:SHOWN]:
            before, after = words[max(0, one.start - AROUND) : one.start], words[one.end :][:AROUND]
            yield [(before, False), (words[one.start : one.end], True), (after, False)]


@bp.route("", methods=["GET", "POST"])
def begin(key: str) -> Page:
    """Choose files, or paste words; with `replace=` one takes the place of a source."""
    study, replaced = _place(key)
    if request.method == "GET":
        return _begin_page(study, replaced, {})
    chosen = [one for one in request.files.getlist("file") if one.filename]
    if len(chosen) > 1 and not replaced:
        return several_sources.looked_through(study, chosen)
    try:
        upload = _received()
        try:
            _read(upload, Terms(key))
        except (Invalid, Unavailable):
            uploads.forget(upload)
            raise
    except Invalid as refusal:
        return _begin_page(study, replaced, refusal.problems), 422
    return see_other(
        url_for(
            "source_files.look",
            key=study.key,
            token=upload.token,
            replace=replaced.key if replaced else None,
        )
    )


@bp.route("/<token>", methods=["GET", "POST"])
def look(key: str, token: str) -> Page:
    """What was read, before it is added."""
    study, replaced = _place(key)
    upload = uploads.get(receiving.folder(), current_person().id, token)
    if request.method == "GET" or text("do") == "again":
        return _look_page(study, replaced, upload, {})
    try:
        terms = _terms(study, replaced, upload)
        return _add(upload, terms, _read(upload, terms))
    except Invalid as refusal:
        return _look_page(study, replaced, upload, refusal.problems), 422
    except Conflict as conflict:
        return _look_page(study, replaced, upload, {"": conflict.message}), 409


def _add(upload: Upload, terms: Terms, read: SourceText) -> Response:
    here = house()
    source, job_id = importing_sources.take_in_or_begin(
        here.database, here.settings, current_person(), upload, read, terms
    )
    if job_id is not None:
        return see_other(url_for("jobs.show", job_id=job_id))
    tell(say("The source is replaced.") if terms.replaces else say("The source is there."))
    return see_other(url_for("sources.show", key=source))


def _place(key: str) -> tuple[Study, Source | None]:
    """The study, and the source that is to be replaced."""
    by = current_person()
    replaced = request.args.get("replace", "")
    with reading() as session:
        study = access.team_study_to_edit(session, by, key)
        return study, access.source_to_edit(session, by, replaced) if replaced else None


def _received() -> Upload:
    words = text("text")
    sent = request.files.get("file")
    if (sent and sent.filename) or not words.strip():
        return receiving.received(say("Choose a file, or paste the text below."))

    def save(path: Path) -> None:
        path.write_text(words, encoding="utf-8")

    return uploads.keep(receiving.folder(), current_person().id, PASTED, save)


def _read(upload: Upload, terms: Terms) -> SourceText:
    named = Terms(**{**vars(terms), "name": upload.name})
    return importing_sources.read(house().settings, upload.path, named)


def _terms(study: Study, replaced: Source | None, upload: Upload) -> Terms:
    held_on = day("held_on")
    return Terms(
        study=study.key,
        name="" if upload.name == PASTED else upload.name,
        code_column=_code_column(),
        is_masked=is_on("mask"),
        title=text("title"),
        kind=text("kind"),
        held_on=held_on.isoformat() if held_on else "",
        language=text("language"),
        participant=text("participant"),
        codes=dict(zip(texts("speaker"), texts("code"), strict=False)),
        all_codes=is_on("all_codes"),
        replaces=replaced.key if replaced else "",
        version=replaced.version if replaced else 0,
    )


def _code_column() -> str | None:
    """The column of the respondents as it was chosen, "" for none; None before anybody chose."""
    return text("code_column").removeprefix("=") if "code_column" in request.form else None


def _begin_page(study: Study, replaced: Source | None, problems: dict[str, Message]) -> str:
    return render_template(
        "sources/begin.html",
        study=study,
        replaced=replaced,
        problems=problems,
        typed=text("text"),
        endings=source_files.KINDS,
        file_mb=house().settings.file_mb,
    )


def _look_page(
    study: Study, replaced: Source | None, upload: Upload, problems: dict[str, Message]
) -> str:
    by = current_person()
    read = _read(upload, Terms(study.key, code_column=_code_column()))
    with reading() as session:
        codes = [one.code for one in participants.of_study(session, by, study.key)]
        names = read.speakers()
        known = participants.named(session, study.id, names[:NAMED])
    guessed = importing_sources.guessed(names[:NAMED], known)
    is_first = "title" not in request.form
    return render_template(
        "sources/look.html",
        study=study,
        replaced=replaced,
        upload=upload,
        looked=Looked(read, importing_sources.personal_in(read)),
        shown=_suggested(upload, read) if is_first else request.form,
        is_masking=is_first or is_on("mask"),
        is_naming_all=is_first or is_on("all_codes"),
        kinds=[one for one in choices("source_kind") if one[0] in TEXT_KINDS],
        is_text=read.kind in TEXT_KINDS,
        speakers=_speakers(read, guessed),
        speaker_count=len(names),
        sent=dict(zip(texts("speaker"), texts("code"), strict=False)),
        codes=codes[:NAMED],
        title_max=sources.TITLE_MAX,
        problems=problems,
    )


def _suggested(upload: Upload, read: SourceText) -> dict[str, Any]:
    name = "" if upload.name == PASTED else upload.name
    if read.kind not in TEXT_KINDS:
        return {"title": name.rpartition(".")[0], "kind": read.kind}
    values = sources.ready(sources.SourceValues(title=name.rpartition(".")[0] or "-"), read)
    return {**vars(values), "title": "" if values.title == "-" else values.title, "held_on": ""}


def _speakers(read: SourceText, guessed: dict[str, str]) -> list[Speaker]:
    if len(guessed) > NAMED or read.kind == "survey":
        return []
    counts = dict.fromkeys(guessed, 0)
    for one in read.passages:
        if one.speaker in counts:
            counts[one.speaker] += 1
    return [Speaker(name, counts[name], code) for name, code in guessed.items()]

"""Sources of a study: the list, the page on which one is read, its words changed and taken back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from research_repo.core import (
    access,
    erasing,
    participants,
    rewording,
    source_edits,
    sources,
    speakers,
)
from research_repo.core.errors import Conflict, Invalid, NotFound
from research_repo.core.language import Message, say
from research_repo.core.models import TEXT_KINDS, Attachment, Person, Source, Study
from research_repo.core.participants import AT_ONCE
from research_repo.core.source_texts import SourceText
from research_repo.core.sources import SourceValues
from research_repo.web import anchors
from research_repo.web.attached import sent_file
from research_repo.web.door import (
    current_person,
    day,
    number,
    page_number,
    reading,
    row_id,
    saving,
    see_other,
    tell,
    text,
    texts,
)
from research_repo.web.words import choices

bp = Blueprint("sources", __name__)

Page = str | Response | tuple[str, int]

WHOLE_MAX = 200_000
"""The longest text that is changed as a whole; a longer one passage by passage."""
SPEAKERS_SHOWN = 8
NAMED = 200
"""So many speakers have a field of their own."""


@bp.get("/studies/<key>/sources")
def listed(key: str) -> str:
    by = current_person()
    with reading() as session:
        study = access.team_study_to_read(session, by, key)
        found = sources.of_study(session, by, key)
        shown = {
            "study": study,
            "sources": [one for one in found if not one.removed_at],
            "removed": [one for one in found if one.removed_at],
            "may_edit": access.may_edit_study(session, by, study),
        }
    return render_template("sources/listed.html", **shown)


@bp.get("/sources/<key>")
def show(key: str) -> str:
    by = current_person()
    with reading() as session:
        source = access.source_to_read(session, by, key)
        study = session.get_one(Study, source.study_id)
        heard = speakers.of_source(session, source.id)
        leaf = sources.page(session, source, page_number())
        shown = {
            "source": source,
            "study": study,
            "card": sources.card(session, source),
            "leaf": leaf,
            "speakers": heard[:SPEAKERS_SHOWN],
            "more_speakers": len(heard) - SPEAKERS_SHOWN,
            "who_added": session.get_one(Person, source.person_id).name,
            "last_change": source_edits.last_change(session, source),
            "may_edit": access.may_edit_study(session, by, study),
            "is_text": source.kind in TEXT_KINDS,
            "is_short": len(source.text) <= WHOLE_MAX,
            **anchors.shown(session, by, source, study, leaf),
        }
    return render_template("sources/show.html", **shown)


@bp.get("/sources/<key>/file")
def file(key: str) -> Response:
    """The image or the PDF itself."""
    with reading() as session:
        source = access.source_to_read(session, current_person(), key)
        kept = session.get(Attachment, source.attachment_id) if source.attachment_id else None
    if kept is None:
        raise NotFound
    return sent_file(kept, source.file_name or source.title)


@bp.get("/sources/<key>/at")
def at(key: str) -> Response:
    """The way to a place of the text: `offset=` leads to its page and passage."""
    offset = row_id(request.args.get("offset", ""))
    if offset is None:
        raise NotFound
    with reading() as session:
        source = access.source_to_read(session, current_person(), key)
        page, position = sources.place(session, source, offset)
    return see_other(_at(source.key, page, position))


@bp.route("/sources/<key>/edit", methods=["GET", "POST"])
def edit(key: str) -> Page:
    """What is known of the source: title, kind, date, who was heard."""
    source, study = _to_edit(key)
    if request.method == "GET":
        return _form_page(source, study)
    try:
        values = sources.ready(sent(), SourceText(source.kind))
        with saving() as session:
            version = number("version") or 0
            source_edits.describe(session, current_person(), key, version, values)
    except Invalid as refusal:
        return _form_page(source, study, refusal.problems), 422
    except Conflict as conflict:
        return _form_page(conflict.current, study, {"": conflict.message}), 409
    tell(say("Saved"))
    return see_other(url_for("sources.show", key=key))


@bp.route("/sources/<key>/text", methods=["GET", "POST"])
def change_text(key: str) -> Page:
    """The whole text, where it is short enough for a form."""
    source, study = _to_edit(key)
    by = current_person()
    if len(source.text) > WHOLE_MAX or source.kind not in TEXT_KINDS:
        raise NotFound(say("This text is too long for one form. Change it passage by passage."))

    def page(problems: dict[str, Message], source: Source, typed: str) -> str:
        shown = {"source": source, "study": study, "typed": typed, "problems": problems}
        return render_template("sources/text.html", **shown)

    if request.method == "GET":
        return page({}, source, source.text)
    try:
        version = number("version") or 0
        with reading() as session:
            plan = source_edits.plan_text(session, by, key, version, text("text"))
        with saving() as session:
            rewording.write(session, by, plan)
    except Invalid as refusal:
        return page(refusal.problems, source, text("text")), 422
    except Conflict as conflict:
        return page({"": conflict.message}, conflict.current, text("text")), 409
    tell(say("The text is changed. It can be undone here."))
    return see_other(url_for("sources.show", key=key))


@bp.route("/sources/<key>/passages/<int:position>", methods=["GET", "POST"])
def change_passage(key: str, position: int) -> Page:
    """The words of one passage, and who said them."""
    source, study = _to_edit(key)
    with reading() as session:
        passage = rewording.passage(session, source, position)
        names = [one.name for one in speakers.of_source(session, source.id)]
    shown: dict[str, Any] = {
        "source": source,
        "study": study,
        "passage": passage,
        "position": position,
        "names": names[:NAMED],
        "back": _at(source.key, position // sources.PAGE + 1, position),
        "problems": {},
        "sent": {"text": passage.text, "speaker": passage.speaker},
    }
    if request.method == "GET":
        return render_template("sources/passage.html", **shown)
    shown["sent"] = {"text": text("text"), "speaker": text("speaker")}
    try:
        with saving() as session:
            said = (text("text"), text("speaker"))
            version = number("version") or 0
            source_edits.change_passage(session, current_person(), key, version, position, *said)
    except Invalid as refusal:
        return render_template(
            "sources/passage.html", **shown | {"problems": refusal.problems}
        ), 422
    except Conflict as conflict:
        shown |= {"problems": {"": conflict.message}, "source": conflict.current}
        return render_template("sources/passage.html", **shown), 409
    tell(say("The text is changed. It can be undone here."))
    return see_other(shown["back"])


@bp.route("/sources/<key>/speakers", methods=["GET", "POST"])
def name_speakers(key: str) -> Page:
    """Which participants of the study the speakers are."""
    source, study = _to_edit(key)
    by = current_person()
    with reading() as session:
        heard = speakers.of_source(session, source.id)
        codes = [one.code for one in participants.of_study(session, by, study.key)]
    shown: dict[str, Any] = {
        "source": source,
        "study": study,
        "codes": codes[:NAMED],
        "problems": {},
    }
    shown |= {"speakers": heard[:NAMED], "more": max(0, len(heard) - NAMED)}
    if request.method == "GET":
        return render_template("sources/speakers.html", **shown)
    wanted = dict(zip(texts("speaker"), texts("code"), strict=False))
    if text("do") == "all":
        wanted = {one.name: one.name for one in heard}
    try:
        names = list(wanted)
        for start in range(0, len(names), AT_ONCE):
            part = {name: wanted[name] for name in names[start : start + AT_ONCE]}
            with saving() as session:
                speakers.assign(session, by, key, part)
    except Invalid as refusal:
        shown |= {"problems": refusal.problems, "sent": wanted}
        return render_template("sources/speakers.html", **shown), 422
    tell(say("Saved"))
    return see_other(url_for("sources.show", key=key))


@bp.post("/sources/<key>/remove")
def remove(key: str) -> Response:
    with saving() as session:
        source = sources.remove(session, current_person(), key)
        study = session.get_one(Study, source.study_id)
    tell(
        say(
            "“%(title)s” is removed. It can be put back from the end of this list.",
            title=source.title,
        )
    )
    return see_other(url_for("sources.listed", key=study.key))


@bp.post("/sources/<key>/restore")
def restore(key: str) -> Response:
    with saving() as session:
        sources.restore(session, current_person(), key)
    tell(say("The source is back."))
    return see_other(url_for("sources.show", key=key))


@bp.post("/sources/<key>/erase")
def erase(key: str) -> Response:
    with saving() as session:
        study = session.get_one(Study, erasing.erase(session, current_person(), key))
    tell(say("The source is deleted for good."))
    return see_other(url_for("sources.listed", key=study.key))


@bp.post("/sources/<key>/undo")
def undo(key: str) -> Response:
    by = current_person()
    try:
        with reading() as session:
            plan = source_edits.plan_undo(session, by, key, number("version") or 0)
        with saving() as session:
            rewording.write(session, by, plan)
    except Conflict as conflict:
        # Nothing was typed that could be lost: the page shows what stands now.
        tell(conflict.message)
    else:
        tell(say("The change is undone."))
    return see_other(url_for("sources.show", key=key))


def sent() -> SourceValues:
    """What a form says about a source."""
    return SourceValues(
        title=text("title"),
        kind=text("kind"),
        held_on=day("held_on"),
        language=text("language"),
        participant=text("participant"),
    )


def _to_edit(key: str) -> tuple[Source, Study]:
    with reading() as session:
        source = access.source_to_edit(session, current_person(), key)
        if source.removed_at is not None:
            raise NotFound(say("This source was removed. Put it back before you change it."))
        return source, session.get_one(Study, source.study_id)


def _at(key: str, page: int, position: int) -> str:
    return url_for(
        "sources.show", key=key, page=page if page > 1 else None, _anchor=f"p-{position}"
    )


def _form_page(source: Source, study: Study, problems: dict[str, Message] | None = None) -> str:
    by = current_person()
    with reading() as session:
        who = sources.card(session, source).who
        codes = [one.code for one in participants.of_study(session, by, study.key)]
    stored = {
        "title": source.title,
        "kind": source.kind,
        "held_on": source.held_on.isoformat() if source.held_on else "",
        "language": source.language,
        "participant": who,
    }
    is_text = source.kind in TEXT_KINDS
    return render_template(
        "sources/edit.html",
        source=source,
        study=study,
        shown=stored if request.method == "GET" else request.form,
        kinds=[one for one in choices("source_kind") if (one[0] in TEXT_KINDS) == is_text],
        is_text=is_text,
        codes=codes[:NAMED],
        title_max=sources.TITLE_MAX,
        problems=problems or {},
    )

"""Files as evidence of a claim: send one, choose one of the study, show it, take it off."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from flask import Blueprint, Response, render_template, request, url_for

from research_repo.core import access, atom_files, atoms, attachments, cards
from research_repo.core.attachments import Kept
from research_repo.core.errors import Invalid, NotAllowed
from research_repo.core.language import say
from research_repo.core.models import Study
from research_repo.exchange import source_files, uploads
from research_repo.web import atom_form, personal, receiving
from research_repo.web.atom_form import AtomForm
from research_repo.web.attached import sent_file
from research_repo.web.door import current_person, house, reading, saving, see_other, tell, text
from research_repo.web.words import language

bp = Blueprint("atom_files", __name__)
receiving.takes_files(bp, "add", access.may_log)

Page = str | Response | tuple[str, int]
TAKEN = (*source_files.IMAGES, ".pdf")
ADVICE = say("Choose an image (PNG, JPEG, WebP, GIF) or a PDF.")


@bp.route("/atoms/<key>/files", methods=["GET", "POST"])
def add(key: str) -> Page:
    by = current_person()
    with reading() as session:
        access.atom_to_edit(session, by, key)
    if request.method == "GET":
        return _page(key, Invalid({}))
    try:
        chosen = text("source")
        if chosen:
            with saving() as session:
                atom_files.choose(session, by, key, chosen, text("caption"))
        else:
            name, kept = _kept()
            with saving() as session:
                atom_files.attach(session, by, key, kept, name, text("caption"))
    except Invalid as refusal:
        return _page(key, refusal), 422
    tell(say("The file is part of the evidence: whoever sees the claim sees it."))
    return see_other(url_for("atoms.show", key=key))


@bp.get("/atoms/<key>/files/<int:evidence_id>")
def show(key: str, evidence_id: int) -> Response:
    with reading() as session:
        attachment, name = atom_files.shown(session, current_person(), key, evidence_id)
    return sent_file(attachment, name)


@bp.post("/atoms/<key>/files/<int:evidence_id>/remove")
def remove(key: str, evidence_id: int) -> Response:
    with saving() as session:
        atom_files.take_off(session, current_person(), key, evidence_id)
    tell(say("The claim rests on this file no more."))
    return see_other(url_for("atom_files.add", key=key))


@bp.route("/sources/<key>/fact", methods=["GET", "POST"])
def log(key: str) -> Page:
    """A fact that an image or a PDF of the study shows."""
    by = current_person()
    with reading() as session:
        seen = atom_files.of_source(session, by, key, text("caption"))
        study = session.get_one(Study, access.source_to_read(session, by, key).study_id)
        if not access.may_log_into(session, by, study):
            told = say("Only the study's owner and its editors make facts of its sources.")
            raise NotAllowed(told)
    if request.method == "GET":
        form = replace(atom_form.asked(), kind="fact", study=study.key)
        return _fact_page(key, study, form, Invalid({}))
    form = replace(atom_form.sent(), kind="fact", study=study.key)
    try:
        values = form.values("draft" if text("do") == "draft" else "published")
        values = personal.settled(atoms.ready(replace(values, evidence=[seen])))
        with saving() as session:
            atom = atoms.log(session, by, values)
    except Invalid as refusal:
        return _fact_page(key, study, form, refusal), 422
    tell(say("The fact is written down; whoever sees it sees the file."))
    return see_other(url_for("atoms.show", key=atom.key))


def _fact_page(key: str, study: Study, form: AtomForm, refusal: Invalid) -> str:
    by = current_person()
    with reading() as session:
        source = access.source_to_read(session, by, key)
        around = atom_form.surroundings(session, by, form)
    return render_template(
        "atoms/of_file.html",
        source=source,
        study=study,
        form=form,
        caption=text("caption"),
        problems=refusal.problems,
        **around,
    )


def _kept() -> tuple[str, Kept]:
    """The file that was sent, looked into and on the disk."""
    upload = receiving.received(ADVICE)
    try:
        if Path(upload.name).suffix.lower() not in TAKEN:
            raise Invalid({"file": source_files.ADVICE.get(upload.path.suffix, ADVICE)})
        file = source_files.read(upload.path, upload.name).file
    finally:
        uploads.forget(upload)
    if file is None:
        raise Invalid({"file": ADVICE})
    return upload.name, attachments.keep(house().settings.instance, file.data, file.media_type)


def _page(key: str, refusal: Invalid) -> str:
    by = current_person()
    with reading() as session:
        page = cards.of_atom(session, by, key, language())
        offered = atom_files.to_choose(session, by, access.atom_to_read(session, by, key))
    return render_template(
        "atoms/files.html",
        atom=page.card,
        files=[one for one in page.evidence if one.kind == "file"],
        offered=[("", say("none: send a new one"))] + [(one.key, one.title) for one in offered],
        accept=",".join(TAKEN),
        file_mb=house().settings.file_mb,
        caption=text("caption") if request.method == "POST" else "",
        problems=refusal.problems,
    )

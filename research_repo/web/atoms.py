"""Atoms: log, show, edit, publish and archive, tag; their history."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from research_repo.core import (
    access,
    atoms,
    cards,
    chains,
    drafts,
    prose,
    publishing,
    recommendations,
    report_uses,
    rules,
    staleness,
    tagging,
    timeline,
)
from research_repo.core.cards import AtomCard, AtomPage
from research_repo.core.errors import Conflict, Invalid, NotAllowed
from research_repo.core.language import Message, say, say_many
from research_repo.core.models import STAGES, Atom, Person, Study
from research_repo.core.scratch import Kept
from research_repo.web import anchors, atom_form, capture, personal, tag_offers, unsent
from research_repo.web.atom_form import AtomForm, EvidenceRow
from research_repo.web.door import (
    current_person,
    number,
    own_path,
    reading,
    saving,
    search,
    see_other,
    tell,
    text,
    texts,
)
from research_repo.web.words import language

bp = Blueprint("atoms", __name__, url_prefix="/atoms")

Page = str | Response | tuple[str, int]
LOGGED_SHOWN = 8
REPORTS_NAMED = 5


@bp.route("/new", methods=["GET", "POST"])
def log() -> Page:
    by = current_person()
    access.require_log(by)
    if request.method == "GET":
        return _log_page(*_opened(by))
    form = atom_form.sent()
    if _is_redrawn():
        return _log_page(_redrawn(form))
    try:
        values = atoms.ready(form.values("draft" if text("do") == "draft" else "published"))
        values = personal.settled(values)
        with saving() as session:
            atom = atoms.log(session, by, values)
            capture.link(session, by, atom, form)
            unsent.is_sent(session, by, form)
    except Invalid as refusal:
        return _log_page(form, refusal=refusal), 422
    if request.headers.get("HX-Request") and form.kind == "fact":
        return _written(atom, form)
    return _after_logging(atom, form)


def _opened(by: Person) -> tuple[AtomForm, Kept | None]:
    """The form as it was left in this window, or a new one for the same study, respondent, question."""
    with reading() as session:
        if slot := request.args.get("slot", ""):
            if found := unsent.taken_up(session, by, slot):
                return found
            tell(say("This draft was sent or thrown away already."))
        return unsent.in_context(session, by, atom_form.asked()), None


@bp.get("/<key>")
def show(key: str) -> str:
    by = current_person()
    with reading() as session:
        page = cards.of_atom(session, by, key, language())
        changes = timeline.of_atom(session, by, page.card.id, language(), limit=4)
        near = _similar(session, key)
        chain = chains.of_page(session, by, page, language())
        places = anchors.ways(session, by, page, chain)
        freshness = staleness.of_atoms(session, by, [page.card.id])[page.card.id]
        used_in = report_uses.of_atom(session, by, access.atom_to_read(session, by, key))
        stages = recommendations.stages_of(session, [page.card.id])
    return render_template(
        "atoms/show.html",
        page=page,
        atom=page.card,
        chain=chain,
        freshness=freshness,
        used_in=used_in,
        stage=stages[page.card.id],
        stages=STAGES,
        places=places,
        changes=changes,
        similar=near,
    )


def _similar(session: Any, key: str) -> list[tuple[AtomCard, bool]]:
    """Claims that say nearly the same, each with whether almost in the same words."""
    near = {one.atom_id: one.has_same_words for one in search().similar(key, current_person())}
    made = cards.of_atoms(session, current_person(), list(near), language())
    return [(card, near[card.id]) for card in made]


@bp.get("/<key>/history")
def history(key: str) -> str:
    by = current_person()
    with reading() as session:
        page = cards.of_atom(session, by, key, language())
        changes = timeline.of_atom(session, by, page.card.id, language())
    return render_template("atoms/history.html", atom=page.card, changes=changes)


@bp.route("/<key>/edit", methods=["GET", "POST"])
def edit(key: str) -> Page:
    by = current_person()
    with reading() as session:
        access.atom_to_edit(session, by, key)
        page = cards.of_atom(session, by, key, language())
    if request.method == "GET":
        return _edit_page(key, atom_form.of_page(page), Invalid({}))
    form = atom_form.sent()
    if _is_redrawn():
        return _edit_page(key, _redrawn(form), Invalid({}))
    try:
        version = number("version") or 0
        values = atoms.ready(form.values(_status_after(page.card.status)))
        values = personal.settled(values, atom_form.of_page(page).values("published"))
        with saving() as session:
            atoms.edit(session, by, key, version, values)
    except Invalid as refusal:
        return _edit_page(key, form, refusal), 422
    except Conflict:
        return _conflict_page(key, form), 409
    tell(say("Saved"))
    return see_other(url_for("atoms.show", key=key))


@bp.post("/<key>/status")
def set_status(key: str) -> Page:
    by, wanted = current_person(), text("status")
    try:
        with saving() as session:
            atom = atoms.set_status(session, by, key, number("version") or 0, wanted)
    except Invalid as refusal:
        if not refusal.problems.keys() & {"tags", "evidence", "rests_on", "is_confirmed"}:
            raise
        # What is missing is asked for where it can be given.
        with reading() as session:
            page = cards.of_atom(session, by, key, language())
        return _edit_page(key, atom_form.of_page(page), refusal), 422
    done = {
        "published": say("Published: everybody with access finds it now"),
        "draft": say("Back among the drafts: only its author and the study team see it"),
    }
    tell(_archived(atom) if atom.status == "archived" else done[atom.status])
    return see_other(own_path(text("next"), url_for("atoms.show", key=key)))


def _archived(atom: Atom) -> Message:
    """Said of a claim that is archived now: which frozen reports still show it."""
    with reading() as session:
        uses = report_uses.of_atom(session, current_person(), atom)
    frozen = [one.title for one in uses if one.versions]
    if not frozen:
        return say("Archived")
    return say_many(
        "Archived. Frozen versions of %(count)s report still show it, and say so: %(titles)s.",
        "Archived. Frozen versions of %(count)s reports still show it, and say so: %(titles)s.",
        len(frozen),
        titles="; ".join(frozen[:REPORTS_NAMED]),
    )


@bp.route("/<key>/tags", methods=["GET", "POST"])
def tag(key: str) -> Page:
    by = current_person()
    with reading() as session:
        page = cards.of_atom(session, by, key, language())
    if not page.may_tag:
        raise NotAllowed
    if request.method == "GET":
        return _tags_page(page, atom_form.of_page(page), Invalid({}))
    typed = tag_offers.answered(text("tags"))
    form = AtomForm(page.card.kind, tags=typed, not_applicable=texts("not_applicable"))
    try:
        tag_offers.require_sure(form.tags)
        with saving() as session:
            names = [one for one in form.tags.split(";") if one.strip()]
            atom = access.atom_to_read(session, by, key)
            tag_ids = tagging.named(session, by, names, language(), atom.study_id)
            marked = rules.named(session, form.not_applicable)
            rules.retag(session, by, atom, tag_ids, marked)
    except Invalid as refusal:
        return _tags_page(page, form, refusal), 422
    tell(say("Tags saved"))
    return see_other(url_for("atoms.show", key=key))


@bp.post("/preview")
def preview() -> str:
    access.require_log(current_person())
    return render_template("atoms/_preview.html", html=prose.render(text("body")[: atoms.BODY_MAX]))


@bp.get("/questions")
def questions() -> str:
    """The questions of the study just chosen, for the form."""
    with reading() as session:
        form = AtomForm(study=request.args.get("study", ""))
        around = atom_form.surroundings(session, current_person(), form)
    return render_template("atoms/_questions.html", form=form, problems={}, **around)


@bp.post("/carriers")
def carriers() -> str:
    """The claims that a new one may rest on, ticked and found, for the form."""
    access.require_log(current_person())
    with reading() as session:
        around = atom_form.surroundings(session, current_person(), atom_form.sent())
    shown = {"found": around["carriers"], "asked": around.get("sought", ""), "name": "rests_on"}
    return render_template("links/_offered.html", **shown)


@bp.get("/evidence")
def evidence() -> str:
    """One more row of evidence, for the form."""
    form = atom_form.with_row(AtomForm(), request.args.get("kind", "quote"))
    return render_template("atoms/_evidence.html", rows=form.evidence, place=None)


def _is_redrawn() -> bool:
    return text("do") in ("preview", "questions", "carriers") or bool(
        text("add") or text("without")
    )


def _redrawn(form: AtomForm) -> AtomForm:
    return atom_form.with_row(form, text("add")) if text("add") else form


def _status_after(current: str) -> str:
    asked = {"publish": "published", "draft": "draft"}.get(text("do"))
    return asked or current


def _after_logging(atom: Atom, form: AtomForm) -> Response:
    if atom.status == "draft":
        tell(say("The draft is kept. Only you and the study team see it."))
        return see_other(url_for("atoms.show", key=atom.key))
    if atom.kind != "fact":
        is_carried = bool(form.rests_on)
        bare = say("Written down. Now link what it rests on.")
        tell(say("Written down, with what it rests on.") if is_carried else bare)
        return see_other(url_for("atoms.show", key=atom.key))
    tell(say("The fact is written down and can be found."))
    if lacks := _lacks(atom):
        tell(lacks)
    kept: dict[str, Any] = {"kind": "fact", "study": form.study, "question": form.questions}
    return see_other(url_for("atoms.log", **kept))


def _log_page(form: AtomForm, kept: Kept | None = None, refusal: Invalid | None = None) -> str:
    by = current_person()
    with reading() as session:
        around = atom_form.surroundings(session, by, form)
        study = next((one for one in around["studies"] if one.key == form.study), None)
        around["logged"] = _lately(session, by, study)
        around["heard"] = capture.heard(session, by, study.key if study else "")
        around["unsent"] = unsent.listed(session, by, besides=form.slot)
    return render_template(
        "atoms/log.html",
        form=form,
        kept=kept,
        similar=capture.near(by, form) if form.bears else [],
        study=study,
        blank=[EvidenceRow()],
        problems=refusal.problems if refusal else {},
        **around,
    )


def _written(atom: Atom, form: AtomForm) -> str:
    """For the page that goes on with the next fact: what is written down by now."""
    by = current_person()
    with reading() as session:
        study = access.study_to_read(session, by, form.study)
        logged = _lately(session, by, study)
    return render_template(
        "atoms/_written.html", study=study, logged=logged, written=atom, lacks=_lacks(atom)
    )


def _lacks(atom: Atom) -> Message | None:
    """What its author is told when it was published and rests on nothing yet."""
    with reading() as session:
        lack = publishing.lack_of(session, current_person(), atom)
    return lack.advice if lack and atom.status == "published" else None


def _lately(session: Any, by: Person, study: Study | None) -> list[tuple[AtomCard, datetime, int]]:
    """What the person wrote down last: its card, when, and its version."""
    rows = drafts.logged_lately(session, by, study.id if study else None, LOGGED_SHOWN)
    made = {
        one.id: one for one in cards.of_atoms(session, by, [row[0] for row in rows], language())
    }
    return [(made[atom_id], at, version) for atom_id, at, version in rows if atom_id in made]


def _tags_page(page: AtomPage, form: AtomForm, refusal: Invalid) -> str:
    with reading() as session:
        asked = rules.asked_of(session, form.kind, language(), form.not_applicable)
    return render_template(
        "atoms/tags.html", atom=page.card, form=form, asked=asked, problems=refusal.problems
    )


def _edit_page(key: str, form: AtomForm, refusal: Invalid) -> str:
    with reading() as session:
        page = cards.of_atom(session, current_person(), key, language())
        around = atom_form.surroundings(session, current_person(), form)
    return render_template(
        "atoms/edit.html", atom=page.card, form=form, problems=refusal.problems, **around
    )


def _conflict_page(key: str, mine: AtomForm) -> str:
    with reading() as session:
        page = cards.of_atom(session, current_person(), key, language())
        theirs = atom_form.of_page(page)
        # Saving again replaces what stands now, knowingly.
        mine.version = theirs.version
        changes = timeline.of_atom(session, current_person(), page.card.id, language(), limit=1)
        around = atom_form.surroundings(session, current_person(), mine)
    return render_template(
        "atoms/conflict.html",
        atom=page.card,
        form=mine,
        theirs=theirs,
        change=changes[0] if changes else None,
        problems={},
        **around,
    )

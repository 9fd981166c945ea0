"""While a fact is typed: what was found before, who was heard, and the words kept until they are sent.

POST /capture/similar      title → claims that say nearly the same, for the side of the form; those
                           that are ticked in `bears` (a key and a kind of link) come first
GET  /capture/context      study → its respondents and questions, for the bar above the form
POST /capture/unsent       the form as it stands, with its `slot` and the `stamp` of what was
                           kept before → JSON: stamp, said; 409 when another window went on with it
POST /capture/unsent/SLOT/discard
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request, url_for

from research_repo.core import access, atoms, bulk, cards, links, participants, scratch
from research_repo.core.cards import AtomCard
from research_repo.core.errors import Conflict, Invalid, NotFound
from research_repo.core.language import Message, say
from research_repo.core.models import Atom, Participant, Person
from research_repo.web import atom_form, unsent
from research_repo.web.atom_form import AtomForm
from research_repo.web.door import (
    current_person,
    own_path,
    reading,
    saving,
    search,
    see_other,
    tell,
    text,
)
from research_repo.web.words import language, put, when

bp = Blueprint("capture", __name__, url_prefix="/capture")

BEARINGS = ("supports", "contradicts", "relates")
BEARS_MAX = 20

Answer = Response | tuple[Response, int]


@bp.post("/similar")
def similar() -> str:
    by = current_person()
    access.require_log(by)
    form = atom_form.sent()
    return render_template("capture/_similar.html", similar=near(by, form), form=form)


def near(by: Person, form: AtomForm) -> list[tuple[AtomCard, bool]]:
    """Claims that are ticked, and those that say nearly what is typed, almost in the same words or not."""
    found = search().similar_to(form.title[: atoms.TITLE_MAX], by)
    same = {one.atom_id: one.has_same_words for one in found}
    with reading() as session:
        ticked = bulk.picked(session, by, [key for key, _ in _bearings(form)])
        made = cards.of_atoms(session, by, list(dict.fromkeys([*ticked, *same])), language())
    return [(card, same.get(card.id, False)) for card in made]


def link(session: Any, by: Person, atom: Atom, form: AtomForm) -> None:
    """Link a new fact to the claims that were ticked beside it; those that are gone are passed over."""
    for key, kind in _bearings(form):
        with suppress(NotFound, Invalid):
            links.add(session, by, atom.key, key, kind)


def _bearings(form: AtomForm) -> list[tuple[str, str]]:
    told = (one.partition(" ") for one in form.bears[:BEARS_MAX])
    return [(key, kind) for key, _, kind in told if kind in BEARINGS]


@bp.get("/context")
def context() -> str:
    """The respondents and questions of the study just chosen."""
    by = current_person()
    with reading() as session:
        form = AtomForm(study=request.args.get("study", ""))
        around = atom_form.surroundings(session, by, form)
        around["heard"] = heard(session, by, form.study)
    return render_template("capture/_context.html", form=form, problems={}, **around)


def heard(session: Any, by: Person, study_key: str) -> list[Participant]:
    """Who was heard in the study, for those who may know: its team."""
    try:
        return participants.of_study(session, by, study_key) if study_key else []
    except NotFound:
        return []


@bp.post("/unsent")
def keep() -> Answer:
    by, form = current_person(), atom_form.sent()
    try:
        with saving() as session:
            kept = unsent.keep(session, by, form, text("stamp"))
    except Conflict as conflict:
        return _told(conflict.message), 409
    except Invalid as refusal:
        return _told(next(iter(refusal.problems.values()))), 422
    if kept is None:
        return jsonify(stamp="", said="")
    return jsonify(stamp=kept.stamp, said=put(say("Draft saved at %(time)s", time=when(kept.at))))


@bp.post("/unsent/<slot>/discard")
def discard(slot: str) -> Response:
    by = current_person()
    access.require_log(by)
    with saving() as session:
        scratch.throw_away(session, by, unsent.named(slot))
    tell(say("Thrown away"))
    return see_other(own_path(text("next"), url_for("atoms.log")))


def _told(message: Message) -> Response:
    return jsonify(stamp="", said=put(message))

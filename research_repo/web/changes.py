"""Change sets: composed by forms, looked at, applied, proposed, undone.

`POST /changes/new` makes a set of one line, or adds the line to a set, and leads to its preview
(303 to /changes/KEY); what cannot be done comes back as the form with advice (422). Its fields:

    do      rename, merge, move, add_parent, remove_parent, relate, unrelate, add_label,
            remove_label, define, create, retire, restore, approve or retag
    tag     the tag: its key, a label or a path, as every field that names a tag
    into    (merge) what takes its place; `to` serves, too
    from    (move) the place that it leaves; without this field the one that gives its path,
            empty: it leaves none
    to      (move) the tag under which it goes; empty: the top of its group
    parent  (add_parent, remove_parent, create)     other   (relate, unrelate)
    label, language, kind, keep_old=0     (rename, add_label, remove_label, create)
    text, language, kind     (define: definition, scope or example)
    add, remove     (retag) tags, parted by ";", and atom=ID… or find-q, find-tag… of a search
    set     key of a set of one's own, not yet applied, to which the line is added

`GET /changes/new` takes the same fields and shows the form, filled in.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from research_repo.core import access, change_cards, changes, hierarchy, schemes, tags
from research_repo.core.change_cards import SetCard
from research_repo.core.errors import Conflict, Invalid, NotFound
from research_repo.core.language import Message, say
from research_repo.core.models import ChangeSet
from research_repo.search import to_address
from research_repo.web import change_forms
from research_repo.web.door import (
    current_person,
    number,
    reading,
    saving,
    search,
    see_other,
    tell,
    text,
)
from research_repo.web.search_address import address_of
from research_repo.web.words import language

bp = Blueprint("changes", __name__, url_prefix="/changes")

Page = str | Response | tuple[str, int]


@bp.get("")
def listed() -> str:
    """What waits, what was applied, what was undone."""
    by = current_person()
    access.require_log(by)
    with reading() as session:
        waiting = changes_in(session, ("draft", "proposed"))
        decided = changes_in(session, ("applied", "undone", "rejected"))
    return render_template("changes/listed.html", waiting=waiting, decided=decided)


def changes_in(session: Any, statuses: tuple[str, ...]) -> list[SetCard]:
    """The sets of these statuses that the person sees."""
    return change_cards.listed(session, current_person(), statuses, language())


@bp.route("/new", methods=["GET", "POST"])
def new() -> Page:
    by = current_person()
    access.require_log(by)
    if request.method == "GET":
        return _form(Invalid({}))
    try:
        with reading() as session:
            lines = change_forms.composed(session, by)
        with saving() as session:
            kept = changes.compose(session, by, lines, text("set"))
    except Invalid as refusal:
        return _form(_beside_fields(refusal)), 422
    return see_other(url_for("changes.show", key=kept.key))


def _beside_fields(refusal: Invalid) -> Invalid:
    # The form has one line: what is wrong with that is told of the form.
    return Invalid(
        {"" if name.startswith("line-") else name: one for name, one in refusal.problems.items()}
    )


def _form(refusal: Invalid) -> str:
    by = current_person()
    do = request.values.get("do", "")
    if do not in change_forms.TITLES:
        raise NotFound
    shown: dict[str, Any] = {"do": do, "title": change_forms.TITLES[do], "card": None}
    with reading() as session:
        key = request.values.get("tag", "").strip()
        if key and do != "retag":
            shown |= _about(session, key)
        shown["groups"] = schemes.listed(session, language())
        shown["drafts"] = [
            change_cards.card(session, by, one, language())
            for one in change_cards.drafts_of(session, by)
        ]
    if do == "retag":
        shown |= _found()
    return render_template(
        "changes/new.html",
        problems=refusal.problems,
        sent=request.values,
        suggested=request.values.get("language") or language(),
        **shown,
    )


def _about(session: Any, typed: str) -> dict[str, Any]:
    by = current_person()
    key = change_forms.named(session, typed, "tag")
    tag = tags.standing(session, key)
    changes.require_known(session, by, [tag.key])
    parents = hierarchy.parents(session, [tag.id]).get(tag.id, [])
    related = hierarchy.related(session, [tag.id]).get(tag.id, [])
    made = hierarchy.cards(session, {tag.id, *parents, *related}, language())
    return {
        "card": made[tag.id],
        "words": tags.words_of(session, tag),
        "parents": [made[one] for one in parents],
        "related": [made[one] for one in related],
    }


def _found() -> dict[str, Any]:
    sent = request.values.to_dict(flat=False)
    if request.method == "POST":
        sent = {name[5:]: value for name, value in sent.items() if name.startswith("find-")}
    wanted = change_forms.wanted_of(sent)
    by = current_person()
    strict, loose = search().find(wanted, by), search().find(change_forms.loosened(wanted), by)
    return {
        "wanted": wanted,
        "asked": to_address(wanted, offset=0),
        "found_at": address_of(wanted, view=""),
        "strict_total": strict.total,
        "loose_total": loose.total,
    }


@bp.get("/<key>")
def show(key: str) -> Page:
    return _page(key, Invalid({}))


def _page(key: str, refusal: Invalid, said: Message | None = None, code: int = 200) -> Page:
    by = current_person()
    with reading() as session:
        kept = change_cards.get(session, by, key)
        shown: dict[str, Any] = {"set": change_cards.card(session, by, kept, language())}
    if kept.status in ("draft", "proposed"):
        shown |= _tried(kept)
    page = render_template(
        "changes/show.html", problems=refusal.problems, said=said, sent=request.form, **shown
    )
    return (page, code) if code != 200 else page


def _tried(kept: ChangeSet) -> dict[str, Any]:
    by = current_person()
    lines = change_cards.lines_of(kept)
    try:
        with saving() as session:
            outcome = changes.tried(session, by, lines)
        with reading() as session:
            return {"preview": changes.weighed(session, by, lines, outcome), "faults": {}}
    except Invalid as refusal:
        return {"preview": None, "faults": refusal.problems}
    except NotFound as refusal:
        return {"preview": None, "faults": {"": refusal.message}}


@bp.post("/<key>/apply")
def apply(key: str) -> Page:
    try:
        with saving() as session:
            changes.apply(session, current_person(), key, text("print"))
    except Invalid as refusal:
        return _page(key, refusal, code=422)
    except Conflict as refusal:
        return _page(key, Invalid({}), refusal.message, 409)
    tell(say("Applied. It can be undone at any time."))
    return see_other(url_for("changes.show", key=key))


@bp.post("/<key>/propose")
def propose(key: str) -> Page:
    try:
        with saving() as session:
            changes.propose(session, current_person(), key, text("note"))
    except Invalid as refusal:
        return _page(key, refusal, code=422)
    tell(say("Proposed. You are told when a curator has decided."))
    return see_other(url_for("changes.show", key=key))


@bp.post("/<key>/reject")
def reject(key: str) -> Page:
    try:
        with saving() as session:
            changes.reject(session, current_person(), key, text("reason"))
    except Invalid as refusal:
        return _page(key, refusal, code=422)
    tell(say("Rejected. Whoever proposed it is told."))
    return see_other(url_for("tags.review"))


@bp.post("/<key>/discard")
def discard(key: str) -> Response:
    with saving() as session:
        changes.discard(session, current_person(), key)
    tell(say("Thrown away"))
    return see_other(url_for("changes.listed"))


@bp.post("/<key>/leave-out")
def leave_out(key: str) -> Response:
    with saving() as session:
        kept = changes.leave_out(session, current_person(), key, number("line") or 0)
        if not kept.lines:
            changes.discard(session, current_person(), key)
            return see_other(url_for("changes.listed"))
    return see_other(url_for("changes.show", key=key))


@bp.route("/<key>/undo", methods=["GET", "POST"])
def undo(key: str) -> Page:
    by = current_person()
    access.require_govern(by)
    if request.method == "POST":
        try:
            with saving() as session:
                changes.undo(session, by, key)
            tell(say("Undone: all is as it was, and what people did since stays."))
            return see_other(url_for("changes.show", key=key))
        except Conflict:
            return _undo_page(key), 409
        except Invalid as refusal:
            with reading() as session:
                kept = change_cards.get(session, by, key)
            page = _page(key, refusal, code=422) if kept.status != "applied" else None
            return page or (_undo_page(key), 422)
    return _undo_page(key)


def _undo_page(key: str) -> str:
    by = current_person()
    with saving() as session:
        seen = changes.undo_preview(session, by, key, language())
    with reading() as session:
        kept = change_cards.card(session, by, change_cards.get(session, by, key), language())
        total = changes.undo_weighed(session, by, key)
    return render_template("changes/undo.html", set=kept, preview=seen, total=total)


@bp.post("/<key>/again")
def again(key: str) -> Page:
    try:
        with saving() as session:
            kept = changes.again(session, current_person(), key)
    except Invalid as refusal:
        return _page(key, refusal, code=422)
    return see_other(url_for("changes.show", key=kept.key))

"""The review queue: new tags and proposed changes, approved, rejected or merged in one click."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, url_for

from research_repo.core import access, change_cards, hierarchy, reviewing, tags
from research_repo.core.errors import Conflict, Invalid
from research_repo.core.hierarchy import TagCard
from research_repo.core.language import Message, say
from research_repo.core.reviewing import Waiting
from research_repo.web import change_forms
from research_repo.web.door import current_person, reading, saving, search, see_other, tell, text
from research_repo.web.words import language

bp = Blueprint("reviewing", __name__, url_prefix="/tags/review")

Page = str | Response | tuple[str, int]
NEAR_SHOWN = 2


def shown() -> str:
    """What waits, the oldest first."""
    return _page(Invalid({}))


def _page(refusal: Invalid, key: str = "") -> str:
    by = current_person()
    access.require_govern(by)
    with reading() as session:
        rows = reviewing.waiting(session, by, language())
        sets = change_cards.listed(session, by, ("proposed",), language())
    return render_template(
        "tags/review.html",
        rows=rows,
        sets=sets,
        near=_near(rows),
        counts=search().counts(by),
        problems=refusal.problems,
        refused=key,
        typed={name: text(name) for name in ("into", "reason")},
    )


def _near(rows: list[Waiting]) -> dict[int, list[TagCard]]:
    # Whoever knows that the tag exists decides in one click.
    by = current_person()
    found = {
        row.card.id: [
            one.tag_id
            for one in search().near(row.card.label, by, NEAR_SHOWN + 1)
            if one.tag_id != row.card.id
        ]
        for row in rows
    }
    with reading() as session:
        ids = {one for some in found.values() for one in some}
        made = hierarchy.cards(session, ids, language())
    return {
        tag_id: [made[one] for one in some if made[one].status == "approved"][:NEAR_SHOWN]
        for tag_id, some in found.items()
    }


@bp.post("/<key>/approve")
def approve(key: str) -> Page:
    with saving() as session:
        tag = tags.approve(session, current_person(), key)
        label = hierarchy.labels_of(session, [tag.id], language())[tag.id][0]
    return _done(say("Approved: %(tag)s", tag=label))


@bp.post("/<key>/reject")
def reject(key: str) -> Page:
    try:
        with saving() as session:
            tags.reject(session, current_person(), key, text("reason"))
    except Invalid as refusal:
        return _page(refusal, key), 422
    return _done(say("Rejected. The atoms that have it keep it; whoever made it is told."))


@bp.post("/<key>/merge")
def merge(key: str) -> Page:
    by = current_person()
    access.require_govern(by)
    try:
        with saving() as session:
            into = change_forms.key_of(session, "into")
            if not into:
                raise Invalid({"into": say("Choose the tag that takes its place.")})
            made = reviewing.merge(session, by, key, into)
    except Invalid as refusal:
        return _page(refusal, key), 422
    except Conflict as refusal:
        return _page(Invalid({"into": refusal.message}), key), 409
    return _done(
        say("Merged. It can be undone.").about(url_for("changes.undo", key=made.key)),
    )


def _done(said: Message) -> Response:
    tell(said)
    return see_other(url_for("tags.review"))

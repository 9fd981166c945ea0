"""Links between atoms: find the other claims, say how they belong together."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request, url_for

from research_repo.core import access, cards, links
from research_repo.core.errors import Invalid, NotFound
from research_repo.core.language import say
from research_repo.core.models import LINK_KINDS, Person
from research_repo.web import claims_found
from research_repo.web.door import (
    current_person,
    reading,
    saving,
    see_other,
    tell,
    text,
    texts,
)
from research_repo.web.words import language

bp = Blueprint("links", __name__, url_prefix="/atoms/<key>/links")

OTHERS_MAX = 50
UNSEEN = say("There is no such claim for you. Search for it and tick it in the list.")


@bp.route("", methods=["GET", "POST"])
def add(key: str) -> str | Response | tuple[str, int]:
    """Search for other claims, tick them, link: works as one page without script."""
    by = current_person()
    access.require_log(by)
    if request.method == "GET" or text("do") == "find" or _is_fragment():
        return _page(key, Invalid({}))
    try:
        _link(by, key, list(dict.fromkeys(texts("other"))))
    except Invalid as refusal:
        return _page(key, refusal), 422
    tell(say("Linked"))
    return see_other(url_for("atoms.show", key=key))


def _link(by: Person, key: str, others: list[str]) -> None:
    kind, _, direction = text("how").partition(" ")
    if not others:
        raise Invalid({"other": say("Tick the other claim. Search for it above.")})
    if len(others) > OTHERS_MAX:
        raise Invalid({"other": say("Link at most %(count)s claims at once.", count=OTHERS_MAX)})
    with saving() as session:
        access.atom_to_read(session, by, key)
        for other in others:
            ends = (key, other) if direction == "out" else (other, key)
            try:
                links.add(session, by, *ends, kind)
            except NotFound:
                raise Invalid({"other": UNSEEN}) from None


@bp.post("/<int:link_id>/remove")
def remove(key: str, link_id: int) -> Response:
    with saving() as session:
        links.remove(session, current_person(), link_id)
    tell(say("The link is gone"))
    return see_other(url_for("atoms.show", key=key))


def _is_fragment() -> bool:
    return request.headers.get("HX-Target", "").endswith("offered")


def _page(key: str, refusal: Invalid) -> str:
    by = current_person()
    asked = request.values.get("q", "")
    kind, _, direction = request.values.get("how", "").partition(" ")
    kind = kind or request.values.get("kind", "supports")
    with reading() as session:
        page = cards.of_atom(session, by, key, language())
        ticked = request.values.getlist("other")[:OTHERS_MAX]
        found = claims_found.offer(
            session, by, asked or page.card.title, ticked, besides={page.card.id}
        )
    return render_template(
        "links/_offered.html" if _is_fragment() else "links/add.html",
        atom=page.card,
        asked=asked,
        kind=kind if kind in LINK_KINDS else "supports",
        direction=direction or "in",
        found=found,
        name="other",
        linked={link.atom.key: link for link in page.links},
        problems=refusal.problems,
    )

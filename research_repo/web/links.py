"""Links between atoms: find the other claim, say how the two belong together."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request, url_for

from research_repo.core import access, cards, links
from research_repo.core.errors import Invalid
from research_repo.core.language import say
from research_repo.core.models import LINK_KINDS
from research_repo.search import Wanted
from research_repo.web.door import current_person, reading, saving, search, see_other, tell, text
from research_repo.web.words import language

bp = Blueprint("links", __name__, url_prefix="/atoms/<key>/links")

OFFERED = 10


@bp.route("", methods=["GET", "POST"])
def add(key: str) -> str | Response | tuple[str, int]:
    """Search for the other claim, then link: works as one page without script."""
    by = current_person()
    access.require_log(by)
    if request.method == "GET":
        return _page(key, Invalid({}))
    kind, _, direction = text("how").partition(" ")
    ends = (key, text("other")) if direction == "out" else (text("other"), key)
    try:
        if not text("other"):
            raise Invalid({"other": say("Choose the other claim. Search for it above.")})
        with saving() as session:
            links.add(session, by, *ends, kind)
    except Invalid as refusal:
        return _page(key, refusal), 422
    tell(say("Linked"))
    return see_other(url_for("atoms.show", key=key))


@bp.post("/<int:link_id>/remove")
def remove(key: str, link_id: int) -> Response:
    with saving() as session:
        links.remove(session, current_person(), link_id)
    tell(say("The link is gone"))
    return see_other(url_for("atoms.show", key=key))


def _page(key: str, refusal: Invalid) -> str:
    by = current_person()
    asked = request.values.get("q", "")
    kind, _, direction = request.values.get("how", "").partition(" ")
    kind = kind or request.values.get("kind", "supports")
    with reading() as session:
        page = cards.of_atom(session, by, key, language())
        words = asked or page.card.title
        found = search().find(Wanted(text=words, limit=OFFERED + 1), by)
        ids = [hit.atom_id for hit in found.hits if hit.atom_id != page.card.id][:OFFERED]
        offered = cards.of_atoms(session, by, ids, language())
    is_fragment = request.headers.get("HX-Target", "").endswith("offered")
    return render_template(
        "links/_offered.html" if is_fragment else "links/add.html",
        atom=page.card,
        asked=asked,
        kind=kind if kind in LINK_KINDS else "supports",
        direction=direction or "in",
        chosen=request.values.get("other", ""),
        offered=offered,
        problems=refusal.problems,
    )

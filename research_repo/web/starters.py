"""Ready-made tag groups, one click away."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, url_for

from research_repo.core import access, starters
from research_repo.core.language import say
from research_repo.web.door import current_person, reading, saving, see_other, tell

bp = Blueprint("starters", __name__, url_prefix="/tags/templates")


@bp.get("")
def listed() -> str:
    access.require_govern(current_person())
    with reading() as session:
        offers = starters.offers(session)
    return render_template("starters/listed.html", offers=offers)


@bp.post("/<key>")
def add(key: str) -> Response:
    with saving() as session:
        scheme = starters.add(session, current_person(), key)
        scheme_key = scheme.key
    tell(say("The tags of the template are there"))
    return see_other(url_for("tags.tree", group=scheme_key))

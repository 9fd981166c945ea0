"""What the team has agreed on: everybody who is signed in reads it, administrators change it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, url_for

from research_repo.core import access, policies
from research_repo.core.errors import Invalid
from research_repo.core.language import say
from research_repo.core.models import KINDS
from research_repo.web.door import current_person, reading, saving, see_other, tell, text

bp = Blueprint("policies", __name__, url_prefix="/policies")

Page = str | Response | tuple[str, int]


@bp.get("")
def show() -> str:
    return _page(Invalid({}))


@bp.post("/publishing")
def set_publishing() -> Page:
    access.require_admin(current_person())
    wanted = {kind: text(kind) for kind in KINDS}
    try:
        with saving() as session:
            policies.set_publishing(session, current_person(), wanted)
    except Invalid as refusal:
        return _page(refusal, publishing=wanted), 422
    tell(say("Saved"))
    return see_other(url_for("policies.show"))


def _page(refusal: Invalid, **typed: Any) -> str:
    """The page; what was typed and refused stands in place of what is settled."""
    with reading() as session:
        settled = {"publishing": policies.publishing(session)}
    return render_template("policies/show.html", problems=refusal.problems, **(settled | typed))

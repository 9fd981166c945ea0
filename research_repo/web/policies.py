"""What the team has agreed on: everybody who is signed in reads it, administrators change it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from research_repo.core import access, policies, review_periods, tagging
from research_repo.core.errors import Invalid
from research_repo.core.language import say
from research_repo.core.models import KINDS
from research_repo.web.door import (
    current_person,
    number,
    reading,
    saving,
    see_other,
    tell,
    text,
)
from research_repo.web.words import language

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


@bp.post("/periods")
def set_period() -> Page:
    """One of: `without` (a tag's key), `tag` with `months`, `others`."""
    by = current_person()
    access.require_admin(by)
    try:
        with saving() as session:
            if text("without"):
                review_periods.set_period(session, by, text("without"), None)
            elif "others" in request.form:
                review_periods.set_others(session, by, number("others") or 0)
            else:
                tag = tagging.asked(session, by, text("tag").strip(" ;"), language())
                review_periods.set_period(session, by, tag.key, number("months") or 0)
    except Invalid as refusal:
        typed = {name: text(name) for name in ("tag", "months", "others")}
        return _page(Invalid({}), period_problems=refusal.problems, typed=typed), 422
    tell(say("Saved"))
    return see_other(url_for("policies.show") + "#periods")


def _page(refusal: Invalid, **typed: Any) -> str:
    """The page; what was typed and refused stands in place of what is settled."""
    with reading() as session:
        settled: dict[str, Any] = {
            "publishing": policies.publishing(session),
            "periods": review_periods.listed(session, language()),
            "others": review_periods.periods(session).others,
            "months_max": review_periods.MONTHS_MAX,
            "period_problems": {},
            "typed": {},
        }
    return render_template("policies/show.html", problems=refusal.problems, **(settled | typed))

"""One's own account: language, password, sessions, API tokens."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from research_repo.core import follows, people, tokens
from research_repo.core.errors import Invalid
from research_repo.core.language import say, say_many
from research_repo.web.door import (
    current_person,
    number,
    reading,
    saving,
    see_other,
    tell,
    text,
)
from research_repo.web.safety import begin_session, limiter
from research_repo.web.words import put

bp = Blueprint("account", __name__, url_prefix="/account")

Page = str | Response | tuple[str, int]

NEVER = "never"


def _who() -> str:
    return f"person:{current_person().id}"


def _failed(response: Response) -> bool:
    return response.status_code == 422


@bp.get("")
def show() -> str:
    return _page()


@bp.route("/password", methods=["GET", "POST"])
@limiter.limit("6/minute;40/hour", key_func=_who, methods=["POST"], deduct_when=_failed)
def password() -> Page:
    by = current_person()
    if request.method == "GET":
        return _password_page(Invalid({}))
    if not people.proves(by, text("old")):
        return _password_page(Invalid({"old": say("This is not your present password.")})), 422
    if text("old") == text("password"):
        return _password_page(
            Invalid({"password": say("Choose another password than the present one.")})
        ), 422
    try:
        chosen = people.chosen_password(text("password"))
    except Invalid as refusal:
        return _password_page(refusal), 422
    with saving() as session:
        person = people.set_password(session, by, by.id, chosen)
    begin_session(person)
    tell(say("The password is changed. All other browsers are signed out."))
    return see_other("/account")


@bp.post("/sign-out-everywhere")
def end_sessions() -> Response:
    by = current_person()
    with saving() as session:
        person = people.end_sessions(session, by, by.id)
    begin_session(person)
    tell(say("All other browsers are signed out."))
    return see_other("/account")


@bp.post("/tokens")
def add_token() -> Page:
    by = current_person()
    try:
        with saving() as session:
            token, secret = tokens.add(session, by, by.id, text("name"), _days())
    except Invalid as refusal:
        return _page(refusal), 422
    # Shown in this very answer and never kept: not in a cookie, not in an address.
    return _page(new_token=token.name, secret=secret)


@bp.post("/tokens/<int:token_id>/revoke")
def revoke_token(token_id: int) -> Response:
    with saving() as session:
        tokens.revoke(session, current_person(), token_id)
    tell(say("The token works no more."))
    return see_other("/account#tokens")


def _days() -> int | None:
    """How long a new token is to work. Only who says so gets one that never ends."""
    if "days" not in request.form:
        return tokens.DAYS_USUAL
    return None if text("days") == NEVER else number("days") or 0


def _lifetimes() -> list[tuple[str, str]]:
    offered = [
        (str(days), put(say_many("%(count)s day", "%(count)s days", days)))
        for days in tokens.DAYS_OFFERED
    ]
    return [*offered, (NEVER, put(say("until it is revoked")))]


def _page(refusal: Invalid | None = None, **more: str) -> str:
    with reading() as session:
        kept = tokens.listed(session, current_person())
        followed = follows.listed(session, current_person())
    return render_template(
        "account/show.html",
        tokens=[(token, tokens.is_expired(token)) for token in kept],
        feeds=[one for one in followed if one.has_feed],
        token_name=text("name"),
        token_days=text("days") or str(tokens.DAYS_USUAL),
        lifetimes=_lifetimes(),
        name_max=people.NAME_MAX,
        problems=refusal.problems if refusal else {},
        **more,
    )


def _password_page(refusal: Invalid) -> str:
    return render_template(
        "account/password.html",
        problems=refusal.problems,
        must_change=current_person().must_change_password,
        password_min=people.PASSWORD_MIN,
        email=current_person().email,
    )

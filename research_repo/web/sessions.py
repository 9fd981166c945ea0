"""Sessions: signing in and out."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from research_repo.core import people
from research_repo.core.errors import Invalid
from research_repo.core.language import say
from research_repo.web.door import own_path, public, reading, see_other, text, visitor
from research_repo.web.safety import begin_session, end_session, limiter

bp = Blueprint("sessions", __name__)

Page = str | Response | tuple[str, int]


def _email() -> str:
    return "email:" + text("email").strip().lower()[: people.EMAIL_MAX]


def _failed(response: Response) -> bool:
    return response.status_code == 422


@bp.route("/sign-in", methods=["GET", "POST"])
@public
@limiter.limit("30/minute;200/hour", methods=["POST"], deduct_when=_failed)
@limiter.limit("6/minute;40/hour", key_func=_email, methods=["POST"], deduct_when=_failed)
def begin() -> Page:
    to_show = own_path(request.values.get("next"))
    if request.method == "GET":
        return see_other(to_show) if visitor() else _page(to_show, Invalid({}))
    with reading() as session:
        person = people.by_email(session, text("email"))
    # The same words and the same work, whether it is the e-mail or the password.
    if not people.proves(person, text("password")) or person is None:
        advice = say("E-mail or password is not right. After some failures you have to wait a bit.")
        return _page(to_show, Invalid({"": advice})), 422
    begin_session(person)
    return see_other(to_show)


@bp.post("/sign-out")
@public
def end() -> Response:
    end_session()
    return see_other("/sign-in")


def _page(to_show: str, refusal: Invalid) -> str:
    return render_template(
        "sessions/begin.html", to_show=to_show, email=text("email"), problems=refusal.problems
    )

"""The first run: naming the repository and making its first admin. Gone once somebody exists."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from research_repo.core import demo, instance, people
from research_repo.core.errors import Invalid, NotFound
from research_repo.core.language import Message
from research_repo.core.models import Person
from research_repo.web.door import public, reading, saving, see_other, text
from research_repo.web.safety import begin_session, is_set_up
from research_repo.web.words import language

bp = Blueprint("setup", __name__)


@bp.route("/set-up", methods=["GET", "POST"])
@public
def begin() -> str | Response | tuple[str, int]:
    if is_set_up():
        raise NotFound
    if request.method == "GET":
        return _page(Invalid({}))
    try:
        admin = _first_admin()
    except Invalid as refusal:
        return _page(refusal), 422
    begin_session(admin)
    return see_other("/")


def _first_admin() -> Person:
    problems: dict[str, Message] = {}
    password = people.NewPassword("", "", is_one_time=False)
    try:
        password = people.chosen_password(text("password"))
    except Invalid as refusal:
        problems = refusal.problems
    with saving() as session:
        try:
            admin = people.first_admin(
                session, text("title"), text("name"), text("email"), password, text("language")
            )
        except Invalid as refusal:
            problems = refusal.problems | problems
        # All that is wrong is said at once; raising here leaves no trace of the admin.
        if problems:
            raise Invalid(problems)
    return admin


def _page(refusal: Invalid) -> str:
    with reading() as session:
        title = request.form.get("title", instance.repository(session).title)
        has_demo = demo.is_here(session)
    return render_template(
        "setup/begin.html",
        sent=request.form,
        title=title,
        has_demo=has_demo,
        chosen_language=text("language") or language(),
        problems=refusal.problems,
        title_max=people.TITLE_MAX,
        name_max=people.NAME_MAX,
        password_min=people.PASSWORD_MIN,
    )

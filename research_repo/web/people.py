"""People: who may come in and what they may do. For administrators."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request

from research_repo.core import access, people, shares
from research_repo.core.errors import Invalid
from research_repo.core.language import say
from research_repo.core.models import Person
from research_repo.web.door import current_person, is_on, reading, saving, see_other, tell, text
from research_repo.web.safety import begin_session
from research_repo.web.words import choices, word

bp = Blueprint("people", __name__, url_prefix="/people")

Page = str | Response | tuple[str, int]


@bp.get("")
def listed() -> str:
    return _list_page(Invalid({}))


@bp.post("/repository")
def name_repository() -> Page:
    try:
        with saving() as session:
            people.name_repository(session, current_person(), text("title"))
    except Invalid as refusal:
        return _list_page(refusal), 422
    tell(say("The repository has its new name."))
    return see_other("/people")


@bp.route("/new", methods=["GET", "POST"])
def add() -> Page:
    access.require_admin(current_person())
    if request.method == "GET":
        return _new_page(Invalid({}))
    password = people.one_time_password()
    try:
        with saving() as session:
            person = people.add(
                session, current_person(), text("email"), text("name"), text("role"), password
            )
    except Invalid as refusal:
        return _new_page(refusal), 422
    return _secret_page(person, password.text, is_new=True)


@bp.route("/<int:person_id>", methods=["GET", "POST"])
def change(person_id: int) -> Page:
    by = current_person()
    access.require_admin(by)
    with reading() as session:
        person = people.get(session, person_id)
    if request.method == "GET":
        return _person_page(person, Invalid({}))
    name, role, is_active = text("name"), text("role"), is_on("is_active")
    try:
        with saving() as session:
            changed = people.change(session, by, person_id, name, role, is_active)
    except Invalid as refusal:
        return _person_page(person, refusal, name=name, role=role, is_active=is_active), 422
    if changed.id == by.id and changed.session_epoch != by.session_epoch:
        begin_session(changed)
    tell(say("Saved: %(name)s", name=changed.name))
    return see_other("/people" if access.is_admin(changed) or changed.id != by.id else "/")


@bp.post("/<int:person_id>/password")
def reset_password(person_id: int) -> str:
    by = current_person()
    access.require_admin(by)
    password = people.one_time_password()
    with saving() as session:
        person = people.set_password(session, by, person_id, password)
    return _secret_page(person, password.text, is_new=False)


@bp.post("/<int:person_id>/sign-out")
def end_sessions(person_id: int) -> Response:
    by = current_person()
    access.require_admin(by)
    with saving() as session:
        person = people.end_sessions(session, by, person_id)
    if person.id == by.id:
        begin_session(person)
    tell(say("%(name)s is signed out everywhere.", name=person.name))
    return see_other(f"/people/{person_id}")


def _list_page(refusal: Invalid) -> str:
    with reading() as session:
        everybody = people.listed(session, current_person())
    return render_template(
        "people/listed.html",
        people=everybody,
        typed_title=request.form.get("title"),
        title_max=people.TITLE_MAX,
        problems=refusal.problems,
    )


def _roles() -> list[tuple[str, str, str]]:
    return [(role, shown, word("role_note", role)) for role, shown in choices("role")]


def _new_page(refusal: Invalid) -> str:
    return render_template(
        "people/add.html",
        sent=request.form,
        roles=_roles(),
        name_max=people.NAME_MAX,
        problems=refusal.problems,
    )


def _person_page(person: Person, refusal: Invalid, **sent: str | bool) -> str:
    shown = {"name": person.name, "role": person.role, "is_active": person.is_active} | sent
    with reading() as session:
        links = shares.open_count(session, person.id)
    return render_template(
        "people/change.html",
        one=person,
        links=links,
        shown=shown,
        roles=_roles(),
        name_max=people.NAME_MAX,
        problems=refusal.problems,
    )


def _secret_page(person: Person, secret: str, *, is_new: bool) -> str:
    # Shown in this very answer and never kept: not in a cookie, not in an address.
    return render_template("people/secret.html", one=person, secret=secret, is_new=is_new)

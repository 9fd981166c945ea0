"""Tag groups: what each is for, its rules in words, and the form that lays them down."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from research_repo.core import access, cards, rules, schemes, tagging
from research_repo.core.errors import Invalid
from research_repo.core.language import say
from research_repo.core.models import KINDS, Scheme
from research_repo.core.schemes import Rules
from research_repo.settings import LANGUAGES
from research_repo.web.door import (
    current_person,
    is_on,
    number,
    page_number,
    reading,
    saving,
    see_other,
    tell,
    text,
    texts,
)
from research_repo.web.words import choices, language

bp = Blueprint("schemes", __name__, url_prefix="/tags/groups")

Page = str | Response | tuple[str, int]
OFFENDERS_SHOWN = 30


@bp.get("/<key>")
def show(key: str) -> str:
    """What everybody may know of a group."""
    by = current_person()
    with reading() as session:
        group = schemes.page(session, key, language(), tagging.unseen(session, by))
        offending = 0
        if access.may_govern(by):
            offending = rules.offender_count(session, by, group.id, group.rules)
    return render_template("schemes/show.html", group=group, offending=offending)


@bp.get("/<key>/offending")
def offending(key: str) -> str:
    """The published atoms that break the group's rules: they stand till somebody mends them."""
    by = current_person()
    access.require_govern(by)
    page = page_number()
    with reading() as session:
        group = schemes.page(session, key, language())
        total = rules.offender_count(session, by, group.id, group.rules)
        first = (page - 1) * OFFENDERS_SHOWN
        ids = rules.offenders(session, by, group.id, group.rules, OFFENDERS_SHOWN, first)
        broken = rules.of_atoms(session, ids)
        atoms = cards.of_atoms(session, by, ids, language())
        advice = {}
        for atom in atoms:
            mine = [one for one in broken.get(atom.id, ()) if one.scheme_id == group.id]
            advice[atom.id] = rules.advice(session, mine, language())
    return render_template(
        "schemes/offending.html",
        group=group,
        atoms=atoms,
        advice=advice,
        total=total,
        page=page,
        first=first,
        last_page=max(1, -(-total // OFFENDERS_SHOWN)),
    )


@bp.route("/new", methods=["GET", "POST"])
def add() -> Page:
    by = current_person()
    access.require_govern(by)
    if request.method == "GET":
        return _form_page({}, Rules(), Invalid({}))
    asked = Rules()
    try:
        asked = _sent_rules()
        with saving() as session:
            group = schemes.add(session, by, _sent_labels())
            schemes.set_rules(session, by, group.key, asked)
    except Invalid as refusal:
        return _form_page(_sent_labels(), asked, refusal), 422
    tell(say("The tag group is there"))
    return see_other(url_for("tags.tree", group=group.key))


@bp.route("/<key>/edit", methods=["GET", "POST"])
def edit(key: str) -> Page:
    """First it is told how many published atoms would break the rules; then they are laid down."""
    by = current_person()
    access.require_govern(by)
    with reading() as session:
        group = schemes.page(session, key, language())
    if request.method == "GET":
        return _form_page(group.labels, group.rules, Invalid({}), group=group)
    asked = group.rules
    try:
        asked = _sent_rules()
        if asked != group.rules:
            with reading() as session:
                broken = rules.offender_count(session, by, group.id, asked)
            # Told once, they are laid down; unless other rules were chosen since.
            if broken > (number("told") or 0):
                return _form_page(_sent_labels(), asked, Invalid({}), group=group, broken=broken)
        with saving() as session:
            _save(session, key, asked, group.labels)
    except Invalid as refusal:
        return _form_page(_sent_labels(), asked, refusal, group=group), 422
    tell(say("Saved"))
    return see_other(url_for("schemes.show", key=key))


def _save(session: Any, key: str, asked: Rules, labels: dict[str, str]) -> Scheme:
    sent = {code: label for code, label in _sent_labels().items() if label.strip()}
    if sent != labels:
        schemes.rename(session, current_person(), key, sent)
    return schemes.set_rules(session, current_person(), key, asked)


def _sent_labels() -> dict[str, str]:
    return {code: text(f"label-{code}") for code in LANGUAGES}


def _sent_rules() -> Rules:
    sent = texts("kinds")
    if not set(sent) <= set(KINDS):
        raise Invalid({"kinds": say("Choose one of the list.")})
    # All boxes or none: the group is for every kind, also for one that is still to come.
    kinds = tuple(kind for kind in KINDS if kind in sent)
    return Rules(
        is_single=text("takes") == "one",
        kinds=() if len(kinds) == len(KINDS) else kinds,
        is_required=is_on("is_required"),
        who_may_add=text("who_may_add") or "anyone",
        steward_id=number("steward"),
    )


def _form_page(labels: dict[str, str], asked: Rules, refusal: Invalid, **more: Any) -> str:
    with reading() as session:
        possible = schemes.possible_stewards(session, current_person())
        staff = [(one.id, one.name) for one in possible]
    shown = {"group": None, "broken": 0, **more}
    return render_template(
        "schemes/edit.html",
        labels=labels,
        rules=asked,
        staff=staff,
        who=choices("who_may_add"),
        problems=refusal.problems,
        **shown,
    )

"""Claims that want a second look: the queue, and what is done with one of them or many.

GET  /claims           owner: me, nobody or a person's id; reason: stale or disputed; kind: fact
                       or any, else what decisions rest on; study; page. Or atom: those alone
POST /claims/settle    do: confirm (with a note) or archive; atom, or all that the filters show
POST /claims/ask       the way to the form that asks for a study about the ticked ones
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from research_repo.core import access, bulk, claims, confirmations
from research_repo.core.claims import FIRST, NOBODY, REASONS, Asked, Waiting
from research_repo.core.errors import Invalid
from research_repo.core.language import Message, say
from research_repo.core.models import KINDS, Person, Study
from research_repo.web.door import (
    current_person,
    day,
    is_on,
    page_number,
    reading,
    row_id,
    saving,
    see_other,
    tell,
    text,
    texts,
)
from research_repo.web.words import language

bp = Blueprint("claims", __name__)

Page = str | Response | tuple[str, int]

ROWS = 50
OWNERS_SHOWN = 12
ASKED_MAX = 20
"""Of so many claims one study can be asked for."""
KIND_WORDS = {"": FIRST, "fact": ("fact",), "any": KINDS}


@dataclass(frozen=True)
class Facet:
    """One choice beside the list."""

    text: Message | str
    href: str
    count: int
    is_chosen: bool


@bp.get("/claims")
def listed() -> str:
    by = current_person()
    if request.args.getlist("atom"):
        return _picked(by, request.args.getlist("atom"))
    return _page(by, Invalid({}))


@bp.get("/claims/mine")
def mine() -> str:
    """How many wait for the person who asks, for a page that shows it when it has time."""
    with reading() as session:
        count = claims.waiting_for(session, current_person())
    return render_template("claims/_mine.html", count=count)


@bp.post("/claims/settle")
def settle() -> Page:
    by = current_person()
    access.require_log(by)
    try:
        atom_ids = _chosen(by)
        with saving() as session:
            made = bulk.settle(session, by, atom_ids, text("do"), text("note"))
    except Invalid as refusal:
        return _page(by, refusal), 422
    return see_other(url_for("bulk.show", bulk_id=made.id))


@bp.post("/claims/ask")
def ask() -> Page:
    keys = list(dict.fromkeys(texts("atom")))
    if not 0 < len(keys) <= ASKED_MAX:
        advice = say(
            "Tick the claims that the study should be about, %(most)s at most.", most=ASKED_MAX
        )
        return _page(current_person(), Invalid({"atoms": advice})), 422
    return see_other(url_for("requests.ask", atom=keys))


@bp.post("/atoms/<key>/confirm")
def confirm(key: str) -> Response:
    with saving() as session:
        confirmations.confirm(session, current_person(), key, text("note"), day("until"))
    tell(say("Confirmed. Its history tells who did it and when."))
    return see_other(url_for("atoms.show", key=key))


@bp.post("/atoms/<key>/confirmations/<int:confirmation_id>/withdraw")
def withdraw(key: str, confirmation_id: int) -> Response:
    with saving() as session:
        confirmations.withdraw(session, current_person(), key, confirmation_id)
    tell(say("The confirmation is taken back"))
    return see_other(url_for("atoms.show", key=key))


def _chosen(by: Person) -> list[int]:
    with reading() as session:
        if is_on("all"):
            return claims.ids(session, by, _asked(session, by))
        return bulk.picked(session, by, texts("atom"))


def _picked(by: Person, keys: list[str]) -> str:
    with reading() as session:
        atom_ids = bulk.picked(session, by, keys[:ASKED_MAX])
        rows = claims.of_atoms(session, by, atom_ids, language())
    return render_template("claims/picked.html", rows=rows)


def _page(by: Person, refusal: Invalid) -> str:
    page = page_number()
    with reading() as session:
        asked = _asked(session, by)
        found = claims.waiting(session, by, asked.study_id)
        total = found.count(asked)
        last = max(1, -(-total // ROWS))
        page = min(page, last)
        first = ROWS * (page - 1)
        shown = claims.ids(session, by, asked, first, ROWS)
        rows = claims.of_atoms(session, by, shown, language())
        names = claims.people(session, found.owners())
        study = session.get(Study, asked.study_id) if asked.study_id else None
    return render_template(
        "claims/listed.html",
        rows=rows,
        asked=asked,
        study=study,
        total=total,
        first=first,
        page=page,
        last_page=last,
        groups=_groups(by, found, asked, names),
        fields=_fields(asked),
        note=text("note"),
        note_max=confirmations.NOTE_MAX,
        problems=refusal.problems,
    )


def _asked(session: Any, by: Person) -> Asked:
    """What the address, or the form that carries it, says; what nobody means says nothing."""
    told = request.values
    kinds = KIND_WORDS.get(told.get("kind", ""), FIRST)
    reason = told.get("reason", "")
    study = access.study_to_read(session, by, told["study"]) if told.get("study") else None
    owner = {"me": by.id, "nobody": NOBODY}.get(
        told.get("owner", ""), row_id(told.get("owner", ""))
    )
    return Asked(owner, reason if reason in REASONS else "", kinds, study.id if study else None)


def _fields(asked: Asked) -> dict[str, Any]:
    """The filters as an address tells them."""
    owner = "" if asked.owner is None else "nobody" if asked.owner == NOBODY else str(asked.owner)
    kind = next(word for word, kinds in KIND_WORDS.items() if kinds == asked.kinds)
    told = {"owner": owner, "reason": asked.reason, "kind": kind}
    told["study"] = request.values.get("study", "") if asked.study_id else ""
    return {name: value for name, value in told.items() if value}


def _groups(
    by: Person, found: Waiting, asked: Asked, names: dict[int | None, str]
) -> list[tuple[Message, list[Facet]]]:
    def facet(shown: Message | str, **changes: Any) -> Facet:
        wanted = replace(asked, **changes)
        href = url_for("claims.listed", **_fields(wanted))
        return Facet(shown, href, found.count(wanted), wanted == asked)

    reasons = [
        facet(say("Either"), reason=""),
        facet(say("Not confirmed in time"), reason="stale"),
        facet(say("Disputed"), reason="disputed"),
    ]
    kinds = [
        facet(say("Insights and recommendations"), kinds=FIRST),
        facet(say("Facts"), kinds=("fact",)),
        facet(say("All"), kinds=KINDS),
    ]
    whose = [facet(say("Everybody’s"), owner=None)]
    if access.may_log(by):
        whose.append(facet(say("Yours"), owner=by.id))
    others = [facet(name, owner=one) for one, name in names.items() if one != by.id]
    ranked = sorted(others, key=lambda one: (not one.is_chosen, -one.count, str(one.text)))
    whose += [one for one in ranked[:OWNERS_SHOWN] if one.count or one.is_chosen]
    nobody = facet(say("Nobody’s who could be asked"), owner=NOBODY)
    whose += [nobody] if nobody.count or nobody.is_chosen else []
    return [(say("Why"), reasons), (say("What"), kinds), (say("Whose"), whose)]

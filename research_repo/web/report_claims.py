"""Where each claim of a report stands: under a question, beside them, or out of sight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, render_template, request, url_for

from research_repo.core import access, report_arranging, report_picking, reports
from research_repo.core.db import Session
from research_repo.core.errors import Invalid
from research_repo.core.language import say
from research_repo.core.models import Report
from research_repo.core.report_places import HIDDEN, RECOMMENDED
from research_repo.core.report_shape import Cited
from research_repo.core.reports import Shelf
from research_repo.core.studies import QUESTION_MAX
from research_repo.report_found import claims_found
from research_repo.web.door import (
    current_person,
    reading,
    row_id,
    saving,
    search,
    see_other,
    tell,
    text,
    texts,
)
from research_repo.web.words import language, put

bp = Blueprint("report_claims", __name__, url_prefix="/reports/<key>")

SHOWN = 100
"""So many claims of a place are on the page at first."""
SPARE_QUESTIONS = 2


@dataclass(frozen=True)
class Step:
    """Before which claim one stands that is moved by a button: "" is the end, None nowhere."""

    up: str | None
    down: str | None


@dataclass(frozen=True)
class Place:
    """A place with its claims, insights first, and where the buttons of each lead."""

    name: str
    title: str
    claims: tuple[Cited, ...]
    total: int
    steps: dict[str, Step]
    kinds: tuple[str, ...]


@bp.get("/claims")
def show(key: str) -> str:
    with reading() as session:
        row = access.report_to_edit(session, current_person(), key)
        found = _found(session, row)
        arranged = reports.arranged(session, current_person(), key, language(), found)
    places = [_place(one, request.args.get("all", "")) for one in arranged.shelves]
    return render_template(
        "reports/claims.html",
        row=row,
        report=arranged.basis,
        places=places,
        destinations=[(one.name, one.title) for one in places]
        + [("", put(say("Where it belongs by itself")))],
        question_max=QUESTION_MAX,
        spare=SPARE_QUESTIONS,
    )


@bp.post("/claims")
def move(key: str) -> Response:
    """Put claims elsewhere: those ticked, or the one whose button was pressed or that was dragged."""
    by = current_person()
    with reading() as session:
        found = _found(session, access.report_to_edit(session, by, key))
    keys, place, before = _asked()
    with saving() as session:
        report_picking.put(session, by, key, keys, place, before, found)
    if request.accept_mimetypes.best == "text/plain":
        return Response("", 204)
    return _back(key, f"in-{place}-{keys[0]}" if place else "")


@bp.post("/pick")
def pick(key: str) -> Response:
    """Add claims to a report of picked ones, or take those out that are ticked."""
    by = current_person()
    with saving() as session:
        if text("do") == "drop":
            report_picking.drop(session, by, key, texts("claim"))
        else:
            # The address of a claim ends with its key.
            keys = [one.rstrip("/").rpartition("/")[2] for one in text("claims").split()]
            report_picking.pick(session, by, key, keys)
    return _back(key)


@bp.post("/questions")
def ask(key: str) -> Response:
    """The questions of a report across studies, in the order of the fields."""
    asked = list(zip(map(row_id, texts("number")), texts("question"), strict=False))
    with saving() as session:
        report_arranging.ask(session, current_person(), key, asked)
    tell(say("Questions saved"))
    return _back(key)


def _asked() -> tuple[list[str], str, str]:
    pressed = text("put").split(" ")
    if len(pressed) == 3:
        return [pressed[0]], pressed[1], pressed[2]
    if not texts("claim"):
        raise Invalid({"atoms": say("Tick the claims first, then choose where they go.")})
    return texts("claim"), text("place"), ""


def _back(key: str, anchor: str = "") -> Response:
    address = url_for("report_claims.show", key=key)
    return see_other(f"{address}#{anchor}" if anchor else address)


def _found(session: Session, row: Report) -> list[int]:
    return claims_found(search(), session, current_person(), row, language())


def _place(shelf: Shelf, whole: str) -> Place:
    claims = sorted(shelf.claims, key=lambda one: one.kind == "fact")
    steps: dict[str, Step] = {}
    for is_fact in (False, True):
        steps |= _steps([one.key for one in claims if (one.kind == "fact") == is_fact])
    return Place(
        shelf.place,
        shelf.title,
        tuple(claims if whole == shelf.place else claims[:SHOWN]),
        len(claims),
        steps if shelf.place != HIDDEN else {},
        ("recommendation",)
        if shelf.place == RECOMMENDED
        else ("fact", "insight", "recommendation"),
    )


def _steps(keys: Sequence[str]) -> dict[str, Step]:
    after = [*keys[2:], ""]
    return {
        key: Step(
            keys[turn - 1] if turn else None,
            after[turn] if turn + 1 < len(keys) else None,
        )
        for turn, key in enumerate(keys)
    }

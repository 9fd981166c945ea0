"""One's own drafts: what is typed and not sent, and the drafts, published many at once.

GET  /drafts[?study=&new=&page=]   new: so many of the newest are ticked
POST /drafts                       draft: the keys of ticked ones; do=publish or do=take-back
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from research_repo.core import access, cards, drafts, studies
from research_repo.core.drafts import Published
from research_repo.core.language import Message, say, say_many
from research_repo.web import unsent
from research_repo.web.door import (
    current_person,
    page_number,
    reading,
    saving,
    see_other,
    tell,
    text,
    texts,
)
from research_repo.web.words import language

bp = Blueprint("drafts", __name__, url_prefix="/drafts")

Page = str | Response | tuple[str, int]

ON_A_PAGE = 100
PICKED_MAX = 500
AT_ONCE = 10


@bp.get("")
def listed() -> str:
    return _page(request.args.get("study", ""))


@bp.post("")
def do() -> Page:
    by = current_person()
    access.require_log(by)
    keys = list(dict.fromkeys(texts("draft")))
    if not keys or len(keys) > PICKED_MAX:
        told = say("Tick the drafts to publish, at most %(most)s at once.", most=PICKED_MAX)
        return _page(text("study"), problems={"draft": told}), 422
    verb = drafts.take_back if text("do") == "take-back" else drafts.publish
    done = Published()
    for some in _parts(keys):
        with saving() as session:
            part = verb(session, by, some)
        done.keys += part.keys
        done.refused |= part.refused
    if verb is drafts.take_back:
        tell(say_many("%(count)s is a draft again.", "%(count)s are drafts again.", len(done.keys)))
        return see_other(url_for("drafts.listed", study=text("study") or None, new=len(done.keys)))
    return _page(text("study"), done=done)


def _parts(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    # Others write between these.
    for start in range(0, len(keys), AT_ONCE):
        yield keys[start : start + AT_ONCE]


def _page(
    study_key: str, done: Published | None = None, problems: dict[str, Message] | None = None
) -> str:
    by, page = current_person(), page_number()
    with reading() as session:
        offered = studies.loggable(session, by)
        study = next((one for one in offered if one.key == study_key), None)
        here, first = study.id if study else None, (page - 1) * ON_A_PAGE
        total, ids = drafts.of_person(session, by, here, ON_A_PAGE, first)
        shown: dict[str, Any] = {
            "listed": cards.of_atoms(session, by, ids, language()),
            "to_do": drafts.to_do(session, by, ids, language()),
            "unsent": unsent.listed(session, by),
        }
    refused = done.refused if done else {}
    return render_template(
        "drafts/listed.html",
        **shown,
        study=study,
        studies=offered,
        total=total,
        page=page,
        last=max(1, -(-total // ON_A_PAGE)),
        first=first + 1,
        ticked=_ticked(),
        done=done,
        refused=refused,
        problems=problems or {},
    )


def _ticked() -> int:
    """How many of the newest were made just now."""
    typed = request.args.get("new", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 5 else 0

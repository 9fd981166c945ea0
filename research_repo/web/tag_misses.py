"""Words that were searched and found too little, each with the tags that they may be missing on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, render_template, url_for

from research_repo.core import access, hierarchy, misses, words
from research_repo.core.hierarchy import TagCard
from research_repo.core.language import say
from research_repo.core.misses import Miss
from research_repo.web.door import current_person, reading, saving, search, see_other, tell
from research_repo.web.words import language

bp = Blueprint("tag_misses", __name__, url_prefix="/tags/missed")

ROWS = 50
SETTLED_SHOWN = 50
NEAR_SHOWN = 3


@dataclass(frozen=True)
class Row:
    """What was searched, in which language, and the tags that may be meant."""

    miss: Miss
    language: str
    near: tuple[TagCard, ...]


@bp.get("")
def listed() -> str:
    """What nobody has settled, the most searched first, and what needs no label."""
    by = current_person()
    with reading() as session:
        waiting = _open(misses.waiting(session, by))
        settled = _told(misses.settled(session, by, SETTLED_SHOWN))
        rows = _rows(session, waiting[:ROWS])
    return render_template("tags/missed.html", rows=rows, total=len(waiting), settled=settled)


@bp.post("/<int:miss_id>/settle")
def settle(miss_id: int) -> Response:
    """No label is needed for it."""
    with saving() as session:
        miss = misses.settle(session, current_person(), miss_id)
    tell(say("“%(text)s” does not come up again. It can be brought back below.", text=miss.text))
    return see_other(url_for("tag_misses.listed"))


@bp.post("/<int:miss_id>/reopen")
def reopen(miss_id: int) -> Response:
    """It is needed after all."""
    with saving() as session:
        miss = misses.reopen(session, current_person(), miss_id)
    tell(say("“%(text)s” is in the list again.", text=miss.text))
    return see_other(url_for("tag_misses.listed"))


def waiting_count() -> int:
    """How many words wait for a label."""
    with reading() as session:
        return len(_open(misses.waiting(session, current_person())))


def _open(listed: list[Miss]) -> list[Miss]:
    """Without what a tag is called by now."""
    return [one for one in _told(listed) if not search().is_called(one.text)]


def _told(listed: list[Miss]) -> list[Miss]:
    # Judged anew each time: a study may have been closed, or begun, since it was searched.
    may_be_told = set(search().open_texts(one.text for one in listed))
    return [one for one in listed if one.text in may_be_told]


def _rows(session: Any, listed: list[Miss]) -> list[Row]:
    by = current_person()
    access.require_govern(by)
    near = {one.id: search().near(one.text, by, NEAR_SHOWN) for one in listed}
    ids = {found.tag_id for some in near.values() for found in some}
    made = hierarchy.cards(session, ids, language())
    return [
        Row(
            one,
            words.language_of(one.text),
            tuple(made[found.tag_id] for found in near[one.id] if found.tag_id in made),
        )
        for one in listed
    ]

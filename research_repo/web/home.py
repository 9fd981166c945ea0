"""Home: a question to ask, what is new, what goes on, one's own drafts."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template

from research_repo.core import cards, demo, follows, saved_searches
from research_repo.core.models import Person
from research_repo.core.saved_searches import Saved
from research_repo.web.door import current_person, reading
from research_repo.web.words import language

bp = Blueprint("home", __name__)

NEW_SHOWN = 8
SIDE_SHOWN = 5


@bp.get("/")
def show() -> str:
    by = current_person()
    with reading() as session:
        running = [
            study
            for study in cards.of_studies(session, by)
            if study.status in ("running", "analysis")
        ]
        drafts = cards.drafts(session, by)
        is_newcomer = not cards.logged_by(session, by, None, 1)
        shown = {
            "is_newcomer": is_newcomer,
            "has_demo": is_newcomer and demo.is_here(session),
            "has_tags_to_fold": is_newcomer and demo.has_tags_to_fold(session),
            "tries": demo.tries(session, language()) if is_newcomer else [],
            "searches": _searches(session, by),
            "tally": cards.tally(session, by),
            "new": cards.of_atoms(session, by, cards.recent(session, by, NEW_SHOWN), language()),
            "drafts": cards.of_atoms(session, by, drafts[:SIDE_SHOWN], language()),
            "draft_count": len(drafts),
            "running": running[:SIDE_SHOWN],
            "running_count": len(running),
        }
    return render_template("home/show.html", **shown)


def _searches(session: Any, by: Person) -> list[tuple[Saved, int]]:
    """One's own searches and those that one follows, each with what is new: first where there is some."""
    news = {one.search.id: one.new for one in follows.listed(session, by)}
    kept = [one for one in saved_searches.listed(session, by) if one.is_own or one.id in news]
    ranked = sorted(kept, key=lambda one: -news.get(one.id, 0))
    return [(one, news.get(one.id, 0)) for one in ranked[:SIDE_SHOWN]]

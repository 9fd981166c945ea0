"""The looks: language and theme, chosen in the footer, also before signing in."""

from __future__ import annotations

from flask import Blueprint, Response

from research_repo.core import people
from research_repo.settings import LANGUAGES
from research_repo.web.door import own_path, public, saving, see_other, text, visitor
from research_repo.web.safety import remember
from research_repo.web.shell import THEME_COOKIE, THEMES
from research_repo.web.words import LANGUAGE_COOKIE

bp = Blueprint("looks", __name__)


@bp.post("/language")
@public
def language() -> Response:
    chosen, person = text("language"), visitor()
    answer = see_other(own_path(text("next")))
    if chosen not in LANGUAGES:
        return answer
    if person:
        with saving() as session:
            people.choose_language(session, person, chosen)
    return remember(answer, LANGUAGE_COOKIE, chosen)


@bp.post("/theme")
@public
def theme() -> Response:
    chosen = text("theme")
    kept = chosen if chosen in THEMES else ""  # the system's own theme needs no word
    return remember(see_other(own_path(text("next"))), THEME_COOKIE, kept)

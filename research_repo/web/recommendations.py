"""What became of a recommendation, as its page tells it and takes it.

POST /atoms/<key>/stage  stage, tracker, note; was: the tracker as the page showed it
"""

from __future__ import annotations

from flask import Blueprint, Response, url_for

from research_repo.core import recommendations
from research_repo.core.language import say
from research_repo.web.door import current_person, saving, see_other, tell, text

bp = Blueprint("recommendations", __name__)


@bp.post("/atoms/<key>/stage")
def set_stage(key: str) -> Response:
    # Somebody may have named the tracker since the page was opened.
    tracker = None if text("tracker") == text("was") else text("tracker")
    with saving() as session:
        recommendations.set_stage(
            session, current_person(), key, text("stage"), tracker, text("note")
        )
    tell(say("Saved"))
    return see_other(url_for("atoms.show", key=key))

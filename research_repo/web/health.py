"""Whether the repository answers: for whoever watches it."""

from __future__ import annotations

from flask import Blueprint

from research_repo.core import instance
from research_repo.web.door import public, reading

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public
def healthz() -> tuple[str, int, dict[str, str]]:
    plain = {"Content-Type": "text/plain; charset=utf-8"}
    try:
        with reading() as session:
            instance.repository(session)
    except Exception:  # whatever it is, the watcher needs a 503 and not a page
        return "the database does not answer\n", 503, plain
    return "ok\n", 200, plain

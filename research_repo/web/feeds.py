"""Feeds of followed searches: for programs that know the address, without a session."""

from __future__ import annotations

from flask import Blueprint, Response, request

from research_repo.core import feeds, instance
from research_repo.core.errors import NotFound
from research_repo.exchange import feeds as feed_files
from research_repo.web.door import house, public, reading
from research_repo.web.safety import limiter
from research_repo.web.shell import DEFAULT_TITLE

bp = Blueprint("feeds", __name__, url_prefix="/feeds")

NOTHING = "There is no such feed. Make a new address under Saved searches.\n"


def _failed(response: Response) -> bool:
    return response.status_code == 404


@bp.get("/<secret>.atom")
@public
@limiter.limit("30/minute;200/hour", deduct_when=_failed)
@limiter.limit("240/minute")
def show(secret: str) -> Response:
    default = house().settings.language
    try:
        with reading() as session:
            feed = feeds.read(session, secret, default)
            title = instance.title(session) or DEFAULT_TITLE
    except NotFound:
        # A page would hold the address that was asked for; this is the same for each of them.
        return _safe(Response(NOTHING, status=404, mimetype="text/plain"))
    written = feed_files.write(feed, title, absolute, feed.person.language or default)
    answer = Response(written, mimetype="application/atom+xml")
    answer.last_modified = feed.updated_at
    answer.add_etag()
    answer.make_conditional(request)
    return _safe(answer)


def absolute(path: str) -> str:
    """The whole address of a page, as people outside this browser need it."""
    return (house().settings.base_url or request.host_url.rstrip("/")) + path


def _safe(answer: Response) -> Response:
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer

"""Links to frozen versions: made and revoked beside the version, opened by people without an account."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from hashlib import blake2b
from threading import Lock
from time import monotonic

from flask import Blueprint, Response, current_app, g, make_response, render_template, request
from flask import url_for as address_of

from research_repo.core import access, attachments, report_versions, shares
from research_repo.core.errors import Invalid, NotFound, Unavailable
from research_repo.core.language import say
from research_repo.core.report_shape import StudyReport
from research_repo.core.shares import Shared
from research_repo.web import report_files
from research_repo.web import report_versions as versions
from research_repo.web.attached import sent_file
from research_repo.web.door import (
    current_person,
    house,
    is_on,
    number,
    public,
    reading,
    saving,
    see_other,
    tell,
    text,
)
from research_repo.web.feeds import absolute
from research_repo.web.safety import limiter

bp = Blueprint("shares", __name__)

Page = str | tuple[str, int] | Response

VERSION = "/reports/<key>/versions/<int:number>/shares"
VISIT_SECONDS = 1800.0
VISITS_KEPT = 10_000


class Visits:
    """Who was counted lately, by what their browser says anyway: no cookie, nothing on a disk.

    What is kept is a hash with a secret of this process, for half an hour; nobody can be told by it.
    """

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)
        self._seen: OrderedDict[bytes, float] = OrderedDict()
        self._lock = Lock()

    def is_new(self, secret: str, who: str) -> bool:
        """Whether this visitor of a link was not here within half an hour."""
        visitor = blake2b(f"{secret} {who}".encode(), key=self._secret).digest()
        moment = monotonic()
        with self._lock:
            before = self._seen.pop(visitor, None)
            self._seen[visitor] = moment
            while len(self._seen) > VISITS_KEPT:
                self._seen.popitem(last=False)
        return before is None or moment - before > VISIT_SECONDS


visits = Visits()


@bp.post(VERSION)
def make(key: str, number: int) -> Page:
    by = current_person()
    try:
        with saving() as session:
            share, secret = shares.make(
                session, by, key, number, text("name"), _days(), is_confirmed=is_on("is_confirmed")
            )
            row = access.report_to_read(session, by, key)
    except Invalid as refusal:
        with reading() as session:
            return versions.page(session, key, number, refusal), 422
    # Shown in this very answer and never kept: not in a cookie, not in an address.
    address = absolute(address_of("shares.show", secret=secret))
    return render_template("shares/made.html", row=row, number=number, share=share, address=address)


@bp.post(f"{VERSION}/<int:share_id>/revoke")
def revoke(key: str, number: int, share_id: int) -> Response:
    with saving() as session:
        shares.revoke(session, current_person(), key, share_id)
    tell(say("The link leads nowhere any more."))
    return see_other(f"{report_versions.address(key, number)}#links")


def _failed(response: Response) -> bool:
    return response.status_code == 404


guessed = limiter.shared_limit("30/minute;200/hour", scope="shares", deduct_when=_failed)


@bp.get("/s/<secret>")
@public
@guessed
@limiter.limit("240/minute")
def show(secret: str) -> Response:
    try:
        found = _opened(secret)
    except NotFound:
        return nowhere()
    _count(secret, found)
    g.language_of_page = found.report.language
    address = address_of("shares.show", secret=secret)
    page = render_template(
        "shares/show.html",
        report=found.report,
        expires_at=found.expires_at,
        address=address,
        is_shared=True,
        pictures={one: f"{address}/{one}" for one in _pictures(found.report)},
    )
    return outside(make_response(page))


@bp.get(f"/s/<secret>.<{report_files.FORMS}>")
@public
@guessed
@limiter.limit("20/minute")
def file(secret: str, form: str) -> Response:
    try:
        report = _opened(secret).report
    except NotFound:
        return nowhere()
    answer = report_files.at_once(report, form, f"{report.key}-{report.version}", None)
    return outside(answer)


@bp.get("/s/<secret>/<picture>")
@public
@guessed
@limiter.limit("240/minute")
def picture(secret: str, picture: str) -> Response:
    """An image of the version; nothing else that was ever attached."""
    try:
        report = _opened(secret).report
        if picture not in _pictures(report):
            raise NotFound
        with reading() as session:
            attachment = attachments.of_hash(session, picture)
        return outside(sent_file(attachment, picture))
    except NotFound:
        return nowhere()


def nowhere() -> Response:
    """The same answer for whatever leads nowhere: nothing in it tells why."""
    return outside(make_response(render_template("shares/nowhere.html"), 404))


def outside(answer: Response) -> Response:
    """Nobody keeps it, finds it by searching, or tells other sites its address."""
    answer.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _opened(secret: str) -> Shared:
    with reading() as session:
        return shares.opened(session, secret, house().settings.base_url)


def _count(secret: str, found: Shared) -> None:
    is_ahead = "prefetch" in request.headers.get("Sec-Purpose", "")
    who = f"{request.remote_addr} {request.user_agent}"
    if request.method != "GET" or is_ahead or not visits.is_new(secret, who):
        return
    try:
        with saving() as session:
            shares.note_opened(session, found.share_id)
    except Unavailable:
        # A full disk or a long backup keeps nobody from reading.
        current_app.logger.warning("A visit of link %s could not be counted", found.share_id)


def _pictures(report: StudyReport) -> set[str]:
    return {
        piece.file_hash
        for finding in report.findings
        for piece in finding.evidence
        if piece.file_hash and piece.media_type.startswith("image/")
    }


def _days() -> int:
    return number("days") or 0

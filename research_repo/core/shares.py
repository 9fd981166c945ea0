"""Links to one frozen version for people without an account: whoever holds one reads that version.

Only a hash of a link is kept. It ends on its day, when somebody revokes it, and when whoever made it
has left or may not read the version any more.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from research_repo.core import access, history, report_versions, typed
from research_repo.core.charts import Chart
from research_repo.core.clock import now
from research_repo.core.errors import Invalid, NotFound
from research_repo.core.language import Message, say
from research_repo.core.models import Person, Report, ReportVersion, Share
from research_repo.core.report_redaction import changed
from research_repo.core.report_shape import Piece, StudyReport

TOKEN_BYTES = 32
DAYS_USUAL = 30
DAYS_MAX = 365
DAYS_OFFERED = (7, DAYS_USUAL, 90, DAYS_MAX)
NAME_MAX = 200

_LINK = re.compile(r'<a\s[^>]*href="(?P<to>[^"]*)"[^>]*>(?P<text>.*?)</a>', re.DOTALL)
_MARKDOWN_LINK = re.compile(r"(?<!!)\[(?P<text>[^\]\n]*)\]\((?P<to>[^()\s]*)\)")

# The list of a team's tasks is no place for people outside either.
_LEADS_IN = ("address", "tracker")
_PROSE = {"html": _LINK, "body_html": _LINK, "text": _MARKDOWN_LINK, "body": _MARKDOWN_LINK}


@dataclass(frozen=True)
class ShareCard:
    """A link in the list of those who may revoke it; its address was told once, when it was made."""

    id: int
    number: int
    """Of the version that it opens."""
    name: str
    who: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    opened: int
    opened_at: datetime | None
    is_open: bool
    """It still leads to the version."""


@dataclass(frozen=True)
class Shared:
    """What a link opens."""

    share_id: int
    expires_at: datetime
    report: StudyReport


def make(
    session: Session,
    by: Person,
    key: str,
    number: int,
    name: str,
    days: int = DAYS_USUAL,
    *,
    is_confirmed: bool = False,
) -> tuple[Share, str]:
    """A link to a version that works for so many days; its secret is told only now.

    Raises:
        NotFound, NotAllowed: the report is not theirs to share, or has no such version for them.
        Invalid: it has no name, or too many days; or the version draws on studies that only their
            teams see, and nobody confirmed that their words may leave the house.
    """
    report = access.report_to_edit(session, by, key)
    version = _version(session, by, report, number)
    closed = report_versions.closed_studies(session, version.id)
    problems: dict[str, Message] = {}
    name = typed.line(name)
    if not name or len(name) > NAME_MAX:
        problems["name"] = say("Say for whom the link is: you will know which one to revoke.")
    if not 1 <= days <= DAYS_MAX:
        problems["days"] = say("A link works for 1 to %(most)s days.", most=DAYS_MAX)
    if closed and not is_confirmed:
        problems["is_confirmed"] = report_versions.opens(closed)
    if problems:
        raise Invalid(problems)
    secret = secrets.token_urlsafe(TOKEN_BYTES)
    share = Share(
        version_id=version.id, name=name, token_hash=_digest(secret), person_id=by.id,
        expires_at=now() + timedelta(days=days),
    )  # fmt: skip
    session.add(share)
    session.flush()
    said = {"version": number, "name": name, "days": days, "studies": closed}
    history.record(session, by, "shared", "report", report.id, after=said)
    return share, secret


def revoke(session: Session, by: Person, key: str, share_id: int) -> None:
    """Let a link lead nowhere, at once: one's own, or of a report that one may change.

    Raises:
        NotFound: the report has no such link, or it is not theirs.
    """
    report = access.report_to_read(session, by, key)
    share = session.get(Share, share_id)
    version = session.get_one(ReportVersion, share.version_id) if share else None
    is_ours = version is not None and version.report_id == report.id
    if share is None or not is_ours:
        raise NotFound
    if share.person_id != by.id and not access.may_edit_report(session, by, report):
        raise NotFound
    if share.revoked_at is None:
        share.revoked_at = now()
        after = {"version": version.number if version else 0, "name": share.name}
        history.record(session, by, "unshared", "report", report.id, after=after)


def listed(session: Session, by: Person, report: Report) -> list[ShareCard]:
    """The links to versions of a report, for those who may change it: those that work come first."""
    if not access.may_edit_report(session, by, report):
        return []
    rows = session.exec(
        select(Share, ReportVersion.number, Person)
        .join(ReportVersion, col(ReportVersion.id) == Share.version_id)
        .join(Person, col(Person.id) == Share.person_id)
        .where(ReportVersion.report_id == report.id, access.sees_version(by))
        .order_by(col(Share.id).desc())
    )
    found = [
        ShareCard(
            share.id, number, share.name, person.name, share.created_at, share.expires_at,
            share.revoked_at, share.opened, share.opened_at,
            share.revoked_at is None and share.expires_at > now() and person.is_active,
        )
        for share, number, person in rows
    ]  # fmt: skip
    return sorted(found, key=lambda one: not one.is_open)


def open_count(session: Session, person_id: int) -> int:
    """How many links of somebody's still work: they end when that person is shut out."""
    query = select(func.count()).where(
        Share.person_id == person_id, col(Share.revoked_at).is_(None), col(Share.expires_at) > now()
    )
    return session.exec(query).one()


def opened(session: Session, secret: str, base_url: str = "") -> Shared:
    """What a link leads to, without anything that leads further into the repository.

    Raises:
        NotFound: always the same, for a link that was never made, is over or revoked; or whoever
            made it has left or may not read the version; or the report was deleted.
    """
    found = session.exec(
        select(Share, ReportVersion, Person)
        .join(ReportVersion, col(ReportVersion.id) == Share.version_id)
        .join(Person, col(Person.id) == Share.person_id)
        .where(
            Share.token_hash == _digest(secret),
            col(Share.revoked_at).is_(None),
            col(Share.expires_at) > now(),
            Person.is_active,
        )
    ).first()
    if found is None:
        raise NotFound
    share, version, person = found
    seen = select(ReportVersion.id).where(
        ReportVersion.id == version.id, access.sees_version(person)
    )
    if session.exec(seen).first() is None:
        raise NotFound
    report = report_versions.content_of(session, version.id)
    return Shared(share.id, share.expires_at, outside(report, base_url))


def note_opened(session: Session, share_id: int) -> None:
    """Count one more visit."""
    session.execute(
        update(Share)
        .where(col(Share.id) == share_id)
        .values(opened=col(Share.opened) + 1, opened_at=now())
    )


def outside(report: StudyReport, base_url: str = "") -> StudyReport:
    """The report for people outside: no address and no link of it leads into the repository."""
    places = ("/", *((base_url,) if base_url else ()))

    def change(one: Any) -> Any:
        if isinstance(one, Chart):
            return replace(one, addresses=())
        if isinstance(one, Piece):
            return replace(one, participant_id=None)
        said = {name: getattr(one, name) for name in _PROSE if getattr(one, name, "")}
        values = {name: _unlinked(_PROSE[name], text, places) for name, text in said.items()}
        values |= {name: "" for name in _LEADS_IN if hasattr(one, name)}
        return replace(one, **values)

    return changed(report, change)


def _unlinked(link: re.Pattern[str], text: str, places: tuple[str, ...]) -> str:
    def plain(found: re.Match[str]) -> str:
        return found["text"] if found["to"].startswith(places) else found[0]

    return link.sub(plain, text)


def _version(session: Session, by: Person, report: Report, number: int) -> ReportVersion:
    query = select(ReportVersion).where(access.sees_version(by))
    query = query.where(ReportVersion.report_id == report.id, ReportVersion.number == number)
    version = session.exec(query).first()
    if version is None:
        raise NotFound
    return version


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()

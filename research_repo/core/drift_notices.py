"""Owners of reports are told, once a week at most, what became of what they have published."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from research_repo.core import access, drift, notices, report_versions
from research_repo.core.clock import now
from research_repo.core.errors import NotFound
from research_repo.core.language import Message, say_many
from research_repo.core.models import Notice, Person, Report, ReportVersion

AGAIN_AFTER = timedelta(days=7)
PLACE = "#drift"
TITLES = 3


@dataclass(frozen=True)
class News:
    """What somebody is to be told, and the page that shows it."""

    person_id: int
    message: Message
    address: str


def due(session: Session) -> list[News]:
    """Whom to tell what now: of the newest version of each report, to its owner.

    Whoever was told within the week, or has not read yet what they were told, is left in peace; and
    nobody is told the same thing twice.
    """
    lately = or_(col(Notice.at) > now() - AGAIN_AFTER, col(Notice.read_at).is_(None))
    told = select(Notice.person_id).where(col(Notice.address).endswith(PLACE), lately)
    owners = session.exec(
        select(Person)
        .where(
            col(Person.id).in_(select(Report.owner_id)),
            col(Person.id).not_in(told),
            col(Person.is_active),
        )
        .order_by(col(Person.id))
    ).all()
    found = (_news(session, owner) for owner in owners)
    return [one for one in found if one and not _is_known(session, one)]


def tell(session: Session, found: list[News]) -> None:
    """Tell them."""
    for one in found:
        notices.tell(session, [one.person_id], one.message, one.address)


def _news(session: Session, owner: Person) -> News | None:
    count, titles, address = 0, [], ""
    newest = select(Report.key, func.max(ReportVersion.number)).join(ReportVersion)
    newest = newest.where(Report.owner_id == owner.id, access.sees_report(owner))
    for key, number in session.exec(newest.group_by(col(Report.key), col(Report.id))).all():
        try:
            version = report_versions.read(session, owner, key, number)
        except NotFound:
            continue  # It draws on a study that was closed to them since.
        claims = drift.of_version(session, owner, version).claims
        if claims:
            count += len(claims)
            titles.append(version.card.title)
            address = address or report_versions.address(key, number) + PLACE
    if not count:
        return None
    message = say_many(
        "%(count)s claim in your published reports is not what it was: %(titles)s.",
        "%(count)s claims in your published reports are not what they were: %(titles)s.",
        count,
        titles="; ".join(titles[:TITLES]) + ("…" if len(titles) > TITLES else ""),
    )
    return News(owner.id, message, address)


def _is_known(session: Session, news: News) -> bool:
    mine = select(Notice.message).where(Notice.person_id == news.person_id)
    last = mine.where(col(Notice.address).endswith(PLACE)).order_by(col(Notice.id).desc())
    return session.exec(last.limit(1)).first() == news.message.as_json()

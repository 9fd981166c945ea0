"""Reports in a list: those that somebody arranged, froze or began, as a person may know them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from research_repo.core import access, hierarchy
from research_repo.core.models import Person, Report, Study


@dataclass(frozen=True)
class ReportCard:
    """A report in a list."""

    key: str
    scope: str
    address: str
    title: str
    owner: str
    is_own: bool
    is_shared: bool
    may_edit: bool
    study_key: str
    changed_at: datetime


def listed(session: Session, by: Person) -> list[ReportCard]:
    """Those that exist for the person, the last touched first."""
    query = select(Report).where(access.sees_report(by)).order_by(col(Report.changed_at).desc())
    return _cards(session, by, session.exec(query).all())


def deleted(session: Session, by: Person) -> list[ReportCard]:
    """One's own deleted reports, those deleted last first."""
    mine = select(Report).where(Report.owner_id == by.id, col(Report.deleted_at).is_not(None))
    return _cards(session, by, session.exec(mine.order_by(col(Report.deleted_at).desc())).all())


def _cards(session: Session, by: Person, rows: Sequence[Report]) -> list[ReportCard]:
    names = select(Person.id, Person.name)
    owners = dict(hierarchy.in_chunks(session, names, Person.id, {row.owner_id for row in rows}))
    study_ids = {row.study_id for row in rows if row.study_id is not None}
    titled = select(Study.id, Study.key, Study.title)
    studies = {one.id: one for one in hierarchy.in_chunks(session, titled, Study.id, study_ids)}
    edited = select(Study.id).where(access.edits_study(by))
    own = set(hierarchy.in_chunks(session, edited, Study.id, study_ids))
    made = []
    for row in rows:
        study = studies[row.study_id] if row.study_id is not None else None
        is_own = row.owner_id == by.id
        may_edit = row.study_id in own if study else is_own or access.is_admin(by)
        made.append(_card(row, study, owners[row.owner_id], is_own, may_edit))
    return made


def _card(row: Report, study: Any, owner: str, is_own: bool, may_edit: bool) -> ReportCard:
    return ReportCard(
        key=row.key,
        scope=row.scope,
        address=f"/studies/{study.key}/report" if study else f"/reports/{row.key}",
        title=row.title or (study.title if study else ""),
        owner=owner,
        is_own=is_own,
        is_shared=row.is_shared,
        may_edit=may_edit,
        study_key=study.key if study else "",
        changed_at=row.changed_at,
    )

"""Where a claim is used: the reports that show it today, and the frozen versions that did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, exists, or_
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from research_repo.core import access, hierarchy, report_versions, study_tags, tagging, upward
from research_repo.core.models import (
    Atom,
    Person,
    Report,
    ReportAtom,
    ReportCitation,
    ReportVersion,
    Study,
)
from research_repo.core.report_places import HIDDEN, PICKED


@dataclass(frozen=True)
class Use:
    """A report that shows a claim, or did when it was frozen."""

    title: str
    address: str
    """Of its page as it is today; of its newest version where that shows the claim no more."""
    is_living: bool
    versions: tuple[tuple[int, str], ...] = ()
    """Number and address of the frozen versions with the claim, the newest first."""


def of_atom(session: Session, by: Person, atom: Atom) -> list[Use]:
    """The reports with a claim that `by` sees, as far as they see those: living ones first.

    Reports that follow a search are told once a version of them is frozen: what a search finds is
    asked when they are read.
    """
    living = {**_of_study(session, by, atom), **_across(session, by, atom)}
    frozen = _frozen(session, by, atom)
    titles = {place: title for place, (title, _) in living.items()}
    titles |= {place: title for place, (title, _, _) in frozen.items() if place not in titles}
    found = []
    for place, title in titles.items():
        _, key, numbers = frozen.get(place, ("", "", []))
        versions = tuple((one, report_versions.address(key, one)) for one in numbers)
        address = living[place][1] if place in living else versions[0][1]
        found.append(Use(title, address, place in living, versions))
    return found


_Place = tuple[str, int]
"""What tells reports apart: one of a study by the study, which may have no row of a report yet."""


def _of_study(session: Session, by: Person, atom: Atom) -> dict[_Place, tuple[str, str]]:
    if atom.study_id is None or atom.status != "published":
        return {}
    hidden = exists().where(
        col(ReportAtom.report_id) == Report.id,
        col(ReportAtom.atom_id) == atom.id,
        col(ReportAtom.place) == HIDDEN,
    )
    left_out = select(Report.id).where(Report.study_id == atom.study_id, hidden)
    query = select(Study.key, Study.title).where(Study.id == atom.study_id, access.sees_study(by))
    seen = session.exec(query.where(~left_out.exists())).first()
    return {("study", atom.study_id): (seen[1], f"/studies/{seen[0]}/report")} if seen else {}


def _across(session: Session, by: Person, atom: Atom) -> dict[_Place, tuple[str, str]]:
    """Reports for which the claim was picked, or that gather all with one of its tags."""
    if atom.status != "published":
        return {}
    picked = exists().where(
        col(ReportAtom.report_id) == Report.id,
        col(ReportAtom.atom_id) == atom.id,
        col(ReportAtom.place) == PICKED,
    )
    query = select(Report.id, Report.key, Report.title).where(
        access.sees_report(by),
        or_(
            and_(col(Report.scope) == "list", picked),
            and_(col(Report.scope) == "tag", col(Report.tag_id).in_(_tags(session, atom))),
        ),
    )
    return {
        ("report", row_id): (title, f"/reports/{key}")
        for row_id, key, title in session.exec(query.order_by(col(Report.id).desc()))
    }


def _tags(session: Session, atom: Atom) -> set[int]:
    """The tags of a claim with all that lies over them, and what was merged into any of these."""
    own = {put.tag_id for put in tagging.of_atoms(session, [atom.id]).get(atom.id, ())}
    own |= set(study_tags.lent(session, [atom.id]).get(atom.id, ()))
    over = upward.above(session, own)
    above = own.union(*(over.ancestors(one) for one in own)) if own else own
    return set(hierarchy.merged_into(session, above))


def _frozen(session: Session, by: Person, atom: Atom) -> dict[_Place, tuple[str, str, list[int]]]:
    named: Any = (Report.id, Report.study_id, Report.key, ReportVersion.title, ReportVersion.number)
    query = (
        columns(*named)
        .select_from(ReportVersion)
        .join(ReportCitation, col(ReportCitation.version_id) == ReportVersion.id)
        .join(Report, col(Report.id) == ReportVersion.report_id)
        .where(col(ReportCitation.atom_id) == atom.id, access.sees_version(by))
        .order_by(col(ReportVersion.number).desc())
    )
    found: dict[_Place, tuple[str, str, list[int]]] = {}
    for report_id, study_id, key, title, number in session.execute(query):
        place = ("study", study_id) if study_id else ("report", report_id)
        found.setdefault(place, (title, key, []))[2].append(number)
    return found

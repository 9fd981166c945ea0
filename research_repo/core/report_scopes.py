"""Which claims a report is rolled up from: those of a study, under a tag, found, or picked one by one.

What a search finds only the search room knows: whoever reads such a report brings the ids.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlmodel import Session, col, select

from research_repo.core import (
    access,
    hierarchy,
    report_layouts,
    report_places,
    retagging,
    studies,
    study_tags,
    tagging,
)
from research_repo.core.models import Atom, AtomQuestion, Person, Report, ReportAtom
from research_repo.core.report_places import PICKED, Placed

CLAIMS_MAX = 2_000
"""So many claims of a tag or a list make a report: nobody reads a longer document."""


def to_arrange(session: Session, by: Person, key: str) -> Report:
    """The report, when this person may arrange it; others who would wait until this is saved."""
    report = access.report_to_edit(session, by, key)
    session.refresh(report, with_for_update=True)
    return report


def questions(session: Session, report: Report) -> list[tuple[int, str]]:
    """The questions of a report by number: its study's, or the author's own."""
    if report.study_id is not None:
        return [(row.id, row.text) for row in studies.questions_of(session, report.study_id)]
    parts = report_layouts.parts_of(report.layout)
    return [asked for part in parts for asked in part.questions]


def placed(session: Session, by: Person, report: Report, found: Collection[int] = ()) -> Placed:
    """Every claim of a report that the person sees, in its place."""
    asked = [number for number, _ in questions(session, report)]
    put = puts(session, report.id)
    if report.study_id is not None:
        return placed_in_study(session, by, report.study_id, asked, put)
    return report_places.placed(fitting(of_report(session, by, report, found)), {}, asked, put)


def fitting(kinds: Mapping[int, str]) -> dict[int, str]:
    """As many of these claims as a report across studies holds."""
    # Of too many the facts are left out first: insights and recommendations speak for them.
    kept = sorted(kinds, key=lambda one: (kinds[one] == "fact", one))[:CLAIMS_MAX]
    return {one: kinds[one] for one in sorted(kept)}


def placed_in_study(
    session: Session,
    by: Person,
    study_id: int,
    asked: Collection[int],
    put: Mapping[int, report_places.Put],
) -> Placed:
    """The same of a study, whether anybody arranged its report or not."""
    kinds = of_study(session, by, study_id)
    return report_places.placed(kinds, answered(session, kinds), asked, put)


def of_study(session: Session, by: Person, study_id: int) -> dict[int, str]:
    """Atom → its kind, of the study's published atoms that the person sees, in the order of logging."""
    rows = session.exec(_published(by).where(Atom.study_id == study_id).order_by(col(Atom.id)))
    return dict(rows.all())


def of_report(
    session: Session, by: Person, report: Report, found: Collection[int]
) -> dict[int, str]:
    """The same of a report across studies. `found` is what its search finds."""
    if report.scope == "tag":
        return _of_ids(session, by, under_tag(session, by, report.tag_id))
    return _of_ids(session, by, picked(session, report.id) if report.scope == "list" else found)


def tag_of(session: Session, by: Person, tag_id: int | None) -> int | None:
    """The tag that stands for this one today; None where it does not exist for the person."""
    if tag_id is None:
        return None
    end = hierarchy.resolved(session, [tag_id])[tag_id]
    return None if end in tagging.unseen(session, by) else end


def under_tag(session: Session, by: Person, tag_id: int | None) -> set[int]:
    """The atoms that carry a tag or a narrower one, or have it from their study."""
    top = tag_of(session, by, tag_id)
    if top is None:
        return set()
    below = hierarchy.merged_into(session, hierarchy.descendants(session, top) | {top})
    own = retagging.atoms_seen_with(session, by, below)
    return own | study_tags.heirs(session, below)


def picked(session: Session, report_id: int) -> list[int]:
    """The atoms that somebody picked for a report, in their order."""
    query = select(ReportAtom.atom_id).where(
        ReportAtom.report_id == report_id, ReportAtom.place == PICKED
    )
    return list(session.exec(query.order_by(col(ReportAtom.position))))


def puts(session: Session, report_id: int) -> dict[int, dict[str, int]]:
    """Atom → place → position, of what the author put anywhere."""
    found: dict[int, dict[str, int]] = {}
    for row in session.exec(select(ReportAtom).where(ReportAtom.report_id == report_id)):
        found.setdefault(row.atom_id, {})[row.place] = row.position
    return found


def answered(session: Session, atom_ids: Collection[int]) -> dict[int, set[int]]:
    """Atom → the questions of its study that it answers; those that answer none are left out."""
    query = select(AtomQuestion.atom_id, AtomQuestion.question_id)
    found: dict[int, set[int]] = {}
    for atom_id, question_id in hierarchy.in_chunks(session, query, AtomQuestion.atom_id, atom_ids):
        found.setdefault(atom_id, set()).add(question_id)
    return found


def of_study_row(session: Session, study_id: int) -> Report | None:
    """How a study's report is arranged; None while nobody arranged or froze it."""
    kept = select(Report).where(Report.study_id == study_id, col(Report.deleted_at).is_(None))
    return session.exec(kept).first()


def _of_ids(session: Session, by: Person, atom_ids: Iterable[int]) -> dict[int, str]:
    rows = hierarchy.in_chunks(session, _published(by), Atom.id, set(atom_ids))
    return dict(sorted(tuple(row) for row in rows))


def _published(by: Person) -> Any:
    return select(Atom.id, Atom.kind).where(access.sees_atom(by), Atom.status == "published")

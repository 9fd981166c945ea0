"""Reports: the classic document, rolled up from atoms into one plain object.

The page, every file and every frozen version are made from the same `StudyReport`, so that their text
cannot differ. It holds published atoms only, and of them what its reader sees.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from sqlmodel import Session

from research_repo.core import (
    access,
    links,
    report_findings,
    report_layouts,
    report_places,
    report_scopes,
    report_sections,
    studies,
)
from research_repo.core.clock import today
from research_repo.core.language import Message, say
from research_repo.core.models import Person, Report, Study
from research_repo.core.report_layouts import Parts
from research_repo.core.report_places import ALSO, HIDDEN, RECOMMENDED
from research_repo.core.report_sections import Basis, Made
from research_repo.core.report_shape import About, Cited, Finding, StudyLine, StudyReport

PROSE_OF = {"method": "approach"} | {
    name: name for name in ("summary", "background", "limitations")
}
"""Section → what of the study's own prose it holds."""


@dataclass(frozen=True)
class Shelf:
    """A place of a report with all its claims, to be put elsewhere."""

    place: str
    title: str
    claims: tuple[Cited, ...]


@dataclass(frozen=True)
class Arranged:
    """A report as its author arranges it."""

    report: Report
    basis: Basis
    shelves: tuple[Shelf, ...]
    """Questions, what else was found, recommendations, and what is out of sight."""

    @property
    def parts(self) -> Parts:
        return self.basis.parts


def study_report(session: Session, by: Person, key: str, language: str) -> StudyReport:
    """The report of a study as `by` may read it, arranged as its editors did, or as all are."""
    study = access.study_to_read(session, by, key)
    return rolled(session, by, of_study(session, by, study, language), language)


def of_report(
    session: Session, by: Person, key: str, language: str, found: Collection[int] = ()
) -> StudyReport:
    """A report that was arranged, as `by` may read it. `found` is what its search finds, if it has one."""
    report = access.report_to_read(session, by, key)
    return rolled(session, by, of_row(session, by, report, language, found), language)


def of_row(
    session: Session, by: Person, report: Report, language: str, found: Collection[int] = ()
) -> Basis:
    """What a report that the person sees is rolled up from."""
    if report.study_id is not None:
        return of_study(session, by, session.get_one(Study, report.study_id), language)
    questions = report_scopes.questions(session, report)
    kinds = report_scopes.of_report(session, by, report, found)
    fitting = report_scopes.fitting(kinds)
    asked = [number for number, _ in questions]
    puts = report_scopes.puts(session, report.id)
    owner = session.get_one(Person, report.owner_id)
    return Basis(
        key=report.key,
        scope=report.scope,
        address=f"/reports/{report.key}",
        title=report.title,
        subtitle=_cut(len(fitting), len(kinds)).put(language),
        parts=report_layouts.parts_of(report.layout, language),
        questions=questions,
        placed=report_places.placed(fitting, {}, asked, puts),
        prose={},
        about=About(team=(owner.name,)),
    )


def of_study(session: Session, by: Person, study: Study, language: str) -> Basis:
    """What the report of a study that the person sees is rolled up from."""
    report = report_scopes.of_study_row(session, study.id)
    classic = report_layouts.shipped(report_layouts.CLASSIC, language)
    questions = [(row.id, row.text) for row in studies.questions_of(session, study.id)]
    return Basis(
        key=study.key,
        scope="study",
        address=f"/studies/{study.key}/report",
        title=(report.title if report else "") or study.title,
        subtitle="",
        parts=report_layouts.parts_of(report.layout, language) if report else classic,
        questions=questions,
        placed=report_scopes.placed_in_study(
            session,
            by,
            study.id,
            [number for number, _ in questions],
            report_scopes.puts(session, report.id) if report else {},
        ),
        prose={
            section: (getattr(study, name), getattr(study, f"{name}_html"))
            for section, name in PROSE_OF.items()
        },
        about=About(
            method=study.method,
            starts_on=study.starts_on,
            ends_on=study.ends_on,
            participant_count=study.participant_count,
            team=tuple(person.name for person, _ in studies.team_of(session, study)),
        ),
    )


def rolled(session: Session, by: Person, basis: Basis, language: str) -> StudyReport:
    """The report, with every claim as the person sees it."""
    found = report_findings.of_atoms(session, by, basis.placed.shown, language)
    lines = _study_lines(session, by, found)
    about = _about(basis, lines)
    return StudyReport(
        key=basis.key,
        scope=basis.scope,
        address=basis.address,
        title=basis.title,
        subtitle=basis.subtitle,
        language=language,
        made_on=today(),
        about=about,
        sections=report_sections.of(Made(basis, language, found, about)),
    )


def arranged(
    session: Session, by: Person, key: str, language: str, found: Collection[int] = ()
) -> Arranged:
    """A report with all its sections and claims, for whoever may arrange it: hidden ones, too."""
    report = access.report_to_edit(session, by, key)
    basis = of_row(session, by, report, language, found)
    lines = report_findings.cited(session, by, basis.placed.everything, language)
    titles = {
        report_places.of_question(number): f"{turn}. {text}"
        for turn, (number, text) in enumerate(basis.questions, 1)
    }
    names = {part.name: part.heading(language) for part in basis.parts}
    titles |= {ALSO: names[ALSO], RECOMMENDED: names[RECOMMENDED]}
    titles[HIDDEN] = say("Not in the report").put(language)
    shelves = (
        Shelf(place, title, tuple(lines[one] for one in basis.placed.at(place) if one in lines))
        for place, title in titles.items()
    )
    return Arranged(report, basis, tuple(shelves))


def _cut(shown: int, total: int) -> Message:
    if shown == total:
        return Message("")
    return say(
        "%(shown)s claims of the %(total)s that match, insights first", shown=shown, total=total
    )


def _study_lines(
    session: Session, by: Person, found: Mapping[int, Finding]
) -> tuple[StudyLine, ...]:
    named = {
        cited.atom_id for one in found.values() for cited in (*one.supporting, *one.contradicting)
    }
    # How strong a claim is tells of all that it rests on, however far below.
    below = links.below(session, by, found.keys() | named)
    drawn = {*below, *(one for some in below.values() for one in some)}
    counts = report_findings.studies_of(session, by, drawn)
    return report_findings.study_lines(session, by, counts)


def _about(basis: Basis, lines: tuple[StudyLine, ...]) -> About:
    if basis.scope == "study":
        return replace(basis.about, studies=lines)
    heard = [one.participant_count for one in lines if one.participant_count is not None]
    return replace(
        basis.about,
        starts_on=min((one.starts_on for one in lines if one.starts_on), default=None),
        ends_on=max((one.ends_on for one in lines if one.ends_on), default=None),
        participant_count=sum(heard) if heard else None,
        studies=lines,
    )

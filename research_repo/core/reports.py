"""Reports: the classic document, rolled up from atoms into one plain object.

The page, every file and every frozen version are made from the same `StudyReport`, so that their text
cannot differ. It holds published atoms only, and of them what its reader sees.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape

from babel.numbers import format_decimal
from sqlmodel import Session

from research_repo.core import (
    access,
    links,
    report_findings,
    report_layouts,
    report_places,
    report_scopes,
    studies,
)
from research_repo.core.clock import today
from research_repo.core.language import say, say_many
from research_repo.core.models import Person, Report, Study
from research_repo.core.report_layouts import FINDINGS, UNKNOWN, Part, Parts
from research_repo.core.report_places import Placed
from research_repo.core.report_shape import (
    About,
    Answer,
    Cited,
    Counted,
    Finding,
    Label,
    Section,
    StudyLine,
    StudyReport,
)

IN_SHORT = 7
"""So many insights stand for a summary that nobody wrote."""
PROSE_OF = {"method": "approach"} | {
    name: name for name in ("summary", "background", "limitations")
}
"""Section → what of the study's own prose it holds."""


@dataclass(frozen=True)
class Basis:
    """What a report is rolled up from, before any claim is read."""

    key: str
    scope: str
    address: str
    title: str
    subtitle: str
    parts: Parts
    questions: Sequence[tuple[int, str]]
    placed: Placed
    prose: Mapping[str, tuple[str, str]]
    """Section → Markdown and HTML that are not the author's of the report."""
    about: About


@dataclass(frozen=True)
class _Made:
    """A report whose claims are read, while its sections are put together."""

    basis: Basis
    language: str
    found: Mapping[int, Finding]
    about: About
    values: Mapping[str, str]

    def at(self, place: str) -> list[Finding]:
        return [self.found[one] for one in self.basis.placed.at(place) if one in self.found]

    def of_kind(self, kind: str) -> list[Finding]:
        return [one for one in self.found.values() if one.kind == kind]


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
    parts = report_layouts.parts_of(report.layout)
    questions = next(part.questions for part in parts if part.name == "answers")
    kinds = report_scopes.of_report(session, by, report, found)
    puts = report_scopes.puts(session, report.id)
    owner = session.get_one(Person, report.owner_id)
    return Basis(
        key=report.key,
        scope=report.scope,
        address=f"/reports/{report.key}",
        title=report.title,
        subtitle=say("Report across studies").put(language),
        parts=parts,
        questions=questions,
        placed=report_places.placed(kinds, {}, [number for number, _ in questions], puts),
        prose={},
        about=About(team=(owner.name,)),
    )


def of_study(session: Session, by: Person, study: Study, language: str) -> Basis:
    """What the report of a study that the person sees is rolled up from."""
    report = report_scopes.of_study_row(session, study.id)
    layout = report_layouts.SHIPPED[report_layouts.CLASSIC].parts(language)
    kinds = report_scopes.of_study(session, by, study.id)
    questions = [(row.id, row.text) for row in studies.questions_of(session, study.id)]
    return Basis(
        key=study.key,
        scope="study",
        address=f"/studies/{study.key}/report",
        title=(report.title if report else "") or study.title,
        subtitle=say("Study report").put(language),
        parts=report_layouts.parts_of(report.layout) if report else layout,
        questions=questions,
        placed=report_places.placed(
            kinds,
            report_scopes.answered(session, kinds),
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
    made = _Made(basis, language, found, about, _values(basis, about, found, language))
    sections = (_section(made, part) for part in basis.parts if part.is_shown)
    return StudyReport(
        key=basis.key,
        scope=basis.scope,
        address=basis.address,
        title=basis.title,
        subtitle=basis.subtitle,
        language=language,
        made_on=today(),
        about=about,
        sections=tuple(section for section in sections if section is not None),
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


def _values(
    basis: Basis, about: About, found: Mapping[int, Finding], language: str
) -> dict[str, str]:
    kinds = [one.kind for one in found.values()]

    def number(count: int | None) -> str:
        return UNKNOWN if count is None else format_decimal(count, locale=language)

    return {
        "participants": number(about.participant_count),
        "dates": report_layouts.period(about.starts_on, about.ends_on, language) or UNKNOWN,
        "studies": number(len(about.studies)),
        "facts": number(kinds.count("fact")),
        "insights": number(kinds.count("insight")),
        "recommendations": number(kinds.count("recommendation")),
        "title": basis.title,
        "team": ", ".join(about.team) or UNKNOWN,
    }


def _section(made: _Made, part: Part) -> Section | None:
    own = report_layouts.filled(part, made.values)
    text, html = made.basis.prose.get(part.name, ("", ""))
    section = Section(
        name=part.name,
        anchor=part.id,
        title=_title(made, part),
        text="\n\n".join(filter(None, (text.strip(), own.text.strip()))),
        html="\n".join(filter(None, (html, own.html))),
    )
    fill = _FILLED.get(part.name)
    filled = fill(made, part, section) if fill else section
    is_empty = filled == replace(section, text="", html="")
    return None if is_empty else filled


def _title(made: _Made, part: Part) -> str:
    if part.name == "also" and not part.title and not made.basis.questions:
        return FINDINGS.put(made.language)
    return part.heading(made.language) if part.title or not part.is_own else ""


def _summary(made: _Made, part: Part, section: Section) -> Section:
    if section.text:
        return section
    places = [report_places.of_question(number) for number, _ in made.basis.questions]
    standing = {one.atom_id: one for place in (*places, "also") for one in made.at(place)}
    insights = [one for one in standing.values() if one.kind == "insight"]
    return replace(section, cited=_cited(insights[:IN_SHORT]))


def _questions(made: _Made, part: Part, section: Section) -> Section:
    return replace(section, questions=tuple(text for _, text in made.basis.questions))


def _participants(made: _Made, part: Part, section: Section) -> Section:
    count = made.about.participant_count
    if not count:
        return section
    told = say_many("%(count)s participant", "%(count)s participants", count).put(made.language)
    return replace(
        section,
        text=f"{told}.\n\n{section.text}".strip(),
        html=f"<p>{escape(told)}.</p>\n{section.html}".strip(),
    )


def _answers(made: _Made, part: Part, section: Section) -> Section:
    answers = []
    for number, (question_id, text) in enumerate(made.basis.questions, 1):
        place = report_places.of_question(question_id)
        mine = made.at(place)
        insights = _shown((one for one in mine if one.kind != "fact"), part)
        facts = () if part.is_brief else tuple(one for one in mine if one.kind == "fact")
        answers.append(Answer(number, text, insights, facts, place))
    return replace(section, answers=tuple(answers))


def _also(made: _Made, part: Part, section: Section) -> Section:
    mine = made.at("also")
    facts = () if part.is_brief else tuple(one for one in mine if one.kind == "fact")
    insights = _shown((one for one in mine if one.kind != "fact"), part)
    return replace(section, findings=(*insights, *facts))


def _recommendations(made: _Made, part: Part, section: Section) -> Section:
    return replace(section, findings=_shown(made.at("recommendations"), part))


def _studies(made: _Made, part: Part, section: Section) -> Section:
    lines = made.about.studies
    goes_without_saying = made.basis.scope == "study" and len(lines) < 2
    return section if goes_without_saying else replace(section, studies=lines)


def _appendix(made: _Made, part: Part, section: Section) -> Section:
    own = made.of_kind("fact")
    lines = {one.atom_id: one for one in _cited(own)}
    for finding in made.found.values():
        for one in (*finding.supporting, *finding.contradicting):
            if one.kind == "fact":
                lines.setdefault(one.atom_id, one)
    return replace(section, cited=tuple(lines.values()))


def _tags(made: _Made, part: Part, section: Section) -> Section:
    counts: dict[Label, int] = {}
    for finding in made.found.values():
        for tag in (*finding.tags, *finding.lent):
            counts[tag] = counts.get(tag, 0) + 1
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0].full_path))
    return replace(section, tags=tuple(Counted(tag, count) for tag, count in ordered))


_FILLED: dict[str, Callable[[_Made, Part, Section], Section]] = {
    "summary": _summary,
    "questions": _questions,
    "participants": _participants,
    "answers": _answers,
    "also": _also,
    "recommendations": _recommendations,
    "studies": _studies,
    "appendix": _appendix,
    "tags": _tags,
}


def _shown(findings: Iterable[Finding], part: Part) -> tuple[Finding, ...]:
    return tuple(_brief(one) if part.is_brief else one for one in findings)


def _brief(one: Finding) -> Finding:
    quotes = [piece for piece in one.evidence if piece.kind == "quote"]
    return replace(
        one,
        body="",
        body_html="",
        evidence=tuple(quotes[:1]),
        supporting=(),
        contradicting=(),
    )


def _cited(findings: Iterable[Finding]) -> tuple[Cited, ...]:
    return tuple(map(report_findings.as_cited, findings))

"""The sections of a report, each made of the claims that belong in it: nothing here is read any more."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape

from babel.numbers import format_decimal

from research_repo.core import report_charts, report_layouts, report_places
from research_repo.core.language import say, say_many
from research_repo.core.report_layouts import FINDINGS, UNKNOWN, Part, Parts
from research_repo.core.report_places import ALSO, RECOMMENDED, Placed
from research_repo.core.report_shape import (
    About,
    Answer,
    Cited,
    Counted,
    Finding,
    Label,
    Section,
    line_of,
)

IN_SHORT = 7
"""So many insights stand for a summary that nobody wrote."""
CHARTED_MIN = 5
"""Fewer claims are read faster than any chart of them."""


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
class Made:
    """A report whose claims are read, while its sections are put together."""

    basis: Basis
    language: str
    found: Mapping[int, Finding]
    about: About

    def at(self, place: str) -> list[Finding]:
        return [self.found[one] for one in self.basis.placed.at(place) if one in self.found]

    def of_kind(self, kind: str) -> list[Finding]:
        return [one for one in self.found.values() if one.kind == kind]


def of(made: Made) -> tuple[Section, ...]:
    """The sections that are shown and hold anything, in their order."""
    values = _values(made)
    sections = (_section(made, report_layouts.filled(part, values)) for part in made.basis.parts)
    return tuple(section for section in sections if section is not None)


def _values(made: Made) -> dict[str, str]:
    kinds = [one.kind for one in made.found.values()]
    about, language = made.about, made.language

    def number(count: int | None) -> str:
        return UNKNOWN if count is None else format_decimal(count, locale=language)

    return {
        "participants": number(about.participant_count),
        "dates": report_layouts.period(about.starts_on, about.ends_on, language) or UNKNOWN,
        "studies": number(len(about.studies)),
        "facts": number(kinds.count("fact")),
        "insights": number(kinds.count("insight")),
        "recommendations": number(kinds.count("recommendation")),
        "title": made.basis.title,
        "team": ", ".join(about.team) or UNKNOWN,
    }


def _section(made: Made, part: Part) -> Section | None:
    if not part.is_shown:
        return None
    text, html = made.basis.prose.get(part.name, ("", ""))
    section = Section(
        name=part.name,
        anchor=part.id,
        title=_title(made, part),
        text="\n\n".join(filter(None, (text.strip(), part.text.strip()))),
        html="\n".join(filter(None, (html, part.html))),
    )
    fill = _FILLED.get(part.name)
    filled = fill(made, part, section) if fill else section
    is_empty = filled == replace(section, text="", html="") and not (part.is_own and part.title)
    return None if is_empty else filled


def _title(made: Made, part: Part) -> str:
    if part.name == "also" and not part.title and not made.basis.questions:
        return FINDINGS.put(made.language)
    return part.heading(made.language) if part.title or not part.is_own else ""


def _summary(made: Made, part: Part, section: Section) -> Section:
    if section.text:
        return section
    places = [report_places.of_question(number) for number, _ in made.basis.questions]
    standing = {one.atom_id: one for place in (*places, ALSO) for one in made.at(place)}
    insights = [one for one in standing.values() if one.kind == "insight"]
    return replace(section, cited=_cited(insights[:IN_SHORT]))


def _questions(made: Made, part: Part, section: Section) -> Section:
    return replace(section, questions=tuple(text for _, text in made.basis.questions))


def _participants(made: Made, part: Part, section: Section) -> Section:
    count = made.about.participant_count
    if not count:
        return section
    pieces = (piece for one in made.found.values() for piece in one.evidence)
    quoted = {one.participant_id or one.who for one in pieces if one.kind == "quote"} - {"", None}
    told = [say_many("%(count)s participant", "%(count)s participants", count)]
    if quoted:
        told.append(say("Quoted here: %(count)s", count=len(quoted)))
    line = " ".join(f"{one.put(made.language)}." for one in told)
    return replace(
        section,
        text=f"{line}\n\n{section.text}".strip(),
        html=f"<p>{escape(line)}</p>\n{section.html}".strip(),
    )


def _answers(made: Made, part: Part, section: Section) -> Section:
    answers = []
    for number, (question_id, text) in enumerate(made.basis.questions, 1):
        place = report_places.of_question(question_id)
        mine = made.at(place)
        insights = _shown((one for one in mine if one.kind != "fact"), part)
        facts = () if part.is_brief else tuple(one for one in mine if one.kind == "fact")
        answers.append(Answer(number, text, insights, facts, place))
    return replace(section, answers=tuple(answers))


def _also(made: Made, part: Part, section: Section) -> Section:
    mine = made.at(ALSO)
    facts = () if part.is_brief else tuple(one for one in mine if one.kind == "fact")
    insights = _shown((one for one in mine if one.kind != "fact"), part)
    return replace(section, findings=(*insights, *facts))


def _recommendations(made: Made, part: Part, section: Section) -> Section:
    return replace(section, findings=_shown(made.at(RECOMMENDED), part))


def _charts(made: Made, part: Part, section: Section) -> Section:
    if len(made.found) < CHARTED_MIN:
        return section
    charts = report_charts.of_findings(list(made.found.values()), made.language)
    return replace(section, charts=charts)


def _studies(made: Made, part: Part, section: Section) -> Section:
    lines = made.about.studies
    goes_without_saying = made.basis.scope == "study" and len(lines) < 2
    return section if goes_without_saying else replace(section, studies=lines)


def _appendix(made: Made, part: Part, section: Section) -> Section:
    own = made.of_kind("fact")
    lines = {one.atom_id: one for one in _cited(own)}
    for finding in made.found.values():
        for one in (*finding.supporting, *finding.contradicting):
            if one.kind == "fact":
                lines.setdefault(one.atom_id, one)
    return replace(section, cited=tuple(lines.values()))


def _tags(made: Made, part: Part, section: Section) -> Section:
    counts: dict[Label, int] = {}
    for finding in made.found.values():
        for tag in (*finding.tags, *finding.lent):
            counts[tag] = counts.get(tag, 0) + 1
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0].full_path))
    return replace(section, tags=tuple(Counted(tag, count) for tag, count in ordered))


_FILLED: dict[str, Callable[[Made, Part, Section], Section]] = {
    "summary": _summary,
    "questions": _questions,
    "participants": _participants,
    "answers": _answers,
    "also": _also,
    "recommendations": _recommendations,
    "charts": _charts,
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
    return tuple(map(line_of, findings))

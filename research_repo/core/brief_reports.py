"""A brief as a report, so that it leaves in every format that reports leave in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape

from sqlmodel import Session

from research_repo.core import brief_lists, brief_pages, briefs, report_findings
from research_repo.core.brief_lists import BriefCard
from research_repo.core.brief_pages import Shown
from research_repo.core.cards import StudyCard
from research_repo.core.clock import today
from research_repo.core.language import Message, say, say_many
from research_repo.core.models import Person
from research_repo.core.report_shape import (
    About,
    Answer,
    Finding,
    Section,
    StudyLine,
    StudyReport,
)

_DECIDED = {
    "enough": say("What is known is enough."),
    "narrow": say("A narrower question is asked instead."),
    "request": say("A study was asked for."),
}


def report(session: Session, by: Person, key: str, language: str) -> StudyReport:
    """A saved brief as `by` may read it today, or NotFound."""
    card = brief_lists.card(session, by, key)
    content = briefs.content_of(briefs.to_read(session, by, key))
    shown = brief_pages.shown(session, by, content, language)
    shown = replace(shown, claims=tuple(_with_words(session, by, shown.claims, language)))
    studies = report_findings.studies_of(session, by, [one.atom_id for one in shown.claims])
    return StudyReport(
        key=card.key,
        scope="brief",
        address=briefs.ADDRESS + card.key,
        title=card.question,
        subtitle="",
        language=language,
        made_on=today(),
        about=About(studies=report_findings.study_lines(session, by, studies)),
        sections=tuple(_sections(card, shown, language)),
        author=card.author,
    )


def _with_words(
    session: Session, by: Person, claims: Sequence[Finding], language: str
) -> Iterator[Finding]:
    """The claims; one without words of its own gets the first that was said in its facts."""
    facts = {line.atom_id for one in claims for line in one.supporting}
    known = report_findings.of_atoms(session, by, facts, language)
    for one in claims:
        below = (known[line.atom_id] for line in one.supporting if line.atom_id in known)
        said = (piece for fact in below for piece in fact.evidence if piece.kind == "quote")
        first = next(said, None)
        has_words = any(piece.kind == "quote" for piece in one.evidence)
        yield one if has_words or not first else replace(one, evidence=(*one.evidence, first))


def _sections(card: BriefCard, shown: Shown, language: str) -> Iterator[Section]:
    verdict = [one.put(language) for one in brief_pages.told(shown.verdict, language)]
    yield _prose("summary", "summary", say("In short").put(language), verdict)
    if shown.claims:
        insights = tuple(one for one in shown.claims if one.kind == "insight")
        facts = tuple(one for one in shown.claims if one.kind == "fact")
        answer = Answer(1, card.question, insights, facts)
        heading = say("What answers it").put(language)
        yield Section("answers", "answers", heading, answers=(answer,))
    if shown.past:
        heading = say("Studies that asked something alike").put(language)
        yield Section("studies", "studies", heading, studies=tuple(map(_line, shown.past)))
    yield from _own(card, shown, language)


def _own(card: BriefCard, shown: Shown, language: str) -> Iterator[Section]:
    if shown.stale:
        rows = [f"{one.title} ({one.key})" for one in shown.stale]
        yield _items("text-1", say("What wants a second look"), rows, language)
    if shown.gaps:
        heading = say("Without a new fact when it was asked")
        yield _items("text-2", heading, [one.full_path for one in shown.gaps], language)
    if card.decision:
        lines = [_DECIDED[card.decision].put(language), card.note, card.decided_by]
        if card.days_saved:
            saved = say_many("%(count)s day saved", "%(count)s days saved", card.days_saved)
            lines.append(saved.put(language))
        heading_text = say("What was decided").put(language)
        yield _prose("text", "text-3", heading_text, [line for line in lines if line])


def _line(one: brief_pages.Past) -> StudyLine:
    study: StudyCard = one.study
    return StudyLine(
        key=study.key,
        title=study.title,
        method=study.method,
        starts_on=study.starts_on,
        ends_on=study.ends_on,
        participant_count=None,
        claims=study.atom_count,
        address=f"/studies/{study.key}",
    )


def _prose(name: str, anchor: str, title: str, lines: list[str]) -> Section:
    html = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return Section(name, anchor, title, text="\n\n".join(lines), html=html)


def _items(anchor: str, heading: Message, rows: list[str], language: str) -> Section:
    html = "".join(f"<li>{escape(row)}</li>" for row in rows)
    text = "\n".join(f"- {row}" for row in rows)
    return Section("text", anchor, heading.put(language), text=text, html=f"<ul>{html}</ul>")

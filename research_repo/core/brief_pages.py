"""What a brief tells one reader: the verdict, the claims, studies that asked alike, what is stale, gaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_date
from sqlmodel import Session, col, select

from research_repo.core import cards, hierarchy, report_findings, strength, tagging
from research_repo.core.briefs import Content
from research_repo.core.cards import StudyCard
from research_repo.core.hierarchy import TagCard
from research_repo.core.language import Message, say, say_many
from research_repo.core.many import rows_of
from research_repo.core.models import Person, Question
from research_repo.core.report_shape import Cited, Finding

DECISIVE = 3
"""So many of the first claims decide how much is known: the others speak of it in passing."""

_LEVELS = {
    "nothing": say("Nobody has written down anything about this yet."),
    "little": say("We know little about this."),
    "some": say("We know something about this."),
    "much": say("We know a lot about this."),
    "disputed": say("What we know about this is disputed."),
}


@dataclass(frozen=True)
class Verdict:
    """How much is known, from whom, and how old it is; counted over all claims of the brief."""

    level: str
    """nothing, little, some, much or disputed."""
    respondents: int = 0
    studies: int = 0
    facts: int = 0
    oldest: date | None = None
    """When the oldest of the claims was last borne out."""
    latest: date | None = None
    is_stale: bool = False
    """All of the first claims want a second look."""


@dataclass(frozen=True)
class Past:
    """A study that asked something alike, with its questions."""

    study: StudyCard
    questions: tuple[str, ...]


@dataclass(frozen=True)
class Shown:
    """A brief as one reader sees it, in one language."""

    verdict: Verdict
    claims: tuple[Finding, ...]
    past: tuple[Past, ...]
    stale: tuple[Cited, ...]
    """Of the claims and of what speaks for and against them: what nobody confirmed in time."""
    named: tuple[TagCard, ...]
    gaps: tuple[TagCard, ...]
    months: int


def shown(session: Session, by: Person, content: Content, language: str) -> Shown:
    """What `by` sees of a brief today: its claims as they stand now, without what is gone."""
    found = report_findings.of_atoms(session, by, content.claims, language)
    claims = [found[one] for one in content.claims if one in found]
    claims = [one for one in claims if one.status == "published"]
    tags = _tags(session, by, content, language)
    return Shown(
        verdict=_verdict(session, by, claims),
        claims=tuple(claims),
        past=tuple(_past(session, by, content.studies)),
        stale=tuple(_stale(claims)),
        named=tuple(tags[one] for one in content.named if one in tags),
        gaps=tuple(tags[one] for one in content.gaps if one in tags),
        months=content.months,
    )


def told(verdict: Verdict, language: str) -> list[Message]:
    """The verdict in plain words: how much, from how many people and studies, how old."""
    lines = [_LEVELS[verdict.level]]
    counts = [
        say_many("%(count)s respondent", "%(count)s respondents", verdict.respondents),
        say_many("%(count)s study", "%(count)s studies", verdict.studies),
        say_many("%(count)s fact", "%(count)s facts", verdict.facts),
    ]
    grounds = [one.put(language) for one in counts if one.count]
    if grounds:
        lines.append(say("It rests on: %(grounds)s.", grounds=", ".join(grounds)))
    if verdict.latest and verdict.oldest:
        lines.append(_age(verdict.oldest, verdict.latest, language))
    if verdict.is_stale:
        lines.append(say("Nobody has confirmed it in time: look whether it still holds."))
    return lines


def gap_heading(months: int) -> Message:
    """What stands above the gaps."""
    return say_many(
        "No new fact in the last %(count)s month",
        "No new fact in the last %(count)s months",
        months,
    )


def _age(oldest: date, latest: date, language: str) -> Message:
    first, last = (format_date(day, "LLLL y", locale=language) for day in (oldest, latest))
    if first == last:
        return say("All of it: %(month)s.", month=last)
    return say("The newest: %(latest)s, the oldest: %(oldest)s.", latest=last, oldest=first)


def _verdict(session: Session, by: Person, claims: Sequence[Finding]) -> Verdict:
    if not claims:
        return Verdict("nothing")
    rows = {one.id: one for one in rows_of(session, strength.claims(), [c.atom_id for c in claims])}
    found = strength.grounds(session, by, rows)
    pieces = [piece for claim in rows for piece in strength.counted(found, claim)]
    below = {one for claim in rows for one in found.below[claim]}
    days = [one.strength.latest for one in claims]
    first = claims[:DECISIVE]
    return Verdict(
        level=_level([one.strength.level for one in first]),
        respondents=len({piece.person for _, _, piece in pieces if piece.person}),
        studies=len({row.study_id for row, _, _ in pieces}),
        facts=len({found.rows[one].title for one in below if found.rows[one].kind == "fact"}),
        oldest=min(days),
        latest=max(days),
        is_stale=all(one.standing == "stale" for one in first),
    )


def _level(levels: Sequence[str]) -> str:
    """The first claim answers best; those beside it can only tell that something is known."""
    first = {"disputed": "disputed", "strong": "much"}.get(levels[0])
    return first or ("some" if {"fair", "strong"} & set(levels) else "little")


def _past(session: Session, by: Person, study_ids: Sequence[int]) -> list[Past]:
    known = {card.id: card for card in cards.of_studies(session, by, study_ids)}
    asked: dict[int, list[str]] = {}
    rows = select(Question.study_id, Question.text).where(col(Question.study_id).in_(known))
    for study_id, text in session.exec(rows.order_by(col(Question.position))):
        asked.setdefault(study_id, []).append(text)
    listed = (known[one] for one in study_ids if one in known)
    return [Past(card, tuple(asked.get(card.id, ()))) for card in listed]


def _stale(claims: Sequence[Finding]) -> list[Cited]:
    lines = [report_findings.as_cited(one) for one in claims]
    lines += [line for one in claims for line in (*one.supporting, *one.contradicting)]
    return list({line.key: line for line in lines if line.standing == "stale"}.values())


def _tags(session: Session, by: Person, content: Content, language: str) -> dict[int, TagCard]:
    asked = {*content.named, *content.gaps} - tagging.unseen(session, by)
    made = hierarchy.cards(session, asked, language)
    return {one: card for one, card in made.items() if card.status != "deprecated"}


def plain(found: Shown, language: str) -> dict[str, Any]:
    """The brief as plain values for programs, its verdict in words, too."""
    verdict = found.verdict
    return {
        "verdict": {
            "level": verdict.level,
            "said": " ".join(one.put(language) for one in told(verdict, language)),
            "respondents": verdict.respondents,
            "studies": verdict.studies,
            "facts": verdict.facts,
            "oldest": verdict.oldest.isoformat() if verdict.oldest else None,
            "latest": verdict.latest.isoformat() if verdict.latest else None,
        },
        "claims": [_plain_claim(one) for one in found.claims],
        "studies": [
            {
                "key": one.study.key,
                "title": one.study.title,
                "method": one.study.method,
                "status": one.study.status,
                "questions": list(one.questions),
            }
            for one in found.past
        ],
        "stale": [one.key for one in found.stale],
        "tags": [one.full_path for one in found.named],
        "gaps": [one.full_path for one in found.gaps],
        "months": found.months,
    }


def _plain_claim(one: Finding) -> dict[str, Any]:
    return {
        "id": one.key,
        "external_id": one.external_id,
        "kind": one.kind,
        "title": one.title,
        "standing": one.standing,
        "study": one.study_key or None,
        "strength": one.strength.plain(),
        "quotes": [piece.text for piece in one.evidence if piece.kind == "quote"],
        "supporting": [_plain_line(line) for line in one.supporting],
        "contradicting": [_plain_line(line) for line in one.contradicting],
    }


def _plain_line(one: Cited) -> dict[str, Any]:
    return {"id": one.key, "kind": one.kind, "title": one.title, "study": one.study_key or None}

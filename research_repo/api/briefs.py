"""What is known about a question: the answer, and briefs that are kept and decided."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response

from research_repo.api.brief_bodies import (
    BriefAnswer,
    BriefClaim,
    BriefCounts,
    BriefInList,
    BriefsAnswer,
    BriefsValues,
    BriefToSave,
    ClaimLine,
    DecisionToMake,
    KnownAnswer,
    PastStudy,
    QuestionValues,
    Verdict,
)
from research_repo.api.contract import operation
from research_repo.api.door import caller, language, reading, saving
from research_repo.api.door import search as search_room
from research_repo.api.reports import MEDIA, FileValues, file
from research_repo.api.strength_bodies import StrengthTold
from research_repo.core import brief_lists, brief_pages, briefs
from research_repo.core.brief_lists import BriefCard
from research_repo.core.briefs import Content, Decision
from research_repo.core.db import Session
from research_repo.core.language import say
from research_repo.report_jobs import Asked
from research_repo.search.briefing import answered

OPEN = {"open": ""}
LINKED = ("supporting", "contradicting")


@operation(
    "GET",
    "/known",
    say("What is known about a research question: claims, studies that asked alike, gaps."),
    KnownAnswer,
)
def read_known(query: QuestionValues) -> KnownAnswer:
    question = briefs.checked_question(query.q)
    with reading() as session:
        found = answered(search_room(), session, caller(), question, query.months)
        return _known(session, question, found.content())


@operation(
    "GET", "/briefs", say("Saved briefs, the newest first, and what became of them."), BriefsAnswer
)
def list_briefs(query: BriefsValues) -> BriefsAnswer:
    by = caller()
    decision = OPEN.get(query.decision, query.decision or None)
    with reading() as session:
        listed, total = brief_lists.listed(session, by, decision, query.page)
        counts = brief_lists.counts(session, by)
    return BriefsAnswer(
        total=total,
        counts=BriefCounts(**asdict(counts)),
        briefs=[BriefInList(**_columns(one)) for one in listed],
    )


@operation("GET", "/briefs/<key>", say("A saved brief, as you may read it today."), BriefAnswer)
def read_brief(key: str) -> BriefAnswer:
    with reading() as session:
        return _read(session, key)


@operation(
    "GET",
    "/briefs/<key>/report",
    say("A saved brief as a report: as values or as a file."),
    None,
    media=MEDIA,
)
def read_brief_report(key: str, query: FileValues) -> Response:
    return file(Asked("brief", key), query.format)


@operation(
    "POST",
    "/briefs",
    say("Keep what is known about a question today."),
    BriefAnswer,
    status=201,
    problems=(400, 413, 415),
)
def save_brief(json: BriefToSave) -> tuple[BriefAnswer, int]:
    by, question = caller(), briefs.checked_question(json.question)
    with reading() as session:
        content = answered(search_room(), session, by, question, json.months).content()
    with saving() as session:
        key = briefs.save(session, by, question, content).key
    with reading() as session:
        return _read(session, key), 201


@operation(
    "POST",
    "/briefs/<key>/decision",
    say("Say that it is enough, narrow the question, or have it studied."),
    BriefAnswer,
    problems=(400, 403, 412, 413, 415),
)
def decide_brief(key: str, json: DecisionToMake) -> BriefAnswer:
    decision = Decision(json.decision, json.words, json.days_saved, json.needed_by)
    with saving() as session:
        briefs.decide(session, caller(), key, json.version, decision)
    with reading() as session:
        return _read(session, key)


def _read(session: Session, key: str) -> BriefAnswer:
    by = caller()
    card = brief_lists.card(session, by, key)
    content = briefs.content_of(briefs.to_read(session, by, key))
    return BriefAnswer(**_columns(card), known=_known(session, card.question, content))


def _columns(card: BriefCard) -> dict[str, Any]:
    kept = {name: getattr(card, name) for name in BriefInList.model_fields}
    return {**kept, "study": card.study[0] if card.study else None}


def _known(session: Session, question: str, content: Content) -> KnownAnswer:
    shown = brief_pages.shown(session, caller(), content, language())
    told = brief_pages.plain(shown, language())
    return KnownAnswer(
        question=question,
        verdict=Verdict(**told["verdict"]),
        claims=[_claim(one) for one in told["claims"]],
        studies=[PastStudy(**one) for one in told["studies"]],
        **{name: told[name] for name in ("stale", "tags", "gaps", "months")},
    )


def _claim(one: dict[str, Any]) -> BriefClaim:
    lines = {name: [ClaimLine(**line) for line in one[name]] for name in LINKED}
    return BriefClaim(**{**one, **lines, "strength": StrengthTold.model_validate(one["strength"])})

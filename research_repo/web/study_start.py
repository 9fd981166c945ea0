"""How a study begins on a page: what is known already is looked at before a new one is planned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request, url_for

from research_repo.core import brief_lists, brief_pages, briefs
from research_repo.core.brief_lists import BriefCard
from research_repo.core.errors import Invalid, NotFound
from research_repo.core.models import Person, Study
from research_repo.core.report_shape import Finding
from research_repo.core.studies import StudyValues
from research_repo.web.briefs import answer
from research_repo.web.door import current_person, is_on, reading, text, texts
from research_repo.web.words import language, put

CLAIMS_SHOWN = 3


@dataclass(frozen=True)
class FirstLook:
    """What is known about the question of a study, in short."""

    question: str
    told: tuple[str, ...]
    claims: tuple[Finding, ...]
    address: str


def came_of() -> BriefCard | None:
    """The saved brief that the page is to start a study from, if there is such a one."""
    key = (text("brief") or request.args.get("brief", "")).replace("\x00", "")
    if not key:
        return None
    with reading() as session:
        try:
            return brief_lists.card(session, current_person(), key)
        except NotFound:
            return None


def values_of(brief: BriefCard | None) -> StudyValues:
    """What the form begins with."""
    if brief is None:
        return StudyValues()
    return StudyValues(status="planned", questions=[(None, brief.question)])


def kept() -> briefs.Content | None:
    """What is to be saved with the study: the answer that its form has shown, if that was asked for."""
    question = text("known_q").strip()
    if not (question and is_on("attach")):
        return None
    return answer(question, briefs.MONTHS).content()


def begin(
    session: Any, by: Person, key: str, values: StudyValues, content: briefs.Content | None
) -> Study:
    """Start the study that was sent, with the brief that comes along."""
    brief = text("brief")
    if content is not None and not brief:
        brief = briefs.save(session, by, text("known_q"), content).key
    return briefs.start(session, by, key, values, brief, text("known_why"))


def look(refusal: Invalid) -> FirstLook | None:
    """What to show before a planned study: after a refusal for want of it, and from then on."""
    question = text("known_q").strip()
    if "known" in refusal.problems:
        asked = (one.strip() for one in texts("question"))
        question = next(filter(None, asked), text("title").strip())[: briefs.QUESTION_MAX]
    if not question:
        return None
    content = answer(question, briefs.MONTHS).content()
    with reading() as session:
        shown = brief_pages.shown(session, current_person(), content, language())
    told = tuple(put(one) for one in brief_pages.told(shown.verdict, language()))
    address = url_for("briefs.ask", q=question)
    return FirstLook(question, told, shown.claims[:CLAIMS_SHOWN], address)

"""What requests about what is known may hold, and what answers do hold."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from research_repo.api.fields import PAGE, Body, Name, Text, Values, told
from research_repo.api.models import Kind
from research_repo.api.strength_bodies import StrengthTold
from research_repo.core import briefs
from research_repo.core.language import say

Question = Annotated[Text, Field(max_length=briefs.QUESTION_MAX)]
Decided = Literal["", "enough", "narrow", "request"]
MONTHS = say("Over how many months gaps are counted.")


class QuestionValues(Values):
    """A question in plain words."""

    q: Question = told(say("A research question in plain words, Russian or English."))
    months: int = told(MONTHS, briefs.MONTHS, ge=1, le=briefs.MONTHS_MAX)


class BriefsValues(Values):
    """Which of the saved briefs."""

    decision: Literal["", "open", "enough", "narrow", "request"] = told(
        say("Only those decided so; open: not decided yet."), ""
    )
    page: int = told(say("Which page of the list."), 1, ge=1, le=PAGE)


class BriefToSave(Body):
    """A question whose answer is to be kept."""

    question: Question
    months: int = told(MONTHS, briefs.MONTHS, ge=1, le=briefs.MONTHS_MAX)


class DecisionToMake(Body):
    """What is made of a brief."""

    decision: Literal["enough", "narrow", "request"]
    words: Annotated[Text, Field(max_length=briefs.NOTE_MAX)] = told(
        say("enough: a note; narrow: the narrower question; request: why it matters."), ""
    )
    days_saved: int | None = told(
        say("enough: days of work that were saved."), None, ge=0, le=briefs.DAYS_MAX
    )
    needed_by: date | None = told(say("request: the last day that helps."), None)
    version: int = told(say("The version that you read."), ge=1)


class Verdict(Body):
    level: Literal["nothing", "little", "some", "much", "disputed"]
    said: str = told(say("The same in words."))
    respondents: int
    studies: int
    facts: int
    oldest: str | None
    latest: str | None


class ClaimLine(Body):
    id: str
    kind: Kind
    title: str
    study: str | None


class BriefClaim(ClaimLine):
    external_id: str | None
    standing: str
    strength: StrengthTold
    quotes: list[str]
    supporting: list[ClaimLine]
    contradicting: list[ClaimLine]


class PastStudy(Body):
    key: str
    title: str
    method: str
    status: str
    questions: list[str]


class KnownAnswer(Body):
    question: str
    verdict: Verdict
    claims: list[BriefClaim] = told(say("Insights and facts that answer, the best first."))
    studies: list[PastStudy] = told(say("Studies that asked something alike."))
    stale: list[str] = told(say("Keys of claims and facts that nobody confirmed in time."))
    tags: list[str] = told(say("Tags that the question names."))
    gaps: list[str] = told(say("Of these, or below them: those without a fact of the last months."))
    months: int


class BriefInList(Body):
    key: str
    question: str
    language: str
    author: str
    created_at: datetime
    decision: Decided
    note: str
    decided_by: str
    decided_at: datetime | None
    days_saved: int | None
    study: str | None = told(say("The study that came of it."))
    version: int


class BriefAnswer(BriefInList):
    known: KnownAnswer


class BriefCounts(Body):
    saved: int
    avoided: int
    narrowed: int
    requested: int
    gone_ahead: int
    with_reason: int = told(say("Of those gone ahead: with a written reason instead of a brief."))
    open: int
    days_saved: int


class BriefsAnswer(Body):
    total: int
    counts: BriefCounts
    briefs: list[BriefInList]


class StudyToStart(Body):
    """A study to begin. One that is planned wants a brief or a reason."""

    key: Name
    title: Name
    method: Name = "other"
    status: Name = "running"
    access: Literal["open", "members"] = "open"
    questions: list[Name] = []
    brief: Name = told(say("The key of the brief that it comes of."), "")
    why: Name = told(say("Why it is planned without one."), "")

"""Asking for a study: whoever searched and found too little tells the people who research."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from research_repo.core import history, notices, typed
from research_repo.core.access import LADDER
from research_repo.core.clock import now, today
from research_repo.core.errors import Invalid
from research_repo.core.language import Message, say
from research_repo.core.models import History, Person

QUESTION_MAX = 500
WHY_MAX = 500
A_DAY = 5
"""How many one person may ask for in 24 hours: more is a conversation to have in person."""
VERB = "asked for a study"

_DAYS = (
    say("%(day)s January %(year)s"),
    say("%(day)s February %(year)s"),
    say("%(day)s March %(year)s"),
    say("%(day)s April %(year)s"),
    say("%(day)s May %(year)s"),
    say("%(day)s June %(year)s"),
    say("%(day)s July %(year)s"),
    say("%(day)s August %(year)s"),
    say("%(day)s September %(year)s"),
    say("%(day)s October %(year)s"),
    say("%(day)s November %(year)s"),
    say("%(day)s December %(year)s"),
)


@dataclass(frozen=True)
class Request:
    """A question that nobody has studied enough, why it matters, and the last day that helps."""

    question: str = ""
    why: str = ""
    needed_by: date | None = None


def ready(request: Request) -> Request:
    """The request, checked.

    Raises:
        Invalid: field → what to write instead.
    """
    request = replace(request, question=typed.line(request.question), why=typed.line(request.why))
    problems: dict[str, Message] = {}
    if not request.question:
        problems["question"] = say("Write the question that the study should answer.")
    elif len(request.question) > QUESTION_MAX:
        problems["question"] = say("Use at most %(count)s characters.", count=QUESTION_MAX)
    if not request.why:
        problems["why"] = say(
            "Say what will be decided with the answer: that is how studies are chosen."
        )
    elif len(request.why) > WHY_MAX:
        problems["why"] = say("Use at most %(count)s characters.", count=WHY_MAX)
    if request.needed_by and request.needed_by < today():
        problems["needed_by"] = say("This day is over. Choose a later one, or leave it empty.")
    if problems:
        raise Invalid(problems)
    return request


def ask(session: Session, by: Person, request: Request, address: str) -> int:
    """Tell everybody who researches, and return how many they are. The request must be `ready`.

    `address` is the path of the search that found too little.

    Raises:
        Invalid: there is nobody to tell, or `by` has asked too often since yesterday.
    """
    if _asked_lately(session, by) >= A_DAY:
        advice = say(
            "You have asked for %(count)s studies since yesterday. "
            "Talk to a researcher, or ask for the rest tomorrow.",
            count=A_DAY,
        )
        raise Invalid({"": advice})
    told = _researchers(session, by)
    if not told:
        advice = say("Nobody else here does research yet. Ask an administrator to add researchers.")
        raise Invalid({"": advice})
    notices.tell(session, told, _message(by, request), address)
    kept = {
        "question": request.question,
        "why": request.why,
        "needed_by": request.needed_by.isoformat() if request.needed_by else None,
        "told": len(told),
    }
    history.record(session, by, VERB, "person", by.id, after=kept)
    return len(told)


def _asked_lately(session: Session, by: Person) -> int:
    asked = select(func.count(col(History.id))).where(
        History.person_id == by.id, History.verb == VERB, History.at > now() - timedelta(days=1)
    )
    return session.exec(asked).one()


def _researchers(session: Session, by: Person) -> list[int]:
    roles = [role for role, level in LADDER.items() if level >= LADDER["researcher"]]
    rows = select(Person.id).where(
        col(Person.role).in_(roles), Person.is_active, ~col(Person.is_system), Person.id != by.id
    )
    return list(session.exec(rows))


def _message(by: Person, request: Request) -> Message:
    said = {"who": by.name, "question": request.question, "why": request.why}
    day = request.needed_by
    if day is None:
        return say("%(who)s asks for a study: “%(question)s” It matters because: %(why)s", **said)
    return say(
        "%(who)s asks for a study by %(day)s: “%(question)s” It matters because: %(why)s",
        day=replace(_DAYS[day.month - 1], values={"day": day.day, "year": day.year}),
        **said,
    )

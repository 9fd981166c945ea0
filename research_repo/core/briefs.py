"""What was known when somebody thought of a study, and what they decided: saved, decided, attached.

A study that is only planned begins with one, or with a written reason; one that runs already or is
over, and one that an import brings, is never asked.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col, select

from research_repo.core import access, history, keys, requests, studies, typed, words
from research_repo.core.clock import now
from research_repo.core.errors import Conflict, Invalid, NotAllowed, NotFound
from research_repo.core.language import Message, say
from research_repo.core.models import DECISIONS, Brief, Person, Study
from research_repo.core.requests import Request
from research_repo.core.studies import StudyValues

QUESTION_MAX = requests.QUESTION_MAX
NOTE_MAX = 1000
DAYS_MAX = 1000
MONTHS = 12
MONTHS_MAX = 120
ADDRESS = "/known/"


@dataclass(frozen=True)
class Content:
    """What answered on the day: ids alone, the best first, so that each reader sees what they may."""

    claims: tuple[int, ...] = ()
    studies: tuple[int, ...] = ()
    named: tuple[int, ...] = ()
    """Tags that the question names."""
    gaps: tuple[int, ...] = ()
    """Tags of these or below them that held no fact of the last `months`."""
    months: int = MONTHS

    @classmethod
    def from_plain(cls, kept: dict[str, Any]) -> Content:
        """The content that a row keeps."""
        ids = {name: tuple(kept[name]) for name in ("claims", "studies", "named", "gaps")}
        return cls(**ids, months=kept["months"])


@dataclass(frozen=True)
class Decision:
    """What somebody made of a brief. The words are a note, a narrower question, or why to study."""

    kind: str
    words: str = ""
    days_saved: int | None = None
    needed_by: date | None = None


def checked_question(text: str) -> str:
    """The question as it is kept.

    Raises:
        Invalid: there is none, or it is too long.
    """
    question = typed.line(text)
    if not question:
        raise Invalid({"question": say("Write the question that the study would answer.")})
    if len(question) > QUESTION_MAX:
        raise Invalid({"question": say("Use at most %(count)s characters.", count=QUESTION_MAX)})
    return question


def save(session: Session, by: Person, question: str, content: Content) -> Brief:
    """Keep what is known about a question, for everybody who signs in."""
    access.require_active(by)
    question = checked_question(question)
    brief = Brief(
        key=keys.new_key(session, Brief.key),
        question=question,
        language=words.language_of(question),
        content=asdict(content),
        person_id=by.id,
    )
    session.add(brief)
    session.flush()
    history.record(session, by, "saved", "brief", brief.id, after={"question": question})
    return brief


def decide(session: Session, by: Person, key: str, version: int, decision: Decision) -> Brief:
    """Say what to do: it is enough, ask something narrower, or have it studied; researchers are told.

    Raises:
        Invalid: field → what to write instead.
        Conflict: somebody decided since `version`; carries the brief as it is now.
        NotAllowed: somebody else has decided already.
    """
    brief = to_read(session, by, key)
    if not may_decide(by, brief):
        raise NotAllowed(say("Only who decided it, or who asked, may decide it anew."))
    decision = ready(brief.question, decision)
    if brief.version != version:
        raise Conflict(say("Somebody decided this meanwhile. Look at what they wrote."), brief)
    if decision.kind == "request":
        wanted = Request(brief.question, decision.words, decision.needed_by)
        requests.ask(session, by, wanted, ADDRESS + brief.key)
    before = _snapshot(brief)
    brief.decision, brief.decision_note = decision.kind, decision.words
    brief.days_saved = decision.days_saved
    brief.decided_by, brief.decided_at = by.id, now()
    brief.version += 1
    session.flush()
    history.record(session, by, "decided", "brief", brief.id, before, _snapshot(brief))
    return brief


def ready(question: str, decision: Decision) -> Decision:
    """The decision, checked.

    Raises:
        Invalid: field → what to write instead.
    """
    decision = replace(decision, words=typed.line(decision.words))
    problems: dict[str, Message] = {}
    if decision.kind not in DECISIONS[1:]:
        problems["decision"] = say("Choose one of the three.")
    elif decision.kind == "request":
        requests.ready(Request(question, decision.words, decision.needed_by))
    elif decision.kind == "narrow" and not decision.words:
        problems["narrower"] = say("Write the narrower question.")
    elif decision.kind == "narrow" and len(decision.words) > QUESTION_MAX:
        problems["narrower"] = say("Use at most %(count)s characters.", count=QUESTION_MAX)
    elif len(decision.words) > NOTE_MAX:
        problems["note"] = say("Use at most %(count)s characters.", count=NOTE_MAX)
    if decision.days_saved is not None and not 0 <= decision.days_saved <= DAYS_MAX:
        problems["days_saved"] = say("Write a number of days from 0 to %(most)s.", most=DAYS_MAX)
    if problems:
        raise Invalid(problems)
    return decision


def start(
    session: Session, by: Person, key: str, values: StudyValues, brief: str = "", why: str = ""
) -> Study:
    """Start a study that `by` owns; a planned one with a brief or a reason. Values must be `ready`.

    Raises:
        Invalid: as in `studies.create`; field "known": it is planned, and has neither; field
            "brief": there is no such brief, or another study came of it.
    """
    access.require_log(by)
    why = typed.line(why)
    if values.status == "planned" and not (brief or why):
        raise Invalid(
            {
                "known": say(
                    "Look at what is known first: keep it with the study, or write why to study it anyway."
                )
            }
        )
    if len(why) > NOTE_MAX:
        raise Invalid({"known_why": say("Use at most %(count)s characters.", count=NOTE_MAX)})
    study = studies.create(session, by, key, values, why)
    if brief:
        attach(session, by, study, brief)
    return study


def attach(session: Session, by: Person, study: Study, key: str) -> Brief:
    """Say that the study came of a brief. The study is one that `by` may change.

    Raises:
        Invalid: field "brief": there is no such brief, or another study came of it.
    """
    try:
        brief = to_read(session, by, key)
    except NotFound:
        advice = say("No saved answer has this key. Choose one, or write a reason.")
        raise Invalid({"brief": advice}) from None
    if brief.study_id not in (None, study.id):
        advice = say(
            "Another study came of it already. Ask the question again and save the answer."
        )
        raise Invalid({"brief": advice})
    if brief.study_id is None:
        brief.study_id = study.id
        brief.version += 1
        session.flush()
        history.record(session, by, "attached", "brief", brief.id, after={"study": study.id})
    return brief


def remove(session: Session, by: Person, key: str) -> Brief:
    """Take a brief away: who asked, and admins. `restore` brings it back."""
    brief = to_read(session, by, key)
    if not may_remove(by, brief):
        raise NotAllowed(say("Only who asked may take it away."))
    brief.deleted_at = now()
    session.flush()
    history.record(session, by, "removed", "brief", brief.id)
    return brief


def restore(session: Session, by: Person, key: str) -> Brief:
    """Bring back a brief that was taken away: who may take it away. One that is there stays so."""
    brief = session.exec(select(Brief).where(Brief.key == key.lower())).first()
    if brief is None or not may_remove(by, brief):
        raise NotFound
    if brief.deleted_at is not None:
        brief.deleted_at = None
        session.flush()
        history.record(session, by, "restored", "brief", brief.id)
    return brief


def sees_brief(by: Person) -> ColumnElement[bool]:
    """Condition on `Brief`: it exists for this person. One of a closed study is its team's."""
    standing = col(Brief.deleted_at).is_(None)
    if access.is_admin(by):
        return standing
    in_sight = col(Brief.study_id).in_(select(Study.id).where(access.sees_study(by)))
    is_mine = col(Brief.person_id) == by.id
    return and_(standing, or_(col(Brief.study_id).is_(None), in_sight, is_mine))


def to_read(session: Session, by: Person, key: str) -> Brief:
    """The brief, or NotFound when it is not there for this person."""
    query = select(Brief).where(Brief.key == key.lower(), sees_brief(by))
    brief = session.exec(query).first()
    if brief is None:
        raise NotFound
    return brief


def may_decide(by: Person, brief: Brief) -> bool:
    """Anybody while nobody has; then who did, who asked, and admins."""
    is_theirs = by.id in (brief.decided_by, brief.person_id)
    return by.is_active and (not brief.decision or is_theirs or access.is_admin(by))


def may_remove(by: Person, brief: Brief) -> bool:
    """Who asked, and admins."""
    return by.is_active and (access.is_admin(by) or brief.person_id == by.id)


def content_of(brief: Brief) -> Content:
    """What answered on the day it was saved."""
    return Content.from_plain(brief.content)


def _snapshot(brief: Brief) -> dict[str, Any]:
    names = ("decision", "decision_note", "days_saved", "decided_by")
    return {name: getattr(brief, name) for name in names}

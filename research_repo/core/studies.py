"""Studies: one piece of research each, with numbered questions, a team and its access."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy import delete, or_
from sqlmodel import Session, col, select

from research_repo.core import access, history, notices, prose, typed, words
from research_repo.core.errors import Conflict, Invalid, NotFound
from research_repo.core.language import Message, say
from research_repo.core.models import (
    ACCESSES,
    METHODS,
    STUDY_STATUSES,
    AtomQuestion,
    Person,
    Question,
    Study,
    StudyMember,
)

TITLE_MAX = 300
TEXT_MAX = 100_000
QUESTION_MAX = 500
QUESTIONS_MAX = 50
PARTICIPANTS_MAX = 10_000_000
PROSE = ("summary", "background", "approach", "limitations")

_KEY = re.compile(r"[\w-]{1,64}")


@dataclass(frozen=True)
class StudyValues:
    """What a form or a command says about a study. `html` is filled by `ready`."""

    title: str = ""
    method: str = "other"
    status: str = "running"
    access: str = "open"
    starts_on: date | None = None
    ends_on: date | None = None
    participant_count: int | None = None
    summary: str = ""
    background: str = ""
    approach: str = ""
    limitations: str = ""
    questions: Sequence[tuple[int | None, str]] = ()
    """The id of a question that stands already, and its text; empty texts are left out."""
    html: Mapping[str, str] = field(default_factory=dict)


def ready(values: StudyValues) -> StudyValues:
    """Check the values and render their Markdown: the slow part, done before a transaction opens.

    Raises:
        Invalid: field → what to write instead.
    """
    problems: dict[str, Message] = {}
    values = replace(
        values,
        title=typed.line(values.title),
        summary=typed.lines(values.summary),
        background=typed.lines(values.background),
        approach=typed.lines(values.approach),
        limitations=typed.lines(values.limitations),
    )
    if not values.title:
        problems["title"] = say("Name the study by what it was to find out.")
    elif len(values.title) > TITLE_MAX:
        problems["title"] = say("Use at most %(count)s characters.", count=TITLE_MAX)
    for name, allowed in (
        ("method", METHODS),
        ("status", STUDY_STATUSES),
        ("access", ACCESSES),
    ):
        if getattr(values, name) not in allowed:
            problems[name] = say("Choose one of the list.")
    if values.starts_on and values.ends_on and values.ends_on < values.starts_on:
        problems["ends_on"] = say("The study ends before it starts. Change one of the dates.")
    count = values.participant_count
    if count is not None and not 0 <= count <= PARTICIPANTS_MAX:
        problems["participant_count"] = say("Write a number of people, 0 or more.")
    for name in PROSE:
        if len(getattr(values, name)) > TEXT_MAX:
            problems[name] = say("Use at most %(count)s characters.", count=TEXT_MAX)
    questions = [(kept, typed.line(text)) for kept, text in values.questions if typed.line(text)]
    if len(questions) > QUESTIONS_MAX:
        problems["questions"] = say("A study has at most %(count)s questions.", count=QUESTIONS_MAX)
    elif any(len(text) > QUESTION_MAX for _, text in questions):
        problems["questions"] = say(
            "A question has at most %(count)s characters.", count=QUESTION_MAX
        )
    if problems:
        raise Invalid(problems)
    html = {name: prose.render(getattr(values, name), under=2) for name in PROSE}
    return replace(values, questions=questions, html=html)


def check_key(session: Session, key: str) -> None:
    """Refuse a key that no study can have, or that one has already."""
    if not _KEY.fullmatch(key):
        raise Invalid(
            {
                "key": say(
                    "Use 1 to 64 letters, digits, hyphens and underscores, such as returns-2026."
                )
            }
        )
    taken = session.exec(select(Study).where(Study.folded_key == words.fold(key))).first()
    if taken:
        raise Invalid(
            {
                "key": say(
                    "A study has the key %(key)s already. Add the month or the method.", key=key
                )
            }
        )


def create(session: Session, by: Person, key: str, values: StudyValues, why: str = "") -> Study:
    """Start a study that `by` owns. The values must be `ready`; `why` is told where a page asked.

    Raises:
        Invalid: the key cannot be used, or a study has it already.
    """
    access.require_log(by)
    key = key.strip()
    check_key(session, key)
    study = Study(key=key, folded_key=words.fold(key), title="", owner_id=by.id, started_why=why)
    _write(study, values)
    session.add(study)
    session.flush()
    _write_questions(session, study, values.questions)
    history.record(session, by, "created", "study", study.id, after=snapshot(session, study))
    return study


def change(session: Session, by: Person, key: str, version: int, values: StudyValues) -> Study:
    """Change a study. The values must be `ready`.

    Raises:
        Conflict: somebody changed it since `version`; carries the study as it is now.
    """
    study = access.study_to_edit(session, by, key)
    if study.version != version:
        raise Conflict(say("Somebody changed this study while you were writing."), study)
    before = snapshot(session, study)
    _write(study, values)
    study.version += 1
    _write_questions(session, study, values.questions)
    session.flush()
    history.record(session, by, "changed", "study", study.id, before, snapshot(session, study))
    return study


def add_member(session: Session, by: Person, key: str, email: str, may_edit: bool) -> StudyMember:
    """Put somebody on the study's team, or change what they may do; they are told."""
    study = access.study_to_edit(session, by, key)
    person = session.exec(
        select(Person).where(
            Person.email == email.strip().lower(), Person.is_active, ~col(Person.is_system)
        )
    ).first()
    if person is None:
        raise Invalid(
            {"email": say("Nobody here has this e-mail. An administrator can add them first.")}
        )
    if person.id == study.owner_id:
        raise Invalid({"email": say("%(name)s owns this study already.", name=person.name)})
    member = session.get(StudyMember, (study.id, person.id))
    if member is None:
        member = StudyMember(study_id=study.id, person_id=person.id)
        notices.tell(
            session,
            [person.id],
            say("%(who)s added you to the team of “%(study)s”.", who=by.name, study=study.title),
            f"/studies/{study.key}",
        )
    member.may_edit = may_edit
    session.add(member)
    session.flush()
    after = {"person": person.id, "may_edit": may_edit}
    history.record(session, by, "member added", "study", study.id, after=after)
    return member


def remove_member(session: Session, by: Person, key: str, person_id: int) -> None:
    """Take somebody off the study's team."""
    study = access.study_to_edit(session, by, key)
    member = session.get(StudyMember, (study.id, person_id))
    if member is None:
        raise NotFound
    session.delete(member)
    before = {"person": person_id, "may_edit": member.may_edit}
    history.record(session, by, "member removed", "study", study.id, before)


def questions_of(session: Session, study_id: int) -> list[Question]:
    """The study's questions in their order."""
    return list(
        session.exec(
            select(Question)
            .where(Question.study_id == study_id)
            .order_by(col(Question.position), col(Question.id))
        )
    )


def team_of(session: Session, study: Study) -> list[tuple[Person, bool]]:
    """The owner, then the members by name, each with whether they may edit."""
    owner = session.get_one(Person, study.owner_id)
    rows = session.exec(
        select(Person, StudyMember.may_edit)
        .join(StudyMember, col(StudyMember.person_id) == Person.id)
        .where(StudyMember.study_id == study.id)
        .order_by(col(Person.name))
    )
    return [(owner, True), *((person, may_edit) for person, may_edit in rows)]


def loggable(session: Session, by: Person) -> list[Study]:
    """The studies into which the person may log, the newest first, without the archived."""
    if not access.may_log(by):
        return []
    into = or_(col(Study.access) == "open", access.edits_study(by))
    return list(
        session.exec(
            select(Study)
            .where(access.sees_study(by), into, Study.status != "archived")
            .order_by(col(Study.id).desc())
        )
    )


def titles(session: Session, by: Person, keys: Iterable[str]) -> dict[str, str]:
    """Key as given → title, of the studies that the person sees; for the few keys of a search."""
    # A database refuses text that is none; no key holds such a sign.
    folded = {key: words.fold(key) for key in keys if key.isprintable()}
    if not folded:
        return {}
    rows = session.exec(
        select(Study.folded_key, Study.title).where(
            access.sees_study(by), col(Study.folded_key).in_(set(folded.values()))
        )
    )
    found = dict(rows.all())
    return {key: found[form] for key, form in folded.items() if form in found}


def called(session: Session, by: Person, typed: str, limit: int) -> list[tuple[str, str]]:
    """Key and title of studies that the person sees and that have a word which begins as typed.

    Those whose title begins so come first, then the newest.
    """
    asked = words.fold(typed)
    rows = session.exec(
        select(Study.key, Study.title).where(access.sees_study(by)).order_by(col(Study.id).desc())
    )
    known = [(words.fold(title), key, title) for key, title in rows]
    first = [(key, title) for folded, key, title in known if folded.startswith(asked)]
    inside = [(key, title) for folded, key, title in known if f" {asked}" in folded]
    return [*first, *inside][:limit] if asked else []


def snapshot(session: Session, study: Study) -> dict[str, object]:
    """What is stored about a study, as plain JSON for its history."""
    kept = study.model_dump(
        mode="json",
        exclude={
            "id",
            "created_at",
            "folded_key",
            "import_id",
            *(f"{name}_html" for name in PROSE),
        },
    )
    kept["questions"] = [[row.id, row.text] for row in questions_of(session, study.id)]
    return kept


def _write(study: Study, values: StudyValues) -> None:
    for name in (
        "title",
        "method",
        "status",
        "access",
        "starts_on",
        "ends_on",
        "participant_count",
        *PROSE,
    ):
        setattr(study, name, getattr(values, name))
    for name, html in values.html.items():
        setattr(study, f"{name}_html", html)


def _write_questions(
    session: Session, study: Study, questions: Sequence[tuple[int | None, str]]
) -> None:
    standing = {row.id: row for row in questions_of(session, study.id)}
    for position, (kept, text) in enumerate(questions):
        row = standing.pop(kept, None) if kept else None
        row = row or Question(study_id=study.id, position=position, text=text)
        row.position, row.text = position, text
        session.add(row)
    for gone in standing:
        session.execute(delete(AtomQuestion).where(col(AtomQuestion.question_id) == gone))
        session.execute(delete(Question).where(col(Question.id) == gone))
    session.flush()

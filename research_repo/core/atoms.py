"""Atoms: one claim each, with a body, evidence, tags, and the questions it answers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import urlsplit

from sqlalchemy import delete
from sqlmodel import Session, col, select

from research_repo.core import access, history, indexing, keys, prose, tagging, typed, words
from research_repo.core.clock import now, today
from research_repo.core.errors import Conflict, Invalid, NotFound
from research_repo.core.language import Message, say
from research_repo.core.models import (
    ATOM_STATUSES,
    KINDS,
    Atom,
    AtomQuestion,
    Evidence,
    Person,
    Question,
)
from research_repo.settings import LANGUAGES

TITLE_MAX = 500
TITLE_ADVISED = 140
BODY_MAX = 100_000
EVIDENCE_MAX = 100
QUOTE_MAX = 20_000
SHORT_MAX = 500
URL_MAX = 2000
COUNT_MAX = 2_000_000_000

TYPED_EVIDENCE = ("quote", "number", "link")
ADVICE = {
    "fact": say("Say in one sentence what you saw or heard."),
    "insight": say("Say in one sentence what the facts mean."),
    "recommendation": say("Say in one sentence what should be done."),
}


@dataclass(frozen=True)
class EvidenceValues:
    """One piece of evidence as it was given. `id` names the one that it replaces."""

    kind: str = "quote"
    text: str = ""
    who: str = ""
    source: str = ""
    url: str = ""
    number: float | None = None
    unit: str = ""
    n: int | None = None
    row: int | None = None
    id: int | None = None

    def is_empty(self) -> bool:
        """Nothing was written into it."""
        return not (self.text.strip() or self.url.strip() or self.number is not None)


@dataclass(frozen=True)
class AtomValues:
    """What a form, a file or the API says about an atom. The last two are filled by `ready`."""

    kind: str = "fact"
    title: str = ""
    body: str = ""
    study_key: str = ""
    question_ids: Sequence[int] = ()
    tags: Sequence[str] = ()
    evidence: Sequence[EvidenceValues] = ()
    status: str = "published"
    observed_on: date | None = None
    language: str = ""
    external_id: str | None = None
    body_html: str = ""


def ready(values: AtomValues) -> AtomValues:
    """Check what needs no database and render the body: the slow part, done before a transaction.

    Raises:
        Invalid: field → what to write instead.
    """
    problems: dict[str, Message] = {}
    title, body = typed.line(values.title), typed.lines(values.body)
    if values.kind not in KINDS:
        problems["kind"] = say("Choose fact, insight or recommendation.")
    elif not title:
        problems["title"] = ADVICE[values.kind]
    if len(title) > TITLE_MAX:
        problems["title"] = say(
            "A claim has at most %(count)s characters, this one %(length)s. "
            "Keep one sentence here and put the rest into the text.",
            count=TITLE_MAX,
            length=len(title),
        )
    if len(body) > BODY_MAX:
        problems["body"] = say("Use at most %(count)s characters.", count=BODY_MAX)
    if values.status not in ATOM_STATUSES:
        problems["status"] = say("Choose one of the list.")
    if values.language not in ("", *LANGUAGES):
        problems["language"] = say("Choose one of the languages in the list.")
    if values.kind == "fact" and not values.study_key.strip():
        problems["study"] = say("A fact comes from a study. Choose it, or start a new one.")
    # East of Greenwich today has begun already while UTC still has yesterday.
    if values.observed_on and values.observed_on > today() + timedelta(days=1):
        problems["observed_on"] = say("This date is still to come. When was it observed?")
    evidence, evidence_problem = _checked(values.evidence)
    if evidence_problem:
        problems["evidence"] = evidence_problem
    if problems:
        raise Invalid(problems)
    return replace(
        values,
        title=title,
        body=body,
        evidence=evidence,
        language=values.language or words.language_of(title + " " + body),
        external_id=typed.line(values.external_id or "") or None,
        body_html=prose.render(body),
    )


def log(session: Session, by: Person, values: AtomValues) -> Atom:
    """Write a new atom with its evidence and tags. The values must be `ready`.

    Raises:
        Invalid: the study, a tag or the external id cannot be used.
        NotAllowed: the person only reads, or the study is closed to them.
    """
    access.require_log(by)
    study_id = _study_of(session, by, values)
    _refuse_taken_external_id(session, study_id, values.external_id, None)
    atom = Atom(
        key=keys.new_key(session, Atom.key),
        external_id=values.external_id,
        kind=values.kind,
        title=values.title,
        author_id=by.id,
    )
    _write(atom, values, study_id)
    session.add(atom)
    session.flush()
    _write_questions(session, atom, values.question_ids)
    _write_evidence(session, atom, values.evidence)
    tagging.write(session, by, atom, tagging.named(session, by, values.tags, atom.language))
    indexing.enqueue(session, by, [atom.id])
    history.record(session, by, "logged", "atom", atom.id, after=snapshot(session, atom))
    return atom


def edit(session: Session, by: Person, key: str, version: int, values: AtomValues) -> Atom:
    """Change an atom's words, evidence and tags. The values must be `ready`.

    Raises:
        Conflict: somebody changed it since `version`; carries the atom as it is now.
    """
    atom = access.atom_to_edit(session, by, key)
    if atom.version != version:
        raise Conflict(say("Somebody changed this while you were writing."), atom)
    study_id = _study_of(session, by, values, atom.study_id)
    _refuse_taken_external_id(session, study_id, atom.external_id, atom.id)
    before = snapshot(session, atom)
    _write(atom, values, study_id)
    _write_questions(session, atom, values.question_ids)
    _write_evidence(session, atom, values.evidence)
    tagging.write(session, by, atom, tagging.named(session, by, values.tags, atom.language))
    _note_change(session, by, "edited", atom, before)
    return atom


def set_status(session: Session, by: Person, key: str, version: int, status: str) -> Atom:
    """Publish an atom, put it back among the drafts, or archive it."""
    atom = access.atom_to_edit(session, by, key)
    if status not in ATOM_STATUSES:
        raise Invalid({"status": say("Choose one of the list.")})
    if atom.version != version:
        raise Conflict(say("Somebody changed this while you were writing."), atom)
    before = snapshot(session, atom)
    atom.status = status
    _note_change(session, by, status, atom, before)
    return atom


def evidence_of(session: Session, atom_id: int) -> list[Evidence]:
    """The atom's evidence in its order."""
    return list(
        session.exec(
            select(Evidence)
            .where(Evidence.atom_id == atom_id)
            .order_by(col(Evidence.position), col(Evidence.id))
        )
    )


def question_ids_of(session: Session, atom_id: int) -> list[int]:
    """The questions of its study that the atom answers."""
    return list(
        session.exec(select(AtomQuestion.question_id).where(AtomQuestion.atom_id == atom_id))
    )


def snapshot(session: Session, atom: Atom) -> dict[str, object]:
    """What is stored about an atom, as plain JSON for its history; its tags have lines of their own."""
    kept = atom.model_dump(
        mode="json", exclude={"id", "key", "body_html", "created_at", "updated_at", "version"}
    )
    kept["questions"] = question_ids_of(session, atom.id)
    kept["evidence"] = [
        {
            name: value
            for name, value in row.model_dump(exclude={"atom_id", "position"}).items()
            if value not in ("", None)
        }
        for row in evidence_of(session, atom.id)
    ]
    return kept


def _note_change(
    session: Session, by: Person, verb: str, atom: Atom, before: dict[str, object]
) -> None:
    atom.version += 1
    atom.updated_at = now()
    session.flush()
    indexing.enqueue(session, by, [atom.id])
    history.record(session, by, verb, "atom", atom.id, before, snapshot(session, atom))


def _study_of(
    session: Session, by: Person, values: AtomValues, current: int | None = None
) -> int | None:
    if not values.study_key.strip():
        return None
    try:
        study = access.study_to_read(session, by, values.study_key.strip())
    except NotFound:
        raise Invalid(
            {"study": say("There is no such study for you. Choose one of the list.")}
        ) from None
    if study.id != current and not access.may_log_into(session, by, study):
        raise Invalid(
            {"study": say("Only its team logs into this study. Ask its owner to add you.")}
        )
    return study.id


def _refuse_taken_external_id(
    session: Session, study_id: int | None, external_id: str | None, own_id: int | None
) -> None:
    if study_id is None or external_id is None:
        return
    owner = session.exec(
        select(Atom.id).where(Atom.study_id == study_id, Atom.external_id == external_id)
    ).first()
    if owner is not None and owner != own_id:
        raise Invalid(
            {
                "external_id": say(
                    "The study has an atom with the external id %(id)s already. Choose another one.",
                    id=external_id,
                )
            }
        )


def _write(atom: Atom, values: AtomValues, study_id: int | None) -> None:
    atom.study_id = study_id
    for name in ("kind", "title", "body", "body_html", "language", "status", "observed_on"):
        setattr(atom, name, getattr(values, name))


def _write_questions(session: Session, atom: Atom, question_ids: Sequence[int]) -> None:
    session.execute(delete(AtomQuestion).where(col(AtomQuestion.atom_id) == atom.id))
    mine = session.exec(
        select(Question.id).where(
            Question.study_id == atom.study_id, col(Question.id).in_(question_ids)
        )
    ).all()
    session.add_all(AtomQuestion(atom_id=atom.id, question_id=row) for row in mine)
    session.flush()


def _write_evidence(session: Session, atom: Atom, evidence: Sequence[EvidenceValues]) -> None:
    # Where an atom came from is no evidence that a form could change or take away.
    rows = evidence_of(session, atom.id)
    standing = {row.id: row for row in rows if row.kind != "origin"}
    for position, values in enumerate(evidence):
        row = standing.pop(values.id, None) if values.id else None
        row = row or Evidence(atom_id=atom.id, kind=values.kind)
        row.position = position
        for name in ("kind", "text", "who", "source", "url", "number", "unit", "n", "row"):
            setattr(row, name, getattr(values, name))
        row.language = words.language_of(values.text) if values.kind == "quote" else ""
        session.add(row)
    for gone in standing.values():
        session.delete(gone)
    session.flush()


def _checked(
    evidence: Sequence[EvidenceValues],
) -> tuple[list[EvidenceValues], Message | None]:
    kept = [_typed(values) for values in evidence if not values.is_empty()]
    if len(kept) > EVIDENCE_MAX:
        return [], say("An atom has at most %(count)s pieces of evidence.", count=EVIDENCE_MAX)
    for values in kept:
        problem = _evidence_problem(values)
        if problem:
            return [], problem
    return kept, None


def _typed(values: EvidenceValues) -> EvidenceValues:
    return replace(
        values,
        text=typed.lines(values.text).strip(),
        who=typed.line(values.who),
        source=typed.line(values.source),
        url=typed.line(values.url),
        unit=typed.line(values.unit),
    )


def _evidence_problem(values: EvidenceValues) -> Message | None:
    if values.kind not in (*TYPED_EVIDENCE, "origin"):
        return say("Evidence is a quote, a number or a link.")
    if values.kind == "quote" and len(values.text) > QUOTE_MAX:
        return say("A quote has at most %(count)s characters.", count=QUOTE_MAX)
    if values.kind != "quote" and len(values.text) > SHORT_MAX:
        return say(
            "What a number or a link says has at most %(count)s characters.", count=SHORT_MAX
        )
    if any(len(part) > SHORT_MAX for part in (values.who, values.source, values.unit)):
        return say("Who, where and unit have at most %(count)s characters.", count=SHORT_MAX)
    if values.kind == "link" and not _is_address(values.url):
        return say("Write the whole address of the link, beginning with https://.")
    if values.kind == "number":
        if values.number is None or not math.isfinite(values.number):
            return say("Write the number that was measured, such as 38 or 4.5.")
        if not values.text.strip():
            return say("Say what the number measures.")
        if values.n is not None and not 1 <= values.n <= COUNT_MAX:
            return say("n is how many were asked or counted: 1 or more.")
    return None


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and len(url) <= URL_MAX

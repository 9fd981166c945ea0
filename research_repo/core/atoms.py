"""Atoms: one claim each, with a body, evidence, tags, and the questions it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col, select

from research_repo.core import (
    access,
    evidence,
    history,
    indexing,
    keys,
    links,
    prose,
    publishing,
    rules,
    tagging,
    typed,
    words,
)
from research_repo.core.clock import now, today
from research_repo.core.errors import Conflict, Invalid, NotFound
from research_repo.core.evidence import EvidenceValues
from research_repo.core.language import Message, say
from research_repo.core.models import (
    ATOM_STATUSES,
    KINDS,
    Atom,
    AtomQuestion,
    Person,
    Question,
)
from research_repo.settings import LANGUAGES

TITLE_MAX = 500
TITLE_ADVISED = 140
BODY_MAX = 100_000
RESTS_ON_MAX = 100

ADVICE = {
    "fact": say("Say in one sentence what you saw or heard."),
    "insight": say("Say in one sentence what the facts mean."),
    "recommendation": say("Say in one sentence what should be done."),
}


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
    review_by: date | None = None
    """The last day on which it counts without a second look; None: its tags tell."""
    language: str = ""
    external_id: str | None = None
    not_applicable: Sequence[str] | None = None
    """The tag groups, by key or label, of which no tag applies; None leaves them as they are."""
    rests_on: Sequence[str] = ()
    """What supports it, by external id or key: linked beside what does so already."""
    is_confirmed: bool = False
    """Its words may be known to all, though it rests on findings of a members-only study."""
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
    pieces, evidence_problem = evidence.checked(values.evidence)
    if evidence_problem:
        problems["evidence"] = evidence_problem
    if len(values.rests_on) > RESTS_ON_MAX:
        problems["rests_on"] = say("Link at most %(count)s claims at once.", count=RESTS_ON_MAX)
    if problems:
        raise Invalid(problems)
    return replace(
        values,
        title=title,
        body=body,
        evidence=pieces,
        language=values.language or words.language_of(title + " " + body),
        external_id=typed.line(values.external_id or "") or None,
        body_html=prose.render(body),
    )


def log(session: Session, by: Person, values: AtomValues) -> Atom:
    """Write a new atom with its evidence and tags. The values must be `ready`.

    Raises:
        Invalid: the study, a tag or the external id cannot be used; or what is to be published
            breaks a rule of a tag group, lacks what the team has agreed on, or would open a
            members-only study unknowingly.
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
    evidence.write(session, atom.id, values.evidence)
    tagging.write(session, by, atom, _named_tags(session, by, atom, values))
    rules.mark(session, by, atom, rules.named(session, values.not_applicable or ()))
    indexing.enqueue(session, by, [atom.id])
    history.record(session, by, "logged", "atom", atom.id, after=snapshot(session, atom))
    links.support(session, by, atom, values.rests_on)
    publishing.require(session, by, atom, is_confirmed=values.is_confirmed)
    return atom


def edit(
    session: Session,
    by: Person,
    key: str,
    version: int,
    values: AtomValues,
    *,
    with_tags: bool = True,
    or_draft: bool = False,
) -> Atom:
    """Change an atom's words, evidence and tags; one that changes nothing leaves no trace.

    The values must be `ready`. Without `with_tags` the tags stay, whatever the values name. With
    `or_draft` what may not be published becomes a draft instead of being refused.

    Raises:
        Conflict: somebody changed it since `version`; carries the atom as it is now.
        Invalid: as in `log`; a published atom may go on breaking the rules that came after it.
    """
    atom = access.atom_to_edit(session, by, key)
    if atom.version != version:
        raise Conflict(say("Somebody changed this while you were writing."), atom)
    study_id = _study_of(session, by, values, atom.study_id)
    _refuse_taken_external_id(session, study_id, atom.external_id, atom.id)
    before, stood = snapshot(session, atom), publishing.stood(session, by, atom)
    _write(atom, values, study_id)
    _write_questions(session, atom, values.question_ids)
    evidence.write(session, atom.id, values.evidence)
    is_tagged = with_tags and tagging.write(
        session, by, atom, _named_tags(session, by, atom, values)
    )
    if values.not_applicable is not None:
        marked = rules.named(session, values.not_applicable)
        is_tagged = rules.mark(session, by, atom, marked) or is_tagged
    links.support(session, by, atom, values.rests_on)
    if is_tagged or snapshot(session, atom) != before:
        is_public = atom.status == "published"
        if or_draft and is_public and publishing.why(session, by, atom, "en", stood):
            atom.status = "draft"
        publishing.require(session, by, atom, stood, is_confirmed=values.is_confirmed)
        _note_change(session, by, "edited", atom, before)
    return atom


def set_status(
    session: Session, by: Person, key: str, version: int, status: str, *, is_confirmed: bool = False
) -> Atom:
    """Publish an atom, put it back among the drafts, or archive it.

    Raises:
        Invalid: why it may not be published, as in `log`.
    """
    atom = access.atom_to_edit(session, by, key)
    if status not in ATOM_STATUSES:
        raise Invalid({"status": say("Choose one of the list.")})
    if atom.version != version:
        raise Conflict(say("Somebody changed this while you were writing."), atom)
    before, stood = snapshot(session, atom), publishing.stood(session, by, atom)
    atom.status = status
    publishing.require(session, by, atom, stood, is_confirmed=is_confirmed)
    _note_change(session, by, status, atom, before)
    return atom


def question_ids_of(session: Session, atom_id: int) -> list[int]:
    """The questions of its study that the atom answers."""
    return list(
        session.exec(select(AtomQuestion.question_id).where(AtomQuestion.atom_id == atom_id))
    )


def snapshot(session: Session, atom: Atom) -> dict[str, object]:
    """What is stored about an atom, as plain JSON for its history; its tags have lines of their own."""
    kept = atom.model_dump(
        mode="json",
        exclude={
            "id",
            "key",
            "body_html",
            "created_at",
            "updated_at",
            "version",
            "import_id",
        },
    )
    kept["questions"] = question_ids_of(session, atom.id)
    kept["evidence"] = [
        {
            name: value
            for name, value in row.model_dump(exclude={"atom_id", "position"}).items()
            if value not in ("", None)
        }
        for row in evidence.of_atom(session, atom.id)
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


def _named_tags(session: Session, by: Person, atom: Atom, values: AtomValues) -> list[int]:
    return tagging.named(session, by, values.tags, atom.language, atom.study_id)


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
    for name in ("kind", "title", "body", "body_html", "language", "status"):
        setattr(atom, name, getattr(values, name))
    atom.observed_on, atom.review_by = values.observed_on, values.review_by


def _write_questions(session: Session, atom: Atom, question_ids: Sequence[int]) -> None:
    session.execute(delete(AtomQuestion).where(col(AtomQuestion.atom_id) == atom.id))
    mine = session.exec(
        select(Question.id).where(
            Question.study_id == atom.study_id, col(Question.id).in_(question_ids)
        )
    ).all()
    session.add_all(AtomQuestion(atom_id=atom.id, question_id=row) for row in mine)
    session.flush()

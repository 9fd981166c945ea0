"""Atoms: what they rest on and what they say of each other."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from research_repo.core.models.columns import NEVER_REUSED, moment, one_of, to, to_or_none

KINDS = ("fact", "insight", "recommendation")
ATOM_STATUSES = ("draft", "published", "archived")
EVIDENCE_KINDS = ("quote", "number", "link", "file", "origin")
AGE = (
    *("review_by", "observed_on", "created_at", "status"),
    *("kind", "study_id", "author_id", "import_id"),
)
"""What tells whether a claim wants a second look, whose it is, and who sees it."""
LINK_KINDS = ("supports", "contradicts", "supersedes", "relates")
STAGES = ("proposed", "accepted", "in_progress", "done", "declined")


class Atom(SQLModel, table=True):
    """The unit of knowledge: one claim in one sentence, with a body, evidence, tags and links."""

    __table_args__ = (
        one_of("kind", KINDS),
        one_of("status", ATOM_STATUSES),
        UniqueConstraint("study_id", "external_id"),
        Index(None, "created_at"),
        # Counted without a look at the rows, whose bodies may be long. No index may begin with the
        # status: most atoms share one, and SQLite would look them all through for a single link.
        Index(None, "study_id", "kind", "status", "import_id"),
        # How old claims are, for all of them, again without a look at the rows.
        Index("ix_atom_age", *AGE),
        NEVER_REUSED,
    )

    id: int = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    external_id: str | None = Field(default=None, index=True)
    kind: str
    study_id: int | None = to_or_none("study.id")
    title: str
    body: str = ""
    body_html: str = ""
    language: str = "en"
    status: str = "published"
    observed_on: date | None = None
    review_by: date | None = None
    author_id: int = to("person.id")
    import_id: int | None = to_or_none("import_run.id")
    version: int = 1
    created_at: datetime = moment()
    updated_at: datetime = moment()


class AtomQuestion(SQLModel, table=True):
    """Which of its study's questions an atom answers."""

    __tablename__ = "atom_question"

    atom_id: int = Field(foreign_key="atom.id", primary_key=True)
    question_id: int = Field(foreign_key="question.id", primary_key=True, index=True)


class Evidence(SQLModel, table=True):
    """What an atom rests on. `who` was heard; `source` and `row` say where it was found.

    A quote that was cut from a source names it: it is the text from `span_start` to before
    `span_end`, in Unicode code points. Without these two its words stand there no more.
    """

    __table_args__ = (
        one_of("kind", EVIDENCE_KINDS),
        Index(None, "source_id", "span_start"),
        NEVER_REUSED,
    )

    id: int = Field(default=None, primary_key=True)
    atom_id: int = to("atom.id")
    position: int = 0
    kind: str
    text: str = ""
    language: str = ""
    who: str = ""
    source: str = ""
    row: int | None = None
    url: str = ""
    number: float | None = None
    unit: str = ""
    n: int | None = None
    participant_id: int | None = to_or_none("participant.id")
    source_id: int | None = Field(default=None, foreign_key="source.id")
    span_start: int | None = None
    span_end: int | None = None
    attachment_id: int | None = to_or_none("attachment.id")
    file_name: str = ""


class Confirmation(SQLModel, table=True):
    """Somebody looked at a claim and said that it still holds."""

    __table_args__ = (NEVER_REUSED,)

    id: int = Field(default=None, primary_key=True)
    atom_id: int = to("atom.id")
    person_id: int = to("person.id")
    at: datetime = moment()
    note: str = ""


class Recommendation(SQLModel, table=True):
    """How far a recommendation is, and where it is tracked. One without a row is proposed."""

    __table_args__ = (one_of("stage", STAGES),)

    atom_id: int = Field(foreign_key="atom.id", primary_key=True)
    stage: str
    url: str = ""
    note: str = ""
    changed_by: int = to("person.id")
    changed_at: datetime = moment()


class Link(SQLModel, table=True):
    """From one atom to another: the first supports, contradicts, supersedes or relates."""

    __table_args__ = (
        one_of("kind", LINK_KINDS),
        UniqueConstraint("from_id", "to_id", "kind"),
        NEVER_REUSED,
    )

    id: int = Field(default=None, primary_key=True)
    from_id: int = to("atom.id")
    to_id: int = to("atom.id")
    kind: str
    person_id: int = to("person.id")
    created_at: datetime = moment()

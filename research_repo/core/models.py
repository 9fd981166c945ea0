"""The nouns: one class per table. Classes hold values and check nothing; verbs check."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    Index,
    MetaData,
    TypeDecorator,
    UniqueConstraint,
)
from sqlmodel import Field, SQLModel

from research_repo.core.clock import now

ROLES = ("reader", "researcher", "curator", "admin")
METHODS = (
    "interviews",
    "usability test",
    "survey",
    "diary",
    "observation",
    "analytics",
    "support tickets",
    "experiment",
    "card sorting",
    "desk research",
    "other",
)
STUDY_STATUSES = ("planned", "running", "analysis", "completed", "archived")
ACCESSES = ("open", "members")
KINDS = ("fact", "insight", "recommendation")
ATOM_STATUSES = ("draft", "published", "archived")
EVIDENCE_KINDS = ("quote", "number", "link", "file", "origin")
LINK_KINDS = ("supports", "contradicts", "supersedes", "relates")
TAG_STATUSES = ("candidate", "approved", "deprecated")
LABEL_KINDS = ("pref", "alt", "hidden")
JOB_STATUSES = ("waiting", "running", "done", "failed")

SQLModel.metadata.naming_convention = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
).naming_convention

NEVER_REUSED = {"sqlite_autoincrement": True}


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, stored in UTC and read back with its zone."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


def moment() -> Any:
    """A column that holds when the row was made."""
    return Field(default_factory=now, sa_type=UtcDateTime)


def moment_or_none() -> Any:
    """A column that holds a moment which may not have come yet."""
    return Field(default=None, sa_type=UtcDateTime)


def to(column: str, **options: Any) -> Any:
    """A required reference to another row."""
    return Field(foreign_key=column, index=True, **options)


def to_or_none(column: str) -> Any:
    """An optional reference to another row."""
    return Field(default=None, foreign_key=column, index=True)


def json_value(*, nullable: bool = False) -> Any:
    """A column of plain JSON."""
    return Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=nullable))


def one_of(name: str, values: tuple[str, ...]) -> CheckConstraint:
    """The column holds one of the words, whoever writes it."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{name} IN ({listed})", name=name)


class Repository(SQLModel, table=True):
    """The one row about the whole: its name, its own id, and the edition of its tags."""

    id: int = Field(default=1, primary_key=True)
    guid: str
    title: str
    vocabulary_edition: int = 1


class Person(SQLModel, table=True):
    """Who works here. The person *system* acts for the command line and cannot sign in."""

    __table_args__ = (one_of("role", ROLES), NEVER_REUSED)

    id: int = Field(default=None, primary_key=True)
    email: str = Field(unique=True)
    name: str
    password_hash: str = ""
    role: str = "reader"
    language: str = ""
    is_active: bool = True
    is_system: bool = False
    must_change_password: bool = False
    session_epoch: int = 1
    created_at: datetime = moment()


class ApiToken(SQLModel, table=True):
    """A key to the API: all the rights of its person. Only its hash is kept."""

    __tablename__ = "api_token"
    __table_args__ = (NEVER_REUSED,)

    id: int = Field(default=None, primary_key=True)
    person_id: int = to("person.id")
    name: str
    hash: str = Field(unique=True)
    created_at: datetime = moment()
    last_used_at: datetime | None = moment_or_none()
    revoked_at: datetime | None = moment_or_none()


class Study(SQLModel, table=True):
    """One piece of research. `folded_key` makes the key unique whatever its case."""

    __table_args__ = (one_of("status", STUDY_STATUSES), one_of("access", ACCESSES), NEVER_REUSED)

    id: int = Field(default=None, primary_key=True)
    key: str
    folded_key: str = Field(unique=True)
    title: str
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
    summary_html: str = ""
    background_html: str = ""
    approach_html: str = ""
    limitations_html: str = ""
    owner_id: int = to("person.id")
    import_id: int | None = to_or_none("import_run.id")
    version: int = 1
    created_at: datetime = moment()


class Question(SQLModel, table=True):
    """A numbered question of a study."""

    __table_args__ = (NEVER_REUSED,)

    id: int = Field(default=None, primary_key=True)
    study_id: int = to("study.id")
    position: int
    text: str


class StudyMember(SQLModel, table=True):
    """Who is on a study's team."""

    __tablename__ = "study_member"

    study_id: int = Field(foreign_key="study.id", primary_key=True)
    person_id: int = Field(foreign_key="person.id", primary_key=True, index=True)
    may_edit: bool = False


class Atom(SQLModel, table=True):
    """The unit of knowledge: one claim in one sentence, with a body, evidence, tags and links."""

    __table_args__ = (
        one_of("kind", KINDS),
        one_of("status", ATOM_STATUSES),
        UniqueConstraint("study_id", "external_id"),
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
    """What an atom rests on. `who` was heard; `source` and `row` say where it was found."""

    __table_args__ = (one_of("kind", EVIDENCE_KINDS), NEVER_REUSED)

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


class Scheme(SQLModel, table=True):
    """A top-level set of tags (SKOS ConceptScheme)."""

    __table_args__ = (NEVER_REUSED,)

    id: int = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    guid: str = Field(unique=True)
    position: int = 0


class SchemeLabel(SQLModel, table=True):
    """What a scheme is called in a language."""

    __tablename__ = "scheme_label"

    scheme_id: int = Field(foreign_key="scheme.id", primary_key=True)
    language: str = Field(primary_key=True)
    text: str
    folded: str = Field(index=True)


class Tag(SQLModel, table=True):
    """A concept in a scheme (SKOS Concept). A merge writes only `replaced_by`, never flattened."""

    __table_args__ = (one_of("status", TAG_STATUSES), NEVER_REUSED)

    id: int = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    guid: str = Field(unique=True)
    scheme_id: int = to("scheme.id")
    status: str = "approved"
    replaced_by: int | None = to_or_none("tag.id")
    person_id: int = to("person.id")
    version: int = 1
    created_at: datetime = moment()


class TagLabel(SQLModel, table=True):
    """A word for a tag: preferred, alternative or hidden, in a language."""

    __tablename__ = "tag_label"
    __table_args__ = (
        one_of("kind", LABEL_KINDS),
        UniqueConstraint("tag_id", "language", "text"),
        NEVER_REUSED,
    )

    id: int = Field(default=None, primary_key=True)
    tag_id: int = to("tag.id")
    language: str
    kind: str
    text: str
    folded: str = Field(index=True)


class TagNote(SQLModel, table=True):
    """What belongs under a tag and what does not (SKOS scopeNote), in a language."""

    __tablename__ = "tag_note"

    tag_id: int = Field(foreign_key="tag.id", primary_key=True)
    language: str = Field(primary_key=True)
    text: str


class TagParent(SQLModel, table=True):
    """A tag's place under another. The primary parent, of the tag's own scheme, gives its path."""

    __tablename__ = "tag_parent"
    __table_args__ = (CheckConstraint("child_id <> parent_id", name="not_itself"),)

    child_id: int = Field(foreign_key="tag.id", primary_key=True)
    parent_id: int = Field(foreign_key="tag.id", primary_key=True, index=True)
    position: int = 0
    is_primary: bool = False


class AtomTag(SQLModel, table=True):
    """A tag that a person put on an atom. Ancestors are never written here."""

    __tablename__ = "atom_tag"

    atom_id: int = Field(foreign_key="atom.id", primary_key=True)
    tag_id: int = Field(foreign_key="tag.id", primary_key=True, index=True)
    person_id: int = Field(foreign_key="person.id")
    created_at: datetime = moment()


class History(SQLModel, table=True):
    """Who did what and when: append-only."""

    __table_args__ = (Index(None, "noun", "noun_id"), NEVER_REUSED)

    id: int = Field(default=None, primary_key=True)
    at: datetime = moment()
    person_id: int = to("person.id")
    verb: str
    noun: str
    noun_id: int


class HistoryPayload(SQLModel, table=True):
    """What a history row changed, before and after; can be redacted without touching the row."""

    __tablename__ = "history_payload"

    history_id: int = Field(foreign_key="history.id", primary_key=True)
    before: Any = json_value(nullable=True)
    after: Any = json_value(nullable=True)
    redacted_at: datetime | None = moment_or_none()


class IndexQueue(SQLModel, table=True):
    """Atoms whose index document is stale. No foreign key: an atom may be gone when its turn comes."""

    __tablename__ = "index_queue"
    __table_args__ = (NEVER_REUSED,)

    id: int = Field(default=None, primary_key=True)
    atom_id: int
    person_id: int = Field(index=True)


class Job(SQLModel, table=True):
    """Long work. A worker holds it by a lease that it renews; a lost lease is taken up again."""

    __table_args__ = (one_of("status", JOB_STATUSES), NEVER_REUSED)

    id: int = Field(default=None, primary_key=True)
    kind: str
    person_id: int = to("person.id")
    status: str = Field(default="waiting", index=True)
    arguments: Any = json_value(nullable=True)
    done: int = 0
    total: int = 0
    attempts: int = 0
    lease_until: datetime | None = moment_or_none()
    result: Any = json_value(nullable=True)
    error: Any = json_value(nullable=True)
    created_at: datetime = moment()
    finished_at: datetime | None = moment_or_none()


class ImportRun(SQLModel, table=True):
    """A file that came in. The studies and atoms that it made exist for nobody until it is whole."""

    __tablename__ = "import_run"
    __table_args__ = (NEVER_REUSED,)

    id: int = Field(default=None, primary_key=True)
    person_id: int = to("person.id")
    file_name: str
    created_at: datetime = moment()
    completed_at: datetime | None = moment_or_none()


class ImportedRow(SQLModel, table=True):
    """The row of a file that made an atom: the same row, read again, changes nothing.

    `identity` stands for a row without an external id. `content` is the hash of the whole row as it
    was last taken over: what people changed since stays theirs until the file changes.
    """

    __tablename__ = "imported_row"

    atom_id: int = Field(foreign_key="atom.id", primary_key=True)
    identity: str | None = Field(default=None, index=True)
    content: str


class Notice(SQLModel, table=True):
    """What a person is told. The message is kept unworded, so that it follows their language."""

    __table_args__ = (Index(None, "person_id", "read_at"), NEVER_REUSED)

    id: int = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    at: datetime = moment()
    message: Any = json_value()
    address: str = ""
    read_at: datetime | None = moment_or_none()


# A foreign key that a merge or a withdrawal must follow is found by walking this metadata.
metadata = SQLModel.metadata

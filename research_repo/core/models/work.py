"""What was done, what is to be done, and who is told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from research_repo.core.models.columns import (
    NEVER_REUSED,
    json_value,
    moment,
    moment_or_none,
    one_of,
    to,
)

JOB_STATUSES = ("waiting", "running", "done", "failed")


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
    """Atoms whose index document is stale. No foreign key: an atom may be gone when its turn comes.

    A row with `import_id` stands for all atoms of that import after `atom_id`: to write a hundred
    thousand rows at once would let everybody wait.
    """

    __tablename__ = "index_queue"
    __table_args__ = (NEVER_REUSED,)

    id: int = Field(default=None, primary_key=True)
    atom_id: int
    person_id: int = Field(index=True)
    import_id: int | None = None


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

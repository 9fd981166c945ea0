"""What was heard and seen: participants, the texts and files of a study, and their passages."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from research_repo.core.models.columns import (
    NEVER_REUSED,
    moment,
    moment_or_none,
    one_of,
    to,
    to_or_none,
)

SOURCE_KINDS = ("transcript", "notes", "survey", "image", "pdf")
TEXT_KINDS = SOURCE_KINDS[:3]
"""The kinds that are text: people read them here and cut quotes from them."""


class Participant(SQLModel, table=True):
    """Who was heard in a study, under a pseudonymous code, and what they agreed to.

    `folded_code` makes the code unique in its study whatever its case. Consent holds from
    `consent_on` to the day `consent_until`, if it was not withdrawn.
    """

    __table_args__ = (UniqueConstraint("study_id", "folded_code"), NEVER_REUSED)

    id: int = Field(default=None, primary_key=True)
    study_id: int = to("study.id")
    code: str
    folded_code: str
    segment: str = ""
    consent_purpose: str = ""
    consent_scope: str = ""
    consent_on: date | None = None
    consent_until: date | None = Field(default=None, index=True)
    withdrawn_on: date | None = Field(default=None, index=True)
    version: int = 1
    created_at: datetime = moment()


class Attachment(SQLModel, table=True):
    """A file as it is kept in the folder `attachments`, once, under the SHA-256 of its bytes."""

    __table_args__ = (NEVER_REUSED,)

    id: int = Field(default=None, primary_key=True)
    hash: str = Field(unique=True)
    media_type: str
    size: int
    created_at: datetime = moment()


class Source(SQLModel, table=True):
    """A text or a file of a study. Its team alone sees it, even where the study is open.

    `text` is the whole of it, which passages and quotes point into. `participant_id` is who was
    heard, where one alone was. A source is there when it is completed, until it is removed.
    """

    __table_args__ = (one_of("kind", SOURCE_KINDS), NEVER_REUSED)

    id: int = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    study_id: int = to("study.id")
    kind: str
    title: str
    language: str = ""
    held_on: date | None = None
    participant_id: int | None = to_or_none("participant.id")
    text: str = ""
    attachment_id: int | None = to_or_none("attachment.id")
    file_name: str = ""
    person_id: int = to("person.id")
    version: int = 1
    created_at: datetime = moment()
    updated_at: datetime = moment()
    completed_at: datetime | None = moment_or_none()
    removed_at: datetime | None = moment_or_none()


class Passage(SQLModel, table=True):
    """A turn of speech, a paragraph or an answer: the text from `start` to before `end`.

    Offsets are Unicode code points of the source's text, times milliseconds from its beginning.
    `heading` is the question that was answered.
    """

    __table_args__ = (Index(None, "source_id", "start"),)

    source_id: int = Field(foreign_key="source.id", primary_key=True)
    position: int = Field(primary_key=True)
    start: int
    end: int
    speaker: str = ""
    participant_id: int | None = to_or_none("participant.id")
    heading: str = ""
    from_ms: int | None = None
    to_ms: int | None = None

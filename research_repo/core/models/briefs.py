"""What was known when somebody thought of a study, and what they decided."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from research_repo.core.models.columns import (
    NEVER_REUSED,
    json_value,
    moment,
    moment_or_none,
    one_of,
    to,
    to_or_none,
)

DECISIONS = ("", "enough", "narrow", "request")


class Brief(SQLModel, table=True):
    """A research question with what answered it on the day.

    `content` names atoms, studies and tags by id alone: each reader sees of them what they may.
    """

    __table_args__ = (one_of("decision", DECISIONS), NEVER_REUSED)

    id: int = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    question: str
    language: str
    content: Any = json_value()
    person_id: int = to("person.id")
    created_at: datetime = moment()
    decision: str = Field(default="", index=True)
    decision_note: str = ""
    decided_by: int | None = to_or_none("person.id")
    decided_at: datetime | None = moment_or_none()
    days_saved: int | None = None
    study_id: int | None = to_or_none("study.id")
    version: int = 1
    deleted_at: datetime | None = moment_or_none()

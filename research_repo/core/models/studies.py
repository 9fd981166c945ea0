"""Studies, their questions and their teams."""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from research_repo.core.models.columns import NEVER_REUSED, moment, one_of, to, to_or_none

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
    started_why: str = ""
    """Why it was begun although nobody attached what is known already."""
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

"""What a team has agreed on, and what people have typed but not sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from research_repo.core.models.columns import json_value, moment


class Policy(SQLModel, table=True):
    """A choice of the team for the whole repository, under a name; one without a row is as shipped."""

    name: str = Field(primary_key=True)
    value: Any = json_value()


class ReviewPeriod(SQLModel, table=True):
    """After how many months claims under a tag want a second look."""

    __tablename__ = "review_period"

    tag_id: int = Field(foreign_key="tag.id", primary_key=True)
    months: int


class Scratch(SQLModel, table=True):
    """What somebody has typed into a form and not sent yet, so that a closed window loses nothing."""

    person_id: int = Field(foreign_key="person.id", primary_key=True)
    form: str = Field(primary_key=True)
    content: Any = json_value()
    updated_at: datetime = moment()

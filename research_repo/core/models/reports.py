"""Reports rolled up from atoms: how each is arranged, its frozen versions and links to these."""

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

REPORT_SCOPES = ("study", "search", "tag", "list")


class Report(SQLModel, table=True):
    """A report and what it is rolled up from.

    One of a study has `study_id`, at most one each, and is seen by whoever sees the study. The
    others are their owner's until they are shared; what they show is what each reader may see.
    `wanted` are the filters of a search, as pairs. `layout` is a list of sections in their order.
    """

    __table_args__ = (one_of("scope", REPORT_SCOPES), NEVER_REUSED)

    id: int = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    scope: str
    study_id: int | None = Field(default=None, foreign_key="study.id", unique=True)
    tag_id: int | None = to_or_none("tag.id")
    wanted: Any = json_value(nullable=True)
    title: str = ""
    layout: Any = json_value()
    owner_id: int = to("person.id")
    is_shared: bool = False
    version: int = 1
    created_at: datetime = moment()
    changed_at: datetime = moment()
    deleted_at: datetime | None = moment_or_none()


class ReportAtom(SQLModel, table=True):
    """An atom that the author picked for a report, or where they put it, and in which order.

    `place` is "q" with the number of a question, "also", "recommendations" or "hidden"; "list" says
    that it was picked. An atom that answers two questions has an order in each.
    """

    __tablename__ = "report_atom"

    report_id: int = Field(foreign_key="report.id", primary_key=True)
    atom_id: int = Field(foreign_key="atom.id", primary_key=True, index=True)
    place: str = Field(primary_key=True)
    position: int


class ReportTemplate(SQLModel, table=True):
    """How reports of a kind are arranged. One under the key of a shipped template stands for it."""

    __tablename__ = "report_template"
    __table_args__ = (NEVER_REUSED,)

    id: int = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    name: str
    layout: Any = json_value()
    version: int = 1
    deleted_at: datetime | None = moment_or_none()


class ReportVersion(SQLModel, table=True):
    """A report as it was on the day: `content` never changes but where words must be taken out."""

    __tablename__ = "report_version"
    __table_args__ = (NEVER_REUSED,)

    id: int = Field(default=None, primary_key=True)
    report_id: int = to("report.id")
    number: int
    title: str
    language: str
    note: str = ""
    content: Any = json_value()
    atom_count: int
    person_id: int = to("person.id")
    published_at: datetime = moment()
    redacted_at: datetime | None = moment_or_none()


class ReportCitation(SQLModel, table=True):
    """An atom that a frozen version shows, with the version and the standing that it had then."""

    __tablename__ = "report_citation"

    version_id: int = Field(foreign_key="report_version.id", primary_key=True)
    atom_id: int = Field(foreign_key="atom.id", primary_key=True, index=True)
    atom_version: int
    level: str = ""


class ReportGround(SQLModel, table=True):
    """A study that a frozen version draws on: whoever may not see the study may not see it."""

    __tablename__ = "report_ground"

    version_id: int = Field(foreign_key="report_version.id", primary_key=True)
    study_id: int = Field(foreign_key="study.id", primary_key=True, index=True)


class Share(SQLModel, table=True):
    """A link to one frozen version for whoever holds it; only a hash of it is kept."""

    __table_args__ = (NEVER_REUSED,)

    id: int = Field(default=None, primary_key=True)
    version_id: int = to("report_version.id")
    name: str
    token_hash: str = Field(unique=True)
    person_id: int = to("person.id")
    created_at: datetime = moment()
    expires_at: datetime = moment()
    revoked_at: datetime | None = moment_or_none()
    opened: int = 0
    opened_at: datetime | None = moment_or_none()

"""Work on many atoms at once: what is to be done, in parts, and what each part wrote."""

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
)

BULK_STATUSES = ("running", "done", "undoing", "undone")
BULK_DEEDS = ("tag", "confirm", "archive")


class BulkTagging(SQLModel, table=True):
    """Many atoms tagged, confirmed or archived as one action, to be taken back as one.

    `added` and `removed` are the ids of tags, `note` is what was said of a confirmation. `job_id` names the job that does it, where there is
    one: jobs do not travel with an export of everything, so it is no foreign key.
    """

    __tablename__ = "bulk_tagging"
    __table_args__ = (one_of("status", BULK_STATUSES), one_of("deed", BULK_DEEDS), NEVER_REUSED)

    id: int = Field(default=None, primary_key=True)
    person_id: int = to("person.id")
    status: str = "running"
    deed: str = "tag"
    note: str = ""
    added: Any = json_value()
    removed: Any = json_value()
    total: int = 0
    job_id: int | None = None
    created_at: datetime = moment()


class BulkStep(SQLModel, table=True):
    """Some of the atoms of a bulk tagging, written in one transaction.

    `images` are the rows that it wrote, before and after; None until it is done. `told` says of the
    atoms that it left out why.
    """

    __tablename__ = "bulk_step"

    bulk_id: int = Field(foreign_key="bulk_tagging.id", primary_key=True)
    position: int = Field(primary_key=True)
    atom_ids: Any = json_value()
    images: Any = json_value(nullable=True)
    told: Any = json_value(nullable=True)
    changed: int = 0
    same: int = 0
    not_yours: int = 0
    refused: int = 0
    taken_back: int = 0
    undone_at: datetime | None = moment_or_none()

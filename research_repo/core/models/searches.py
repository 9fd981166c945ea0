"""What people search for: searches that they keep and follow, and searches that found too little."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlmodel import Field, SQLModel

from research_repo.core.models.columns import (
    NEVER_REUSED,
    json_value,
    moment,
    moment_or_none,
    to,
    to_or_none,
)


class SavedSearch(SQLModel, table=True):
    """A search under a name. `wanted` are the arguments of its address, as pairs.

    A shared one is seen by everybody; what it finds is what each may see. A deleted one can be put
    back for some days.
    """

    __tablename__ = "saved_search"
    __table_args__ = (NEVER_REUSED,)

    id: int = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    person_id: int = to("person.id")
    name: str
    wanted: Any = json_value()
    is_shared: bool = False
    version: int = 1
    created_at: datetime = moment()
    deleted_at: datetime | None = moment_or_none()


class Follow(SQLModel, table=True):
    """A person who is told when a saved search finds something new.

    `known` are the ids of the atoms that it has found so far; `found` the newest of them, each with
    the moment when it came up. Without `looked_at` what it finds next is where it begins, and is no
    news. Of the feed's address only a hash is kept.
    """

    saved_search_id: int = Field(foreign_key="saved_search.id", primary_key=True)
    person_id: int = Field(foreign_key="person.id", primary_key=True, index=True)
    known: Any = json_value()
    found: Any = json_value()
    feed_hash: str | None = Field(default=None, unique=True)
    looked_at: datetime | None = moment_or_none()
    created_at: datetime = moment()


class SearchMiss(SQLModel, table=True):
    """Words that found nothing or little: perhaps a label is missing. Nobody knows who typed them."""

    __tablename__ = "search_miss"
    __table_args__ = (NEVER_REUSED,)

    id: int = Field(default=None, primary_key=True)
    folded: str = Field(unique=True)
    text: str
    times: int = 1
    fewest: int = 0
    last_on: date = Field(index=True)
    settled_by: int | None = to_or_none("person.id")
    settled_at: datetime | None = moment_or_none()

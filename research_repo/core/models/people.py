"""People and their keys, and the one row about the whole."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from research_repo.core.models.columns import NEVER_REUSED, moment, moment_or_none, one_of, to

ROLES = ("reader", "researcher", "curator", "admin")


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
    expires_at: datetime | None = moment_or_none()
    last_used_at: datetime | None = moment_or_none()
    revoked_at: datetime | None = moment_or_none()

"""The columns that every table is made of."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, DateTime, Dialect, MetaData, TypeDecorator
from sqlmodel import Field, SQLModel

from research_repo.core.clock import now

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

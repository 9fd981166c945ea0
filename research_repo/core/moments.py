"""What tells one state of the database from another, so that what was read of it may be kept."""

from __future__ import annotations

from collections.abc import Hashable
from itertools import count
from typing import Any

from sqlmodel import Session

from research_repo.core.remembered import lent

_NAME = "moments"
_numbers = count(1)


def moment(session: Session) -> tuple[Hashable, Hashable] | None:
    """A place, and the state of the database as it is seen from there, by one small statement.

    While the same place shows the same state, nothing at all was committed: by no thread, no other
    process and no other program. States of different places say nothing of each other. None for a
    session that has written: what it sees, others may never see.
    """
    if lent(session) is None:
        return None
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        seen = connection.exec_driver_sql("SELECT pg_current_snapshot()::text").scalar_one()
        return "snapshot", str(seen)
    # SQLite counts what others commit apart from what a connection writes itself.
    others = connection.exec_driver_sql("PRAGMA data_version").scalar_one()
    driver: Any = connection.connection.driver_connection
    place = connection.info.setdefault(_NAME, next(_numbers))
    return place, (others, driver.total_changes)

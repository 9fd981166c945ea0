"""What tells one state of the database from another, so that what was read of it may be kept."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from itertools import count
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlmodel import Session

from research_repo.core.remembered import lent

Moment = tuple[Hashable, Hashable]
Value = TypeVar("Value")

KEPT_MAX = 500  # values of one connection
_NAME = "moments"
_SEEN = "moment of a transaction"
_KEPT = "kept of a moment"
_numbers = count(1)


def kept(session: Session, name: Hashable, read: Callable[[], Value]) -> Value:
    """What `read` tells of the database, read again only after anything was saved there.

    The value is shared: nobody may change it. Each connection keeps its own, so that no lock and no
    other thread stands in the way.
    """
    seen = moment(session)
    if seen is None:
        return read()
    info = session.connection().info
    state, values = info.get(_KEPT, (None, {}))
    if state != seen or len(values) >= KEPT_MAX:
        values = {}
        info[_KEPT] = seen, values
    if name not in values:
        values[name] = read()
    found: Value = values[name]
    return found


def moment(session: Session) -> Moment | None:
    """A place, and the state of the database as it is seen from there, by one small statement.

    While the same place shows the same state, nothing at all was committed: by no thread, no other
    process and no other program. States of different places say nothing of each other. None for a
    session that has written: what it sees, others may never see.
    """
    if lent(session) is None:
        return None
    connection = session.connection()
    # All that one transaction reads is of one moment.
    transaction = session.get_transaction()
    known: tuple[Any, Moment] | None = session.info.get(_SEEN)
    if known is None or known[0] is not transaction:
        session.info[_SEEN] = known = transaction, _moment(connection)
    return known[1]


def _moment(connection: Connection) -> Moment:
    if connection.dialect.name != "sqlite":
        seen = connection.exec_driver_sql("SELECT pg_current_snapshot()::text").scalar_one()
        return "snapshot", str(seen)
    # SQLite counts what others commit apart from what a connection writes itself.
    others = connection.exec_driver_sql("PRAGMA data_version").scalar_one()
    driver: Any = connection.connection.driver_connection
    place = connection.info.setdefault(_NAME, next(_numbers))
    return place, (others, driver.total_changes)

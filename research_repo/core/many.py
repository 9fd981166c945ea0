"""Rows of many things at once, by statements that are built once.

To put a statement together and to tell it from others takes SQLAlchemy several times as long as the
database takes to answer it. What a list asks is therefore kept, with room for the ids.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, bindparam
from sqlmodel import Session, col

CHUNK = 500
_ASKED = "asked"


def among(column: Any) -> ColumnElement[bool]:
    """Condition: the column holds one of the ids that `rows_of` is given."""
    return col(column).in_(bindparam(_ASKED, expanding=True))


def rows_of(session: Session, statement: Any, ids: Iterable[Any], **values: Any) -> list[Any]:
    """The rows of a statement with one `among`; databases limit the values of a statement."""
    listed = list(ids)
    rows: list[Any] = []
    for start in range(0, len(listed), CHUNK):
        asked = {_ASKED: listed[start : start + CHUNK], **values}
        rows += session.exec(statement, params=asked).all()
    return rows

"""Short keys for addresses: stable, easy to read aloud, and telling nothing about how many there are."""

from __future__ import annotations

import secrets
from typing import Any

from sqlmodel import Session, col, select

# Without vowels no word can come out, without 0, 1, l no doubt.
ALPHABET = "23456789bcdfghjkmnpqrstvwxz"
LENGTH = 6


def new_key(session: Session, key_column: Any) -> str:
    """A key that the column does not hold yet."""
    return new_keys(session, key_column, 1)[0]


def new_keys(session: Session, key_column: Any, count: int) -> list[str]:
    """Different keys that the column does not hold yet."""
    chosen: list[str] = []
    while len(chosen) < count:
        drawn = {
            "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
            for _ in range(count - len(chosen))
        } - set(chosen)
        taken = set(session.exec(select(key_column).where(col(key_column).in_(drawn))))
        chosen += sorted(drawn - taken)
    return chosen

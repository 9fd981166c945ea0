"""Feeds of followed searches: an address that only its person knows, and what stands behind it.

Whoever has the address reads as that person, at that moment. Only a hash of it is kept.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from research_repo.core import cards, history, saved_searches
from research_repo.core.errors import NotFound
from research_repo.core.models import Follow, Person, SavedSearch

TOKEN_BYTES = 32
_STATUS = "published"


@dataclass(frozen=True)
class Entry:
    """An atom of a feed. `at` is when the search first found it, or when it was written down."""

    key: str
    kind: str
    title: str
    language: str
    study: str
    """Its title; empty without one."""
    day: date
    at: datetime


@dataclass(frozen=True)
class Feed:
    """What somebody's followed search found, the newest first."""

    key: str
    name: str
    person: Person
    made_at: datetime
    entries: tuple[Entry, ...]

    @property
    def updated_at(self) -> datetime:
        """When something last came up."""
        return max((one.at for one in self.entries), default=self.made_at)


def make(session: Session, by: Person, key: str) -> str:
    """The secret part of a new address for the feed of a followed search, told only now.

    An earlier one works no more.
    """
    saved, kept = _followed(session, by, key)
    secret = secrets.token_urlsafe(TOKEN_BYTES)
    kept.feed_hash = _digest(secret)
    history.record(session, by, "feed made", "saved_search", saved.id)
    return secret


def withdraw(session: Session, by: Person, key: str) -> None:
    """Let the address of a feed lead nowhere."""
    saved, kept = _followed(session, by, key)
    kept.feed_hash = None
    history.record(session, by, "feed withdrawn", "saved_search", saved.id)


def read(session: Session, secret: str, language: str) -> Feed:
    """The feed behind an address, in the person's language or else in this one.

    Raises:
        NotFound: the address is unknown or withdrawn, its person has left, or they see the search
            no longer.
    """
    found = session.exec(
        select(Follow, SavedSearch, Person)
        .join(SavedSearch, col(SavedSearch.id) == Follow.saved_search_id)
        .join(Person, col(Person.id) == Follow.person_id)
        .where(Follow.feed_hash == _digest(secret), Person.is_active)
    ).first()
    if found is None:
        raise NotFound
    kept, saved, person = found
    saved = saved_searches.get(session, person, saved.key)
    moments = {atom_id: datetime.fromisoformat(at) for atom_id, at in kept.found}
    statuses = {value for name, value in saved.wanted if name == "status"} or {_STATUS}
    entries = [
        Entry(
            card.key, card.kind, card.title, card.language, card.study_title, card.date,
            moments[card.id],
        )
        for card in cards.of_atoms(session, person, list(moments), person.language or language)
        if card.status in statuses
    ]  # fmt: skip
    newest = sorted(entries, key=lambda one: one.at, reverse=True)
    return Feed(saved.key, saved.name, person, kept.created_at, tuple(newest))


def _followed(session: Session, by: Person, key: str) -> tuple[SavedSearch, Follow]:
    saved = saved_searches.get(session, by, key)
    kept = session.get(Follow, (saved.id, by.id))
    if kept is None:
        raise NotFound
    return saved, kept


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()

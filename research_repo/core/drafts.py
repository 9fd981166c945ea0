"""Drafts that wait for their author: listed, and published many at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import and_, func, true
from sqlmodel import Session, col, select

from research_repo.core import access, atoms, hierarchy, policies, publishing, rules
from research_repo.core.errors import Conflict, Invalid, NotAllowed, NotFound
from research_repo.core.language import Message
from research_repo.core.models import Atom, Person


@dataclass
class Published:
    """Which atoms are published now, by key, and why others are not. What is not there is in neither."""

    keys: list[str] = field(default_factory=list)
    refused: dict[str, Message] = field(default_factory=dict)


def of_person(
    session: Session, by: Person, study_id: int | None, limit: int, offset: int = 0
) -> tuple[int, list[int]]:
    """How many drafts the person has, in one study or anywhere, and some of them: the newest first."""
    own = and_(col(Atom.status) == "draft", col(Atom.author_id) == by.id)
    here = true() if study_id is None else col(Atom.study_id) == study_id
    mine = and_(access.sees_atom(by), own, here)
    total = session.exec(select(func.count()).select_from(Atom).where(mine)).one()
    newest = select(Atom.id).where(mine).order_by(col(Atom.id).desc())
    return total, list(session.exec(newest.limit(limit).offset(offset)))


def of_study(session: Session, by: Person, study_id: int) -> list[int]:
    """The drafts in a study that the person sees, the last touched first."""
    query = select(Atom.id).where(
        access.sees_atom(by), Atom.status == "draft", Atom.study_id == study_id
    )
    return list(session.exec(query.order_by(col(Atom.updated_at).desc())))


def logged_lately(
    session: Session, by: Person, study_id: int | None, limit: int
) -> list[tuple[int, datetime, int]]:
    """What the person wrote down last, in one study or anywhere: id, when, and its version."""
    query = select(Atom.id, Atom.created_at, Atom.version).where(
        access.sees_atom(by), Atom.author_id == by.id
    )
    if study_id is not None:
        query = query.where(Atom.study_id == study_id)
    return list(session.exec(query.order_by(col(Atom.id).desc()).limit(limit)))


def to_do(
    session: Session, by: Person, atom_ids: Sequence[int], language: str
) -> dict[int, list[Message]]:
    """Atom → what the rules of tag groups and the team ask for before it can be published."""
    found = {
        one: rules.advice(session, offences, language)
        for one, offences in rules.of_atoms(session, atom_ids).items()
    }
    agreed = policies.publishing(session)
    for one, lack in publishing.lacking(session, by, atom_ids).items():
        if agreed[lack.kind] != "off":
            found.setdefault(one, []).append(lack.advice)
    return found


def publish(session: Session, by: Person, keys: Sequence[str]) -> Published:
    """Publish those of these drafts that may be; each of the others stays, and is told why.

    Work for some dozens: more of them are parted among several transactions by whoever calls.
    """
    return _set_all(session, by, keys, "draft", "published")


def take_back(session: Session, by: Person, keys: Sequence[str]) -> Published:
    """Make drafts again of those that were published just now."""
    return _set_all(session, by, keys, "published", "draft")


def _set_all(
    session: Session, by: Person, keys: Sequence[str], before: str, after: str
) -> Published:
    done = Published()
    for key, version, status in _standing(session, by, keys):
        if status != before:
            continue
        try:
            with session.begin_nested():
                atoms.set_status(session, by, key, version, after)
        except Invalid as refusal:
            done.refused[key] = next(iter(refusal.problems.values()))
        except (Conflict, NotAllowed, NotFound) as refusal:
            done.refused[key] = refusal.message
        else:
            done.keys.append(key)
    return done


def _standing(session: Session, by: Person, keys: Sequence[str]) -> list[tuple[str, int, str]]:
    wanted = list(dict.fromkeys(key.lower() for key in keys))
    seen = select(Atom.key, Atom.version, Atom.status).where(access.sees_atom(by))
    found = {row[0]: row for row in hierarchy.in_chunks(session, seen, Atom.key, wanted)}
    return [found[key] for key in wanted if key in found]

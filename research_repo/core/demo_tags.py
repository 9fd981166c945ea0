"""The tags of the demo content. A tag that the team has under the same name is used, not doubled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, select

from research_repo.core import people, schemes, tags
from research_repo.core.errors import Invalid
from research_repo.core.models import Person, Scheme, Tag
from research_repo.settings import LANGUAGES

GUIDS = "research-repo:demo:"
STARTER_GUIDS = "research-repo:"

Row = dict[str, Any]


def make_scheme(session: Session, row: Row) -> Scheme:
    """The tag group of this key or name, made when there is none."""
    for text in (row["key"], row["en"], row["ru"]):
        standing = schemes.named(session, text)
        if standing:
            return standing
    labels = {"en": row["en"], "ru": row["ru"]}
    by = people.system(session)
    return schemes.add(session, by, labels, key=row["key"], guid=GUIDS + row["key"])


def make(
    session: Session,
    by: Person,
    scheme: Scheme,
    row: Row,
    definition: Mapping[str, str],
    parent_ids: list[int],
) -> int:
    """The tag that the row tells of, made under its parents when there is none."""
    standing = _standing(session, scheme, row)
    if standing is not None:
        return standing
    above = [session.get_one(Tag, tag_id).key for tag_id in parent_ids]
    words = tags.TagWords(
        pref={language: row[language] for language in LANGUAGES if language in row},
        alt={language: _free(session, scheme, language, row) for language in LANGUAGES},
        note={language: row.get(f"note_{language}", "") for language in LANGUAGES},
        definition=definition,
    )
    made = tags.create(
        session,
        by,
        scheme.key,
        words,
        above[:1],
        guid=GUIDS + row["id"],
        is_to_review="by" in row,  # a colleague's word, for a curator to find
    )
    for parent_key in above[1:]:
        try:
            tags.add_parent(session, people.system(session), made.key, parent_key)
        except Invalid:
            continue  # the team's own tree says so already
    return made.id


def starter(session: Session, name: str) -> int:
    """The tag that every repository begins with: starter(session, "severity:major")."""
    return session.exec(select(Tag.id).where(Tag.guid == STARTER_GUIDS + name)).one()


def _standing(session: Session, scheme: Scheme, row: Row) -> int | None:
    own = session.exec(select(Tag.id).where(Tag.guid == GUIDS + row["id"])).first()
    owners = (
        tags.owner_of_label(session, scheme.id, language, row[language])
        for language in LANGUAGES
        if language in row
    )
    return own or next((owner for owner in owners if owner is not None), None)


def _free(session: Session, scheme: Scheme, language: str, row: Row) -> list[str]:
    return [
        text
        for text in row.get(f"also_{language}", ())
        if tags.owner_of_label(session, scheme.id, language, text) is None
    ]

"""Ready-made tag groups: those of a new repository, and templates that curators add later.

What they hold stands in `starters.toml`. Their guids are fixed, so that files from two repositories agree, and adding one again adds nothing.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session, col, select

from research_repo.core import access, schemes, tags, words
from research_repo.core.errors import NotFound
from research_repo.core.models import Person, Scheme, Tag, TagLabel
from research_repo.core.tag_words import TagWords

CONTENT = Path(__file__).with_suffix(".toml")


@dataclass(frozen=True)
class Leaf:
    """A tag of a template; `under` is the key of another one of it."""

    key: str
    english: str
    russian: str
    under: str = ""
    also: str = ""
    definition_en: str = ""
    definition_ru: str = ""


@dataclass(frozen=True)
class Template:
    """A group with its tags, parents first."""

    key: str
    english: str
    russian: str
    leaves: tuple[Leaf, ...] = ()

    @property
    def guid(self) -> str:
        return f"research-repo:{self.key}"


def _read(part: str) -> tuple[Template, ...]:
    return tuple(
        Template(**{**row, "leaves": tuple(Leaf(**leaf) for leaf in row.get("leaves", ()))})
        for row in tomllib.loads(CONTENT.read_text("utf-8"))[part]
    )


STARTERS = _read("starters")
TEMPLATES = _read("templates")


@dataclass(frozen=True)
class Offer:
    """A template beside what the repository has of it."""

    template: Template
    scheme_key: str
    """Of the group that it fills; empty while there is none."""
    missing: tuple[Leaf, ...]

    @property
    def is_whole(self) -> bool:
        return bool(self.scheme_key) and not self.missing


def make_schemes(session: Session, by: Person) -> None:
    """Make the starter groups and their tags."""
    for template in STARTERS:
        _fill(session, by, template)


def offers(session: Session) -> list[Offer]:
    """All templates, with what is missing of each."""
    found = []
    for template in TEMPLATES:
        scheme = _scheme(session, template)
        there = _standing(session, template, scheme) if scheme else {}
        missing = tuple(leaf for leaf in template.leaves if leaf.key not in there)
        found.append(Offer(template, scheme.key if scheme else "", missing))
    return found


def add(session: Session, by: Person, key: str) -> Scheme:
    """Add a template's group and what is missing of its tags; a group of its name is filled.

    Raises:
        NotFound: there is no such template.
    """
    access.require_govern(by)
    template = next((one for one in TEMPLATES if one.key == key), None)
    if template is None:
        raise NotFound
    return _fill(session, by, template)


def _fill(session: Session, by: Person, template: Template) -> Scheme:
    scheme = _scheme(session, template)
    if scheme is None:
        labels = {"en": template.english, "ru": template.russian}
        scheme = schemes.add(session, by, labels, key=template.key, guid=template.guid)
    there = _standing(session, template, scheme)
    for leaf in template.leaves:
        if leaf.key not in there:
            above = _place(session, there.get(leaf.under, ""))
            guid = f"{template.guid}:{leaf.key}"
            there[leaf.key] = tags.create(
                session, by, scheme.key, _words(leaf), above, guid=guid
            ).key
    return scheme


def _scheme(session: Session, template: Template) -> Scheme | None:
    own = session.exec(select(Scheme).where(Scheme.guid == template.guid)).first()
    names = (template.key, template.english, template.russian)
    return own or next(filter(None, (schemes.named(session, name) for name in names)), None)


def _standing(session: Session, template: Template, scheme: Scheme) -> dict[str, str]:
    """Leaf → key of the tag that is it, or that owns one of its names in the group."""
    guids = {f"{template.guid}:{leaf.key}": leaf.key for leaf in template.leaves}
    named = {
        (language, words.fold(text)): leaf.key
        for leaf in template.leaves
        for language, text in (("en", leaf.english), ("ru", leaf.russian))
    }
    labelled = session.exec(
        select(TagLabel.language, TagLabel.folded, Tag.key)
        .join(Tag)
        .where(Tag.scheme_id == scheme.id, col(TagLabel.folded).in_([text for _, text in named]))
    )
    found = {
        named[language, folded]: key
        for language, folded, key in labelled
        if (language, folded) in named
    }
    own = session.exec(select(Tag.guid, Tag.key).where(col(Tag.guid).in_(guids)))
    return found | {guids[guid]: key for guid, key in own}


def _place(session: Session, parent_key: str) -> list[str]:
    # What was retired takes no new tags under it.
    is_open = parent_key and tags.standing(session, parent_key).status != "deprecated"
    return [parent_key] if is_open else []


def _words(leaf: Leaf) -> TagWords:
    also = {words.language_of(leaf.also): [leaf.also]} if leaf.also else {}
    return TagWords(
        pref={"en": leaf.english, "ru": leaf.russian},
        alt=also,
        definition={"en": leaf.definition_en, "ru": leaf.definition_ru},
    )

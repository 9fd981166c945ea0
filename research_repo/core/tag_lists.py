"""A list of tags as plain values: what a file of tags holds, and the vocabulary made ready for one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from research_repo.core import hierarchy, tagging
from research_repo.core.language import Message, say
from research_repo.core.models import Person, Scheme, SchemeLabel, Tag, TagLabel, TagNote
from research_repo.core.tags import TagWords

FLAW_KINDS = {
    "row": say("Rows to look at"),
    "column": say("Columns that nothing is read from"),
    "group": say("Tags that go into another group than the file says"),
    "collection": say("Collections, which are no tags"),
    "homonym": say("One name for several tags"),
    "untranslated": say("Tags without a name in one of the languages"),
    "place": say("Places left out"),
    "label": say("Names left out, or kept as synonyms"),
    "language": say("Texts in other languages"),
    "property": say("Properties that tags do not have here"),
    "retired": say("Tags retired without a successor"),
}


@dataclass(frozen=True)
class Flaw:
    """What is wrong with a place of a file. Row 0 is the file, or a file that has no rows."""

    row: int
    column: str
    reason: Message
    kind: str = "row"
    """One of FLAW_KINDS, so that many of a kind are told together."""


@dataclass(frozen=True)
class Group:
    """A tag group, as far as a file knows it."""

    key: str = ""
    guid: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TagLine:
    """A tag of a list. `group` is a key of the list's `groups`, or a group's key or label."""

    guid: str
    group: str
    words: TagWords
    parents: tuple[str, ...] = ()
    """Guids, the one that gives its path first."""
    status: str = "approved"
    replaced_by: str = ""
    row: int = 0

    @property
    def name(self) -> str:
        """What to call it in a message."""
        return next(iter(self.words.pref.values()), "") or self.guid


@dataclass(frozen=True)
class TagList:
    """Tags with their groups, and what a reader of the file has to tell about it."""

    tags: tuple[TagLine, ...]
    groups: Mapping[str, Group] = field(default_factory=dict)
    says: frozenset[str] | None = None
    """What the file speaks of, such as pref_en, note_ru, parents, status; None: of everything."""
    refused: tuple[Flaw, ...] = ()
    warnings: tuple[Flaw, ...] = ()

    def is_said(self, what: str) -> bool:
        """Whether the file speaks of it; if not, it stays as it is in the repository."""
        return self.says is None or what in self.says


def vocabulary(session: Session, by: Person) -> TagList:
    """All tags that the person may know of. A merged one is retired and says what replaced it."""
    hidden = tagging.unseen(session, by)
    rows = [
        row for row in session.exec(select(Tag).order_by(col(Tag.guid))) if row.id not in hidden
    ]
    guids = {row.id: row.guid for row in rows}
    words = _words_of_all(session)
    above = hierarchy.parents(session, [row.id for row in rows if row.replaced_by is None])
    groups = groups_of(session)
    keys = {scheme_id: group.key for scheme_id, group in groups.items()}
    tags = tuple(
        TagLine(
            guid=row.guid,
            group=keys[row.scheme_id],
            words=words.get(row.id, TagWords(pref={})),
            parents=_primary_first(guids[one] for one in above.get(row.id, ()) if one in guids),
            status="deprecated" if row.replaced_by else row.status,
            replaced_by=guids.get(row.replaced_by or 0, ""),
        )
        for row in rows
    )
    place = {key: place for place, key in enumerate(keys.values())}
    in_order = sorted(tags, key=lambda tag: (place[tag.group], tag.name.casefold(), tag.guid))
    return TagList(tuple(in_order), {group.key: group for group in groups.values()})


def groups_of(session: Session) -> dict[int, Group]:
    """The tag groups by id, in their order."""
    labels: dict[int, dict[str, str]] = {}
    for label in session.exec(select(SchemeLabel).order_by(col(SchemeLabel.language))):
        labels.setdefault(label.scheme_id, {})[label.language] = label.text
    rows = session.exec(select(Scheme).order_by(col(Scheme.position), col(Scheme.id)))
    return {row.id: Group(row.key, row.guid, labels.get(row.id, {})) for row in rows}


def _primary_first(guids: Iterable[str]) -> tuple[str, ...]:
    first, *others = [*guids] or [""]
    return tuple(filter(None, (first, *sorted(others))))


def _words_of_all(session: Session) -> dict[int, TagWords]:
    kinds: dict[int, dict[str, dict[str, list[str]]]] = {}
    for label in session.exec(select(TagLabel).order_by(col(TagLabel.text))):
        of_tag = kinds.setdefault(label.tag_id, {"pref": {}, "alt": {}, "hidden": {}})
        of_tag[label.kind].setdefault(label.language, []).append(label.text)
    notes: dict[int, dict[str, str]] = {}
    for note in session.exec(select(TagNote)):
        notes.setdefault(note.tag_id, {})[note.language] = note.text
    return {
        tag_id: TagWords(
            pref={language: texts[0] for language, texts in of_tag["pref"].items()},
            alt=of_tag["alt"],
            hidden=of_tag["hidden"],
            note=notes.get(tag_id, {}),
        )
        for tag_id, of_tag in kinds.items()
    }

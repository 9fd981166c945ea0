"""A list of tags as plain values: what a file of tags holds, and the vocabulary made ready for one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial

from sqlmodel import Session, col, select

from research_repo.core import hierarchy, tag_edges, tagging
from research_repo.core.language import Message, say
from research_repo.core.models import (
    Person,
    Scheme,
    SchemeLabel,
    Tag,
    TagLabel,
    TagNote,
    TagRelated,
)
from research_repo.core.tag_words import TagWords

FLAW_KINDS = {
    "row": say("Rows to look at"),
    "column": say("Columns that nothing is read from"),
    "guess": say("Columns read by what their headers mean"),
    "group": say("Tags that go into another group than the file says"),
    "collection": say("Collections, which are no tags"),
    "homonym": say("One name for several tags"),
    "untranslated": say("Tags without a name in one of the languages"),
    "place": say("Places left out"),
    "label": say("Names left out, or kept as synonyms"),
    "language": say("Texts in other languages"),
    "property": say("Properties that tags do not have here"),
    "retired": say("Tags retired without a successor"),
    "codebook": say("Defects of the codebook"),
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
    is_ruled: bool = field(default=False, compare=False)
    """It has rules, which no file of tags carries."""


@dataclass(frozen=True)
class TagLine:
    """A tag of a list. `group` is a key of the list's `groups`, or a group's key or label.

    One of a file without ids is told by `path`: names from the top of its group down to its own.
    A loose line comes from a file that knows less than the repository: it adds and renames, and
    takes away nothing.
    """

    guid: str
    group: str
    words: TagWords
    parents: tuple[str, ...] = ()
    """Guids, the one that gives its path first."""
    status: str = "approved"
    replaced_by: str = ""
    row: int = 0
    related: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    is_loose: bool = False
    is_implied: bool = False
    """No line of the file: a step of another one's path."""

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
    """What the file speaks of, such as pref_en, scope_ru, parents, related, status; None: of all."""
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
    related = _related(session, guids, above)
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
            related=tuple(sorted(related.get(row.id, ()))),
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
    return {
        row.id: Group(row.key, row.guid, labels.get(row.id, {}), _is_ruled(row)) for row in rows
    }


def _is_ruled(row: Scheme) -> bool:
    is_bound = row.is_single or row.is_required or bool(row.kinds)
    return is_bound or row.who_may_add != "anyone" or row.steward_id is not None


def _related(
    session: Session, guids: Mapping[int, str], above: Mapping[int, Iterable[int]]
) -> dict[int, set[str]]:
    """Guids of related tags, both ways; a pair of which one came to lie under the other sleeps."""
    places = {str(child): tuple(map(str, parents)) for child, parents in above.items()}
    found: dict[int, set[str]] = {}
    over = cache(partial(tag_edges.ancestors, places))
    for ends in session.exec(select(TagRelated.one_id, TagRelated.other_id)):
        one, other = map(str, ends)
        if not guids.keys() >= {*ends} or one in over(other) or other in over(one):
            continue
        for end, beside in (tuple(ends), tuple(ends)[::-1]):
            found.setdefault(end, set()).add(guids[beside])
    return found


def _primary_first(guids: Iterable[str]) -> tuple[str, ...]:
    first, *others = [*guids] or [""]
    return tuple(filter(None, (first, *sorted(others))))


def _words_of_all(session: Session) -> dict[int, TagWords]:
    kinds: dict[int, dict[str, dict[str, list[str]]]] = {}
    # Columns, not rows: tens of thousands of objects would take seconds.
    labels = select(TagLabel.tag_id, TagLabel.kind, TagLabel.language, TagLabel.text)
    for tag_id, kind, language, text in session.exec(labels.order_by(col(TagLabel.text))):
        of_tag = kinds.setdefault(tag_id, {"pref": {}, "alt": {}, "hidden": {}})
        of_tag[kind].setdefault(language, []).append(text)
    notes: dict[int, dict[str, dict[str, str]]] = {}
    texts = select(TagNote.tag_id, TagNote.kind, TagNote.language, TagNote.text)
    for tag_id, kind, language, text in session.exec(texts):
        notes.setdefault(tag_id, {}).setdefault(kind, {})[language] = text
    return {
        tag_id: TagWords(
            pref={language: texts[0] for language, texts in of_tag["pref"].items()},
            alt=of_tag["alt"],
            hidden=of_tag["hidden"],
            note=notes.get(tag_id, {}).get("scope", {}),
            definition=notes.get(tag_id, {}).get("definition", {}),
            example=notes.get(tag_id, {}).get("example", {}),
        )
        for tag_id, of_tag in kinds.items()
    }

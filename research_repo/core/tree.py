"""The vocabulary as the tree shows it: a level at a time, never more rows than a page can carry."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import func
from sqlmodel import Session, col, select

from research_repo.core import hierarchy, tagging, tags, timeline, words
from research_repo.core.errors import NotFound
from research_repo.core.hierarchy import TagCard
from research_repo.core.models import Person, Scheme, Tag, TagLabel
from research_repo.core.tags import TagWords
from research_repo.core.timeline import Event

LEVEL_ROWS = 50
PAGE_ROWS = 120
OTHER_WORDS_SHOWN = 3
DIGITS = re.compile(r"\d+")
NUMBER_WIDTH = 9


@dataclass(frozen=True)
class Row:
    """A line of the tree. A tag with two parents has a line under each."""

    card: TagCard
    depth: int
    has_children: bool
    other_words: tuple[str, ...]
    also_in: tuple[str, ...]
    below: Level | None = None
    """What lies under it, when it is open."""


@dataclass(frozen=True)
class Level:
    """Tags side by side, in the order of the alphabet: `rows` are some of `total`, from `start` on."""

    under: str
    """The key of the tag that they lie under; empty at the top of the group."""
    depth: int
    rows: tuple[Row, ...]
    start: int
    total: int

    @property
    def end(self) -> int:
        return self.start + len(self.rows)


@dataclass(frozen=True)
class TagPage:
    """A tag with what its page and its form begin with."""

    card: TagCard
    scheme_key: str
    line: tuple[TagCard, ...]
    """From the top of the group down to its primary parent."""
    words: TagWords
    version: int
    parents: tuple[TagCard, ...]
    events: tuple[Event, ...]


def level(
    session: Session,
    by: Person,
    scheme_id: int,
    language: str,
    *,
    under: str = "",
    start: int = 0,
    depth: int = 0,
    unfolded: Collection[str] = (),
    is_whole: bool = False,
) -> Level:
    """The top of a group or what lies `under` a tag, with the branches of the `unfolded` tags.

    A level shows LEVEL_ROWS of its tags, all levels together PAGE_ROWS; the rest is asked for by
    `start`. NotFound when `by` may not know of the tag.
    """
    hidden = tagging.unseen(session, by)
    parent = _known(session, under, hidden) if under else None
    top = _children(session, [parent], hidden)[parent] if parent else None
    if top is None:
        top = [one for one in hierarchy.roots(session, scheme_id) if one not in hidden]
    opened = set(session.exec(select(Tag.id).where(col(Tag.key).in_(unfolded))))
    below = _below(session, top, None if is_whole else opened, hidden)
    order = _alphabet(session, {*top, *(one for ids in below.values() for one in ids)}, language)
    plan = _Plan(below, order)
    placed = plan.level(parent, top, start, depth)
    shown = _Shown(session, plan.shown, hidden, language)
    return _filled(placed, under, depth, shown)


def listed(
    session: Session,
    by: Person,
    tag_ids: Iterable[int],
    language: str,
    matched: Mapping[int, str] | None = None,
    under: int | None = None,
) -> list[Row]:
    """These tags as lines without depth, in the order given; `matched` is the word that found each.

    `under` is the tag that they are shown below: it is none of their other places.
    """
    hidden = tagging.unseen(session, by)
    wanted = [tag_id for tag_id in dict.fromkeys(tag_ids) if tag_id not in hidden]
    shown = _Shown(session, set(wanted), hidden, language)
    rows = [shown.row(tag_id, under, 0) for tag_id in wanted if tag_id in shown.cards]
    return [_with_word(row, (matched or {}).get(row.card.id, "")) for row in rows]


def retired(session: Session, text: str, limit: int) -> list[int]:
    """The retired tags with a label that holds the text: typing ahead does not offer them."""
    folded = words.fold(text)
    query = (
        select(Tag.id)
        .join(TagLabel, col(TagLabel.tag_id) == Tag.id)
        .where(
            Tag.status == "deprecated",
            col(Tag.replaced_by).is_(None),
            col(TagLabel.folded).contains(folded, autoescape=True),
        )
    )
    return list(session.exec(query.distinct().order_by(col(Tag.id)).limit(limit))) if folded else []


def page(session: Session, by: Person, key: str, language: str) -> TagPage:
    """A tag's page; of a merged one that of its survivor. NotFound when `by` may not know of it."""
    asked = tags.get(session, key)
    tag = session.get_one(Tag, hierarchy.resolved(session, [asked.id])[asked.id])
    hidden = tagging.unseen(session, by)
    if tag.id in hidden:
        raise NotFound
    above = hierarchy.parents(session, [tag.id]).get(tag.id, [])
    line = hierarchy.line(session, tag.id)
    made = hierarchy.cards(session, {tag.id, *above, *line}, language)
    return TagPage(
        card=made[tag.id],
        scheme_key=session.get_one(Scheme, tag.scheme_id).key,
        line=tuple(made[step] for step in line[:-1]),
        words=tags.words_of(session, tag),
        version=tag.version,
        parents=tuple(made[parent] for parent in above if parent not in hidden),
        events=tuple(timeline.of_tag(session, tag.id, language)),
    )


def children(session: Session, by: Person, tag_id: int, language: str) -> list[TagCard]:
    """All that lies directly under a tag, as far as the person may know of it, by label."""
    under = _children(session, [tag_id], tagging.unseen(session, by))[tag_id]
    return sorted(hierarchy.cards(session, under, language).values(), key=lambda one: one.label)


def candidate_count(session: Session, by: Person) -> int:
    """How many tags wait for a curator, among those that the person may know of."""
    return session.exec(
        select(func.count(col(Tag.id))).where(
            Tag.status == "candidate", col(Tag.replaced_by).is_(None), tagging.is_seen(by)
        )
    ).one()


def candidates(session: Session, by: Person, limit: int = 200) -> list[int]:
    """The tags that wait for a curator, the oldest first."""
    query = select(Tag.id).where(
        Tag.status == "candidate", col(Tag.replaced_by).is_(None), tagging.is_seen(by)
    )
    return list(session.exec(query.order_by(col(Tag.id)).limit(limit)))


@dataclass(frozen=True)
class _Placed:
    """A level before its rows are read: tag, and the level below it where it is open."""

    parent: int | None
    rows: list[tuple[int, _Placed | None]]
    start: int
    total: int


class _Plan:
    """Which tags get a row, decided before anything is read of them."""

    def __init__(self, below: Mapping[int, list[int]], order: Mapping[int, tuple[bool, str]]):
        self.below = below
        self.order = order
        self.shown: set[int] = set()
        self.left = PAGE_ROWS

    def level(self, parent: int | None, tag_ids: list[int], start: int, depth: int) -> _Placed:
        ordered = sorted(tag_ids, key=lambda one: (self.order[one], one))
        start = min(start, max(0, len(ordered) - 1))
        placed = _Placed(parent, [], start, len(ordered))
        for tag_id in ordered[start : start + LEVEL_ROWS]:
            if self.left <= 0:
                break
            self.left -= 1
            self.shown.add(tag_id)
            under = self.below.get(tag_id)
            is_open = under is not None and self.left > 0
            inner = self.level(tag_id, under, 0, depth + 1) if is_open and under else None
            placed.rows.append((tag_id, inner))
        return placed


class _Shown:
    """What the rows of these tags say, read for all of them at once."""

    def __init__(self, session: Session, tag_ids: set[int], hidden: set[int], language: str):
        above = hierarchy.parents(session, tag_ids)
        others = {one for parents in above.values() for one in parents if one not in hidden}
        self.cards = hierarchy.cards(session, tag_ids | others, language)
        self.above = {
            tag_id: [one for one in above.get(tag_id, ()) if one in others] for tag_id in tag_ids
        }
        self.with_children = {
            one for one, under in _children(session, tag_ids, hidden).items() if under
        }
        self.other_words = _other_words(session, tag_ids, language)

    def row(self, tag_id: int, under: int | None, depth: int) -> Row:
        return Row(
            card=self.cards[tag_id],
            depth=depth,
            has_children=tag_id in self.with_children,
            other_words=tuple(self.other_words.get(tag_id, ())[:OTHER_WORDS_SHOWN]),
            also_in=tuple(self.cards[one].name for one in self.above[tag_id] if one != under),
        )


def _filled(placed: _Placed, under: str, depth: int, shown: _Shown) -> Level:
    rows = []
    for tag_id, inner in placed.rows:
        row = shown.row(tag_id, placed.parent, depth)
        if inner is not None:
            row = replace(row, below=_filled(inner, row.card.key, depth + 1, shown))
        rows.append(row)
    return Level(under, depth, tuple(rows), placed.start, placed.total)


def _with_word(row: Row, word: str) -> Row:
    if not word or words.fold(word) == words.fold(row.card.label):
        return row
    others = (word, *(one for one in row.other_words if one != word))
    return replace(row, other_words=others[:OTHER_WORDS_SHOWN])


def _known(session: Session, key: str, hidden: set[int]) -> int:
    tag = tags.get(session, key)
    survivor = hierarchy.resolved(session, [tag.id])[tag.id]
    if survivor in hidden:
        raise NotFound
    return survivor


def _children(session: Session, tag_ids: Collection[int], hidden: set[int]) -> dict[int, list[int]]:
    found = hierarchy.children(session, tag_ids)
    return {
        tag_id: [child for child in found.get(tag_id, ()) if child not in hidden]
        for tag_id in tag_ids
    }


def _below(
    session: Session, top: Collection[int], unfolded: set[int] | None, hidden: set[int]
) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    frontier = set(top)
    while frontier and len(found) < PAGE_ROWS:
        wanted = frontier if unfolded is None else frontier & unfolded
        step = _children(session, wanted - set(found), hidden) if wanted else {}
        found |= {parent: under for parent, under in step.items() if under}
        frontier = {child for under in step.values() for child in under} - set(found)
    return found


def _alphabet(
    session: Session, tag_ids: Collection[int], language: str
) -> dict[int, tuple[bool, str]]:
    # What has no name in this language comes last: it would stand among letters of another script.
    labels = hierarchy.labels_of(session, tag_ids, language)
    return {
        one: (spoken != language, DIGITS.sub(_wide, words.fold(text)))
        for one, (text, spoken) in labels.items()
    }


def _wide(number: re.Match[str]) -> str:
    return number[0].zfill(NUMBER_WIDTH)  # so that 9 comes before 10


def _other_words(session: Session, tag_ids: Collection[int], language: str) -> dict[int, list[str]]:
    rows = hierarchy.in_chunks(
        session,
        select(TagLabel.tag_id, TagLabel.text)
        .where(TagLabel.kind == "alt", TagLabel.language == language)
        .order_by(col(TagLabel.id)),
        TagLabel.tag_id,
        tag_ids,
    )
    found: dict[int, list[str]] = {}
    for tag_id, text in rows:
        found.setdefault(tag_id, []).append(text)
    return found

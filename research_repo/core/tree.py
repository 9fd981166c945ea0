"""The vocabulary as pages show it: the rows of a group's tree, and a tag's own page."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import Session, col, select

from research_repo.core import hierarchy, tagging, tags, timeline
from research_repo.core.errors import NotFound
from research_repo.core.hierarchy import TagCard
from research_repo.core.models import Person, Scheme, Tag, TagLabel
from research_repo.core.tags import TagWords
from research_repo.core.timeline import Event

ROWS_MAX = 2000
OTHER_WORDS_SHOWN = 4

Place = tuple[int, int | None, int]
"""A tag, the one that it is shown under, and how deep."""


@dataclass(frozen=True)
class Row:
    """A line of the tree. A tag with two parents has a line under each."""

    card: TagCard
    depth: int
    has_children: bool
    is_open: bool
    other_words: tuple[str, ...]
    also_in: tuple[str, ...]


@dataclass(frozen=True)
class TagPage:
    """A tag with all that its page shows."""

    card: TagCard
    scheme_key: str
    line: tuple[TagCard, ...]
    """From the top of the group down to its primary parent."""
    words: TagWords
    version: int
    parents: tuple[TagCard, ...]
    children: tuple[TagCard, ...]
    events: tuple[Event, ...]


def rows(
    session: Session,
    by: Person,
    scheme_id: int,
    language: str,
    unfolded: Collection[str] = (),
    *,
    is_whole: bool = False,
) -> list[Row]:
    """The group's tree with the children of the `unfolded` tags (by key), or with all of them."""
    hidden = tagging.unseen(session, by)
    top = [tag_id for tag_id in hierarchy.roots(session, scheme_id) if tag_id not in hidden]
    keys = dict(session.exec(select(Tag.id, Tag.key).where(col(Tag.key).in_(unfolded))).all())
    below = _below(session, top, None if is_whole else set(keys), hidden)
    made = hierarchy.cards(
        session, {*top, *(one for ids in below.values() for one in ids)}, language
    )
    placed: list[Place] = []

    def walk(tag_ids: Iterable[int], under: int | None, depth: int) -> None:
        for tag_id in sorted(tag_ids, key=lambda one: made[one].label.casefold()):
            if len(placed) < ROWS_MAX:
                placed.append((tag_id, under, depth))
                walk(below.get(tag_id, ()), tag_id, depth + 1)

    walk(top, None, 0)
    opened = set(below) if is_whole else set(keys)
    return _rows(session, placed, made, opened, hidden, language)


def listed(session: Session, by: Person, tag_ids: Iterable[int], language: str) -> list[Row]:
    """These tags as lines without depth, in the order given."""
    hidden = tagging.unseen(session, by)
    wanted = [tag_id for tag_id in tag_ids if tag_id not in hidden]
    made = hierarchy.cards(session, wanted, language)
    placed: list[Place] = [(tag_id, None, 0) for tag_id in wanted if tag_id in made]
    return _rows(session, placed, made, set(), hidden, language)


def page(session: Session, by: Person, key: str, language: str) -> TagPage:
    """A tag's page; of a merged one that of its survivor. NotFound when `by` may not know of it."""
    asked = tags.get(session, key)
    tag = session.get_one(Tag, hierarchy.resolved(session, [asked.id])[asked.id])
    hidden = tagging.unseen(session, by)
    if tag.id in hidden:
        raise NotFound
    above = hierarchy.parents(session, [tag.id]).get(tag.id, [])
    under = [
        child
        for child in hierarchy.children(session, [tag.id]).get(tag.id, [])
        if child not in hidden
    ]
    line = hierarchy.line(session, tag.id)
    made = hierarchy.cards(session, {tag.id, *above, *under, *line}, language)
    return TagPage(
        card=made[tag.id],
        scheme_key=session.get_one(Scheme, tag.scheme_id).key,
        line=tuple(made[step] for step in line[:-1]),
        words=tags.words_of(session, tag),
        version=tag.version,
        parents=tuple(made[parent] for parent in above),
        children=tuple(sorted((made[child] for child in under), key=lambda one: one.label)),
        events=tuple(timeline.of_tag(session, tag.id)),
    )


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


def _below(
    session: Session, top: Collection[int], unfolded: set[int] | None, hidden: set[int]
) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    frontier = set(top)
    while frontier and len(found) < ROWS_MAX:
        wanted = frontier if unfolded is None else frontier & unfolded
        step = hierarchy.children(session, wanted - set(found))
        for parent, children in step.items():
            found[parent] = [child for child in children if child not in hidden]
        frontier = {child for parent in step for child in found[parent]} - set(found)
    return found


def _rows(
    session: Session,
    placed: list[Place],
    made: dict[int, TagCard],
    opened: set[int],
    hidden: set[int],
    language: str,
) -> list[Row]:
    shown = {tag_id for tag_id, _, _ in placed}
    below = hierarchy.children(session, shown)
    above = hierarchy.parents(session, shown)
    others = {parent for parents in above.values() for parent in parents}
    names = hierarchy.labels_of(session, others, language)
    words = _other_words(session, shown, language)
    return [
        Row(
            card=made[tag_id],
            depth=depth,
            has_children=any(child not in hidden for child in below.get(tag_id, ())),
            is_open=tag_id in opened,
            other_words=tuple(words.get(tag_id, ())[:OTHER_WORDS_SHOWN]),
            also_in=tuple(
                names[parent][0]
                for parent in above.get(tag_id, ())
                if parent != under and parent not in hidden
            ),
        )
        for tag_id, under, depth in placed
    ]


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

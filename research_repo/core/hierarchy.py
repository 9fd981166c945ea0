"""The shape of the vocabulary: who replaced whom, what lies under what, and a tag's path.

The one place that resolves redirects. A merged tag's children belong to its survivor; its own
parents sleep; what would become a self edge or a duplicate is dropped on reading.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import CTE, and_, exists
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from research_repo.core import words
from research_repo.core.many import among, rows_of
from research_repo.core.models import Repository, SchemeLabel, Tag, TagLabel, TagParent, TagRelated
from research_repo.core.moments import kept
from research_repo.core.remembered import lent
from research_repo.core.upward import above, end


@dataclass(frozen=True)
class TagCard:
    """A tag as people see it: its label and path in their language."""

    id: int
    key: str
    label: str
    language: str
    """The language of the label: their own where there is one."""
    path: tuple[str, ...]
    """Labels from the top of the scheme down to this tag."""
    scheme_id: int
    scheme: str
    status: str
    twins: tuple[int, ...] = ()
    """The schemes of other tags that are called the same."""

    @property
    def full_path(self) -> str:
        """Scheme and path in one line: names the tag without doubt, and is read back by `named`."""
        return " > ".join((self.scheme, *self.path))

    @property
    def steps(self) -> tuple[str, ...]:
        """The path as lists show it: with the scheme where a twin in another one has the label."""
        is_apart = all(scheme_id == self.scheme_id for scheme_id in self.twins)
        return self.path if is_apart else (self.scheme, *self.path)

    @property
    def name(self) -> str:
        """The label; what it lies under is told where several tags are called so."""
        above = self.path[-2] if len(self.path) > 1 else self.scheme
        return f"{self.label} ({above})" if self.twins else self.label


def resolved(session: Session, tag_ids: Iterable[int]) -> dict[int, int]:
    """Tag → the tag that stands for it today, at the end of its chain of merges."""
    return ends_of(session, dict(rows_of(session, _standing(), set(tag_ids))))


def ends_of(session: Session, replaced: Mapping[int, int | None]) -> dict[int, int]:
    """The same for tags of which it is known already what each was merged into."""
    known = dict(replaced)
    frontier = {survivor for survivor in known.values() if survivor and survivor not in known}
    while frontier:
        further = dict(rows_of(session, _standing(), frontier))
        known |= further
        frontier = {survivor for survivor in further.values() if survivor} - known.keys()
    return {tag_id: end(known, tag_id) for tag_id in replaced}


@cache
def _standing() -> Any:
    return select(Tag.id, Tag.replaced_by).where(among(Tag.id))


def merged_into(session: Session, tag_ids: Iterable[int]) -> dict[int, int]:
    """Every tag that resolves to one of these (they themselves included) → that one."""
    stands_for = {tag_id: tag_id for tag_id in tag_ids}
    frontier = set(stands_for)
    while frontier:
        rows = in_chunks(session, select(Tag.id, Tag.replaced_by), Tag.replaced_by, frontier)
        frontier = set()
        for merged, survivor in rows:
            if merged not in stands_for:
                stands_for[merged] = stands_for[survivor]
                frontier.add(merged)
    return stands_for


def redirects() -> CTE:
    """Every tag (`tag_id`) with every tag that it leads to (`survivor_id`), itself included."""
    itself: Any = select(col(Tag.id).label("tag_id"), col(Tag.id).label("survivor_id"))
    chain: CTE = itself.cte("redirect", recursive=True)
    further = select(chain.c.tag_id, Tag.replaced_by).join(
        Tag, and_(col(Tag.id) == chain.c.survivor_id, col(Tag.replaced_by).is_not(None))
    )
    return chain.union(further)


def merges() -> CTE:
    """Every merged tag (`tag_id`) with every tag that it leads to (`survivor_id`)."""
    first: Any = select(col(Tag.id).label("tag_id"), col(Tag.replaced_by).label("survivor_id"))
    chain: CTE = first.where(col(Tag.replaced_by).is_not(None)).cte("merge", recursive=True)
    further = select(chain.c.tag_id, Tag.replaced_by).join(
        Tag, and_(col(Tag.id) == chain.c.survivor_id, col(Tag.replaced_by).is_not(None))
    )
    return chain.union(further)


def parents(session: Session, tag_ids: Iterable[int]) -> dict[int, list[int]]:
    """Tag → its parents, resolved, the primary one first. The tags must be survivors."""
    rows = in_chunks(
        session,
        select(TagParent.child_id, TagParent.parent_id, TagParent.is_primary, TagParent.position),
        TagParent.child_id,
        tag_ids,
    )
    ends = resolved(session, {row[1] for row in rows})
    found: dict[int, list[int]] = {}
    for child, parent, _, _ in sorted(rows, key=lambda row: (not row[2], row[3], row[1])):
        survivor = ends[parent]
        if survivor != child and survivor not in found.setdefault(child, []):
            found[child].append(survivor)
    return found


def children(session: Session, tag_ids: Iterable[int]) -> dict[int, list[int]]:
    """Tag → its children: those of everything merged into it, too, without the merged ones."""
    stands_for = merged_into(session, tag_ids)
    rows = in_chunks(
        session,
        select(TagParent.parent_id, TagParent.child_id, Tag.replaced_by).join(
            Tag, col(Tag.id) == TagParent.child_id
        ),
        TagParent.parent_id,
        stands_for,
    )
    found: dict[int, dict[int, None]] = {}
    for parent, child, replaced_by in rows:
        survivor = stands_for[parent]
        if replaced_by is None and child != survivor:
            found.setdefault(survivor, {})[child] = None
    return {survivor: list(listed) for survivor, listed in found.items()}


def related(session: Session, tag_ids: Collection[int]) -> dict[int, list[int]]:
    """Tag → the tags that belong together with it, resolved. The tags must be survivors."""
    wanted = set(tag_ids)
    rows = related_rows(session, wanted)
    ends = resolved(session, {end for row in rows for end in (row.one_id, row.other_id)})
    found: dict[int, list[int]] = {}
    for row in rows:
        pair = (ends[row.one_id], ends[row.other_id])
        for tag_id, other in (pair, pair[::-1]):
            if tag_id in wanted and other != tag_id and other not in found.get(tag_id, ()):
                found.setdefault(tag_id, []).append(other)
    return found


def related_rows(session: Session, tag_ids: Collection[int]) -> list[TagRelated]:
    """What is said about these tags, and about those that were merged into them."""
    stands_for = merged_into(session, tag_ids)
    found: dict[tuple[int, int], TagRelated] = {}
    for column in (TagRelated.one_id, TagRelated.other_id):
        for row in in_chunks(session, select(TagRelated), column, stands_for):
            found[row.one_id, row.other_id] = row
    return [found[pair] for pair in sorted(found)]


def ancestors(session: Session, tag_id: int) -> set[int]:
    """All that the tag lies under, at any height, without the tag itself."""
    return above(session, [tag_id]).ancestors(tag_id)


def descendants(session: Session, tag_id: int) -> set[int]:
    """All that lies under the tag, at any depth, without the tag itself."""
    seen: set[int] = set()
    frontier = {tag_id}
    while frontier:
        found = children(session, frontier)
        frontier = {next_id for listed in found.values() for next_id in listed} - seen - {tag_id}
        seen |= frontier
    return seen


def roots(session: Session, scheme_id: int) -> list[int]:
    """The tags at the top of a scheme: those without a parent in it."""
    parent = aliased(Tag)
    mine = select(Tag.id).where(Tag.scheme_id == scheme_id, col(Tag.replaced_by).is_(None))
    edge = and_(
        col(TagParent.child_id) == col(Tag.id),
        col(parent.id) == col(TagParent.parent_id),
        col(parent.scheme_id) == scheme_id,
    )
    at_top = mine.where(~exists().where(edge, col(parent.replaced_by).is_(None)))
    asleep = mine.where(exists().where(edge, col(parent.replaced_by).is_not(None)))
    without = set(session.exec(at_top).all())
    # What lies under a merged tag alone lies under the survivor; or at the top, if it is that itself.
    lifted_ids = without.intersection(session.exec(asleep).all())
    lifted = above(session, lifted_ids)
    return sorted(without - {tag_id for tag_id in lifted_ids if len(lifted.line(tag_id)) > 1})


def cards(session: Session, tag_ids: Iterable[int], language: str) -> dict[int, TagCard]:
    """Tag → its card in this language. Merged tags get the card of their survivor."""
    asked = set(tag_ids)
    remembered = lent(session)
    if not asked or remembered is None:
        return _made(session, asked, language)
    edition = kept(session, "edition", lambda: session.exec(_edition()).one())
    known = remembered.of(edition, [(tag_id, language) for tag_id in asked])
    found = {tag_id: card for (tag_id, _), card in known.items()}
    if fresh := _made(session, asked - found.keys(), language):
        remembered.keep(edition, {(tag_id, language): card for tag_id, card in fresh.items()})
    return found | fresh


@cache
def _edition() -> Any:
    return select(Repository.vocabulary_edition)


def _made(session: Session, asked: Collection[int], language: str) -> dict[int, TagCard]:
    if not asked:
        return {}
    over = above(session, asked)
    ends = {tag_id: over.ends[tag_id] for tag_id in asked if tag_id in over.ends}
    lines = {tag_id: over.line(tag_id) for tag_id in set(ends.values())}
    involved = {tag_id for line in lines.values() for tag_id in line}
    tags = {row.id: row for row in in_chunks(session, select(Tag), Tag.id, lines)}
    labels = labels_of(session, involved, language)
    owners = _owners(session, {words.fold(labels[tag_id][0]) for tag_id in lines})
    schemes = scheme_labels(session, language)
    made: dict[int, TagCard] = {}
    for tag_id, line in lines.items():
        tag = tags[tag_id]
        label, spoken = labels[tag_id]
        called_so = owners.get(words.fold(label), {})
        made[tag_id] = TagCard(
            id=tag_id,
            key=tag.key,
            label=label,
            language=spoken,
            path=tuple(labels[step][0] for step in line),
            scheme_id=tag.scheme_id,
            scheme=schemes.get(tag.scheme_id, ""),
            status=tag.status,
            twins=tuple(sorted(called_so[twin] for twin in called_so.keys() - {tag_id})),
        )
    return {tag_id: made[end] for tag_id, end in ends.items()}


def cards_of_keys(session: Session, keys: Iterable[str], language: str) -> dict[str, TagCard]:
    """Key → the card of the tag that has it, or that stands for it; unknown keys are left out."""
    asked = list(keys)
    ids = dict(rows_of(session, _by_key(), asked))
    made = cards(session, ids.values(), language)
    return {key: made[ids[key]] for key in asked if key in ids}


@cache
def _by_key() -> Any:
    return select(Tag.key, Tag.id).where(among(Tag.key))


def _owners(session: Session, folded: Collection[str]) -> dict[str, dict[int, int]]:
    called = in_chunks(
        session,
        select(TagLabel.folded, TagLabel.tag_id).where(TagLabel.kind == "pref"),
        TagLabel.folded,
        folded,
    )
    # A join would let SQLite begin with all tags that are not merged, which are nearly all.
    standing = in_chunks(
        session,
        select(Tag.id, Tag.scheme_id, Tag.replaced_by),
        Tag.id,
        {tag_id for _, tag_id in called},
    )
    scheme_of = {tag_id: scheme_id for tag_id, scheme_id, merged in standing if merged is None}
    found: dict[str, dict[int, int]] = {}
    for text, tag_id in called:
        if tag_id in scheme_of:
            found.setdefault(text, {})[tag_id] = scheme_of[tag_id]
    return found


def labels_of(
    session: Session, tag_ids: Collection[int], language: str
) -> dict[int, tuple[str, str]]:
    """Tag → its preferred label and that label's language; another language where there is none."""
    rows = in_chunks(
        session,
        select(TagLabel.tag_id, TagLabel.text, TagLabel.language).where(TagLabel.kind == "pref"),
        TagLabel.tag_id,
        tag_ids,
    )
    best: dict[int, tuple[str, str]] = {}
    for tag_id, text, spoken in sorted(rows, key=lambda row: (row[2] != language, row[2], row[1])):
        best.setdefault(tag_id, (text, spoken))
    return {tag_id: best.get(tag_id, (f"#{tag_id}", "")) for tag_id in tag_ids}


def scheme_labels(session: Session, language: str) -> Mapping[int, str]:
    """Scheme → what it is called in this language."""
    return kept(session, ("schemes", language), lambda: _labels_of_schemes(session, language))


def _labels_of_schemes(session: Session, language: str) -> dict[int, str]:
    rows = session.exec(_scheme_labels()).all()
    found: dict[int, str] = {}
    for scheme_id, text, _ in sorted(rows, key=lambda row: (row[2] != language, row[2])):
        found.setdefault(scheme_id, text)
    return found


@cache
def _scheme_labels() -> Any:
    return select(SchemeLabel.scheme_id, SchemeLabel.text, SchemeLabel.language)


def line(session: Session, tag_id: int) -> tuple[int, ...]:
    """The tag's path as ids, from the top of its scheme down to itself."""
    return above(session, [tag_id]).line(tag_id)


def primary_parents(session: Session, tag_ids: Collection[int]) -> dict[int, int]:
    """Tag → the parent of its own scheme that gives its path; tags at the top are left out."""
    above = parents(session, tag_ids)
    involved = {*tag_ids, *(parent for listed in above.values() for parent in listed)}
    scheme_of = dict(in_chunks(session, select(Tag.id, Tag.scheme_id), Tag.id, involved))
    found = {}
    for tag_id, listed in above.items():
        mine = [parent for parent in listed if scheme_of[parent] == scheme_of[tag_id]]
        if mine:
            found[tag_id] = mine[0]
    return found


def in_chunks(session: Session, query: Any, column: Any, ids: Iterable[Any]) -> list[Any]:
    """The rows of `query` whose `column` is one of `ids`; databases limit the values of a statement."""
    return rows_of(session, query.where(among(column)), ids)

"""What wants tidying in the vocabulary: each check finds tags, for curators, who then change them.

The vocabulary and its use are read once, by one statement for each table; every check is a pure
look at that. Merged and retired tags are tidy already. Use is counted on the atoms that the curator
sees.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from sqlalchemy import func
from sqlmodel import Session, col, select

from research_repo.core import access, tagging
from research_repo.core.clock import now
from research_repo.core.models import Atom, Person, Tag, TagLabel, TagNote, TagParent
from research_repo.settings import LANGUAGES

UNUSED_DAYS = 365
COMMON_SHARE = 0.3
COMMON_FROM = 10
"""Among fewer atoms a share tells nothing."""
CHILDREN_MAX = 25
"""More than this cannot be taken in at a glance."""
DEPTH_MAX = 5
"""Levels: what lies deeper is not found by drilling down."""


@dataclass(frozen=True)
class Finding:
    """A tag that a check found; with the other tag that it is about, and how many atoms, tags or
    levels make it one.
    """

    tag_id: int
    other_id: int | None = None
    number: int = 0
    text: str = ""
    """The word, or the language, that the finding is about."""
    atom_ids: tuple[int, ...] = ()


@dataclass
class Vocabulary:
    """All standing tags as they are now, and the atoms that carry them."""

    scheme_of: dict[int, int]
    old: set[int]
    """The tags that were made more than a year ago."""
    parents: dict[int, set[int]]
    labels: list[tuple[int, str, str, str]]
    """Tag, language, kind and folded text of each label that people see."""
    told: set[int]
    """The tags with a definition, or a note on what belongs there."""
    puts: set[tuple[int, int]]
    """Atom and tag, resolved."""
    atom_count: int
    """All atoms that the curator sees."""
    put_lately: set[int]
    """The tags that somebody put on an atom within a year."""

    @cached_property
    def children(self) -> dict[int, set[int]]:
        """Tag → the tags directly under it in its own group."""
        found: dict[int, set[int]] = defaultdict(set)
        for child, parents in self.parents.items():
            for parent in parents:
                if self.scheme_of[parent] == self.scheme_of[child]:
                    found[parent].add(child)
        return found

    @cached_property
    def atoms(self) -> dict[int, set[int]]:
        """Tag → the atoms that people put it on."""
        found: dict[int, set[int]] = defaultdict(set)
        for atom_id, tag_id in self.puts:
            found[tag_id].add(atom_id)
        return found

    @cached_property
    def above(self) -> dict[int, frozenset[int]]:
        """Tag → all that it lies under."""
        known: dict[int, frozenset[int]] = {}

        def climb(tag_id: int) -> frozenset[int]:
            if tag_id not in known:
                known[tag_id] = frozenset()  # an end, should a file have brought in a circle
                over = self.parents.get(tag_id, set())
                known[tag_id] = frozenset(over).union(*(climb(one) for one in over))
            return known[tag_id]

        for tag_id in self.scheme_of:
            climb(tag_id)
        return known


def read(session: Session, by: Person) -> Vocabulary:
    """The vocabulary for the checks; for curators."""
    access.require_govern(by)
    since = now() - timedelta(days=UNUSED_DAYS)
    rows = session.exec(select(Tag.id, Tag.scheme_id, Tag.status, Tag.replaced_by)).all()
    survivors = _survivors({row[0]: row[3] for row in rows})
    standing = [row for row in rows if row[3] is None and row[2] != "deprecated"]
    scheme_of = {row[0]: row[1] for row in standing}
    parents: dict[int, set[int]] = defaultdict(set)
    for child, parent in session.exec(select(TagParent.child_id, TagParent.parent_id)):
        over = survivors[parent]
        if child in scheme_of and over in scheme_of and over != child:
            parents[child].add(over)
    labels = session.exec(
        select(TagLabel.tag_id, TagLabel.language, TagLabel.kind, TagLabel.folded).where(
            TagLabel.kind != "hidden"
        )
    )
    notes = select(TagNote.tag_id).where(col(TagNote.kind).in_(("definition", "scope")))
    return Vocabulary(
        scheme_of=scheme_of,
        old=set(session.exec(select(Tag.id).where(Tag.created_at < since))),
        parents=parents,
        labels=[label for label in labels if label[0] in scheme_of],
        told=set(session.exec(notes)),
        puts={
            (atom_id, survivors[tag_id])
            for atom_id, tag_id in tagging.puts(session, by)
            if survivors[tag_id] in scheme_of
        },
        atom_count=session.exec(select(func.count(col(Atom.id))).where(access.sees_atom(by))).one(),
        put_lately={survivors[tag_id] for tag_id in tagging.put_since(session, by, since)},
    )


def unused(vocabulary: Vocabulary) -> Iterator[Finding]:
    """Nothing in its branch was put on an atom for a year."""
    used = set(vocabulary.put_lately)
    for tag_id in vocabulary.put_lately & vocabulary.scheme_of.keys():
        used |= vocabulary.above[tag_id]
    for tag_id in vocabulary.old & vocabulary.scheme_of.keys() - used:
        yield Finding(tag_id, number=len(vocabulary.atoms.get(tag_id, ())))


def used_once(vocabulary: Vocabulary) -> Iterator[Finding]:
    """On one atom alone, and with nothing under it."""
    for tag_id in vocabulary.scheme_of:
        atoms = vocabulary.atoms.get(tag_id, set())
        if len(atoms) == 1 and not vocabulary.children.get(tag_id):
            yield Finding(tag_id, number=1, atom_ids=tuple(atoms))


def undefined(vocabulary: Vocabulary) -> Iterator[Finding]:
    """Nobody said what it means."""
    for tag_id in vocabulary.scheme_of.keys() - vocabulary.told:
        yield Finding(tag_id, number=len(vocabulary.atoms.get(tag_id, ())))


def both(vocabulary: Vocabulary) -> Iterator[Finding]:
    """A tag and one that it lies under, put on the same atom: the wider one says nothing new."""
    tags_of: dict[int, set[int]] = defaultdict(set)
    for atom_id, tag_id in vocabulary.puts:
        tags_of[atom_id].add(tag_id)
    atoms_of: dict[tuple[int, int], list[int]] = defaultdict(list)
    for atom_id, tag_ids in tags_of.items():
        for tag_id in tag_ids:
            for wider in vocabulary.above[tag_id] & tag_ids:
                atoms_of[tag_id, wider].append(atom_id)
    for (tag_id, wider), atom_ids in atoms_of.items():
        yield Finding(tag_id, wider, len(atom_ids), atom_ids=tuple(sorted(atom_ids)))


def common(vocabulary: Vocabulary) -> Iterator[Finding]:
    """On so many atoms that it tells none of them apart."""
    total = vocabulary.atom_count
    for tag_id, atoms in vocabulary.atoms.items():
        if total >= COMMON_FROM and len(atoms) > COMMON_SHARE * total:
            yield Finding(tag_id, number=round(100 * len(atoms) / total))


def orphan(vocabulary: Vocabulary) -> Iterator[Finding]:
    """Neither over nor under another tag, in a group that has levels."""
    children = vocabulary.children
    with_levels = {vocabulary.scheme_of[tag_id] for tag_id in children}
    for tag_id, scheme_id in vocabulary.scheme_of.items():
        if scheme_id in with_levels and not children.get(tag_id) and not vocabulary.parents[tag_id]:
            yield Finding(tag_id, number=len(vocabulary.atoms.get(tag_id, ())))


def chain(vocabulary: Vocabulary) -> Iterator[Finding]:
    """The only tag under another one: one level too many, or sisters that are missing."""
    for parent, children in vocabulary.children.items():
        if len(children) == 1:
            yield Finding(next(iter(children)), parent)


def untranslated(vocabulary: Vocabulary) -> Iterator[Finding]:
    """Without a name in one of the languages."""
    named: dict[str, set[int]] = defaultdict(set)
    for tag_id, language, kind, _ in vocabulary.labels:
        if kind == "pref":
            named[language].add(tag_id)
    for language in LANGUAGES:
        for tag_id in vocabulary.scheme_of.keys() - named[language]:
            yield Finding(tag_id, text=language)


def ambiguous(vocabulary: Vocabulary) -> Iterator[Finding]:
    """A word that names another tag, too."""
    owners: dict[tuple[str, str], set[int]] = defaultdict(set)
    for tag_id, language, _, folded in vocabulary.labels:
        owners[language, folded].add(tag_id)
    for (_, folded), tag_ids in owners.items():
        first, *others = sorted(tag_ids)
        for other in others:
            yield Finding(other, first, text=folded)


def wide(vocabulary: Vocabulary) -> Iterator[Finding]:
    """With more tags directly under it than can be taken in."""
    for tag_id, children in vocabulary.children.items():
        if len(children) > CHILDREN_MAX:
            yield Finding(tag_id, number=len(children))


def deep(vocabulary: Vocabulary) -> Iterator[Finding]:
    """The lowest tag of a branch with too many levels."""
    children = vocabulary.children
    under = {child for some in children.values() for child in some}
    level = dict.fromkeys(vocabulary.scheme_of, 1)
    frontier = vocabulary.scheme_of.keys() - under
    for depth in range(1, _DEPTH_ASKED):
        level |= dict.fromkeys(frontier, depth)
        frontier = {child for tag_id in frontier for child in children.get(tag_id, ())}
    for tag_id, depth in level.items():
        if depth > DEPTH_MAX and not children.get(tag_id):
            yield Finding(tag_id, number=depth)


_DEPTH_ASKED = 64

CHECKS: dict[str, Callable[[Vocabulary], Iterable[Finding]]] = {
    "ambiguous": ambiguous,
    "both": both,
    "orphan": orphan,
    "chain": chain,
    "wide": wide,
    "deep": deep,
    "common": common,
    "once": used_once,
    "unused": unused,
    "undefined": undefined,
    "untranslated": untranslated,
}


def found(vocabulary: Vocabulary, check: str) -> list[Finding]:
    """What a check finds, that which concerns most atoms, tags or levels first."""
    return sorted(
        CHECKS[check](vocabulary), key=lambda one: (-one.number, one.tag_id, one.other_id or 0)
    )


def _survivors(replaced_by: dict[int, int | None]) -> dict[int, int]:
    ends: dict[int, int] = {}
    for tag_id in replaced_by:
        seen, end = {tag_id}, tag_id
        while (following := replaced_by.get(end)) is not None and following not in seen:
            seen.add(following)
            end = following
        ends[tag_id] = end
    return ends

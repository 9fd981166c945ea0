"""The filters of a search that is kept, as pairs of an address: what they name, and what of it is there.

Tags and studies stand in them by key, so that a merge or a new name changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlmodel import Session, select

from research_repo.core import access, hierarchy, tagging, typed, words
from research_repo.core.language import Message, say
from research_repo.core.models import Person, Study, Tag

PAIRS_MAX = 300
VALUE_MAX = 500

ARGUMENTS = (
    "q", "tag", "exact", "also", "kind", "study", "method", "by", "lang", "has", "after", "before",
    "not", "not_meant", "status", "match", "sort", "literal",
)  # fmt: skip
"""What a search's address may hold; a page of results is none of it."""

TAGS = ("tag", "exact", "also")
"""The arguments that name tags to be there."""

HOW = frozenset({"match", "sort", "literal", "not_meant"})
"""Those that say how to search, and not for what."""

NOWHERE = "-"
"""Stands for a tag or study that is not there for the reader: no key is written so."""

Pair = tuple[str, str]


@dataclass(frozen=True)
class There:
    """What of the tags and studies that some pairs name exists for a person."""

    groups: dict[str, int]
    """Tag → its group, of all tags."""
    tags: frozenset[str]
    studies: frozenset[str]

    def holds(self, pair: Pair) -> bool:
        """Whether nothing that the pair names is missing."""
        tag, study = tag_of(pair), study_of(pair)
        return (not tag or tag in self.tags) and (not study or study in self.studies)

    def as_seen(self, pairs: Sequence[Pair]) -> tuple[Pair, ...]:
        """The pairs without what is missing. It finds nothing: where no alternative is left, nor do they."""
        places = {self._place(pair) for pair in pairs if self.holds(pair)}
        shown = []
        for pair in pairs:
            if self.holds(pair):
                shown.append(pair)
            elif pair[0] in (*TAGS, "study") and self._place(pair) not in places:
                shown.append((pair[0], NOWHERE))
        return tuple(dict.fromkeys(shown))

    def _place(self, pair: Pair) -> tuple[str, int | str]:
        # Values of one filter are alternatives, and of tags those of one group.
        # In "also" each must hold by itself.
        name, value = pair
        if name == "also":
            return pair
        return ("tag", self.groups.get(value, value)) if name in TAGS else (name, 0)


def there(session: Session, by: Person, pairs: Collection[Pair]) -> There:
    """What of all that these pairs name exists for a person."""
    tag_keys = {tag_of(pair) for pair in pairs} - {""}
    if not any(tag_of(pair) or study_of(pair) for pair in pairs):
        return There({}, frozenset(), frozenset())
    study_keys = {study_of(pair) for pair in pairs} - {""}
    groups = hierarchy.in_chunks(session, select(Tag.key, Tag.scheme_id), Tag.key, tag_keys)
    seen_tags = select(Tag.key).where(tagging.is_seen(by))
    seen_studies = select(Study.folded_key).where(access.sees_study(by))
    return There(
        dict(groups),
        frozenset(hierarchy.in_chunks(session, seen_tags, Tag.key, tag_keys)),
        frozenset(hierarchy.in_chunks(session, seen_studies, Study.folded_key, study_keys)),
    )


def problems(pairs: Sequence[Pair]) -> dict[str, Message]:
    """What keeps these pairs from being kept: nothing is searched for, or no address has such."""
    if is_nothing(pairs):
        return {"": say("Search for words or choose a filter first, then save it.")}
    fits = len(pairs) <= PAIRS_MAX and all(
        name in ARGUMENTS and 0 < len(value) <= VALUE_MAX and typed.lines(value) == value
        for name, value in pairs
    )
    if fits:
        return {}
    return {"": say("This search cannot be kept. Open it on the search page, and save it there.")}


def is_nothing(pairs: Sequence[Pair]) -> bool:
    """Whether they only say how to search, and not for what."""
    return all(name in HOW for name, _ in pairs)


def tag_of(pair: Pair) -> str:
    """The key of the tag that a pair names, or nothing."""
    name, value = _turned(pair)
    return value if name in (*TAGS, "not_meant") else ""


def study_of(pair: Pair) -> str:
    """The key of the study that a pair names, or nothing."""
    name, value = _turned(pair)
    return words.fold(value) if name == "study" else ""


def _turned(pair: Pair) -> Pair:
    name, value = pair
    if name != "not":
        return pair
    name, _, value = value.partition(":")
    return name, value

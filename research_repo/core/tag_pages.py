"""What stands on a tag's page around its name: words, places, neighbours, and how its atoms got it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from research_repo.core import hierarchy, schemes, tagging, tree, upward
from research_repo.core.cards import AtomCard
from research_repo.core.hierarchy import TagCard
from research_repo.core.models import Person, TagLabel
from research_repo.core.tree import Row, TagPage

BELOW_SHOWN = 12
RELATED_SHOWN = 20


@dataclass(frozen=True)
class Note:
    """A note in the reader's language, or in the one that it has."""

    text: str
    language: str


@dataclass(frozen=True)
class Below:
    """What lies directly under a tag: the rows that count most, and how many there are."""

    rows: tuple[Row, ...]
    total: int


@dataclass(frozen=True)
class Around:
    """What is told of a tag beside its name."""

    notes: Mapping[str, Note]
    """Definition, scope and example, those that are there."""
    finds: tuple[tuple[str, tuple[str, ...]], ...]
    """By language, the reader's first: what else finds it, also by the names of tags merged into it."""
    misspelt: tuple[str, ...]
    """Words that find it and are shown nowhere but to curators."""
    other_places: tuple[TagCard, ...]
    related: tuple[TagCard, ...]
    steward: str


@dataclass(frozen=True)
class Through:
    """How an atom comes to a tag that nobody put on it: a narrower tag, its study, or both."""

    tag: TagCard | None
    is_lent: bool


def around(session: Session, by: Person, page: TagPage, language: str) -> Around:
    """Everything of the tag's own that its page shows; what `by` may not know of is left out."""
    tag_id = page.card.id
    hidden = tagging.unseen(session, by)
    related = [
        one for one in hierarchy.related(session, [tag_id]).get(tag_id, ()) if one not in hidden
    ]
    near = hierarchy.cards(session, related, language).values()
    steward = schemes.steward_of(session, schemes.get(session, page.scheme_key))
    hidden_words = [text for texts in page.words.hidden.values() for text in texts]
    return Around(
        notes=_notes(page, language),
        finds=_finds(session, page, language),
        misspelt=tuple(hidden_words),
        other_places=tuple(one for one in page.parents if one.id not in _last(page.line)),
        related=tuple(sorted(near, key=lambda one: one.full_path)[:RELATED_SHOWN]),
        steward=steward.name if steward else "",
    )


def below(
    session: Session, by: Person, page: TagPage, language: str, counts: Mapping[int, int]
) -> Below:
    """What lies under the tag, that with the most atoms first; all of it where it is not much."""
    hidden = tagging.unseen(session, by)
    tag_id = page.card.id
    under = [
        one for one in hierarchy.children(session, [tag_id]).get(tag_id, ()) if one not in hidden
    ]
    first = sorted(under, key=lambda one: (-counts.get(one, 0), one))[:BELOW_SHOWN]
    rows = tree.listed(session, by, first, language, under=tag_id)
    rows.sort(key=lambda row: (-counts.get(row.card.id, 0), row.card.label.casefold()))
    return Below(tuple(rows), len(under))


def through(session: Session, tag_id: int, atoms: Collection[AtomCard]) -> dict[int, Through]:
    """Atom → how it comes to the tag, for those on which it is not asserted."""
    carried = {one.id for atom in atoms for one in (*atom.tags, *atom.lent)}
    over = upward.above(session, carried)
    found = {}
    for atom in atoms:
        if any(one.id == tag_id for one in atom.tags):
            continue
        for tags, is_lent in ((atom.tags, False), (atom.lent, True)):
            exact = [one for one in tags if one.id == tag_id]
            narrower = [one for one in tags if tag_id in over.ancestors(one.id)]
            if exact or narrower:
                found[atom.id] = Through(None if exact else narrower[0], is_lent)
                break
    return found


def _notes(page: TagPage, language: str) -> dict[str, Note]:
    found = {}
    for kind, texts in page.words.notes().items():
        spoken = language if texts.get(language) else next(iter(texts), "")
        if texts.get(spoken):
            found[kind] = Note(texts[spoken], spoken)
    return found


def _finds(
    session: Session, page: TagPage, language: str
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    merged = hierarchy.merged_into(session, [page.card.id])
    rows = hierarchy.in_chunks(
        session,
        select(TagLabel)
        .where(TagLabel.kind != "hidden")
        .order_by(col(TagLabel.kind).desc(), col(TagLabel.id)),
        TagLabel.tag_id,
        merged,
    )
    found: dict[str, dict[str, None]] = {language: {}}
    for label in rows:
        if label.text != page.card.label:
            found.setdefault(label.language, {})[label.text] = None
    return tuple((code, tuple(texts)) for code, texts in found.items() if texts)


def _last(line: Sequence[TagCard]) -> set[int]:
    return {line[-1].id} if line else set()

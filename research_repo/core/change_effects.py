"""What a change set touches: how many atoms, reports and words hang on the tags that it speaks of.

One function for each column that holds a tag: a noun that comes to hold tags adds its own here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from research_repo.core import access, hierarchy, retagging, saved_searches, search_pairs
from research_repo.core.change_lines import Line
from research_repo.core.models import (
    Atom,
    Person,
    Report,
    ReportAtom,
    ReviewPeriod,
    Study,
    StudyTag,
    Tag,
    TagLabel,
    TagNote,
    TagParent,
)

SAMPLES = 5

# What each sort of line reaches of the tag that it is about.
PLACE = frozenset({"atoms", "studies", "tags", "searches", "reports"})
WORDS = frozenset({"atoms", "studies", "searches", "reports"})
REACHES: dict[str, frozenset[str]] = {
    "rename": WORDS,
    "add_label": WORDS,
    "remove_label": WORDS,
    "define": frozenset(),
    "reword": WORDS,
    "create": frozenset(),
    "relate": frozenset(),
    "unrelate": frozenset(),
    "retag": frozenset(),
    "move": PLACE,
    "add_parent": PLACE,
    "remove_parent": PLACE,
    "merge": PLACE | {"labels", "notes", "relations", "periods"},
    "retire": WORDS | {"labels"},
    "restore": WORDS | {"labels"},
    "approve": WORDS,
}


@dataclass(frozen=True)
class Sample:
    """An atom that is touched."""

    key: str
    title: str
    language: str
    kind: str


@dataclass(frozen=True)
class Effect:
    """How much is touched, of what the person sees."""

    atoms: int = 0
    reports: int = 0
    """Those of studies that show the tags, and those across studies that gather or show them."""
    report_titles: tuple[str, ...] = ()
    """The first of them."""
    studies: int = 0
    """Studies that carry the tags themselves."""
    tags: int = 0
    """Tags that come along."""
    labels: int = 0
    searches: int = 0
    """Saved searches that name the tags."""
    samples: tuple[Sample, ...] = ()


@dataclass(frozen=True)
class Scope:
    """A tag: its own rows with those merged into it, and all that lies under it, too."""

    own: frozenset[int]
    below: frozenset[int]


Keys = set[Any]
Reads = Callable[[Session, Person, Scope], Keys]


def effects(
    session: Session,
    by: Person,
    lines: Sequence[Line],
    written: Mapping[int, Collection[int]],
    labels: Iterable[int] = (),
) -> tuple[list[Effect], Effect]:
    """What each line touches as things stand now, and all of them together.

    `written` is the number of a line → the atoms on which it writes; `labels` are the words that
    the lines write.
    """
    each = [
        _reached(session, by, line, written.get(number, ())) for number, line in enumerate(lines)
    ]
    total: dict[str, Keys] = {"labels": set(labels)}
    for found in each:
        for noun, keys in found.items():
            total[noun] = total.get(noun, set()) | keys
    return [_effect(session, by, one) for one in each], _effect(session, by, total)


def _reached(session: Session, by: Person, line: Line, written: Collection[int]) -> dict[str, Keys]:
    found: dict[str, Keys] = {"atoms": set(_seen(session, by, written))} if written else {}
    nouns = REACHES[line.do]
    tag_key = getattr(line, "tag", "")
    if not nouns or not tag_key:
        return found
    tag_id = session.exec(select(Tag.id).where(Tag.key == tag_key)).first()
    if tag_id is None:
        return found
    scope = _scope(session, tag_id, is_alone=line.do == "merge")
    for noun, read in (*HOLDERS.values(), *NAMED_IN.values()):
        if noun in nouns:
            found[noun] = found.get(noun, set()) | read(session, by, scope)
    return found


def _scope(session: Session, tag_id: int, *, is_alone: bool) -> Scope:
    # A merge is about the merged tag alone; everything else about what stands for it.
    top = tag_id if is_alone else hierarchy.resolved(session, [tag_id])[tag_id]
    own = frozenset(hierarchy.merged_into(session, [top]))
    below = hierarchy.descendants(session, top) | {top}
    return Scope(own, frozenset(hierarchy.merged_into(session, below)))


def _seen(session: Session, by: Person, atom_ids: Collection[int]) -> list[int]:
    return hierarchy.in_chunks(
        session, select(Atom.id).where(access.sees_atom(by)), Atom.id, atom_ids
    )


def _atoms(session: Session, by: Person, scope: Scope) -> Keys:
    return retagging.atoms_seen_with(session, by, scope.below)


def _studies(session: Session, by: Person, scope: Scope) -> Keys:
    query = select(StudyTag.study_id).join(Study).where(access.sees_study(by))
    return set(hierarchy.in_chunks(session, query, StudyTag.tag_id, scope.below))


def _merged_along(session: Session, by: Person, scope: Scope) -> Keys:
    query = select(Tag.id)
    return set(hierarchy.in_chunks(session, query, Tag.replaced_by, scope.own))


def _under(session: Session, by: Person, scope: Scope) -> Keys:
    query = select(TagParent.child_id)
    return set(hierarchy.in_chunks(session, query, TagParent.parent_id, scope.below)) - scope.own


def _own_places(session: Session, by: Person, scope: Scope) -> Keys:
    return set()  # A tag's own places are what the line itself speaks of.


def _labels(session: Session, by: Person, scope: Scope) -> Keys:
    return set(hierarchy.in_chunks(session, select(TagLabel.id), TagLabel.tag_id, scope.own))


def _notes(session: Session, by: Person, scope: Scope) -> Keys:
    query = select(TagNote.tag_id, TagNote.kind, TagNote.language)
    return {tuple(row) for row in hierarchy.in_chunks(session, query, TagNote.tag_id, scope.own)}


def _relations(session: Session, by: Person, scope: Scope) -> Keys:
    return {(row.one_id, row.other_id) for row in hierarchy.related_rows(session, scope.own)}


def _periods(session: Session, by: Person, scope: Scope) -> Keys:
    query = select(ReviewPeriod.tag_id)
    return set(hierarchy.in_chunks(session, query, ReviewPeriod.tag_id, scope.own))


def _searches(session: Session, by: Person, scope: Scope) -> Keys:
    keys = hierarchy.in_chunks(session, select(Tag.key), Tag.id, scope.own)
    return set(saved_searches.naming(session, by, set(keys)))


def _reports(session: Session, by: Person, scope: Scope) -> Keys:
    query = select(Report.id).where(access.sees_report(by))
    over = scope.below | {one for tag in scope.own for one in hierarchy.ancestors(session, tag)}
    return set(hierarchy.in_chunks(session, query, Report.tag_id, over))


def _reports_of_searches(session: Session, by: Person, scope: Scope) -> Keys:
    keys = set(hierarchy.in_chunks(session, select(Tag.key), Tag.id, scope.own))
    query = select(Report).where(access.sees_report(by), Report.scope == "search")
    return {
        row.id
        for row in session.exec(query)
        if any(search_pairs.tag_of((pair[0], pair[1])) in keys for pair in row.wanted or ())
    }


# Column that holds a tag → the noun that it tells of, and how it is read.
HOLDERS: dict[str, tuple[str, Reads]] = {
    "tag.replaced_by": ("tags", _merged_along),
    "tag_label.tag_id": ("labels", _labels),
    "tag_note.tag_id": ("notes", _notes),
    "tag_parent.child_id": ("tags", _own_places),
    "tag_parent.parent_id": ("tags", _under),
    "tag_related.one_id": ("relations", _relations),
    "tag_related.other_id": ("relations", _relations),
    "atom_tag.tag_id": ("atoms", _atoms),
    "study_tag.tag_id": ("studies", _studies),
    "review_period.tag_id": ("periods", _periods),
    "report.tag_id": ("reports", _reports),
}


# The same for tags that stand as keys inside a text, of which no foreign key tells.
NAMED_IN: dict[str, tuple[str, Reads]] = {
    "saved_search.wanted": ("searches", _searches),
    "report.wanted": ("reports", _reports_of_searches),
}


def _effect(session: Session, by: Person, found: Mapping[str, Keys]) -> Effect:
    atom_ids, studies = found.get("atoms", set()), found.get("studies", set())
    of_studies = _with_report(session, atom_ids) | studies
    across = found.get("reports", set()) | _picked(session, by, atom_ids)
    if studies:
        heirs = select(Atom.id).where(access.sees_atom(by))
        atom_ids = atom_ids | set(hierarchy.in_chunks(session, heirs, Atom.study_id, studies))
    newest = sorted(atom_ids, reverse=True)[:SAMPLES]
    rows = session.exec(select(Atom).where(col(Atom.id).in_(newest)).order_by(col(Atom.id).desc()))
    return Effect(
        atoms=len(atom_ids),
        reports=len(of_studies) + len(across),
        report_titles=_titles(session, across, of_studies),
        studies=len(studies),
        tags=len(found.get("tags", ())),
        labels=len(found.get("labels", ())),
        searches=len(found.get("searches", ())),
        samples=tuple(Sample(row.key, row.title, row.language, row.kind) for row in rows),
    )


def _with_report(session: Session, atom_ids: Keys) -> Keys:
    """The studies whose report shows one of these atoms."""
    shown = select(Atom.study_id).where(Atom.status == "published", col(Atom.study_id).is_not(None))
    return set(hierarchy.in_chunks(session, shown, Atom.id, atom_ids))


def _picked(session: Session, by: Person, atom_ids: Keys) -> Keys:
    """The reports across studies for which one of these atoms was picked."""
    query = select(ReportAtom.report_id).join(Report, col(Report.id) == ReportAtom.report_id)
    query = query.where(access.sees_report(by), col(Report.study_id).is_(None))
    return set(hierarchy.in_chunks(session, query, ReportAtom.atom_id, atom_ids))


def _titles(session: Session, across: Keys, of_studies: Keys) -> tuple[str, ...]:
    reports = sorted(across)[:SAMPLES]
    titles = hierarchy.in_chunks(session, select(Report.title), Report.id, reports)
    studies = sorted(of_studies)[: SAMPLES - len(titles)]
    titles += hierarchy.in_chunks(session, select(Study.title), Study.id, studies)
    return tuple(titles)

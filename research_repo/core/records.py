"""Atoms and tags as programs read them: every column, fetched for many rows at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlmodel import Session, col, select

from research_repo.core import (
    access,
    cards,
    hierarchy,
    links,
    publishing,
    recommendations,
    rules,
    studies,
    tagging,
    words,
)
from research_repo.core.cards import AtomCard
from research_repo.core.language import Message
from research_repo.core.models import (
    Atom,
    AtomQuestion,
    Evidence,
    Link,
    Person,
    Question,
    Scheme,
    Study,
    Tag,
)
from research_repo.core.recommendations import Stage

Named = tuple[str, str]
"""An atom's key, and what a file calls it."""


@dataclass(frozen=True)
class AtomRecord:
    """An atom with all that is written about it."""

    card: AtomCard
    body: str
    version: int
    observed_on: date | None
    review_by: date | None
    created_at: datetime
    updated_at: datetime
    evidence: tuple[Evidence, ...]
    questions: tuple[int, ...]
    """The numbers, from 1, of its study's questions that it answers."""
    links: dict[str, tuple[str, ...]]
    """Kind of link → the keys of the atoms that it leads to."""
    not_applicable: tuple[str, ...] = ()
    """The keys of the tag groups of which no tag applies."""
    rests_on: tuple[str, ...] = ()
    """The keys of the published atoms that support it."""
    advice: Message | None = None
    """What it lacks to rest on, where the team wants it told."""
    stage: Stage | None = None
    """How far a recommendation is; None of other kinds."""
    link_names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The same links by what a file calls those atoms: external ids, or keys where there is none."""


def of_atoms(
    session: Session, by: Person, atom_ids: Sequence[int], language: str
) -> list[AtomRecord]:
    """The records of those atoms that the person may see, in the order given."""
    made = cards.of_atoms(session, by, atom_ids, language)
    seen = [card.id for card in made]
    rows = {row.id: row for row in hierarchy.in_chunks(session, select(Atom), Atom.id, seen)}
    evidence = _evidence_of(session, seen)
    questions = _questions_of(session, seen)
    outgoing = _links_of(session, by, seen)
    marks = rules.marked_keys(session, seen)
    lacks = publishing.lacks_of(session, by, seen)
    below = _carriers_of(session, by, seen)
    advice = [card.id for card in made if card.kind == "recommendation"]
    stages = recommendations.stages_of(session, advice)
    return [
        AtomRecord(
            card=card,
            body=rows[card.id].body,
            version=rows[card.id].version,
            observed_on=rows[card.id].observed_on,
            review_by=rows[card.id].review_by,
            created_at=rows[card.id].created_at,
            updated_at=rows[card.id].updated_at,
            evidence=tuple(evidence.get(card.id, ())),
            questions=tuple(questions.get(card.id, ())),
            links=_each(outgoing.get(card.id, {}), 0),
            not_applicable=tuple(marks.get(card.id, ())),
            rests_on=tuple(below.get(card.id, ())),
            advice=lacks[card.id].advice if card.id in lacks else None,
            stage=stages.get(card.id),
            link_names=_each(outgoing.get(card.id, {}), 1),
        )
        for card in made
    ]


def _carriers_of(session: Session, by: Person, atom_ids: Collection[int]) -> dict[int, list[str]]:
    incoming = links.incoming(session, by, atom_ids)
    below = {atom_id: kinds.get("supports", []) for atom_id, kinds in incoming.items()}
    ids = {one for some in below.values() for one in some}
    keys = dict(hierarchy.in_chunks(session, select(Atom.id, Atom.key), Atom.id, ids))
    return {atom_id: [keys[one] for one in some] for atom_id, some in below.items()}


def of_atom(session: Session, by: Person, key: str, language: str) -> AtomRecord:
    """One atom's record, or NotFound."""
    atom = access.atom_to_read(session, by, key)
    return of_atoms(session, by, [atom.id], language)[0]


def atoms_after(
    session: Session,
    by: Person,
    key: str,
    limit: int,
    *,
    study_id: int | None = None,
    updated_after: datetime | None = None,
) -> list[int]:
    """The next atoms that the person sees, in the order in which they were written down.

    `key` is the last one of the page before, or empty. What is new meanwhile comes at the end.
    """
    query = select(Atom.id).where(access.sees_atom(by))
    if key:
        query = query.where(col(Atom.id) > _place(session, Atom, key))
    if study_id is not None:
        query = query.where(Atom.study_id == study_id)
    if updated_after is not None:
        query = query.where(Atom.updated_at > updated_after)
    return list(session.exec(query.order_by(col(Atom.id)).limit(limit)))


def tags_after(
    session: Session, by: Person, key: str, limit: int, *, scheme_id: int | None = None
) -> list[int]:
    """The ids of the next tags that the person may know of, without the merged ones."""
    query = select(Tag.id).where(col(Tag.replaced_by).is_(None), tagging.is_seen(by))
    if key:
        query = query.where(col(Tag.id) > _place(session, Tag, key))
    if scheme_id is not None:
        query = query.where(Tag.scheme_id == scheme_id)
    return list(session.exec(query.order_by(col(Tag.id)).limit(limit)))


def of_tags(session: Session, tag_ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """Tag → its guid, and the key of its scheme."""
    query = select(Tag.id, Tag.guid, Scheme.key).join(Scheme, col(Scheme.id) == Tag.scheme_id)
    rows = hierarchy.in_chunks(session, query, Tag.id, tag_ids)
    return {tag_id: (guid, scheme) for tag_id, guid, scheme in rows}


def with_external_id(session: Session, by: Person, study_key: str, external_id: str) -> str | None:
    """The key of the atom that has the external id in this study, or among those without a study."""
    named = Atom.external_id == external_id
    query = select(Atom.key).where(named, access.sees_atom(by))
    if study_key:
        place = select(Study.id).where(Study.folded_key == words.fold(study_key))
        return session.exec(query.where(col(Atom.study_id).in_(place))).first()
    return session.exec(query.where(col(Atom.study_id).is_(None))).first()


def of_study(session: Session, by: Person, key: str) -> tuple[Study, list[Question]]:
    """A study that the person sees, and its questions in their order."""
    study = access.study_to_read(session, by, key)
    return study, studies.questions_of(session, study.id)


def _place(session: Session, noun: type[Atom] | type[Tag], key: str) -> int:
    return session.exec(select(noun.id).where(noun.key == key.lower())).first() or 0


def _evidence_of(session: Session, atom_ids: Collection[int]) -> dict[int, list[Evidence]]:
    query = select(Evidence).order_by(col(Evidence.position), col(Evidence.id))
    found: dict[int, list[Evidence]] = {}
    for row in hierarchy.in_chunks(session, query, Evidence.atom_id, atom_ids):
        found.setdefault(row.atom_id, []).append(row)
    return found


def _questions_of(session: Session, atom_ids: Collection[int]) -> dict[int, list[int]]:
    # Positions may have gaps: a question's number is its place among those that stand.
    answered = hierarchy.in_chunks(
        session,
        select(AtomQuestion.atom_id, Question.id, Question.study_id).join(
            Question, col(Question.id) == AtomQuestion.question_id
        ),
        AtomQuestion.atom_id,
        atom_ids,
    )
    numbers: dict[int, int] = {}
    rows = hierarchy.in_chunks(
        session,
        select(Question.study_id, Question.id).order_by(
            col(Question.study_id), col(Question.position), col(Question.id)
        ),
        Question.study_id,
        {study_id for _, _, study_id in answered},
    )
    counted: dict[int, int] = {}
    for study_id, question_id in rows:
        counted[study_id] = counted.get(study_id, 0) + 1
        numbers[question_id] = counted[study_id]
    found: dict[int, list[int]] = {}
    for atom_id, question_id, _ in answered:
        found.setdefault(atom_id, []).append(numbers[question_id])
    return {atom_id: sorted(listed) for atom_id, listed in found.items()}


def _links_of(
    session: Session, by: Person, atom_ids: Collection[int]
) -> dict[int, dict[str, list[Named]]]:
    rows = hierarchy.in_chunks(
        session,
        select(Link.from_id, Link.kind, Atom.key, Atom.external_id)
        .join(Atom, col(Atom.id) == Link.to_id)
        .where(access.sees_atom(by))
        .order_by(col(Link.id)),
        Link.from_id,
        atom_ids,
    )
    found: dict[int, dict[str, list[Named]]] = {}
    for from_id, kind, key, external_id in rows:
        found.setdefault(from_id, {}).setdefault(kind, []).append((key, external_id or key))
    return found


def _each(links: dict[str, list[Named]], place: int) -> dict[str, tuple[str, ...]]:
    return {kind: tuple(one[place] for one in to) for kind, to in links.items()}

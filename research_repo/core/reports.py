"""The study report: the classic document, rolled up from atoms into one plain object.

The page and every file are made from the same `StudyReport`, so their text cannot differ.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from research_repo.core import access, cards, hierarchy, links, studies
from research_repo.core.cards import AtomCard
from research_repo.core.hierarchy import TagCard
from research_repo.core.models import Atom, AtomQuestion, Evidence, Person, Question


@dataclass(frozen=True)
class Finding:
    """An atom in a report, with its text, its evidence, and what speaks for and against it."""

    atom: AtomCard
    body: str
    body_html: str
    evidence: tuple[Evidence, ...]
    supporting: tuple[AtomCard, ...]
    contradicting: tuple[AtomCard, ...]


@dataclass(frozen=True)
class Answer:
    """A question of the study and what was found: insights first, then facts."""

    number: int
    question: str
    insights: tuple[Finding, ...]
    facts: tuple[Finding, ...]


@dataclass(frozen=True)
class StudyReport:
    """A study's report for one reader, in one language."""

    key: str
    title: str
    language: str
    method: str
    starts_on: date | None
    ends_on: date | None
    participant_count: int | None
    team: tuple[str, ...]
    prose: dict[str, str]
    """summary, background, approach and limitations, in Markdown."""
    html: dict[str, str]
    """The same as safe HTML."""
    answers: tuple[Answer, ...]
    also_found: tuple[Finding, ...]
    """What answers none of the questions, so that it does not drown."""
    recommendations: tuple[Finding, ...]
    tags: tuple[tuple[TagCard, int], ...]
    """The tags of its atoms, each with how many carry it or have it from the study."""


@dataclass(frozen=True)
class Section:
    """What a study found on one of its questions, or beside them: the first atoms, and how many."""

    question_id: int | None
    question: str
    atoms: tuple[AtomCard, ...]
    total: int


@dataclass(frozen=True)
class Outline:
    """A study at a glance, whatever its size."""

    answers: tuple[Section, ...]
    also_found: Section
    recommendations: Section


def outline(session: Session, by: Person, study_id: int, language: str, shown: int) -> Outline:
    """The published atoms of a study that `by` sees, insights first, at most `shown` a section."""
    rows = session.exec(
        select(Atom.id, Atom.kind)
        .where(access.sees_atom(by), Atom.study_id == study_id, Atom.status == "published")
        .order_by(col(Atom.id))
    ).all()
    findings = [atom_id for atom_id, kind in rows if kind == "insight"]
    findings += [atom_id for atom_id, kind in rows if kind == "fact"]
    answered = _answered(session, [atom_id for atom_id, _ in rows])
    placed = set().union(*answered.values()) if answered else set()
    questions = studies.questions_of(session, study_id)
    parts: list[tuple[int | None, str, list[int]]] = [
        (row.id, row.text, [one for one in findings if one in answered.get(row.id, ())])
        for row in questions
    ]
    parts.append((None, "", [one for one in findings if one not in placed]))
    parts.append((None, "", [atom_id for atom_id, kind in rows if kind == "recommendation"]))
    wanted = {atom_id for _, _, ids in parts for atom_id in ids[:shown]}
    made = {card.id: card for card in cards.of_atoms(session, by, sorted(wanted), language)}
    sections = [
        Section(question_id, text, tuple(made[one] for one in ids[:shown]), len(ids))
        for question_id, text, ids in parts
    ]
    return Outline(tuple(sections[:-2]), sections[-2], sections[-1])


def study_report(session: Session, by: Person, key: str, language: str) -> StudyReport:
    """The report of a study as `by` may read it: published atoms only, in the order of logging."""
    study = access.study_to_read(session, by, key)
    rows = session.exec(
        select(Atom)
        .where(access.sees_atom(by), Atom.study_id == study.id, Atom.status == "published")
        .order_by(col(Atom.id))
    ).all()
    found = _findings(session, by, rows, language)
    questions = studies.questions_of(session, study.id)
    answered = _answered(session, [row.id for row in rows])
    answers = tuple(
        _answer(number, question, found, answered) for number, question in enumerate(questions, 1)
    )
    placed = {atom_id for atom_ids in answered.values() for atom_id in atom_ids}
    return StudyReport(
        key=study.key,
        title=study.title,
        language=language,
        method=study.method,
        starts_on=study.starts_on,
        ends_on=study.ends_on,
        participant_count=study.participant_count,
        team=tuple(person.name for person, _ in studies.team_of(session, study)),
        prose={name: getattr(study, name) for name in studies.PROSE},
        html={name: getattr(study, f"{name}_html") for name in studies.PROSE},
        answers=answers,
        also_found=tuple(
            finding
            for kind in ("insight", "fact")
            for finding in found
            if finding.atom.kind == kind and finding.atom.id not in placed
        ),
        recommendations=_of_kind(found, "recommendation"),
        tags=_tag_counts(found),
    )


def _findings(session: Session, by: Person, rows: Iterable[Atom], language: str) -> list[Finding]:
    listed = list(rows)
    incoming = links.incoming(session, by, [row.id for row in listed])
    others = {
        atom_id
        for kinds in incoming.values()
        for atom_ids in kinds.values()
        for atom_id in atom_ids
    }
    wanted = [*(row.id for row in listed), *sorted(others - {row.id for row in listed})]
    made = {card.id: card for card in cards.of_atoms(session, by, wanted, language)}
    evidence: dict[int, list[Evidence]] = {}
    for piece in hierarchy.in_chunks(
        session,
        select(Evidence).order_by(col(Evidence.position), col(Evidence.id)),
        Evidence.atom_id,
        [row.id for row in listed],
    ):
        evidence.setdefault(piece.atom_id, []).append(piece)

    def linked(atom_id: int, kind: str) -> tuple[AtomCard, ...]:
        return tuple(made[other] for other in incoming.get(atom_id, {}).get(kind, ()))

    return [
        Finding(
            atom=made[row.id],
            body=row.body,
            body_html=row.body_html,
            evidence=tuple(evidence.get(row.id, ())),
            supporting=linked(row.id, "supports"),
            contradicting=linked(row.id, "contradicts"),
        )
        for row in listed
    ]


def _answer(
    number: int, question: Question, found: list[Finding], answered: dict[int, set[int]]
) -> Answer:
    mine = [finding for finding in found if finding.atom.id in answered.get(question.id, ())]
    return Answer(number, question.text, _of_kind(mine, "insight"), _of_kind(mine, "fact"))


def _answered(session: Session, atom_ids: list[int]) -> dict[int, set[int]]:
    rows = hierarchy.in_chunks(
        session,
        select(AtomQuestion.question_id, AtomQuestion.atom_id),
        AtomQuestion.atom_id,
        atom_ids,
    )
    found: dict[int, set[int]] = {}
    for question_id, atom_id in rows:
        found.setdefault(question_id, set()).add(atom_id)
    return found


def _of_kind(findings: Iterable[Finding], kind: str) -> tuple[Finding, ...]:
    return tuple(finding for finding in findings if finding.atom.kind == kind)


def _tag_counts(found: list[Finding]) -> tuple[tuple[TagCard, int], ...]:
    counts: dict[TagCard, int] = {}
    for finding in found:
        for tag in (*finding.atom.tags, *finding.atom.lent):
            counts[tag] = counts.get(tag, 0) + 1
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0].full_path)))

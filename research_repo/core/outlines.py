"""A study at a glance, whatever its size: the first atoms on each of its questions, and how many."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, col, select

from research_repo.core import access, cards, report_scopes, studies
from research_repo.core.cards import AtomCard
from research_repo.core.models import Atom, Person


@dataclass(frozen=True)
class Stretch:
    """What a study found on one of its questions, or beside them: the first atoms, and how many."""

    question_id: int | None
    question: str
    atoms: tuple[AtomCard, ...]
    total: int


@dataclass(frozen=True)
class Outline:
    """A study at a glance, whatever its size."""

    answers: tuple[Stretch, ...]
    also_found: Stretch
    recommendations: Stretch


def of_study(session: Session, by: Person, study_id: int, language: str, shown: int) -> Outline:
    """The published atoms of a study that `by` sees, insights first, at most `shown` a stretch."""
    rows = session.exec(
        select(Atom.id, Atom.kind)
        .where(access.sees_atom(by), Atom.study_id == study_id, Atom.status == "published")
        .order_by(col(Atom.id))
    ).all()
    findings = [atom_id for atom_id, kind in rows if kind == "insight"]
    findings += [atom_id for atom_id, kind in rows if kind == "fact"]
    answered = report_scopes.answered(session, [atom_id for atom_id, _ in rows])
    questions = studies.questions_of(session, study_id)
    parts: list[tuple[int | None, str, list[int]]] = [
        (row.id, row.text, [one for one in findings if row.id in answered.get(one, ())])
        for row in questions
    ]
    parts.append((None, "", [one for one in findings if one not in answered]))
    parts.append((None, "", [atom_id for atom_id, kind in rows if kind == "recommendation"]))
    wanted = {atom_id for _, _, ids in parts for atom_id in ids[:shown]}
    made = {card.id: card for card in cards.of_atoms(session, by, sorted(wanted), language)}
    stretches = [
        Stretch(question_id, text, tuple(made[one] for one in ids[:shown]), len(ids))
        for question_id, text, ids in parts
    ]
    return Outline(tuple(stretches[:-2]), stretches[-2], stretches[-1])

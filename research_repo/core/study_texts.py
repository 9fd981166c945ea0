"""What a search reads of studies: their words, and what decides which search they belong to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlmodel import Session, col, select

from research_repo.core import prose
from research_repo.core.many import among, rows_of
from research_repo.core.models import Question, Study, StudyTag
from research_repo.core.studies import PROSE


@dataclass(frozen=True)
class StudyText:
    """The words of a study as people read them, with what filters ask for."""

    study_id: int
    title: str
    questions: tuple[str, ...]
    prose: tuple[str, ...]
    """Summary, background, approach and limitations without their Markdown; empty ones are left out."""
    method: str
    owner_id: int
    date: date
    """The day on which it ended, began, or was written down."""
    tag_ids: tuple[int, ...]
    """Its own tags as they were put, neither resolved nor with those above them."""


def versions(session: Session) -> list[tuple[int, int]]:
    """All studies by id, each with its version."""
    rows = session.exec(select(Study.id, Study.version).order_by(col(Study.id)))
    return [(study_id, version) for study_id, version in rows]


def of_studies(session: Session, study_ids: Collection[int]) -> list[StudyText]:
    """The words of these studies, by id, whoever may read them."""
    questions: dict[int, list[str]] = defaultdict(list)
    for study_id, text in rows_of(session, _questions(), study_ids):
        questions[study_id].append(text)
    tags: dict[int, list[int]] = defaultdict(list)
    for study_id, tag_id in rows_of(session, _tags(), study_ids):
        tags[study_id].append(tag_id)
    rows = rows_of(session, _studies(), study_ids)
    return [_text(row, questions[row.id], tags[row.id]) for row in rows]


@cache
def _questions() -> Any:
    asked = select(Question.study_id, Question.text).where(among(Question.study_id))
    return asked.order_by(col(Question.position), col(Question.id))


@cache
def _tags() -> Any:
    tagged = select(StudyTag.study_id, StudyTag.tag_id).where(among(StudyTag.study_id))
    return tagged.order_by(col(StudyTag.tag_id))


@cache
def _studies() -> Any:
    return select(Study).where(among(Study.id)).order_by(col(Study.id))


def _text(study: Study, questions: list[str], tag_ids: list[int]) -> StudyText:
    written = (prose.words_of(getattr(study, f"{name}_html")) for name in PROSE)
    return StudyText(
        study_id=study.id,
        title=study.title,
        questions=tuple(questions),
        prose=tuple(text for text in written if text.strip()),
        method=study.method,
        owner_id=study.owner_id,
        date=study.ends_on or study.starts_on or study.created_at.date(),
        tag_ids=tuple(tag_ids),
    )

"""Studies, as far as the caller sees them."""

from __future__ import annotations

from typing import Any

from research_repo.api.atoms import tag_name
from research_repo.api.contract import operation
from research_repo.api.door import caller, language, reading
from research_repo.api.models import StudiesAnswer, StudyAnswer, StudyInList, StudyQuestion
from research_repo.core import cards, records
from research_repo.core.cards import StudyCard
from research_repo.core.language import say


@operation("GET", "/studies", say("All studies that you see, the running first."), StudiesAnswer)
def list_studies() -> StudiesAnswer:
    with reading() as session:
        found = cards.of_studies(session, caller())
    return StudiesAnswer(studies=[StudyInList(**_columns(card)) for card in found])


@operation("GET", "/studies/<key>", say("One study with its questions and texts."), StudyAnswer)
def read_study(key: str) -> StudyAnswer:
    with reading() as session:
        study, questions = records.of_study(session, caller(), key)
        (card,) = cards.of_studies(session, caller(), [study.id])
        tags = cards.tags_of_study(session, study.id, language())
    return StudyAnswer(
        **_columns(card),
        tags=[tag_name(tag) for tag in tags],
        participant_count=study.participant_count,
        summary=study.summary,
        background=study.background,
        approach=study.approach,
        limitations=study.limitations,
        questions=[
            StudyQuestion(number=number, text=question.text)
            for number, question in enumerate(questions, 1)
        ],
        version=study.version,
    )


def _columns(card: StudyCard) -> dict[str, Any]:
    return {name: getattr(card, name) for name in StudyInList.model_fields}

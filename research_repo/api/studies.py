"""Studies, as far as the caller sees them."""

from __future__ import annotations

from typing import Any

from research_repo.api.atoms import tag_name
from research_repo.api.brief_bodies import StudyToStart
from research_repo.api.contract import operation
from research_repo.api.door import caller, language, reading, saving
from research_repo.api.models import StudiesAnswer, StudyAnswer, StudyInList, StudyQuestion
from research_repo.core import briefs, cards, records, studies
from research_repo.core.cards import StudyCard
from research_repo.core.language import say
from research_repo.core.studies import StudyValues


@operation("GET", "/studies", say("All studies that you see, the running first."), StudiesAnswer)
def list_studies() -> StudiesAnswer:
    with reading() as session:
        found = cards.of_studies(session, caller())
    return StudiesAnswer(studies=[StudyInList(**_columns(card)) for card in found])


@operation(
    "POST",
    "/studies",
    say("Start a study; one that is planned wants a brief, or a reason to do without."),
    StudyAnswer,
    status=201,
    problems=(400, 403, 413, 415),
)
def start_study(json: StudyToStart) -> tuple[StudyAnswer, int]:
    values = studies.ready(
        StudyValues(
            title=json.title,
            method=json.method,
            status=json.status,
            access=json.access,
            questions=[(None, text) for text in json.questions],
        )
    )
    with saving() as session:
        key = briefs.start(session, caller(), json.key, values, json.brief, json.why).key
    return read_study(key), 201


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

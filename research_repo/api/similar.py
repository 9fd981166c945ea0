"""Atoms that say nearly what another one says, for programs that look for doubles."""

from __future__ import annotations

from research_repo.api.contract import operation
from research_repo.api.door import caller, language, reading
from research_repo.api.door import search as search_room
from research_repo.api.search_answers import SimilarAnswer
from research_repo.core import cards
from research_repo.core.language import say


@operation(
    "GET",
    "/atoms/<key>/similar",
    say("Up to five published atoms that say nearly the same, and are not linked to it."),
    SimilarAnswer,
)
def similar_atoms(key: str) -> SimilarAnswer:
    by = caller()
    near = {one.atom_id: one for one in search_room().similar(key, by)}
    with reading() as session:
        shown = cards.of_atoms(session, by, list(near), language())
    return SimilarAnswer.model_validate(
        {
            "atoms": [
                {
                    "id": card.key,
                    "external_id": card.external_id,
                    "kind": card.kind,
                    "title": card.title,
                    "study": card.study_key or None,
                    "score": near[card.id].score,
                    "has_same_words": near[card.id].has_same_words,
                }
                for card in shown
            ]
        }
    )

"""Studies that a search found as plain values for programs: the same for the API and the command line."""

from __future__ import annotations

from typing import Any

from research_repo.core import cards, hierarchy, study_texts, words
from research_repo.core.db import Session
from research_repo.core.models import Person
from research_repo.core.study_texts import StudyText
from research_repo.search.found import Why
from research_repo.search.studies import StudiesFound


def as_json(session: Session, by: Person, found: StudiesFound, language: str) -> dict[str, Any]:
    """How many studies answer, and those of the page; what `by` may not see any more is left out."""
    ids = [hit.study_id for hit in found.hits]
    shown = {card.id: card for card in cards.of_studies(session, by, ids)} if ids else {}
    named = {why.tag_id for hit in found.hits for why in hit.why if why.tag_id}
    texts = {text.study_id: text for text in study_texts.of_studies(session, list(shown))}
    keys = {tag_id: card.key for tag_id, card in hierarchy.cards(session, named, language).items()}
    return {
        "total": found.total,
        "hits": [
            {
                "key": shown[hit.study_id].key,
                "title": shown[hit.study_id].title,
                "method": shown[hit.study_id].method,
                "status": shown[hit.study_id].status,
                "score": hit.score,
                "why": [_why(why, texts[hit.study_id], keys) for why in hit.why],
            }
            for hit in found.hits
            if hit.study_id in shown
        ],
    }


def _why(why: Why, text: StudyText, keys: dict[int, str]) -> dict[str, str]:
    if why.kind == "tag" and why.tag_id is not None:
        return {"tag": keys[why.tag_id], "text": why.text}
    asked = set(words.stems(why.text))
    if asked <= _all_stems(text.title):
        return {"field": "title", "text": why.text}
    is_asked = any(asked <= _all_stems(question) for question in text.questions)
    return {"field": "question" if is_asked else "text", "text": why.text}


def _all_stems(text: str) -> set[str]:
    return {words.stem(token) for token in words.tokens(text)}

"""The quality of search on judged sets does not fall. Nothing is tuned to single queries."""

from __future__ import annotations

import pytest

from benchmarks.search_quality import data_folder, measure

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

SENTENCES = {"ir_xquad_ru_sent": (0.81, 0.93), "ir_xquad_en_sent": (0.835, 0.945)}
NOTES = {
    "same_words": 0.88,
    "synonym_of_tag": 0.80,
    "parent_tag": 0.62,
    "cross_language": 0.35,
    "typo": 0.60,
    "wrong_layout": 0.70,
    "phrase_or_exact": 0.85,
    "question": 0.50,
    "other_words": 0.10,
}


def require(name: str) -> None:
    if not (data_folder() / name).is_dir():
        pytest.skip(f"{name} is not in {data_folder()}; set RESEARCH_REPO_DATA")


@pytest.mark.parametrize("name", SENTENCES)
def test_questions_find_the_sentence_that_answers(name: str) -> None:
    require(name)
    quality = measure(name)["question"]
    ndcg, recall = SENTENCES[name]
    assert quality.ndcg >= ndcg
    assert quality.recall >= recall


def test_every_kind_of_query_finds_research_notes() -> None:
    require("ux_research_ru_en")
    measured = {kind: quality.ndcg for kind, quality in measure("ux_research_ru_en").items()}
    assert {kind: round(measured[kind], 3) for kind in NOTES if measured[kind] < NOTES[kind]} == {}

"""The quality of search on judged sets does not fall. Nothing is tuned to single queries."""

from __future__ import annotations

from functools import cache
from itertools import islice

import pytest

from benchmarks.search_quality import (
    SENTENCES,
    Quality,
    data_folder,
    loaded,
    measure,
    measured,
    queries,
    variants,
)

SENTENCE_BARS = {"ir_xquad_ru_sent": (0.81, 0.93), "ir_xquad_en_sent": (0.835, 0.945)}
LOST_MAX = 0.15
"""How much of its nDCG a search may lose by a slip of the keys or the wrong keyboard."""
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
SAMPLE = 30  # every so many queries in the quick run


def require(name: str) -> None:
    if not (data_folder() / name).is_dir():
        pytest.skip(f"{name} is not in {data_folder()}; set RESEARCH_REPO_DATA")


def measured_with_variants(name: str, step: int) -> dict[str, Quality]:
    with loaded(name) as ask:
        asked = list(islice(queries(name), 0, None, step))
        changes = {"as written": str, **variants()}
        return {
            variant: measured(ask, asked, change)["question"] for variant, change in changes.items()
        }


@cache
def of_all_queries(name: str) -> dict[str, Quality]:
    require(name)
    return measured_with_variants(name, 1)


def lost(figures: dict[str, Quality]) -> dict[str, float]:
    """Which variants lose too much, and what share of the quality."""
    clean = figures["as written"].ndcg
    shares = {variant: round(1 - one.ndcg / clean, 3) for variant, one in figures.items()}
    return {variant: share for variant, share in shares.items() if share >= LOST_MAX}


@pytest.mark.parametrize("name", SENTENCES)
def test_slips_and_the_wrong_keyboard_cost_little_in_a_sample(name: str) -> None:
    require(name)
    figures = measured_with_variants(name, SAMPLE)
    assert figures["as written"].ndcg > 0.7
    assert lost(figures) == {}


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", SENTENCES)
def test_questions_find_the_sentence_that_answers(name: str) -> None:
    quality = of_all_queries(name)["as written"]
    ndcg, recall = SENTENCE_BARS[name]
    assert quality.ndcg >= ndcg
    assert quality.recall >= recall


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", SENTENCES)
def test_slips_and_the_wrong_keyboard_cost_little(name: str) -> None:
    assert lost(of_all_queries(name)) == {}


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_kind_of_query_finds_research_notes() -> None:
    require("ux_research_ru_en")
    figures = {kind: quality.ndcg for kind, quality in measure("ux_research_ru_en").items()}
    assert {kind: round(figures[kind], 3) for kind in NOTES if figures[kind] < NOTES[kind]} == {}

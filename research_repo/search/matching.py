"""Which documents answer a query, and what each is worth: words, phrases, beginnings, exclusions."""

from __future__ import annotations

from research_repo.core import words
from research_repo.search.asking import Query
from research_repo.search.postings import Mask, Scores
from research_repo.search.ranking import Ranked
from research_repo.search.view import View

PREFIX_WORDS = 500  # a prefix of two letters may begin half the dictionary


def matching(
    view: View, ranked: Ranked, query: Query, allowed: Mask, match: str
) -> tuple[Scores, Mask, tuple[str, ...]]:
    """What each document is worth, which of the allowed ones answer, and phrases that none holds."""
    mask, loosened = allowed.copy(), []
    scores = ranked.scores.copy()
    for prefix in query.prefixes:
        begun = _beginning(view, prefix)
        mask &= begun
        scores += begun * view.idf(int(begun.sum()))
    for word in query.without:
        mask &= ~_holding(view, word)
    for phrase in query.phrases:
        together = view.with_phrase([words.stem(word) for word in phrase])
        if (together & mask).any():
            mask &= together
        else:
            loosened.append(" ".join(phrase))
    if query.words:
        mask &= ranked.with_all() if match == "all" else scores > 0
    return scores, mask, tuple(loosened)


def _beginning(view: View, prefix: str) -> Mask:
    return view.with_words(view.words_beginning(prefix)[:PREFIX_WORDS])


def _holding(view: View, word: str) -> Mask:
    mask = view.nowhere()
    mask[view.postings("text", words.stem(word)).documents] = True
    return mask

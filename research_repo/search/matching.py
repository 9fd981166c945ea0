"""Which documents answer a query, and what each is worth: words, phrases, beginnings, exclusions."""

from __future__ import annotations

from dataclasses import dataclass

from research_repo.core import words
from research_repo.search.asking import Query
from research_repo.search.postings import Mask, Scores
from research_repo.search.ranking import Ranked
from research_repo.search.view import View

PREFIX_WORDS = 400  # a prefix of two letters may begin half the dictionary


@dataclass(frozen=True)
class Matched:
    """What each document is worth, and which ones answer."""

    scores: Scores
    any: Mask
    """Those that answer any of the words."""
    all: Mask
    """Those that answer all of them."""
    loosened: tuple[str, ...]
    """Phrases that none holds."""

    def asked(self, match: str) -> Mask:
        """The documents that answer as `Wanted.match` says."""
        return self.all if match == "all" else self.any


def matching(view: View, ranked: Ranked, query: Query, allowed: Mask) -> Matched:
    """How the allowed documents answer a query."""
    mask, loosened = allowed.copy(), []
    scores = ranked.scores.copy()
    for prefix in query.prefixes:
        begun = view.with_beginning(prefix, PREFIX_WORDS)
        mask &= begun
        scores += begun * view.idf(int(begun.sum()))
    for word in query.without:
        mask &= ~_holding(view, word)
    for phrase in query.without_phrases:
        mask &= ~view.with_phrase([words.stem(word) for word in phrase])
    for phrase in query.phrases:
        together = view.with_phrase([words.stem(word) for word in phrase])
        if (together & mask).any():
            mask &= together
        else:
            loosened.append(" ".join(phrase))
    if not query.words:
        return Matched(scores, mask, mask, tuple(loosened))
    return Matched(scores, mask & (scores > 0), mask & ranked.with_all(), tuple(loosened))


def _holding(view: View, word: str) -> Mask:
    mask = view.nowhere()
    mask[view.postings("text", words.stem(word)).documents] = True
    return mask

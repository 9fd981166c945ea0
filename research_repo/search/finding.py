"""One search over one view: from words to scores, from access to counts. Touches no database."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from research_repo.core import words
from research_repo.search.asking import Query, Wanted, parse
from research_repo.search.correcting import Corrector
from research_repo.search.counting import counted
from research_repo.search.dictionary import Dictionary
from research_repo.search.found import Correction, Found, Hit, Meaning
from research_repo.search.postings import Mask, Scores
from research_repo.search.ranking import Ranked
from research_repo.search.view import View

PREFIX_WORDS = 500  # a prefix of two letters may begin half the dictionary


@dataclass(frozen=True)
class Question:
    """A search in its place: the view it asks, what tags mean, and which documents may count."""

    wanted: Wanted
    view: View
    dictionary: Dictionary
    seen: Mask
    """What the person may see at all."""
    allowed: Mask
    """What passes the filters, too."""
    unseen: frozenset[int] = frozenset()
    """Tags that do not exist for the person."""


def answer(question: Question) -> Found:
    """The page of hits that is wanted, with counts over all of them."""
    query, corrections = _understood(question)
    ranked = Ranked(
        question.view,
        question.dictionary,
        query.words,
        expand=not question.wanted.literal,
        unseen=question.unseen,
    )
    scores, mask, loosened = _matching(question, query, ranked)
    top = _top(question, scores, mask)
    atoms = question.view.facts["atom"]
    return replace(
        counted(question.view, question.dictionary.closure, mask),
        hits=tuple(
            Hit(int(atoms[place]), round(float(scores[place]), 4), ranked.why(int(place)))
            for place in top
        ),
        words=ranked.marks() | {f"{prefix}*" for prefix in query.prefixes},
        corrections=corrections,
        meanings=_meanings(question, ranked),
        loosened=loosened,
    )


def _understood(question: Question) -> tuple[Query, tuple[Correction, ...]]:
    if question.wanted.literal:
        return parse(question.wanted.text), ()
    corrector = Corrector(
        question.view, question.dictionary.thesaurus, question.seen, question.unseen
    )
    return corrector.correct(question.wanted.text)


def _matching(
    question: Question, query: Query, ranked: Ranked
) -> tuple[Scores, Mask, tuple[str, ...]]:
    view, mask, loosened = question.view, question.allowed.copy(), []
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
        mask &= ranked.with_all() if question.wanted.match == "all" else scores > 0
    return scores, mask, tuple(loosened)


def _beginning(view: View, prefix: str) -> Mask:
    return view.with_words(view.words_beginning(prefix)[:PREFIX_WORDS])


def _holding(view: View, word: str) -> Mask:
    mask = view.nowhere()
    mask[view.postings("text", words.stem(word)).documents] = True
    return mask


def _top(question: Question, scores: Scores, mask: Mask) -> np.ndarray:
    wanted, facts = question.wanted, question.view.facts
    places = np.flatnonzero(mask)
    first = scores if wanted.sort == "relevance" else facts["date"].astype(float)
    needed = wanted.offset + wanted.limit
    if len(places) > needed:
        # Only what can reach the page is sorted; ties with the last one stay in.
        values = first[places]
        places = places[values >= np.partition(values, -needed)[-needed]]
    order = np.lexsort((-facts["atom"][places], -facts["date"][places], -first[places]))
    return places[order][wanted.offset : needed]


def _meanings(question: Question, ranked: Ranked) -> tuple[Meaning, ...]:
    closure = question.dictionary.closure
    meanings = []
    for span in ranked.spans:
        for tag_id in sorted(span.names):
            count = int((question.view.under(closure, tag_id) & question.allowed).sum())
            if count:
                meanings.append(Meaning(ranked.text_of(span), tag_id, count))
    return tuple(dict.fromkeys(meanings))

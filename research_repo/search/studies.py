"""Studies that answer a search: their titles, questions, texts and tags, under each reader's access."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from research_repo.search import masks
from research_repo.search.asking import Query, Wanted, parse
from research_repo.search.correcting import Corrector, Shelf
from research_repo.search.dictionary import Dictionary
from research_repo.search.found import Why
from research_repo.search.masks import Known
from research_repo.search.matching import matching
from research_repo.search.postings import Documents, Mask, Scores
from research_repo.search.ranking import Ranked
from research_repo.search.spelling import Spelled
from research_repo.search.view import View


@dataclass(frozen=True)
class StudyHit:
    """A study that answers, and why. It is `near` when it answers half of what was asked or more."""

    study_id: int
    score: float
    why: tuple[Why, ...] = ()
    is_near: bool = True


@dataclass(frozen=True)
class StudiesFound:
    """One page of studies, the best first, and how many there are for the person."""

    total: int
    hits: tuple[StudyHit, ...] = ()
    words: frozenset[str] = frozenset()
    """What to mark in a text, as `snippets.marked` reads it."""


@dataclass(frozen=True)
class Asked:
    """A search for studies in its place: the studies and the atoms, and what the person sees of each."""

    wanted: Wanted
    dictionary: Dictionary
    known: Known
    view: View
    seen: Mask
    spelled: Spelled
    atoms: View
    seen_atoms: Mask


def answer(asked: Asked) -> StudiesFound:
    """The page of studies that is wanted. Filters by kind of atom are passed over."""
    view, known = asked.view, asked.known
    query = _understood(asked)
    not_meant = {known.closure.by_key.get(key, 0) for key in asked.wanted.not_meant}
    ranked = Ranked(
        view,
        asked.dictionary,
        query.words,
        expand=not asked.wanted.literal,
        unseen=known.unseen | not_meant,
    )
    allowed = asked.seen & masks.filtered(view, known, _without_kinds(asked.wanted)).all()
    matched = matching(view, ranked, query, allowed)
    scores, mask = matched.scores, matched.asked(asked.wanted.match)
    top = _ordered(view, scores, mask, asked.wanted)
    return StudiesFound(
        total=int(mask.sum()),
        hits=tuple(_hit(view, ranked, scores, place) for place in top.tolist()),
        words=ranked.marks() | {f"{prefix}*" for prefix in query.prefixes},
    )


def _hit(view: View, ranked: Ranked, scores: Scores, place: int) -> StudyHit:
    why = ranked.why(place)
    return StudyHit(
        study_id=int(view.facts["study"][place]),
        score=round(float(scores[place]), 4),
        why=why,
        is_near=2 * len(why) >= len(ranked.spans),
    )


def _without_kinds(wanted: Wanted) -> Wanted:
    others = tuple(pair for pair in wanted.without if pair[0] != "kind")
    return replace(wanted, kinds=(), without=others)


def _understood(asked: Asked) -> Query:
    if asked.wanted.literal:
        return parse(asked.wanted.text)
    # Only what stands in a study is worth being offered here.
    studies = Shelf(asked.view, asked.seen, asked.spelled)
    shelves = studies, Shelf(asked.atoms, asked.seen_atoms)
    thesaurus, unseen = asked.dictionary.thesaurus, asked.known.unseen
    corrector = Corrector(thesaurus, unseen, shelves, offered=[studies])
    return corrector.correct(asked.wanted.text)[0]


def _ordered(view: View, scores: Scores, mask: Mask, wanted: Wanted) -> Documents:
    places = np.flatnonzero(mask)
    dates, ids = view.facts["date"][places], view.facts["study"][places]
    first = dates if wanted.sort == "date" else scores[places]
    order = np.lexsort((-ids, -dates, -first))
    return places[order][wanted.offset : wanted.offset + wanted.limit]

"""One search over one view: from words to scores, from access to counts. Touches no database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import repeat

from research_repo.search.asking import Query, Wanted, parse
from research_repo.search.backing import Backed
from research_repo.search.correcting import Corrector, Shelf
from research_repo.search.counting import Counting
from research_repo.search.dictionary import Dictionary
from research_repo.search.found import Best, Correction, Found, Hit, Meaning, Why
from research_repo.search.masks import Filtered, Known, holding
from research_repo.search.matching import Matched, matching
from research_repo.search.ordering import ordered
from research_repo.search.postings import Documents, Mask, Scores
from research_repo.search.ranking import Ranked
from research_repo.search.spelling import Spelled
from research_repo.search.view import View

BEST_MAX = 12


@dataclass(frozen=True)
class Question:
    """A search in its place: the view it asks, what tags mean, and which documents may count."""

    wanted: Wanted
    view: View
    dictionary: Dictionary
    seen: Mask
    """What the person may see at all."""
    filtered: Filtered
    """What passes the filters."""
    known: Known
    spelled: Spelled
    studies: Shelf
    """Their words are words, too: who misspells one finds the studies."""

    @property
    def unseen(self) -> frozenset[int]:
        """Tags that do not exist for the person."""
        return self.known.unseen

    @cached_property
    def standing(self) -> Mask:
        """What the person may see in the statuses asked for.

        Whether a phrase stands anywhere is asked here, so that no other filter changes what words
        mean, and a click on a facet finds as many as it said.
        """
        return self.seen & self.filtered.standing

    def total_of(self, mask: Mask) -> int:
        """How many of these pass the filters."""
        return int((mask & self.filtered.all()).sum())

    @cached_property
    def allowed(self) -> Mask:
        """What the person may see and the filters let pass."""
        return self.seen & self.filtered.all()


def answer(question: Question, *, is_counted: bool = True, best_of: str = "") -> Found:
    """The page of hits that is wanted, with counts over all of them.

    Where they are not to be counted, only the hits, their words and the totals are told. The best
    of one kind of atom are told beside when they are asked for.
    """
    view = question.view
    query, corrections = _understood(question)
    ranked = _ranked(question, query)
    matched = matching(view, ranked, query, question.standing)
    asked = matched.asked(question.wanted.match)
    counts = Counting(view, question.known, question.filtered, asked)
    backed = Backed(view, question.seen, question.known.methods)
    top, worth = ordered(view, matched.scores, counts.mask, question.wanted, backed)
    begun = tuple(Why("field", f"{prefix}*") for prefix in query.prefixes)
    whys = [why + begun for why in ranked.reasons(top)]
    told = replace(
        counts.found() if is_counted else Found(int(counts.mask.sum()), ()),
        total_any=question.total_of(matched.any),
        total_all=question.total_of(matched.all),
        hits=_hits(view, top, worth, whys, backed),
        best=_best(question, best_of, matched, counts.mask, backed) if best_of else Best(),
        words=ranked.marks() | {f"{prefix}*" for prefix in query.prefixes},
        corrections=corrections,
        loosened=matched.loosened,
    )
    if not is_counted:
        return told
    return replace(
        told,
        meanings=_meanings(question, ranked),
        literal_total=_literal_total(question, query, ranked, corrections),
    )


def _hits(
    view: View, places: Documents, worth: Scores, whys: Iterable[tuple[Why, ...]], backed: Backed
) -> tuple[Hit, ...]:
    atoms = view.facts["atom"][places].tolist()
    told = zip(atoms, worth.tolist(), whys, backed.of(places), strict=False)
    return tuple(Hit(atom, round(score, 4), why, behind) for atom, score, why, behind in told)


def _best(question: Question, kind: str, matched: Matched, mask: Mask, backed: Backed) -> Best:
    """The best of a kind: by its words, or without words those that rest on most."""
    view, wanted = question.view, question.wanted
    mask = mask & holding(view, question.known, "kind", [kind])
    order = "relevance" if wanted.text else "strength"
    first = replace(wanted, sort=order, limit=BEST_MAX, offset=0)
    places, worth = ordered(view, matched.scores, mask, first, backed)
    return Best(int(mask.sum()), _hits(view, places, worth, repeat(()), backed))


def ids(question: Question) -> list[int]:
    """The atoms of all that is found, rising, whatever page is wanted."""
    query, _ = _understood(question)
    ranked = _ranked(question, query)
    matched = matching(question.view, ranked, query, question.standing)
    mask = matched.asked(question.wanted.match) & question.filtered.all()
    return sorted(question.view.facts["atom"][mask].tolist())


def named(question: Question) -> list[int]:
    """The tags that the words name, in their order, whether or not anything lies under them."""
    query, _ = _understood(question)
    spans = _ranked(question, query).spans
    return list(dict.fromkeys(tag_id for span in spans for tag_id in sorted(span.names)))


def _ranked(question: Question, query: Query) -> Ranked:
    return Ranked(
        question.view,
        question.dictionary,
        query.words,
        expand=not question.wanted.literal,
        unseen=question.unseen | _not_meant(question),
    )


def _not_meant(question: Question) -> set[int]:
    by_key = question.dictionary.closure.by_key
    return {by_key[key] for key in question.wanted.not_meant if key in by_key}


def _understood(question: Question) -> tuple[Query, tuple[Correction, ...]]:
    if question.wanted.literal:
        return parse(question.wanted.text), ()
    atoms = Shelf(question.view, question.seen, question.spelled)
    shelves = atoms, question.studies
    corrector = Corrector(question.dictionary.thesaurus, question.unseen, shelves)
    return corrector.correct(question.wanted.text)


def _meanings(question: Question, ranked: Ranked) -> tuple[Meaning, ...]:
    closure = question.dictionary.closure
    meanings = []
    for span in ranked.spans:
        for tag_id in sorted(span.names):
            covered = question.view.given_and_inherited(closure, tag_id)
            count = sum(int(question.allowed[documents].sum()) for documents in covered)
            if count:
                meanings.append(Meaning(ranked.text_of(span), tag_id, count))
    return tuple(dict.fromkeys(meanings))


def _literal_total(
    question: Question, query: Query, ranked: Ranked, corrections: Sequence[Correction]
) -> int | None:
    # The words as typed are another search where something was put right.
    if corrections or not any(span.names for span in ranked.spans):
        return None
    matched = matching(question.view, ranked.literal(), query, question.standing)
    return question.total_of(matched.asked(question.wanted.match))

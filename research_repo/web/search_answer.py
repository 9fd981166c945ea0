"""What is known already: the insights that answer a search best, to be read and passed on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import request, url_for

from research_repo.core import grounds, hierarchy
from research_repo.core.cards import AtomCard
from research_repo.core.grounds import Grounds, Quote
from research_repo.core.language import say, say_many
from research_repo.core.models import Person
from research_repo.search import Found, Hit, Wanted
from research_repo.search.snippets import best, marked, snippet
from research_repo.web import search_studies
from research_repo.web.door import house, search
from research_repo.web.search_address import STUDY_LIST, view_asked
from research_repo.web.search_results import Made
from research_repo.web.search_studies import StudyResult
from research_repo.web.search_told import is_wordless
from research_repo.web.strength import counts
from research_repo.web.words import language, month, put, word

SHOWN = 3
NEAR = 0.4
"""An insight worth less than this share of the best hit speaks of something else."""
BONUS_OF_A_STUDY = 0.1
STUDIES_COUNTED = 3
QUOTE_LENGTH = 400
QUOTED_ATOMS = 100


@dataclass(frozen=True)
class Known:
    """An insight of the answer, with what it rests on."""

    atom: AtomCard
    grounds: Grounds
    told: Sequence[str]
    """Facts for and against, how new: a few words each."""
    quote: Quote | None = None
    said: Sequence[tuple[str, bool]] = ()
    """The quote in pieces, each with whether it answers the query."""


@dataclass(frozen=True)
class Answer:
    """The insights, of how many, from how many facts; and the same as plain text."""

    known: tuple[Known, ...]
    total: int
    facts: int
    text: str


@dataclass(frozen=True)
class Candidates:
    """The insights that an answer is made of, and of how many they are the best."""

    atom_ids: tuple[int, ...] = ()
    total: int = 0
    words: frozenset[str] = frozenset()


def best_of(wanted: Wanted) -> str:
    """The kind of atom that the answer above a page is made of; empty where none is asked for."""
    return "insight" if is_asked(wanted) and view_asked() != STUDY_LIST else ""


def candidates(wanted: Wanted, found: Found) -> Candidates:
    """What the answer above a page is made of; none where the search asked for no answer."""
    chosen = tuple(hit.atom_id for hit in _chosen(wanted, found))
    return Candidates(chosen, found.best.total, found.words)


def answer(
    session: Any, by: Person, wanted: Wanted, insights: Candidates, made: Made
) -> Answer | None:
    """The answer above the first page of a search; None where no insight answers it."""
    chosen = [made[atom_id][0] for atom_id in insights.atom_ids if atom_id in made]
    resting = grounds.of_claims(session, by, [card.id for card in chosen])
    known = [
        Known(card, resting[card.id], _told(resting[card.id]))
        for card in chosen
        if card.id in resting
    ]
    if not known:
        return None
    known[0] = _quoted(session, known[0], insights.words)
    facts = {one for each in known for one in each.grounds.facts_for | each.grounds.facts_against}
    return Answer(tuple(known), insights.total, len(facts), _text(wanted, known))


def above(
    session: Any, by: Person, wanted: Wanted, found: Found, insights: Candidates, made: Made
) -> dict[str, Any]:
    """What stands above the results of a search, and its studies, for the page's template."""
    studies = search().studies(wanted, by)
    is_list = view_asked() == STUDY_LIST
    named = {why.tag_id for hit in studies.hits for why in hit.why if why.tag_id}
    tags = hierarchy.cards(session, named, language())
    results: list[StudyResult] = []
    if is_list:
        results = search_studies.listed(session, by, studies, tags)
    elif is_asked(wanted):
        results = search_studies.few(session, by, studies, tags)
    return {
        "answer": answer(session, by, wanted, insights, made),
        # What was only looked up says nothing of which insights there are.
        "may_ask": bool(
            is_asked(wanted) and found.total and not is_list and not found.is_looked_up
        ),
        "study_results": results,
        "study_total": studies.total,
        "study_pages": max(1, -(-studies.total // wanted.limit)),
    }


def is_asked(wanted: Wanted) -> bool:
    """Whether a search asks something that an answer can stand above."""
    has_words = bool(wanted.text) and not is_wordless(wanted.text)
    is_narrowed = has_words or bool(wanted.tags or wanted.exact or wanted.also)
    return is_narrowed and wanted.page == 1 and not wanted.kinds


def _chosen(wanted: Wanted, found: Found) -> list[Hit]:
    """Those that speak of the same thing, the closest and best supported first."""
    insights = found.best.hits
    best_score = max((hit.score for hit in (*found.hits, *insights)), default=0.0)
    near = [hit for hit in insights if hit.score >= NEAR * best_score]
    standing = [hit for hit in near if not hit.backing.superseded] or near
    if wanted.text:
        standing.sort(key=_worth, reverse=True)
    return standing[:SHOWN]


def _worth(hit: Hit) -> float:
    studies = hit.backing.strength.studies if hit.backing.strength else 0
    return hit.score * (1 + BONUS_OF_A_STUDY * min(studies, STUDIES_COUNTED))


def quoted(
    session: Any, atom_ids: Sequence[int], words: frozenset[str]
) -> tuple[Quote, Sequence[tuple[str, bool]]] | None:
    """The quote of these atoms that answers best; of equal ones that of the first atom."""
    said = grounds.quotes(session, atom_ids[:QUOTED_ATOMS])
    listed = [quote for atom_id in atom_ids for quote in said.get(atom_id, ())]
    cut = {snippet(quote.text, words, QUOTE_LENGTH): quote for quote in reversed(listed)}
    text = best(reversed(cut), words, QUOTE_LENGTH)
    return (cut[text], marked(text, words)) if text else None


def _quoted(session: Any, known: Known, words: frozenset[str]) -> Known:
    """With the words that answer best: of the insight itself, or of a fact that supports it."""
    found = quoted(session, [known.atom.id, *sorted(known.grounds.facts_for)], words)
    return replace(known, quote=found[0], said=found[1]) if found else known


def _text(wanted: Wanted, known: Sequence[Known]) -> str:
    """The answer for a chat: plain, and Markdown where a chat knows it."""
    heading = say("What is known about “%(query)s”", query=wanted.text) if wanted.text else None
    parts = [put(heading or say("What we know"))]
    parts += [_lines(number, one) for number, one in enumerate(known, 1)]
    return "\n\n".join(parts)


def _lines(number: int, one: Known) -> str:
    weight = [*counts(one.atom.strength, one.atom.kind), word("strength", one.atom.strength.level)]
    lines = [f"{number}. {one.atom.title}", " · ".join([*weight, *one.told])]
    if one.quote:
        said = put(say("“%(text)s”", text="".join(text for text, _ in one.said)))
        source = ", ".join(filter(None, (one.quote.who, one.quote.study_title)))
        lines.append(f"> {said} — {source}" if source else f"> {said}")
    lines.append(absolute(url_for("atoms.show", key=one.atom.key)))
    return "\n".join(lines)


def _told(one: Grounds) -> tuple[str, ...]:
    for_it = say_many("%(count)s fact for", "%(count)s facts for", len(one.facts_for))
    against = say_many("%(count)s fact against", "%(count)s facts against", len(one.facts_against))
    if one.facts_for and one.facts_against:
        short = say("%(count)s against", count=len(one.facts_against))
        facts = f"{put(for_it)}, {put(short)}"
    elif one.facts_for or one.facts_against:
        facts = put(for_it if one.facts_for else against)
    else:
        facts = put(say("no facts linked yet"))
    told = [put(say("replaced by a newer claim"))] if one.newer else []
    told.append(facts)
    return (*told, put(say("latest: %(month)s", month=month(one.latest))))


def absolute(path: str) -> str:
    """The whole address of one of our pages, as other people reach it."""
    return (house().settings.base_url or request.host_url.rstrip("/")) + path

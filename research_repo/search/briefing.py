"""What answers a research question, by role: claims, studies that asked alike, and gaps.

No language model: what words and tags find is weighed by what stands behind it. An insight answers
through the facts that support it, too, so that one said in other words is found; and a fact that
speaks for or against an insight of the answer is told under it, not beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from research_repo.core import cards, links
from research_repo.core.briefs import MONTHS, Content
from research_repo.core.cards import AtomCard
from research_repo.core.clock import months_after, today
from research_repo.core.db import Session
from research_repo.core.models import Person
from research_repo.search.asking import Wanted, cut
from research_repo.search.found import Correction, Found
from research_repo.search.gaps import Gaps
from research_repo.search.searching import Search
from research_repo.search.studies import StudyHit

INSIGHTS_READ = 40
FACTS_READ = 60
CLAIMS = 8
STUDIES = 5
STUDY_SHARE = 0.5
NEAR = 0.4
"""A claim worth less than this share of the best one speaks of something else."""
CARRIED = 0.9
"""What an insight takes of the worth of the fact that answers best among its supports."""
FACT_SHARE = 0.8
"""A fact that no insight interprets says less than one that says as much and rests on facts."""
BONUS_OF_A_STUDY = 0.1
STUDIES_COUNTED = 3


@dataclass(frozen=True)
class Answered:
    """Ids, the best first, of what `by` sees; and how the words were understood."""

    claims: tuple[int, ...] = ()
    """Insights, and facts that none of them interprets."""
    studies: tuple[int, ...] = ()
    gaps: Gaps = Gaps()
    words: frozenset[str] = frozenset()
    corrections: tuple[Correction, ...] = ()
    is_looked_up: bool = False
    """The index is being rebuilt: whole words alone were looked for."""
    months: int = MONTHS

    def content(self) -> Content:
        """What is kept of it."""
        return Content(self.claims, self.studies, self.gaps.named, self.gaps.tags, self.months)


def answered(search: Search, session: Session, by: Person, question: str, months: int) -> Answered:
    """What is known about a question in plain words; gaps are counted over the last months."""
    wanted = Wanted(text=cut(question))
    insights = _found(search, by, wanted, "insight", INSIGHTS_READ)
    facts = _found(search, by, wanted, "fact", FACTS_READ)
    studies = search.studies(wanted, by)
    return Answered(
        claims=tuple(_claims(session, by, insights, facts)),
        studies=tuple(_alike(studies.hits))[:STUDIES],
        gaps=search.gaps(wanted.text, by, months_after(today(), -months)),
        words=insights.words | facts.words,
        corrections=facts.corrections,
        is_looked_up=facts.is_looked_up,
        months=months,
    )


def _alike(hits: Sequence[StudyHit]) -> Iterator[int]:
    """Studies that answer half of the words, or several of them about as well as the best one."""
    best = max((hit.score for hit in hits), default=0.0)
    for hit in hits:
        if hit.is_near or (len(hit.why) > 1 and hit.score >= STUDY_SHARE * best):
            yield hit.study_id


def _found(search: Search, by: Person, wanted: Wanted, kind: str, most: int) -> Found:
    return search.find(replace(wanted, kinds=(kind,), limit=most), by, is_counted=False)


def _claims(session: Session, by: Person, insights: Found, facts: Found) -> list[int]:
    own = _scores(insights)
    of_facts = _scores(facts)
    carries = links.outgoing(session, by, list(of_facts))
    through = _through(of_facts, carries)
    weighed = {**insights.weighed(), **facts.weighed()}
    wanted = list(dict.fromkeys((*own, *through, *of_facts)))
    known = {card.id: card for card in cards.of_atoms(session, by, wanted, "en", weighed)}
    worth = {
        one: max(own.get(one, 0.0), through.get(one, 0.0)) * _backing(known[one])
        for one in (*own, *through)
        if one in known and known[one].kind == "insight"
    }
    chosen = _best(worth, known)
    against = links.incoming(session, by, chosen)
    told = {fact for kinds in against.values() for ids in kinds.values() for fact in ids}
    worth |= {
        one: score * FACT_SHARE
        for one, score in of_facts.items()
        if one in known and one not in told
    }
    return _best(worth, known)


def _scores(found: Found) -> dict[int, float]:
    return {hit.atom_id: hit.score for hit in found.hits}


def _through(facts: Mapping[int, float], carries: Mapping[int, Sequence[int]]) -> dict[int, float]:
    """What each claim is worth for the sake of the facts that support it."""
    found: dict[int, float] = {}
    for fact, claims in carries.items():
        for claim in claims:
            found[claim] = max(found.get(claim, 0.0), facts[fact] * CARRIED)
    return found


def _backing(card: AtomCard) -> float:
    return 1 + BONUS_OF_A_STUDY * min(card.strength.studies, STUDIES_COUNTED)


def _best(worth: Mapping[int, float], known: Mapping[int, AtomCard]) -> list[int]:
    """Those near the best one; what a newer claim replaces only where nothing else answers."""
    standing: Collection[int] = [one for one in worth if not known[one].is_replaced] or list(worth)
    ranked = sorted(standing, key=lambda one: (-worth[one], one))
    least = NEAR * worth[ranked[0]] if ranked else 0.0
    return [one for one in ranked if worth[one] >= least][:CLAIMS]

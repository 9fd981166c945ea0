"""What a search found as plain values for programs: the same for the API and the command line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from research_repo.core import cards, hierarchy, indexing, tagging
from research_repo.core.cards import AtomCard
from research_repo.core.db import Session
from research_repo.core.models import Person
from research_repo.search.found import Found, Hit, Why
from research_repo.search.reasons import placed

FACETS_MAX = 1000
SCORE_DIGITS = 4


class Answer:
    """The atoms and tags of one answer, as `by` sees them, in a language."""

    def __init__(self, session: Session, by: Person, found: Found, language: str) -> None:
        ids = [hit.atom_id for hit in found.hits]
        shown = {card.id: card for card in cards.of_atoms(session, by, ids, language)}
        self.found = found
        self.hits = [(hit, shown[hit.atom_id]) for hit in found.hits if hit.atom_id in shown]
        self.texts = indexing.texts(session, list(shown))
        self.asserted = {
            (atom_id, put.asserted_id)
            for atom_id, puts in tagging.of_atoms(session, ids).items()
            for put in puts
        }
        self.lent = {card.id: {tag.id for tag in card.lent} for card in shown.values()}
        counts = sorted(found.tag_counts.items(), key=lambda row: (-row[1], row[0]))
        self.facets = counts[:FACETS_MAX]
        carried = {tag.id for card in shown.values() for tag in (*card.tags, *card.lent)}
        self.above = _above(session, carried)
        named = {*(tag_id for tag_id, _ in self.facets), *carried, *self.above}
        named |= {why.tag_id for hit in found.hits for why in hit.why if why.tag_id}
        self.tags = hierarchy.cards(session, named, language)

    def as_json(self) -> dict[str, Any]:
        """The whole answer as plain values; of very many tags the ones that count most."""
        return {
            "total": self.found.total,
            "hits": [self._hit(hit, card) for hit, card in self.hits],
            "facets": [{**self._tag(tag_id), "count": count} for tag_id, count in self.facets],
            "corrections": [
                {"kind": made.kind, "typed": made.typed, "used": made.used}
                for made in self.found.corrections
            ],
        }

    def _hit(self, hit: Hit, card: AtomCard) -> dict[str, Any]:
        own = {tag.id for tag in card.tags}
        lent = self.lent[card.id]
        above = self._all_above(own | lent) - own - lent
        return {
            "id": card.key,
            "external_id": card.external_id,
            "kind": card.kind,
            "title": card.title,
            "study": card.study_key or None,
            "score": round(float(hit.score), SCORE_DIGITS),
            "tags": [
                *(self._carried(tag.id, self._via(card.id, tag.id)) for tag in card.tags),
                *(self._carried(tag.id, "inherited", "study") for tag in card.lent),
                *(self._carried(tag_id, "inherited", "tag") for tag_id in sorted(above)),
            ],
            "why": [self._why(why) for why in placed(hit.why, self.texts[card.id])],
        }

    def _all_above(self, tag_ids: set[int]) -> set[int]:
        found: set[int] = set()
        frontier = set(tag_ids)
        while frontier:
            frontier = {one for tag_id in frontier for one in self.above[tag_id]} - found
            found |= frontier
        return found

    def _via(self, atom_id: int, tag_id: int) -> str:
        return "asserted" if (atom_id, tag_id) in self.asserted else "redirected"

    def _carried(self, tag_id: int, via: str, through: str | None = None) -> dict[str, str | None]:
        return {**self._tag(tag_id), "via": via, "through": through}

    def _why(self, why: Why) -> dict[str, str]:
        if why.kind == "tag" and why.tag_id is not None:
            return {"tag": self.tags[why.tag_id].key, "text": why.text}
        return {"field": why.field, "text": why.text}

    def _tag(self, tag_id: int) -> dict[str, str]:
        card = self.tags[tag_id]
        return {"key": card.key, "path": card.full_path, "label": card.label}


def _above(session: Session, tag_ids: Iterable[int]) -> dict[int, list[int]]:
    """Each of the tags, and all that they lie under, with its parents: a few questions for all."""
    above: dict[int, list[int]] = {}
    frontier = set(tag_ids)
    while frontier:
        found = hierarchy.parents(session, frontier)
        above.update({tag_id: found.get(tag_id, []) for tag_id in frontier})
        frontier = {parent for listed in found.values() for parent in listed} - set(above)
    return above

"""What a search found as plain values for programs: the same for the API and the command line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from research_repo.core import cards, hierarchy, indexing, lookup, tagging
from research_repo.core.cards import AtomCard
from research_repo.core.db import Session
from research_repo.core.language import say
from research_repo.core.models import Person
from research_repo.search.found import Found, Hit, Why
from research_repo.search.reasons import placed

FACETS_MAX = 1000
COUNTS_MAX = 100
"""Values of one filter."""
SCORE_DIGITS = 4
LOOKED_UP = say("The index is being rebuilt; until then whole words are looked up.")


class Answer:
    """The atoms and tags of one answer, as `by` sees them, in a language."""

    def __init__(self, session: Session, by: Person, found: Found, language: str) -> None:
        ids = [hit.atom_id for hit in found.hits]
        shown = {
            card.id: card for card in cards.of_atoms(session, by, ids, language, found.weighed())
        }
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
        self.studies = cards.study_names(session, by, found.options.studies)
        self.authors = lookup.author_names(session, by, found.options.authors)
        named = {*(tag_id for tag_id, _ in self.facets), *carried, *self.above}
        named |= {why.tag_id for hit in found.hits for why in hit.why if why.tag_id}
        self.tags = hierarchy.cards(session, named, language)

    def as_json(self) -> dict[str, Any]:
        """The whole answer as plain values; of very many tags the ones that count most."""
        return {
            "total": self.found.total,
            "totals": {"any": self.found.total_any, "all": self.found.total_all},
            "hits": [self._hit(hit, card) for hit, card in self.hits],
            "facets": [{**self._tag(tag_id), "count": count} for tag_id, count in self.facets],
            "counts": list(self._counts()),
            "corrections": [
                {"kind": made.kind, "typed": made.typed, "used": made.used}
                for made in self.found.corrections
            ],
        }

    def _counts(self) -> Iterator[dict[str, Any]]:
        """What else narrows the hits: filter, value, name and hits, the most first."""
        options = self.found.options
        listed: dict[str, dict[str, tuple[str, int]]] = {
            "kind": {value: (value, count) for value, count in options.kinds.items()},
            "study": {
                key: (title, options.studies[study_id])
                for study_id, (key, title) in self.studies.items()
            },
            "method": {value: (value, count) for value, count in options.methods.items()},
            "by": {
                str(person_id): (name, options.authors[person_id])
                for person_id, name in self.authors.items()
            },
            "lang": {value: (value, count) for value, count in options.languages.items()},
            "year": {str(year): (str(year), count) for year, count in options.years.items()},
        }
        for name, values in listed.items():
            most_first = sorted(values.items(), key=lambda pair: (-pair[1][1], pair[0]))
            for value, (label, count) in most_first[:COUNTS_MAX]:
                yield {"filter": name, "value": value, "label": label, "count": count}

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
            "strength": card.strength.plain(),
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

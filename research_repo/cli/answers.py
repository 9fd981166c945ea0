"""What a search found, for programs and for people."""

from __future__ import annotations

from typing import Any

import click

from research_repo.cli import door
from research_repo.core import cards, hierarchy, tagging, terms
from research_repo.core.cards import AtomCard
from research_repo.core.db import Session
from research_repo.core.language import say, say_many
from research_repo.core.models import Person
from research_repo.search import Found, Hit, Why


class Answer:
    """The atoms and tags of one answer, as `by` sees them, in the language of the instance."""

    def __init__(self, session: Session, by: Person, found: Found) -> None:
        language = door.language()
        ids = [hit.atom_id for hit in found.hits]
        shown = {card.id: card for card in cards.of_atoms(session, by, ids, language)}
        self.found = found
        self.hits = [(hit, shown[hit.atom_id]) for hit in found.hits if hit.atom_id in shown]
        self.asserted = {
            (atom_id, put.asserted_id)
            for atom_id, puts in tagging.of_atoms(session, ids).items()
            for put in puts
        }
        carried = {tag.id for card in shown.values() for tag in card.tags}
        self.above = {tag_id: hierarchy.ancestors(session, tag_id) for tag_id in carried}
        named = {*found.tag_counts, *carried, *(set().union(*self.above.values()))}
        named |= {why.tag_id for hit in found.hits for why in hit.why if why.tag_id}
        self.tags = hierarchy.cards(session, named, language)

    def as_json(self) -> dict[str, Any]:
        """The whole answer as plain values."""
        counts = sorted(self.found.tag_counts.items(), key=lambda row: (-row[1], row[0]))
        return {
            "total": self.found.total,
            "hits": [self._hit(hit, card) for hit, card in self.hits],
            "facets": [{**self._tag(tag_id), "count": count} for tag_id, count in counts],
            "corrections": [
                {"kind": made.kind, "typed": made.typed, "used": made.used}
                for made in self.found.corrections
            ],
        }

    def write(self) -> None:
        """Each atom in a line, its tags in the next; what is about the search, on stderr."""
        if self.found.rebuilding is not None:
            door.tell(say("The index is being rebuilt; until then whole words are looked up."))
        for made in self.found.corrections:
            door.tell(
                say(
                    "Searched for “%(used)s” instead of “%(typed)s”.",
                    used=made.used,
                    typed=made.typed,
                )
            )
        for _, card in self.hits:
            kind = terms.term("kind", card.kind).put(door.language())
            click.echo("  ".join(filter(None, (card.key, kind, card.study_key, card.title))))
            if card.tags:
                click.echo("    " + "; ".join(tag.full_path for tag in card.tags))
        door.tell(say_many("%(count)s atom found.", "%(count)s atoms found.", self.found.total))

    def _hit(self, hit: Hit, card: AtomCard) -> dict[str, Any]:
        own = {tag.id for tag in card.tags}
        above = set().union(*(self.above[tag_id] for tag_id in own)) - own
        return {
            "id": card.key,
            "external_id": card.external_id,
            "kind": card.kind,
            "title": card.title,
            "study": card.study_key or None,
            "score": round(hit.score, 4),
            "tags": [
                *({**self._tag(tag.id), "via": self._via(card.id, tag.id)} for tag in card.tags),
                *({**self._tag(tag_id), "via": "inherited"} for tag_id in sorted(above)),
            ],
            "why": [self._why(why) for why in hit.why],
        }

    def _via(self, atom_id: int, tag_id: int) -> str:
        return "asserted" if (atom_id, tag_id) in self.asserted else "redirected"

    def _why(self, why: Why) -> dict[str, str]:
        if why.tag_id is None:
            return {"field": "text", "text": why.text}
        return {"tag": self.tags[why.tag_id].key, "text": why.text}

    def _tag(self, tag_id: int) -> dict[str, str]:
        card = self.tags[tag_id]
        return {"key": card.key, "path": card.full_path, "label": card.label}

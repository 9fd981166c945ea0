"""What a search page tells about how the words were understood."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from research_repo.core import hierarchy, tagging, words
from research_repo.core.hierarchy import TagCard
from research_repo.core.models import Person
from research_repo.search import Correction, Found, Wanted
from research_repo.search.asking import Query, parse
from research_repo.web.search_address import address_of
from research_repo.web.words import language

MEANINGS_SHOWN = 4


@dataclass(frozen=True)
class Understood:
    """Words that name a tag, and where the page can go from there; an empty address has no use."""

    span: str
    card: TagCard
    count: int
    is_own_name: bool
    """Whether the words are the name of the tag, not another word for it."""
    all_of_it: str
    not_this: str


@dataclass(frozen=True)
class PutRight:
    """What was typed and what was searched instead, each as a whole."""

    typed: str
    used: str


def is_wordless(text: str) -> bool:
    """Whether there is something typed in which no word stands, so that nothing is asked."""
    return bool(text) and parse(text) == Query()


def put_right(text: str, corrections: Iterable[Correction]) -> PutRight | None:
    """The text with all corrections in it; None without any."""
    used = text
    for one in corrections:
        used = one.used if one.kind == "layout" else _with(used, one.typed, one.used)
    return PutRight(text, used) if used != text else None


def understood(wanted: Wanted, found: Found, tags: dict[int, TagCard]) -> list[Understood]:
    """The tags that the words name, those with most under them first."""
    known = [meaning for meaning in found.meanings if meaning.tag_id in tags]
    listed = []
    for meaning in sorted(known, key=lambda one: -one.count)[:MEANINGS_SHOWN]:
        card = tags[meaning.tag_id]
        is_new = card.key not in (*wanted.tags, *wanted.exact, *wanted.also)
        rest = _without(wanted.text, meaning.span)
        listed.append(
            Understood(
                span=meaning.span,
                card=card,
                count=meaning.count,
                is_own_name=words.stems(meaning.span) == words.stems(card.label),
                all_of_it=address_of(wanted, text=rest, tags=(*wanted.tags, card.key))
                if is_new
                else "",
                not_this=address_of(wanted, not_meant=(*wanted.not_meant, card.key)),
            )
        )
    return listed


def not_meant(session: Any, by: Person, wanted: Wanted) -> list[tuple[TagCard, str]]:
    """The tags that the searcher put aside, each with the address at which it counts again."""
    if not wanted.not_meant:
        return []
    hidden = tagging.unseen(session, by)
    cards = hierarchy.cards_of_keys(session, wanted.not_meant, language())
    return [
        (card, address_of(wanted, not_meant=tuple(one for one in wanted.not_meant if one != key)))
        for key, card in cards.items()
        if card.id not in hidden
    ]


def _with(text: str, typed: str, used: str) -> str:
    """The text with one word of it in place of another."""
    plain = unicodedata.normalize("NFC", text)
    pieces, end = [], 0
    for start, stop, token in words.spans(plain):
        if token == typed:
            pieces += [plain[end:start], used]
            end = stop
    return "".join([*pieces, plain[end:]])


def _without(text: str, span: str) -> str:
    """The text without the words of the span, whose tag says the same."""
    gone = set(words.tokens(span))
    kept = [part for part in text.split() if not (found := words.tokens(part)) or set(found) - gone]
    return " ".join(kept)

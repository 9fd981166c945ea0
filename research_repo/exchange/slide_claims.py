"""Claims on slides: an insight with the words of somebody, facts by their titles, evidence in the notes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from research_repo.exchange import fitting, slide_words
from research_repo.exchange.blocks import Block, Claim, Document, Quote, words
from research_repo.exchange.fitting import Line, Room
from research_repo.exchange.slide_shape import (
    BESIDE,
    LISTED,
    QUOTE_BESIDE,
    QUOTE_WIDE,
    WIDE,
    Slide,
)

BEST = range(40, 280)
"""How long a quote is that a room reads at a glance."""


class Claims:
    """The claims of a report: an insight may speak with the words of what it rests on."""

    def __init__(self, document: Document) -> None:
        claims = [block for block in document.blocks if isinstance(block, Claim)]
        self.quotes = {claim.key: _quotes(claim.blocks) for claim in claims}

    def listed(self, title: str, claims: Iterable[Block]) -> Iterator[Slide]:
        """Facts by their titles; what is known of each is in the notes of the slide it stands on."""
        told = {slide_words.item(one): one for one in claims if isinstance(one, Claim)}
        for size, page in fitting.pages(list(told), LISTED, LISTED):
            here = [told[line] for line in page if line in told]
            notes = tuple(line for claim in here for line in slide_words.notes(claim))
            yield Slide("text", title, lines=tuple(page), size=size, notes=notes)

    def told(self, claim: Claim) -> Iterator[Slide]:
        """A claim on a slide of its own, and on further ones where it is long."""
        quote = self._best(claim)
        body, quote, size = self._arranged(claim, quote)
        layout = ("beside" if body else "words") if quote else "text"
        pages = fitting.pages(body, BESIDE if quote else WIDE, WIDE) or [(0, [])]
        for number, (letters, page) in enumerate(pages):
            first = number == 0
            yield Slide(
                layout if first else "text",
                words(claim.heading.runs),
                claim.heading.language,
                tuple(page),
                letters,
                quote if first else None,
                size,
                claim.meta.runs,
                notes=tuple(slide_words.notes(claim)) if first else (),
            )

    def _arranged(self, claim: Claim, quote: Quote | None) -> tuple[list[Line], Quote | None, int]:
        body = slide_words.body(claim)
        room = BESIDE if quote else WIDE
        more = [*body, *slide_words.rests_on(claim)]
        if fitting.size_for(more, room) is not None:
            # What it rests on is shown where there is room; the notes have it anyway.
            body = more
        if quote is None:
            return body, None, 0
        size = _size(quote, QUOTE_BESIDE if body else QUOTE_WIDE)
        if size is None:
            return [*body, *slide_words.said(quote)], None, 0
        return body, quote, size

    def _best(self, claim: Claim) -> Quote | None:
        """Its own quote, or one of what it rests on: the first that is read at a glance."""
        own = self.quotes.get(claim.key, [])
        lent = [quote for key in claim.rests_on for quote in self.quotes.get(key, ())]
        fitting_in = [one for one in (*own, *lent) if len(one.text) in BEST]
        return next(iter((*fitting_in, *own, *lent)), None)


def _size(quote: Quote, room: Room) -> int | None:
    return fitting.size_for(slide_words.said(quote), room)


def _quotes(blocks: Iterable[Block]) -> list[Quote]:
    return [block for block in blocks if isinstance(block, Quote)]

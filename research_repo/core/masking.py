"""Personal data in what an atom says: found field by field, and masked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from research_repo.core import personal, words
from research_repo.core.atoms import AtomValues
from research_repo.core.evidence import EvidenceValues
from research_repo.core.language import Message, say
from research_repo.core.personal import Personal

_PIECE = ("text", "who", "source")


def found_in(values: AtomValues, known: AtomValues | None = None) -> dict[str, list[Personal]]:
    """Field → what in it tells who somebody is; without fields that hold nothing.

    What stands in `known` already is left out: whoever wrote it was asked then.
    """
    stands = {said for texts in _texts(known).values() for said, _ in _said(texts)} if known else ()
    found = {
        name: [one for said, one in _said(texts) if said not in stands]
        for name, texts in _texts(values).items()
    }
    return {name: some for name, some in found.items() if some}


def masked(values: AtomValues) -> AtomValues:
    """The same with dots for all of it."""
    return replace(
        values,
        title=hidden(values.title),
        body=hidden(values.body),
        evidence=[_masked_piece(piece) for piece in values.evidence],
    )


def hidden(text: str) -> str:
    """A text with dots for what tells who somebody is; as long as before."""
    return personal.masked(text, _found(text))


def advised(found: Mapping[str, Iterable[Personal]]) -> dict[str, Message]:
    """Field → what it holds and what to do."""
    return {
        name: say(
            "This holds %(what)s. Everybody who reads the finding will see it: mask it.",
            what=personal.told(some),
        )
        for name, some in found.items()
    }


def done(found: Mapping[str, Iterable[Personal]]) -> dict[str, Message]:
    """Field → what of it is masked now."""
    return {
        name: say("Masked here: %(what)s.", what=personal.told(some))
        for name, some in found.items()
    }


def _texts(values: AtomValues) -> dict[str, list[str]]:
    return {
        "title": [values.title],
        "body": [values.body],
        "evidence": [getattr(piece, name) for piece in values.evidence for name in _PIECE],
    }


def _said(texts: Iterable[str]) -> Iterator[tuple[str, Personal]]:
    for text in texts:
        for one in _found(text):
            yield text[one.start : one.end], one


def _found(text: str) -> list[Personal]:
    return personal.found(text, words.language_of(text))


def _masked_piece(piece: EvidenceValues) -> EvidenceValues:
    return replace(
        piece, text=hidden(piece.text), who=hidden(piece.who), source=hidden(piece.source)
    )

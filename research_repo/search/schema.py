"""What the index holds of an atom: terms in Whoosh's postings, facts in one column, no text."""

from __future__ import annotations

import re
import struct
from array import array
from collections import Counter
from functools import lru_cache
from hashlib import blake2b
from itertools import chain

from whoosh import fields
from whoosh.columns import VarBytesColumn
from whoosh.formats import Existence, Format

from research_repo.core import words
from research_repo.core.indexing import Document
from research_repo.core.models import ATOM_STATUSES, KINDS
from research_repo.core.pieces import Piece
from research_repo.settings import LANGUAGES

SCHEMA_EDITION = 4  # raise it when the schema or FACTS change: a new index is built beside the old
ANALYSER_EDITION = 1  # raise it when core.words yields other stems

# Numbers of a document, before the ids in TAIL, each a uint32.
FACTS = (
    "atom",
    "study",
    "author",
    "date",
    "kind",
    "status",
    "length",
    "title_length",
    "low",
    "high",
    "language",
    "quotes",
    "claim_low",
    "claim_high",
    "respondents",
    "studies",
    "measured",
    "tags",
    "supports",
    "contradicts",
    "supersedes",
    "copied",
    "people",
)
TAIL = FACTS[-6:]
"""Numbers after the facts, as many as the fact of that name says: tags given, atoms that link to it,
and for each piece of evidence, two numbers each, by what its copies are known and who said it."""
NOBODY = (0, 0)
MEASURED = (1, 0)
"""In place of a person: enough people or cases stand behind a number."""
NO_STUDY = 0
NO_LANGUAGE = len(LANGUAGES)
_PART_GAP = 100  # between title, body and quotes: a phrase does not run across them

# The weight of a term in a document, and its value: where it stands, in the format of its field.
Occurrence = tuple[float, bytes]
Occurrences = dict[bytes, Occurrence]


class Places(Format):
    """Where a term stands in a document. Whoosh pickles it into the index."""

    def decode_positions(self, value: bytes) -> list[int]:
        return array("I", value).tolist()


def schema() -> fields.Schema:
    """The fields of the index. `text` is scored; `title` gives a bonus; `written` is spelling."""
    return fields.Schema(
        text=fields.FieldType(format=Places(), analyzer=None),
        title=fields.FieldType(format=Existence(), analyzer=None),
        written=fields.FieldType(format=Existence(), analyzer=None),
        facts=fields.COLUMN(VarBytesColumn()),
    )


def as_fields(document: Document) -> tuple[bytes, dict[str, Occurrences]]:
    """The document's facts, and by field its terms: stems with stop words, words as written."""
    parts = [words.tokens(part) for part in distinct_parts(document)]
    title = words.tokens(document.title)
    occurrences = {
        "text": _placed(parts),
        "title": {term: (float(n), b"") for term, n in Counter(map(_stem, title)).items()},
        "written": {word.encode(): _THERE for part in parts for word in part},
    }
    return _facts(document, sum(map(_length, parts)), _length(title)), occurrences


def distinct_parts(document: Document) -> list[str]:
    """Title, body and quotes; a part that repeats or begins another one is left out."""
    parts = [part for part in (document.title, document.body, *document.quotes) if part.strip()]
    folded = [_comparable(part) for part in parts]
    return [
        part
        for place, part in enumerate(parts)
        if not any(
            other.startswith(folded[place]) and (other != folded[place] or there < place)
            for there, other in enumerate(folded)
            if there != place
        )
    ]


def mark(told: object) -> tuple[int, int]:
    """Two numbers that differ when what is told differs."""
    digest = blake2b(repr(told).encode(errors="surrogatepass"), digest_size=8).digest()
    low, high = _TWO.unpack(digest)
    return low, high


def fingerprint(document: Document) -> bytes:
    """Eight bytes that differ when anything that the index holds of the atom differs."""
    return blake2b(repr(document).encode(errors="surrogatepass"), digest_size=8).digest()


_TWO = struct.Struct("<2I")
_THERE = (1.0, b"")


def _comparable(part: str) -> str:
    # The title often returns as the first sentence, with a full stop or in bold.
    return re.sub(r"[\W_]+", " ", words.fold(part)).strip()


def _placed(parts: list[list[str]]) -> Occurrences:
    places: dict[bytes, list[int]] = {}
    start = 0
    for part in parts:
        for position, term in enumerate(map(_stem, part), start):
            places.setdefault(term, []).append(position)
        start += len(part) + _PART_GAP
    return {
        term: _once(where[0]) if len(where) == 1 else (float(len(where)), _packed(where))
        for term, where in places.items()
    }


@lru_cache(10_000)
def _once(position: int) -> Occurrence:
    return 1.0, _packed([position])


def _packed(positions: list[int]) -> bytes:
    return array("I", positions).tobytes()


@lru_cache(200_000)
def _stem(token: str) -> bytes:
    return words.stem(token).encode()


def _facts(document: Document, length: int, title_length: int) -> bytes:
    low, high = _TWO.unpack(fingerprint(document))
    pieces = {one.copied: one for one in reversed(document.pieces)}.values()
    tail = (
        document.tag_ids,
        document.supports,
        document.contradicts,
        document.supersedes,
        tuple(chain.from_iterable(mark(piece.copied) for piece in pieces)),
        tuple(chain.from_iterable(map(_said_by, pieces))),
    )
    numbers = (
        document.atom_id,
        document.study_id or NO_STUDY,
        document.author_id,
        document.date.toordinal(),
        KINDS.index(document.kind),
        ATOM_STATUSES.index(document.status),
        length,
        title_length,
        low,
        high,
        LANGUAGES.index(document.language) if document.language in LANGUAGES else NO_LANGUAGE,
        len(document.quotes),
        *mark(document.title),
        len({piece.person for piece in pieces if piece.person}),
        int(bool(pieces)),
        int(any(piece.is_measured for piece in pieces)),
        *map(len, tail),
        *chain.from_iterable(tail),
    )
    return struct.pack(f"<{len(numbers)}I", *numbers)


def _said_by(piece: Piece) -> tuple[int, int]:
    if piece.person:
        return mark(piece.person)
    return MEASURED if piece.is_measured else NOBODY


def _length(tokens: list[str]) -> int:
    return len(tokens) - sum(map(words.STOP_WORDS.__contains__, tokens)) or 1

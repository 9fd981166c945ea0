"""What the index holds of an atom: terms in Whoosh's postings, facts in one column, no text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

import numpy as np
from whoosh import fields
from whoosh.analysis import Analyzer, Token
from whoosh.columns import VarBytesColumn
from whoosh.formats import Existence

from research_repo.core import words
from research_repo.core.indexing import Document
from research_repo.core.models import ATOM_STATUSES, KINDS

SCHEMA_EDITION = 1  # raise it when SCHEMA or FACTS change: a new index is built beside the old one
ANALYSER_EDITION = 1  # raise it when core.words yields other stems

# Numbers of a document, before its asserted tag ids, each a uint32.
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
)
NO_STUDY = 0
PART = "\x1e"  # stands between title, body and quotes: a phrase does not run across it
_PART_GAP = 100


class Prepared(Analyzer):
    """Takes words that are ready, apart by spaces. Whoosh pickles it into the index."""

    def __call__(self, value: str, **_options: Any) -> Iterator[Token]:
        token = Token(positions=True, mode="index")
        position = 0
        for part in value.split(PART):
            for word in part.split():
                token.text = word
                token.pos = position
                position += 1
                yield token
            position += _PART_GAP


def schema() -> fields.Schema:
    """The fields of the index. `text` is scored; `title` gives a bonus; `written` is spelling."""
    return fields.Schema(
        atom=fields.ID(unique=True),
        text=fields.TEXT(analyzer=Prepared(), phrase=True),
        title=fields.TEXT(analyzer=Prepared(), phrase=False),
        # Scorable though nothing scores it: else Whoosh looks for a lengths file at every posting.
        written=fields.FieldType(format=Existence(), analyzer=Prepared(), scorable=True),
        facts=fields.COLUMN(VarBytesColumn()),
    )


def as_fields(document: Document) -> dict[str, Any]:
    """The document as Whoosh's fields: stems by script with stop words, and words as written."""
    parts = [words.tokens(part) for part in distinct_parts(document)]
    title = words.tokens(document.title)
    return {
        "atom": str(document.atom_id),
        "text": PART.join(map(_stemmed, parts)),
        "title": _stemmed(title),
        "written": " ".join({word for part in parts for word in part}),
        "facts": _facts(document, sum(map(_length, parts)), _length(title)),
    }


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


def fingerprint(document: Document) -> bytes:
    """Eight bytes that differ when anything that the index holds of the atom differs."""
    return blake2b(repr(document).encode(errors="surrogatepass"), digest_size=8).digest()


def _comparable(part: str) -> str:
    # The title often returns as the first sentence, with a full stop or in bold.
    return re.sub(r"[\W_]+", " ", words.fold(part)).strip()


def _facts(document: Document, length: int, title_length: int) -> bytes:
    low, high = np.frombuffer(fingerprint(document), dtype="<u4")
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
    )
    return np.array((*numbers, *document.tag_ids), dtype="<u4").tobytes()


def _stemmed(tokens: list[str]) -> str:
    return " ".join(map(words.stem, tokens))


def _length(tokens: list[str]) -> int:
    return sum(word not in words.STOP_WORDS for word in tokens) or 1

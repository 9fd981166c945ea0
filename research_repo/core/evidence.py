"""Evidence of an atom: quotes, numbers, links, and where an import found it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from urllib.parse import urlsplit

from sqlmodel import Session, col, select

from research_repo.core import heard, spans, typed, words
from research_repo.core.language import Message, say
from research_repo.core.models import Evidence, Source
from research_repo.core.report_shape import Piece

PIECES_MAX = 100
QUOTE_MAX = 20_000
SHORT_MAX = 500
URL_MAX = 2000
COUNT_MAX = 2_000_000_000

TYPED = ("quote", "number", "link")
"""The kinds that people write on pages; *origin* comes with files and programs alone."""

UNSEEN = ("origin", "file")
"""The kinds that a form does not show: it takes none of them away."""


@dataclass(frozen=True)
class EvidenceValues:
    """One piece of evidence as it was given. `id` names the one that it replaces.

    A person, a source or a file left out is none of its own: what stood there is then not touched.
    """

    kind: str = "quote"
    text: str = ""
    who: str = ""
    source: str = ""
    url: str = ""
    number: float | None = None
    unit: str = ""
    n: int | None = None
    row: int | None = None
    participant_id: int | None = None
    source_id: int | None = None
    span_start: int | None = None
    span_end: int | None = None
    attachment_id: int | None = None
    file_name: str = ""
    id: int | None = None

    def is_empty(self) -> bool:
        """Nothing was written into it."""
        if self.kind == "origin" and (self.id or self.source or self.row or self.who):
            return False
        if self.kind == "file" and self.attachment_id:
            return False
        return not (self.text.strip() or self.url.strip() or self.number is not None)


WRITTEN = tuple(one.name for one in fields(EvidenceValues) if one.name != "id")
"""What of the values is a column of its own."""


def of_columns(
    quote: str,
    source: str,
    standing: Sequence[EvidenceValues] = (),
    respondent: str | None = None,
) -> list[EvidenceValues]:
    """The pieces that stand there, as the columns of a file or program say.

    The quote is the first one, its source where it stands, the respondent who said it; None leaves
    whoever is named already. A source without words is kept as an *origin*: it tells where the
    claim is from, and counts nothing in strength.
    """
    pieces = list(standing)
    place = next((at for at, one in enumerate(pieces) if one.kind == "quote"), None)
    first = pieces.pop(place) if place is not None else EvidenceValues()
    at = next((at for at, one in enumerate(pieces) if one.kind == "origin"), None)
    origin = pieces.pop(at) if at is not None else EvidenceValues(kind="origin")
    is_said = bool(quote.strip())
    if is_said:
        said = replace(first, text=quote, source=source)
        pieces.insert(place or 0, _said_by(said, respondent))
    origin = replace(origin, text="" if is_said else source)
    origin = _said_by(origin, "" if is_said and respondent is not None else respondent)
    return pieces if origin.is_empty() else [*pieces, origin]


def _said_by(values: EvidenceValues, respondent: str | None) -> EvidenceValues:
    if respondent is None or respondent == values.who:
        return values
    return replace(values, who=respondent, participant_id=None)


def columns_of(pieces: Sequence[Evidence | EvidenceValues | Piece]) -> tuple[str, str]:
    """What the columns *quote* and *source* say of an atom: the way back from `of_columns`."""
    quote = next((one for one in pieces if one.kind == "quote"), None)
    if quote:
        return quote.text, quote.source
    return "", next((one.text for one in pieces if one.kind == "origin"), "")


def respondent_of(pieces: Sequence[Evidence | EvidenceValues | Piece]) -> str:
    """What the column *respondent* says of an atom: who said the first quote."""
    of_kind = {one.kind: one for one in reversed(pieces)}
    piece = of_kind.get("quote") or of_kind.get("origin")
    return piece.who if piece else ""


def as_cells(pieces: Sequence[Evidence | EvidenceValues | Piece]) -> tuple[str, str]:
    """The two cells in which a table holds all quotes of an atom, and where the first one stands."""
    quotes = [one for one in pieces if one.kind == "quote"]
    if not quotes:
        return columns_of(pieces)
    return "\n\n".join(one.text for one in quotes), quotes[0].source


def of_atom(session: Session, atom_id: int) -> list[Evidence]:
    """The atom's evidence in its order."""
    return list(
        session.exec(
            select(Evidence)
            .where(Evidence.atom_id == atom_id)
            .order_by(col(Evidence.position), col(Evidence.id))
        )
    )


def write(session: Session, atom_id: int, pieces: Sequence[EvidenceValues]) -> None:
    """Make these the atom's evidence: rows named by `id` change, others are added, the rest go.

    Where it came from and files stay, though, unless they are named: a page does not show them to
    be changed. A quote of a source is looked up there: it keeps its place while its words stand in
    it, takes the nearest place that holds them after they were edited, and else none. Whoever is
    called like a participant of the atom's study is that participant.
    """
    standing = {row.id: row for row in of_atom(session, atom_id)}
    written: list[Evidence] = []
    for position, values in enumerate(pieces):
        row = standing.get(values.id) if values.id else None
        if row is None or (row.kind != values.kind and {row.kind, values.kind} & set(UNSEEN)):
            row = Evidence(atom_id=atom_id, kind=values.kind)
        elif not replace(values, id=None).is_empty():
            del standing[row.id]
        else:
            session.delete(standing.pop(row.id))
            continue
        _put(row, _anchored(session, row, _with_what_stood(row, values)), position)
        session.add(row)
        written.append(row)
    heard.recognise(session, atom_id, written)
    for gone in standing.values():
        if gone.kind not in UNSEEN:
            session.delete(gone)
    session.flush()


def _put(row: Evidence, values: EvidenceValues, position: int) -> None:
    row.position = position
    for name in WRITTEN:
        setattr(row, name, getattr(values, name))
    row.language = words.language_of(values.text) if values.kind == "quote" else ""


def _with_what_stood(row: Evidence, values: EvidenceValues) -> EvidenceValues:
    """The values with what a form or a file that does not know of it has left out."""
    if row.kind != values.kind:
        return values
    if values.source_id is None:
        start, end = row.span_start, row.span_end
        values = replace(values, source_id=row.source_id, span_start=start, span_end=end)
    # Other words about who said it name somebody else.
    if values.participant_id is None and values.who == row.who:
        values = replace(values, participant_id=row.participant_id)
    if values.attachment_id is None:
        values = replace(values, attachment_id=row.attachment_id, file_name=row.file_name)
    return values


def _anchored(session: Session, row: Evidence, values: EvidenceValues) -> EvidenceValues:
    """The values with the place at which the quote's words stand in its source, or with none."""
    if values.kind == "file":
        return values
    if values.kind != "quote" or values.source_id is None:
        return replace(values, source_id=None, span_start=None, span_end=None)
    names = ("text", "source_id", "span_start", "span_end")
    if all(getattr(row, name) == getattr(values, name) for name in names):
        return values
    text = session.exec(select(Source.text).where(Source.id == values.source_id)).one()
    start, end = spans.found(text, values.text, values.span_start or 0) or (None, None)
    return replace(values, span_start=start, span_end=end)


def checked(
    pieces: Sequence[EvidenceValues],
) -> tuple[list[EvidenceValues], Message | None]:
    """The pieces that hold something, tidied; and what is wrong with the first that is wrong."""
    kept = [_typed(values) for values in pieces if not values.is_empty()]
    if len(kept) > PIECES_MAX:
        return [], say("An atom has at most %(count)s pieces of evidence.", count=PIECES_MAX)
    for values in kept:
        problem = _problem(values)
        if problem:
            return [], problem
    return kept, None


def _typed(values: EvidenceValues) -> EvidenceValues:
    # Only its own kind is looked at below for what a number or an address may be.
    if values.kind != "number":
        values = replace(values, number=None, unit="", n=None)
    if values.kind != "link":
        values = replace(values, url="")
    return replace(
        values,
        text=typed.lines(values.text).strip(),
        who=typed.line(values.who),
        source=typed.line(values.source),
        url=typed.line(values.url),
        unit=typed.line(values.unit),
    )


def is_address(url: str) -> bool:
    """Whether it is the whole address of a web page."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and len(url) <= URL_MAX


def _problem(values: EvidenceValues) -> Message | None:
    # A file is named by what is kept of it, or by the piece that stands.
    is_nowhere = values.kind == "file" and not (values.attachment_id or values.id)
    if is_nowhere or values.kind not in (*TYPED, *UNSEEN):
        return say("Evidence is a quote, a number or a link.")
    if values.kind == "quote" and len(values.text) > QUOTE_MAX:
        return say("A quote has at most %(count)s characters.", count=QUOTE_MAX)
    if values.kind != "quote" and len(values.text) > SHORT_MAX:
        return say(
            "What a number or a link says has at most %(count)s characters.", count=SHORT_MAX
        )
    if any(len(part) > SHORT_MAX for part in (values.who, values.source, values.unit)):
        return say("Who, where and unit have at most %(count)s characters.", count=SHORT_MAX)
    if values.kind == "link" and not is_address(values.url):
        return say("Write the whole address of the link, beginning with https://.")
    if values.kind == "number":
        if values.number is None or not math.isfinite(values.number):
            return say("Write the number that was measured, such as 38 or 4.5.")
        if not values.text.strip():
            return say("Say what the number measures.")
        if values.n is not None and not 1 <= values.n <= COUNT_MAX:
            return say("n is how many were asked or counted: 1 or more.")
    return None

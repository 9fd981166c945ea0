"""Quotes in their sources: cut from a text, marked in it, and kept in place while it changes.

A quote with a place equals the text there, code point by code point; `doctor` checks it. One whose
words stand in its source no more keeps the words and the source, and has no place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, update
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from research_repo.core import access, spans
from research_repo.core.errors import Conflict, Invalid, NotFound
from research_repo.core.evidence import QUOTE_MAX, SHORT_MAX, EvidenceValues
from research_repo.core.language import say
from research_repo.core.marks import Mark
from research_repo.core.models import (
    Atom,
    Evidence,
    Participant,
    Passage,
    Person,
    Source,
    Study,
)
from research_repo.core.source_texts import clock
from research_repo.core.spans import moved as moved

NOTHING = say("Select the words that you want to quote.")
GONE = say("These words do not stand in the source, or no more. Quote them as they were said.")


@dataclass(frozen=True)
class Origin:
    """Where a quote was cut from, for somebody who may read it there."""

    source_key: str
    has_place: bool
    """Its words stand there still."""
    speakers: str
    """The names of those who say it there; empty where the quote itself says whose it is."""
    may_name: bool
    """The person may say which participants they are."""


def of_source(
    session: Session, by: Person, source_id: int, start: int = 0, end: int | None = None
) -> list[Mark]:
    """The quotes that touch this stretch of a source, of claims that the person sees, in order.

    The source is one that they may read.
    """
    place: Any = (Evidence.id, Evidence.span_start, Evidence.span_end)
    claim: Any = (Atom.key, Atom.kind, Atom.title, Atom.language, Atom.status, Person.name)
    query = (
        columns(*place, *claim)
        .join(Atom, col(Atom.id) == col(Evidence.atom_id))
        .join(Person, col(Person.id) == col(Atom.author_id))
        .where(
            col(Evidence.source_id) == source_id,
            col(Evidence.span_end) > start,
            col(Atom.status) != "archived",
            access.sees_atom(by),
        )
        .order_by(col(Evidence.span_start), col(Evidence.span_end), col(Evidence.id))
    )
    if end is not None:
        query = query.where(col(Evidence.span_start) < end)
    return [Mark(*row) for row in session.execute(query)]


def without_place(session: Session, by: Person, source_id: int, most: int) -> list[Atom]:
    """Claims that the person sees with quotes whose words stand in the source no more, `most` of them.

    The source is one that they may read.
    """
    lost = select(Evidence.atom_id).where(
        Evidence.source_id == source_id,
        Evidence.kind == "quote",
        col(Evidence.span_start).is_(None),
    )
    query = select(Atom).where(
        col(Atom.id).in_(lost), col(Atom.status) != "archived", access.sees_atom(by)
    )
    return list(session.exec(query.order_by(col(Atom.id)).limit(most)))


def cut(
    session: Session, by: Person, source_key: str, start: int, end: int, words: str = ""
) -> EvidenceValues:
    """The quote that stands at a place of a source, without the spaces around it, and who said it.

    With `words` it is these: looked for within the place, then nearest to it, as the text may have
    changed since somebody chose them.

    Raises:
        NotFound: the source is not there for this person, or was removed.
        Invalid: nothing stands there, more than a quote may hold, or other words everywhere.
    """
    source = access.source_to_read(session, by, source_key)
    if source.removed_at is not None:
        raise NotFound
    start, end = _place(source.text, max(start, 0), max(end, 0), words.strip())
    if start == end:
        raise Invalid({"words": NOTHING})
    if end - start > QUOTE_MAX:
        advice = say("A quote has at most %(count)s characters. Select less.", count=QUOTE_MAX)
        raise Invalid({"words": advice})
    passages = _passages(session, source.id, start, end)
    who, participant_id = _said_by(session, source, passages)
    time = passages[0].from_ms if passages else None
    told = source.title if time is None else f"{source.title}, {clock(time)}"
    return EvidenceValues(
        text=source.text[start:end],
        who=who,
        source=told[:SHORT_MAX],
        participant_id=participant_id,
        source_id=source.id,
        span_start=start,
        span_end=end,
    )


def _place(text: str, start: int, end: int, words: str) -> spans.Span:
    said = text[start:end]
    if words and "".join(words.split()) != "".join(said.split()):
        place = text.find(words, start, end)
        found = (place, place + len(words)) if place >= 0 else spans.found(text, words, start)
        if found is None:
            raise Invalid({"words": GONE})
        return found
    start += len(said) - len(said.lstrip())
    return start, start + len(said.strip())


def _passages(session: Session, source_id: int, start: int, end: int) -> list[Passage]:
    query = select(Passage).where(
        Passage.source_id == source_id, col(Passage.start) < end, col(Passage.end) > start
    )
    return list(session.exec(query.order_by(col(Passage.start))))


def _said_by(
    session: Session, source: Source, passages: Sequence[Passage]
) -> tuple[str, int | None]:
    """The participant who alone said it, by code. A name stays in the source, with the team."""
    # Who is named beside the one that was heard is the interviewer.
    alone = None if any(one.speaker for one in passages) else source.participant_id
    heard = {one.participant_id or alone for one in passages} - {None}
    if len(heard) != 1:
        return "", None
    participant = session.get_one(Participant, heard.pop())
    return participant.code, participant.id


def newest(session: Session, source_id: int) -> int:
    """The last quote that was cut from a source; what `require_first` takes."""
    query = select(func.max(Evidence.id)).where(Evidence.source_id == source_id)
    return session.exec(query).one() or 0


def require_first(session: Session, by: Person, said: EvidenceValues, seen: int) -> None:
    """Refuse to make a claim of words of which somebody has just made one.

    `seen` is the newest quote that the person knew of. To be called in the transaction that writes.

    Raises:
        Conflict: carries the quotes that hold at least half of the same words.
    """
    if said.source_id is None or said.span_start is None or said.span_end is None:
        return
    # Where several write at once, the second waits here for the first.
    session.exec(select(Source.id).where(Source.id == said.source_id).with_for_update()).one()
    start, end = said.span_start, said.span_end
    others = [
        one
        for one in of_source(session, by, said.source_id, start, end)
        if one.evidence_id > seen
        and 2 * (min(one.end, end) - max(one.start, start)) >= min(one.end - one.start, end - start)
    ]
    if others:
        raise Conflict(
            say("%(who)s has just made a claim of these words.", who=others[-1].author), others
        )


def origins(session: Session, by: Person, pieces: Iterable[Evidence]) -> dict[int, Origin]:
    """Quote → where it was cut from, for those of them whose source the person may read."""
    quotes = {one.id: one for one in pieces if one.source_id is not None}
    if not quotes:
        return {}
    # Columns of a source, not all of it: its text may be two million characters.
    query = columns(col(Source.id), col(Source.key), Study).where(
        col(Study.id) == Source.study_id,
        col(Source.id).in_({one.source_id for one in quotes.values()}),
        col(Source.removed_at).is_(None),
        access.sees_source(by),
    )
    seen: dict[int | None, tuple[str, bool]] = {
        source_id: (key, access.may_edit_study(session, by, study))
        for source_id, key, study in session.execute(query)
    }
    named = _speakers(session, [row_id for row_id, one in quotes.items() if not one.who])
    return {
        row_id: Origin(key, one.span_start is not None, ", ".join(named.get(row_id, ())), may_name)
        for row_id, one in quotes.items()
        for key, may_name in [seen.get(one.source_id, ("", False))]
        if key
    }


def _speakers(session: Session, quote_ids: Collection[int]) -> dict[int, dict[str, None]]:
    """Quote → the names that its passages give, in their order."""
    if not quote_ids:
        return {}
    touched: Any = (
        col(Passage.source_id) == Evidence.source_id,
        col(Passage.start) < Evidence.span_end,
        col(Passage.end) > Evidence.span_start,
    )
    rows = session.execute(
        columns(col(Evidence.id), col(Passage.speaker))
        .where(*touched, col(Evidence.id).in_(quote_ids), col(Passage.speaker) != "")
        .order_by(col(Passage.position))
    )
    found: dict[int, dict[str, None]] = defaultdict(dict)
    for row_id, name in rows:
        found[row_id][name] = None
    return found


def place_of(session: Session, by: Person, quote_id: int) -> tuple[Source, int | None]:
    """The source of a quote, and where in its text the quote begins, if its words stand there.

    Raises:
        NotFound: the quote or its source is not there for this person.
    """
    query = (
        select(Source, Evidence.span_start)
        .join(Evidence, col(Evidence.source_id) == col(Source.id))
        .join(Atom, col(Atom.id) == col(Evidence.atom_id))
        .where(
            Evidence.id == quote_id,
            col(Source.removed_at).is_(None),
            access.sees_source(by),
            access.sees_atom(by),
        )
    )
    found = session.exec(query).first()
    if found is None:
        raise NotFound
    return found[0], found[1]


def follow(
    session: Session, source_id: int, old: str, new: str, kept: tuple[int, int] = (0, 0)
) -> list[int]:
    """Keep the quotes of a source in place in its new text: ids of those that lost their place.

    `kept` is as in `moved`. A quote without a place gets one where its words stand once. To be
    called in the transaction that writes the new text.
    """
    places = followed(session, source_id, old, new, kept)
    put(session, places)
    return [row_id for row_id, place in places.items() if place is None]


def followed(
    session: Session,
    source_id: int,
    old: str,
    new: str,
    kept: tuple[int, int] = (0, 0),
    known: Collection[int] = (),
) -> dict[int, spans.Span | None]:
    """Where the quotes of a source will stand in its new text, but for those `known` already.

    This is the slow part of `follow`, to be done before a transaction opens.
    """
    query = select(Evidence.id, Evidence.span_start, Evidence.span_end)
    rows = session.exec(
        query.where(Evidence.source_id == source_id, col(Evidence.span_start).is_not(None))
    )
    placed = [(row_id, (start or 0, end or 0)) for row_id, start, end in rows]
    placed = [(row_id, span) for row_id, span in placed if row_id not in known]
    places = moved(old, new, [span for _, span in placed], kept)
    told = {row_id: place for (row_id, _), place in zip(placed, places, strict=True)}
    return told | _found_again(session, source_id, new, known)


def put(session: Session, places: Mapping[int, spans.Span | None]) -> None:
    """Write down where quotes stand."""
    if places:
        session.execute(
            update(Evidence),
            [
                {"id": row_id, "span_start": place and place[0], "span_end": place and place[1]}
                for row_id, place in places.items()
            ],
        )


def _found_again(
    session: Session, source_id: int, text: str, known: Collection[int]
) -> dict[int, spans.Span | None]:
    query = select(Evidence.id, Evidence.text).where(
        Evidence.source_id == source_id, col(Evidence.span_start).is_(None)
    )
    rows = [(row_id, said) for row_id, said in session.exec(query) if row_id not in known]
    return {row_id: spans.found(text, said, 0) for row_id, said in rows if text.count(said) == 1}

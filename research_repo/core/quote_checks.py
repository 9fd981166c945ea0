"""Whether each quote still says what stands at its place in the source, and passages lie within."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import case, func, or_
from sqlmodel import Session, col, select

from research_repo.core import history, people, spans
from research_repo.core.db import Database
from research_repo.core.language import say
from research_repo.core.models import Atom, Evidence, Passage, Source
from research_repo.core.troubles import Examined, Trouble

ELSEWHERE = say("The quote does not stand where it should in its source.")
OUTSIDE = say("Passages of the source lie outside of its text, or in one another.")


def quotes(database: Database, *, fix: bool = False) -> Examined:
    """Each quote that has a place in a source equals the text at this place.

    With `fix` a quote gets the nearest place at which its words stand, or none when they stand
    nowhere; its words stay as they are.
    """
    with database.reading() as session:
        total = session.exec(select(func.count()).where(_has_place())).one()
        sources = session.exec(select(Evidence.source_id).where(_has_place()).distinct()).all()
    found: list[Trouble] = []
    for source_id in sources:
        with database.reading() as session:
            wrong = [Trouble(key, ELSEWHERE) for _, key in _wrong(session, source_id)]
        if wrong and fix:
            with database.saving() as session:
                wrong = [Trouble(key, ELSEWHERE, True) for key in _mend(session, source_id)]
        found += wrong
    return Examined("quotes", total, tuple(found))


def passages(database: Database) -> Examined:
    """The passages of each source lie within its text, one after the other."""
    before = func.lag(Passage.end, 1, 0).over(
        partition_by=col(Passage.source_id), order_by=col(Passage.position)
    )
    of_source: Any = select(
        col(Passage.source_id).label("source_id"),
        col(Passage.end).label("ends"),
        case(
            (or_(col(Passage.start) >= col(Passage.end), col(Passage.start) < before), 1), else_=0
        ).label("is_wrong"),
    ).subquery()
    listed = select(
        of_source.c.source_id,
        func.count(),
        func.max(of_source.c.ends),
        func.sum(of_source.c.is_wrong),
    ).group_by(of_source.c.source_id)
    with database.reading() as session:
        sizes = {
            row: (key, size)
            for row, key, size in session.exec(
                select(Source.id, Source.key, func.length(Source.text))
            )
        }
        rows = session.execute(listed).all()
    wrong = [
        Trouble(sizes[source_id][0], OUTSIDE)
        for source_id, _, ends, bad in rows
        if bad or ends > sizes[source_id][1]
    ]
    return Examined("passages", sum(count for _, count, _, _ in rows), tuple(wrong))


def _has_place() -> Any:
    return or_(col(Evidence.span_start).is_not(None), col(Evidence.span_end).is_not(None))


def _wrong(session: Session, source_id: int | None) -> Iterator[tuple[Evidence, str]]:
    """The pieces of evidence of a source that do not say what it says, with the keys of their atoms."""
    text = "" if source_id is None else session.get_one(Source, source_id).text
    rows = session.exec(
        select(Evidence, Atom.key)
        .join(Atom, col(Atom.id) == Evidence.atom_id)
        .where(col(Evidence.source_id) == source_id, _has_place())
        .order_by(col(Evidence.id))
    )
    for piece, key in rows:
        start, end = piece.span_start, piece.span_end
        is_place = start is not None and end is not None and 0 <= start < end <= len(text)
        if not is_place or piece.text != text[start:end]:
            yield piece, key


def _mend(session: Session, source_id: int | None) -> list[str]:
    text = "" if source_id is None else session.get_one(Source, source_id).text
    before, after, keys = {}, {}, []
    for piece, key in list(_wrong(session, source_id)):
        before[str(piece.id)] = [piece.span_start, piece.span_end]
        near = max(piece.span_start or 0, 0)
        place = spans.found(text, piece.text, near) if piece.kind == "quote" else None
        piece.span_start, piece.span_end = place or (None, None)
        after[str(piece.id)] = [piece.span_start, piece.span_end]
        session.add(piece)
        keys.append(key)
    system = people.system(session)
    history.record(session, system, "mended", "source", source_id or 0, before, after)
    return keys

"""Whose words a quote is: the participants that its study knows, by their codes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, or_, union, update
from sqlmodel import Session, col, select

from research_repo.core import access, indexing, words
from research_repo.core.many import among, rows_of
from research_repo.core.models import Atom, Evidence, Participant, Passage, Person, Source


@dataclass(frozen=True)
class Traces:
    """In how many quotes and sources somebody was heard."""

    quotes: int = 0
    sources: int = 0


def named(session: Session, study_id: int, codes: Iterable[str]) -> dict[str, int]:
    """Folded code → id, of the study's participants who are called so."""
    known = named_in(session, ((study_id, code) for code in codes))
    return {code: found for (_, code), found in known.items()}


def named_in(
    session: Session, codes: Iterable[tuple[int | None, str]]
) -> dict[tuple[int, str], int]:
    """The same for codes of several studies at once: (study id, folded code) → id."""
    wanted = {(study_id, words.fold(code)) for study_id, code in codes if study_id and code.strip()}
    if not wanted:
        return {}
    studies = {study_id for study_id, _ in wanted}
    rows = rows_of(
        session,
        select(Participant.study_id, Participant.folded_code, Participant.id).where(
            col(Participant.study_id).in_(studies), among(Participant.folded_code)
        ),
        {code for _, code in wanted},
    )
    found = {(study_id, code): participant_id for study_id, code, participant_id in rows}
    return {pair: found[pair] for pair in wanted if pair in found}


def recognise(session: Session, atom_id: int, pieces: Sequence[Evidence]) -> None:
    """Say of each piece of an atom's evidence which participant it is from.

    A code of the atom's study tells it. Whoever was named without one stays, when they were heard
    in that study or in the one of the quote's source; their code is written beside the quote.
    """
    # Somebody named who is not there must not reach the database first.
    with session.no_autoflush:
        study_id = session.get_one(Atom, atom_id).study_id
        known = named(session, study_id, [one.who for one in pieces]) if study_id else {}
        own = _codes_in(session, study_id, pieces)
    for one in pieces:
        kept = one.participant_id if one.participant_id in own else None
        one.participant_id = known.get(words.fold(one.who), kept)
        one.who = one.who or own.get(one.participant_id or 0, "")


def claim(session: Session, by: Person, study_id: int, folded_codes: Collection[str]) -> None:
    """Quotes of the study that name one of these codes, and nobody yet, are theirs from now on."""
    known = named(session, study_id, folded_codes)
    quotes = session.exec(
        select(Evidence.id, Evidence.atom_id, Evidence.who)
        .join(Atom, col(Atom.id) == Evidence.atom_id)
        .where(
            Atom.study_id == study_id,
            Evidence.kind == "quote",
            Evidence.who != "",
            col(Evidence.participant_id).is_(None),
        )
    ).all()
    theirs = [
        (evidence_id, atom_id, known[words.fold(who)])
        for evidence_id, atom_id, who in quotes
        if words.fold(who) in known
    ]
    if theirs:
        rows = [{"id": one, "participant_id": whose} for one, _, whose in theirs]
        session.execute(update(Evidence), rows)
        # Who is quoted decides how much a claim rests on, and the index knows that.
        indexing.enqueue(session, by, sorted({atom_id for _, atom_id, _ in theirs}))


def rename(session: Session, by: Person, row: Participant, former: str) -> None:
    """Let the quotes of a participant name the code that they have now."""
    theirs = session.exec(select(Evidence).where(Evidence.participant_id == row.id)).all()
    for quote in theirs:
        if words.fold(quote.who) == former:
            quote.who = row.code
    indexing.enqueue(session, by, sorted({quote.atom_id for quote in theirs}))


def traces(session: Session, participant_ids: Iterable[int]) -> dict[int, Traces]:
    """Id → where they were heard, removed sources included; for those who were heard at all."""
    ids = list(participant_ids)
    quotes = rows_of(
        session,
        select(Evidence.participant_id, func.count())
        .where(among(Evidence.participant_id))
        .group_by(col(Evidence.participant_id)),
        ids,
    )
    whole: Any = select(col(Source.participant_id).label("whose"), col(Source.id).label("heard_in"))
    spoken = select(Passage.participant_id, Passage.source_id)
    places = union(
        whole.where(among(Source.participant_id)), spoken.where(among(Passage.participant_id))
    ).subquery()
    sources = dict(
        rows_of(session, select(places.c.whose, func.count()).group_by(places.c.whose), ids)
    )
    said = dict(quotes)
    return {one: Traces(said.get(one, 0), sources.get(one, 0)) for one in {*said, *sources}}


def quoted_in(session: Session, by: Person, participant_id: int) -> dict[int, str]:
    """The atoms with their words, of those that `by` sees, and the words; the newest first."""
    query = (
        select(Atom.id, Evidence.text)
        .join(Evidence, col(Evidence.atom_id) == Atom.id)
        .where(Evidence.participant_id == participant_id, access.sees_atom(by))
        .order_by(col(Atom.id).desc(), col(Evidence.position).desc())
    )
    return dict(session.exec(query).all())


def sources_of(session: Session, participant_id: int) -> list[tuple[str, str]]:
    """Key and title of the sources in which somebody is heard, removed ones too; the newest first."""
    spoken = select(Passage.source_id).where(Passage.participant_id == participant_id)
    rows = session.exec(
        select(Source.key, Source.title)
        .where(or_(col(Source.participant_id) == participant_id, col(Source.id).in_(spoken)))
        .order_by(col(Source.id).desc())
    )
    return list(rows)


def release(session: Session, by: Person, participant_id: int) -> None:
    """Let nothing point at a participant any more; the code stays beside their quotes."""
    quotes = select(Evidence.atom_id).where(Evidence.participant_id == participant_id)
    atom_ids = sorted(set(session.exec(quotes)))
    for noun in (Evidence, Source, Passage):
        session.execute(
            update(noun)
            .where(col(noun.participant_id) == participant_id)
            .values(participant_id=None)
        )
    indexing.enqueue(session, by, atom_ids)


def _codes_in(session: Session, study_id: int | None, pieces: Sequence[Evidence]) -> dict[int, str]:
    given = {one.participant_id for one in pieces if one.participant_id}
    if not given:
        return {}
    sources = {one.source_id for one in pieces if one.source_id}
    heard_in = select(Source.study_id).where(col(Source.id).in_(sources))
    rows = session.exec(
        select(Participant.id, Participant.code).where(
            col(Participant.id).in_(given),
            or_(col(Participant.study_id) == study_id, col(Participant.study_id).in_(heard_in)),
        )
    )
    return dict(rows.all())

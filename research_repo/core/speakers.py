"""Who speaks in a source, and which of them are participants of its study."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, KeysView, Mapping
from dataclasses import dataclass

from sqlalchemy import bindparam, func, update
from sqlmodel import Session, col, select

from research_repo.core import access, history, indexing, participants, words
from research_repo.core.clock import now
from research_repo.core.errors import Invalid
from research_repo.core.language import say
from research_repo.core.models import (
    Evidence,
    Participant,
    Passage,
    Person,
    Source,
    Study,
    metadata,
)
from research_repo.core.participants import AT_ONCE, ParticipantValues


@dataclass(frozen=True)
class Speaker:
    """A name as the text writes it, how often it stands, and the code of the participant it is."""

    name: str
    passages: int
    code: str


def of_source(session: Session, source_id: int) -> list[Speaker]:
    """Who speaks in a source that the person may read, in the order of their first words."""
    rows = session.exec(
        select(Passage.speaker, func.count(), func.max(Participant.code))
        .join(Participant, isouter=True)
        .where(Passage.source_id == source_id, Passage.speaker != "")
        .group_by(Passage.speaker)
        .order_by(func.min(Passage.position))
    )
    return [Speaker(name, count, code or "") for name, count, code in rows]


def people_called(
    session: Session, by: Person, study_key: str, codes: Iterable[str]
) -> dict[str, int]:
    """Folded code → id of the study's participants; who is not there yet is written down.

    At most `AT_ONCE` codes.

    Raises:
        Invalid: a code that tells who somebody is, or that is too long.
    """
    wanted = {words.fold(code): code.strip() for code in codes if code.strip()}
    study = access.team_study_to_edit(session, by, study_key)
    known = participants.named(session, study.id, wanted)
    missing = [checked(code) for folded, code in wanted.items() if folded not in known]
    if missing:
        participants.add_many(session, by, study_key, missing)
        known = participants.named(session, study.id, wanted)
    return known


def checked(code: str) -> ParticipantValues:
    """A participant of whom the code alone is known.

    Raises:
        Invalid: the code names the field `participant`, and itself in the advice.
    """
    try:
        return participants.ready(ParticipantValues(code=code))
    except Invalid as refusal:
        advice = next(iter(refusal.problems.values()))
        raise Invalid(
            {"participant": say("%(code)s: %(advice)s", code=code[:80], advice=advice)}
        ) from refusal


def assign(session: Session, by: Person, key: str, codes: Mapping[str, str]) -> int:
    """Say which participants these speakers are: name in the text → code, empty for nobody.

    Codes that are new become participants; quotes that were cut from their words are theirs. Gives
    how many passages that changed. At most `AT_ONCE` speakers.

    Raises:
        NotFound, NotAllowed: as for every change of a source.
        Invalid: too many speakers, or a code that cannot be used.
    """
    source = access.source_to_edit(session, by, key)
    if len(codes) > AT_ONCE:
        raise Invalid({"": say("Name at most %(count)s speakers at once.", count=AT_ONCE)})
    study = session.get_one(Study, source.study_id)
    known = people_called(session, by, study.key, codes.values())
    wanted = {name: known.get(words.fold(code)) for name, code in codes.items()}
    rows = session.exec(
        select(Passage.position, Passage.speaker, Passage.participant_id)
        .where(Passage.source_id == source.id, col(Passage.speaker).in_(wanted))
        .order_by(col(Passage.position))
    ).all()
    changed = [
        {"the_position": position, "participant_id": wanted[speaker]}
        for position, speaker, participant_id in rows
        if participant_id != wanted[speaker]
    ]
    if changed:
        _put(session, source.id, changed)
        _put_on_quotes(session, by, source, wanted.keys())
        source.version += 1
        source.updated_at = now()
        session.flush()
        after = {name: found for name, found in wanted.items() if found}
        history.record(session, by, "speakers named", "source", source.id, after=after)
    return len(changed)


def _put(session: Session, source_id: int, rows: list[dict[str, int | None]]) -> None:
    table = metadata.tables["passage"]
    named = update(table).where(
        table.c.source_id == source_id, table.c.position == bindparam("the_position")
    )
    session.flush()
    session.connection().execute(named, rows)


def _put_on_quotes(session: Session, by: Person, source: Source, wanted: KeysView[str]) -> None:
    """A quote is whose it is who alone of the participants speaks in it."""
    passages = session.exec(
        select(Passage.start, Passage.speaker, Passage.participant_id)
        .where(Passage.source_id == source.id)
        .order_by(col(Passage.start))
    ).all()
    starts = [start for start, *_ in passages]
    codes = _codes(session, {found for *_, found in passages if found})
    placed = col(Evidence.span_start).is_not(None)
    quotes = session.exec(select(Evidence).where(Evidence.source_id == source.id, placed))
    touched = set()
    for quote in quotes:
        first = bisect_right(starts, quote.span_start or 0) - 1
        told = passages[first : bisect_left(starts, quote.span_end or 0)]
        heard = {found for *_, found in told} - {None}
        whose = heard.pop() if len(heard) == 1 else None
        if wanted.isdisjoint({name for _, name, _ in told}) or quote.participant_id == whose:
            continue
        former = _codes(session, [quote.participant_id] if quote.participant_id else [])
        # A name that somebody wrote over it is theirs.
        names = (name for _, name, _ in told)
        if words.fold(quote.who) in {"", *map(words.fold, (*names, *former.values()))}:
            quote.who = codes.get(whose or 0, "")
        quote.participant_id = whose
        touched.add(quote.atom_id)
    session.flush()
    indexing.enqueue(session, by, touched)


def _codes(session: Session, ids: Collection[int]) -> dict[int, str]:
    if not ids:
        return {}
    rows = session.exec(
        select(Participant.id, Participant.code).where(col(Participant.id).in_(ids))
    )
    return dict(rows.all())

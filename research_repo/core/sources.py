"""Sources: the texts and files of a study, for its team to read and to cut quotes from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import PurePath
from typing import Any

from sqlalchemy import delete, func
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from research_repo.core import access, attachments, history, keys, speakers, typed, words
from research_repo.core.attachments import Kept
from research_repo.core.clock import now, today
from research_repo.core.db import Database, add_rows
from research_repo.core.errors import Invalid, NotFound
from research_repo.core.language import Message, say
from research_repo.core.models import (
    TEXT_KINDS,
    Evidence,
    Participant,
    Passage,
    Person,
    Source,
)
from research_repo.core.pace import MOST, Pace
from research_repo.core.participants import AT_ONCE
from research_repo.core.source_texts import PassageValues, SourceText
from research_repo.settings import LANGUAGES

TITLE_MAX = 300
PAGE = 100
"""How many passages a page shows."""
SAMPLE = 20_000
ABANDONED = timedelta(hours=6)

DESCRIBED = ("title", "kind", "language", "held_on")
# Lists leave it out: it may be millions of characters long.
_TEXT: Any = Source.text

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class SourceValues:
    """What a form, a command or a program says about a source.

    Without a title it has the name of its file, without a kind and a language those of its text.
    `participant` is the code of who was heard, where one alone was; `codes` says which participants
    its speakers are: name in the text → code. Codes that are new become participants of the study.
    """

    title: str = ""
    kind: str = ""
    held_on: date | None = None
    language: str = ""
    file_name: str = ""
    participant: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SourceCard:
    """A source in a list: what it is, how long, and how many quotes were cut from it."""

    key: str
    kind: str
    title: str
    held_on: date | None
    who: str
    passages: int
    quotes: int
    created_at: datetime
    removed_at: datetime | None


@dataclass(frozen=True)
class PassageCard:
    """A passage to read. `text` is exactly what stands from `start` to `end` of the source."""

    position: int
    start: int
    end: int
    text: str
    speaker: str
    code: str
    heading: str
    from_ms: int | None
    to_ms: int | None


@dataclass(frozen=True)
class Leaf:
    """One page of a source."""

    passages: Sequence[PassageCard]
    page: int
    last: int
    total: int
    first: int
    """The number of its first passage among all, from 1."""


def ready(values: SourceValues, text: SourceText) -> SourceValues:
    """Check the values and fill in what the text says: done before a transaction opens.

    Raises:
        Invalid: field → what to write instead.
    """
    problems: dict[str, Message] = {}
    name = PurePath(values.file_name).name
    title = typed.line(values.title) or typed.line(PurePath(name).stem)
    if not title:
        problems["title"] = say("Name the source by who was heard, or what it is.")
    elif len(title) > TITLE_MAX:
        problems["title"] = say("Use at most %(count)s characters.", count=TITLE_MAX)
    kind = values.kind or text.kind
    allowed = TEXT_KINDS if text.kind in TEXT_KINDS else (text.kind,)
    if kind not in allowed:
        problems["kind"] = say("Choose one of the list.")
    # East of Greenwich today has begun already while UTC still has yesterday.
    if values.held_on and values.held_on > today() + timedelta(days=1):
        problems["held_on"] = say("This date is still to come. When was it held?")
    if values.language not in ("", *LANGUAGES):
        problems["language"] = say("Choose one of the languages in the list.")
    for code in {values.participant, *values.codes.values()} - {""}:
        try:
            speakers.checked(code)
        except Invalid as refusal:
            problems |= refusal.problems
    if problems:
        raise Invalid(problems)
    language = values.language or words.language_of(text.text[:SAMPLE] or title)
    return replace(values, title=title, kind=kind, language=language, file_name=name)


def add(
    session: Session,
    by: Person,
    study_key: str,
    values: SourceValues,
    text: SourceText,
    kept: Kept | None = None,
) -> Source:
    """Add a source of some hundred passages in one go. The values must be `ready`.

    `kept` is its file, which lies on the disk already. `bring_in` adds longer ones.

    Raises:
        NotFound: the person is not on the team of the study, or there is none.
        NotAllowed: they are, and may not change it.
    """
    source = _begin(session, by, study_key, values, text, kept)
    heard = speakers.people_called(session, by, study_key, _named(values))
    _write(session, source.id, text.passages, 0, _heard(values, heard))
    return _complete(session, by, source, heard.get(words.fold(values.participant)))


def bring_in(
    database: Database,
    by: Person,
    study_key: str,
    values: SourceValues,
    text: SourceText,
    kept: Kept | None = None,
    progress: Progress = lambda _done, _total: None,
) -> str:
    """The same for a text of any length; gives its key. Nobody sees the source before it is whole.

    Raises:
        NotFound, NotAllowed: as in `add`.
    """
    with database.saving() as session:
        source = _begin(session, by, study_key, values, text, kept)
    heard: dict[str, int] = {}
    named = _named(values)
    for start in range(0, len(named), AT_ONCE):
        with database.saving() as session:
            told = named[start : start + AT_ONCE]
            heard |= speakers.people_called(session, by, study_key, told)
    theirs = _heard(values, heard)
    done, pace = 0, Pace(MOST)
    while done < len(text.passages):
        with pace.saving(database) as session:
            written = text.passages[done : done + pace.rows]
            _write(session, source.id, written, done, theirs)
        done += len(written)
        progress(done, len(text.passages))
    with database.saving() as session:
        made = session.get_one(Source, source.id)
        _complete(session, by, made, heard.get(words.fold(values.participant)))
    return source.key


def of_study(session: Session, by: Person, study_key: str) -> list[SourceCard]:
    """The sources of a study for its team, the newest first; the removed ones at the end.

    Raises:
        NotFound: the person is not on the team of the study, or there is none.
    """
    study = access.team_study_to_read(session, by, study_key)
    return _cards(session, Source.study_id == study.id, col(Source.completed_at).is_not(None))


def card(session: Session, source: Source) -> SourceCard:
    """The same of one source, which the person may read."""
    return _cards(session, Source.id == source.id)[0]


def page(session: Session, source: Source, number: int = 1) -> Leaf:
    """A page of passages of a source that the person may read; the last one where there are fewer."""
    total = session.exec(select(func.count()).where(Passage.source_id == source.id)).one()
    last = max(1, -(-total // PAGE))
    number = min(max(1, number), last)
    rows = session.exec(
        select(Passage, Participant.code)
        .join(Participant, isouter=True)
        .where(Passage.source_id == source.id)
        .order_by(col(Passage.position))
        .offset((number - 1) * PAGE)
        .limit(PAGE)
    )
    made = [_passage_card(source.text, row, code or "") for row, code in rows]
    return Leaf(made, number, last, total, (number - 1) * PAGE + 1)


def place(session: Session, source: Source, offset: int) -> tuple[int, int]:
    """On which page, and in which passage by its position, a place of the text stands.

    Raises:
        NotFound: the text is shorter.
    """
    before = select(Passage.position).where(Passage.source_id == source.id, Passage.start <= offset)
    position = session.exec(before.order_by(col(Passage.start).desc()).limit(1)).first()
    if position is None or offset >= len(source.text):
        raise NotFound
    return position // PAGE + 1, position


def remove(session: Session, by: Person, key: str) -> Source:
    """Take a source out of its study. The quotes that were cut from it stay; `restore` puts it back."""
    source = access.source_to_edit(session, by, key)
    if source.removed_at is None:
        source.removed_at = now()
        _note(session, by, "removed", source)
    return source


def restore(session: Session, by: Person, key: str) -> Source:
    """Put back a source that was removed."""
    source = access.source_to_edit(session, by, key)
    if source.removed_at is not None:
        source.removed_at = None
        _note(session, by, "restored", source)
    return source


def snapshot(source: Source) -> dict[str, Any]:
    """What is stored about a source but its words, as plain JSON for its history."""
    return source.model_dump(
        mode="json", include={"title", "kind", "language", "held_on", "participant_id", "file_name"}
    )


def _begin(
    session: Session,
    by: Person,
    study_key: str,
    values: SourceValues,
    text: SourceText,
    kept: Kept | None,
) -> Source:
    study = access.team_study_to_edit(session, by, study_key)
    _sweep(session)
    file = attachments.add(session, kept) if kept else None
    source = Source(
        key=keys.new_key(session, Source.key),
        study_id=study.id,
        text=text.text,
        attachment_id=file.id if file else None,
        person_id=by.id,
        **{name: getattr(values, name) for name in DESCRIBED},
        file_name=values.file_name,
    )
    session.add(source)
    session.flush()
    return source


def _named(values: SourceValues) -> list[str]:
    return sorted({values.participant, *values.codes.values()} - {""})


def _heard(values: SourceValues, known: Mapping[str, int]) -> dict[str, int | None]:
    return {name: known.get(words.fold(code)) for name, code in values.codes.items()}


def _write(
    session: Session,
    source_id: int,
    passages: Sequence[PassageValues],
    first: int,
    heard: Mapping[str, int | None],
) -> None:
    rows = [
        {
            "source_id": source_id,
            "position": first + at,
            "participant_id": heard.get(one.speaker),
            **vars(one),
        }
        for at, one in enumerate(passages)
    ]
    add_rows(session, Passage, rows)


def _complete(session: Session, by: Person, source: Source, participant_id: int | None) -> Source:
    source.participant_id = participant_id
    source.completed_at = now()
    session.flush()
    history.record(session, by, "added", "source", source.id, after=snapshot(source))
    return source


def _sweep(session: Session) -> None:
    """What was begun and broke off long ago; nobody ever saw it."""
    left = session.exec(
        select(Source.id)
        .where(col(Source.completed_at).is_(None), Source.created_at < now() - ABANDONED)
        .limit(1)
    ).first()
    if left is not None:
        session.execute(delete(Passage).where(col(Passage.source_id) == left))
        session.execute(delete(Source).where(col(Source.id) == left))


def _note(session: Session, by: Person, verb: str, source: Source) -> None:
    source.version += 1
    source.updated_at = now()
    session.flush()
    history.record(session, by, verb, "source", source.id)


def _cards(session: Session, *conditions: Any) -> list[SourceCard]:
    rows = session.exec(
        select(Source, Participant.code)
        .join(Participant, col(Participant.id) == Source.participant_id, isouter=True)
        .where(*conditions)
        .order_by(col(Source.removed_at).is_not(None), col(Source.id).desc())
        .options(defer(_TEXT))
    ).all()
    ids = [source.id for source, _code in rows]
    passages = _counted(session, Passage.source_id, ids)
    quotes = _counted(session, Evidence.source_id, ids)
    return [
        SourceCard(
            key=source.key,
            kind=source.kind,
            title=source.title,
            held_on=source.held_on,
            who=code or "",
            passages=passages.get(source.id, 0),
            quotes=quotes.get(source.id, 0),
            created_at=source.created_at,
            removed_at=source.removed_at,
        )
        for source, code in rows
    ]


def _counted(session: Session, column: Any, ids: Iterable[int]) -> dict[int, int]:
    counted = select(column, func.count()).where(col(column).in_(ids)).group_by(column)
    return dict(session.exec(counted).all())


def _passage_card(text: str, row: Passage, code: str) -> PassageCard:
    return PassageCard(
        position=row.position,
        start=row.start,
        end=row.end,
        text=text[row.start : row.end],
        speaker=row.speaker,
        code=code,
        heading=row.heading,
        from_ms=row.from_ms,
        to_ms=row.to_ms,
    )

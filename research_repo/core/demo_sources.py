"""What the demo's people said: participants of its studies, transcripts, and quotes cut from them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, select

from research_repo.core import anchors, heard, participants, sources
from research_repo.core.evidence import EvidenceValues
from research_repo.core.models import Person, Source, Study
from research_repo.core.participants import ParticipantValues
from research_repo.core.source_texts import Turn, composed
from research_repo.core.sources import SourceValues

Row = dict[str, Any]
Day = Callable[[int], date]

PURPOSE = {"ru": "исследования «Лавочки»", "en": "research for Lavochka"}
SCOPE = {"ru": "запись, цитаты без имени", "en": "recording, quotes without a name"}
_CODED = re.compile(r"(R-\d+), (.+)")


def load_people(session: Session, by: Person, study: Row, said: Iterable[str], day: Day) -> None:
    """Write down whom the study's quotes name, as “R-05, a new buyer”; nothing twice."""
    matches = [match for match in map(_CODED.fullmatch, said) if match]
    named = {match[1]: match[2] for match in matches}
    language = study.get("language", "ru")
    consent = day(study["starts"])
    values = [
        ParticipantValues(
            code=code,
            segment=segment,
            consent_purpose=PURPOSE[language],
            consent_scope=SCOPE[language],
            consent_on=consent,
            consent_until=consent + timedelta(days=study["consent_days"]),
        )
        for code, segment in named.items()
    ]
    standing = {row.code for row in participants.of_study(session, by, study["key"])}
    fresh = [participants.ready(one) for one in values if one.code not in standing]
    participants.add_many(session, by, study["key"], fresh)


def load_text(session: Session, by: Person, study: Row, row: Row, day: Day) -> str:
    """Bring in a transcript or the answers to a survey; its key. One that stands is left alone."""
    title = row["title"]
    mine = select(Source.key).join(Study).where(Study.key == study["key"], Source.title == title)
    standing = session.exec(mine).first()
    if standing:
        return standing
    text = composed(row["kind"], map(_turn, row["turns"]))
    known = {one.code for one in participants.of_study(session, by, study["key"])}
    told = SourceValues(
        title=title,
        held_on=day(row["ago"]),
        participant=_code(row.get("who", "")),
        codes={name: name for name in text.speakers() if name in known},
    )
    return sources.add(session, by, study["key"], sources.ready(told, text), text).key


def quoted(
    session: Session, by: Person, study_id: int | None, keys: Iterable[str], piece: Row
) -> EvidenceValues:
    """A quote of a participant, cut from the first of these sources in which its words stand."""
    who, words = piece["who"], piece["text"]
    for key in keys:
        text = session.exec(select(Source.text).where(Source.key == key)).one()
        start = text.find(words)
        if start >= 0:
            return replace(anchors.cut(session, by, key, start, start + len(words)), who=who)
    whose = heard.named(session, study_id, [_code(who)]) if study_id else {}
    return EvidenceValues(text=words, who=who, participant_id=next(iter(whose.values()), None))


def _turn(row: Row) -> Turn:
    return Turn(
        row["text"],
        row.get("speaker", ""),
        row.get("heading", ""),
        _milliseconds(row.get("from")),
        _milliseconds(row.get("to")),
    )


def _milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)


def _code(who: str) -> str:
    match = _CODED.fullmatch(who)
    return match[1] if match else ""

"""Participants of studies, for programs of their teams."""

from __future__ import annotations

from typing import Any

from research_repo.api.contract import operation
from research_repo.api.door import caller, reading, saving
from research_repo.api.participant_bodies import (
    DueAnswer,
    DueParticipant,
    DueValues,
    ParticipantAnswer,
    ParticipantRemoved,
    ParticipantsAnswer,
    ParticipantsToAdd,
    ParticipantsWritten,
    ParticipantToAdd,
    ParticipantToChange,
    ParticipantToMove,
    ParticipantVersion,
)
from research_repo.core import access, consent, heard, participants, words
from research_repo.core.db import Session
from research_repo.core.errors import Invalid, NotFound
from research_repo.core.heard import Traces
from research_repo.core.language import Message, say
from research_repo.core.models import Participant, Study
from research_repo.core.participants import COLUMNS, ParticipantValues

ALL = "/studies/<key>/participants"
ONE = f"{ALL}/<code>"


@operation("GET", ALL, say("Who was heard in a study, for its team."), ParticipantsAnswer)
def list_participants(key: str) -> ParticipantsAnswer:
    with reading() as session:
        study = access.team_study_to_read(session, caller(), key)
        found = participants.of_study(session, caller(), key)
        traces = heard.traces(session, [row.id for row in found])
    told = [
        ParticipantAnswer(**_columns(row, study.key, traces.get(row.id, Traces()))) for row in found
    ]
    return ParticipantsAnswer(participants=told)


@operation(
    "POST",
    ALL,
    say("Write participants down, or fill in those whose code is there."),
    ParticipantsWritten,
    problems=(400, 403, 413, 415),
)
def add_participants(key: str, json: ParticipantsToAdd) -> ParticipantsWritten:
    with reading() as session:
        access.team_study_to_edit(session, caller(), key)
    listed = _ready(json.participants)
    with saving() as session:
        written = participants.add_many(session, caller(), key, listed)
    return ParticipantsWritten(**vars(written))


@operation(
    "PATCH",
    ONE,
    say("Change what is known of a participant; under another code they keep their quotes."),
    ParticipantAnswer,
    problems=(400, 403, 412, 413, 415),
)
def change_participant(key: str, code: str, json: ParticipantToChange) -> ParticipantAnswer:
    given = json.model_dump(include=json.model_fields_set - {"version"})
    with reading() as session:
        row = participants.to_edit(session, caller(), key, _id(session, key, code))
        stands = {name: getattr(row, name) for name in COLUMNS}
    values = participants.ready(ParticipantValues(**{**stands, **given}))
    with saving() as session:
        participants.change(session, caller(), key, row.id, json.version, values)
    return _answer(key, row.id)


@operation(
    "POST",
    f"{ONE}/move",
    say("Put a participant who was not heard yet into another study."),
    ParticipantAnswer,
    problems=(400, 403, 412, 413, 415),
)
def move_participant(key: str, code: str, json: ParticipantToMove) -> ParticipantAnswer:
    with saving() as session:
        whose = _id(session, key, code)
        row = participants.move(session, caller(), key, whose, json.version, json.study.strip())
        moved_to = session.get_one(Study, row.study_id).key
    return _answer(moved_to, row.id)


@operation(
    "DELETE",
    ONE,
    say("Delete a participant for good; quotes stay, with a code that stands for nobody."),
    ParticipantRemoved,
    problems=(403, 412),
)
def remove_participant(key: str, code: str, query: ParticipantVersion) -> ParticipantRemoved:
    with saving() as session:
        whose = _id(session, key, code)
        consent.remove(session, caller(), key, whose, query.version)
    return ParticipantRemoved(removed=code)


@operation(
    "GET",
    "/participants/due",
    say("Who is due for deletion, in the studies on whose team the person is."),
    DueAnswer,
)
def list_due_participants(query: DueValues) -> DueAnswer:
    with reading() as session:
        found = consent.due(session, caller(), query.study)
    return DueAnswer(
        due=[
            DueParticipant(since=one.since, **_columns(one.participant, one.study_key, one.traces))
            for one in found
        ]
    )


def _id(session: Session, key: str, code: str) -> int:
    study = access.team_study_to_read(session, caller(), key)
    found = participants.named(session, study.id, [code])
    if not found:
        raise NotFound
    return next(iter(found.values()))


def _ready(sent: list[ParticipantToAdd]) -> list[ParticipantValues]:
    problems: dict[str, Message] = {}
    listed: dict[str, ParticipantValues] = {}
    for place, one in enumerate(sent):
        try:
            values = participants.ready(ParticipantValues(**one.model_dump()))
        except Invalid as refusal:
            for name, advice in refusal.problems.items():
                problems[f"participants.{place}.{name}"] = advice
            continue
        if words.fold(values.code) in listed:
            problems[f"participants.{place}.code"] = say("This code stands twice. Send it once.")
        listed[words.fold(values.code)] = values
    if problems:
        raise Invalid(problems)
    return list(listed.values())


def _answer(key: str, participant_id: int) -> ParticipantAnswer:
    with reading() as session:
        row = participants.to_read(session, caller(), key, participant_id)
        study = session.get_one(Study, row.study_id)
        traces = heard.traces(session, [row.id]).get(row.id, Traces())
    return ParticipantAnswer(**_columns(row, study.key, traces))


def _columns(row: Participant, study_key: str, traces: Traces) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in COLUMNS}
    return {"study": study_key, "version": row.version, **told, **vars(traces)}

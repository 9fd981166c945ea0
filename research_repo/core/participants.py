"""Participants: who was heard in a study, under a code, and what they agreed to.

The study's team alone sees them, even where the study is open. Who they are outside of it, nothing
here knows: a code that holds a name, a phone or an e-mail is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta

from sqlmodel import Session, col, select

from research_repo.core import access, heard, history, personal, typed, words
from research_repo.core.clock import today
from research_repo.core.db import Database, add_rows
from research_repo.core.errors import Conflict, Invalid, NotFound
from research_repo.core.heard import named as named
from research_repo.core.language import Message, say, say_many
from research_repo.core.models import Participant, Person

NOUN = "participant"
CODE_MAX = 64
SEGMENT_MAX = 200
CONSENT_MAX = 500
AT_ONCE = 500

CHANGED = say("Somebody changed this participant while you were writing.")

_NUMBERS = re.compile(r"(\d+)")


@dataclass(frozen=True)
class ParticipantValues:
    """What a form, a table or a program says of a participant."""

    code: str = ""
    segment: str = ""
    consent_purpose: str = ""
    consent_scope: str = ""
    consent_on: date | None = None
    consent_until: date | None = None
    withdrawn_on: date | None = None


COLUMNS = tuple(one.name for one in fields(ParticipantValues))


@dataclass(frozen=True)
class Written:
    """How many participants `add_many` made, changed and left as they were."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0


def ready(values: ParticipantValues) -> ParticipantValues:
    """Check and tidy what somebody wrote; needs no database.

    Raises:
        Invalid: field → what to write instead.
    """
    values = replace(
        values,
        code=typed.line(values.code),
        segment=typed.line(values.segment),
        consent_purpose=typed.line(values.consent_purpose),
        consent_scope=typed.line(values.consent_scope),
    )
    problems: dict[str, Message] = {}
    if not values.code:
        problems["code"] = say(
            "Give the participant a code that tells nobody who it is, such as R07."
        )
    for name, most in (
        ("code", CODE_MAX),
        ("segment", SEGMENT_MAX),
        ("consent_purpose", CONSENT_MAX),
        ("consent_scope", CONSENT_MAX),
    ):
        text = getattr(values, name)
        if len(text) > most:
            problems[name] = say("Use at most %(count)s characters.", count=most)
        elif personal.found(text):
            problems[name] = say(
                "This holds a phone, an e-mail or the number of a document. Keep it elsewhere."
            )
    problems |= _wrong_days(values)
    if problems:
        raise Invalid(problems)
    return values


def add(session: Session, by: Person, study_key: str, values: ParticipantValues) -> Participant:
    """Write a participant down; quotes of the study that name the code are theirs from now on.

    The values must be `ready`.

    Raises:
        Invalid: the study has a participant with this code.
    """
    study = access.team_study_to_edit(session, by, study_key)
    _refuse_taken(session, study.id, values.code)
    row = Participant(
        study_id=study.id,
        folded_code=words.fold(values.code),
        **{name: getattr(values, name) for name in COLUMNS},
    )
    session.add(row)
    session.flush()
    heard.claim(session, by, study.id, [row.folded_code])
    history.record(session, by, "added", NOUN, row.id, after=snapshot(row))
    return row


def add_many(
    session: Session, by: Person, study_key: str, listed: Sequence[ParticipantValues]
) -> Written:
    """Write a table of at most `AT_ONCE` participants down; the values must be `ready`.

    Of a code that stands already, what the table leaves empty stays as it was.
    """
    study = access.team_study_to_edit(session, by, study_key)
    told = {words.fold(values.code): values for values in listed}
    standing = {
        row.folded_code: row
        for row in session.exec(
            select(Participant).where(
                Participant.study_id == study.id, col(Participant.folded_code).in_(told)
            )
        )
    }
    changed = [code for code, row in standing.items() if _fill(session, by, row, told[code])]
    fresh = [code for code in told if code not in standing]
    add_rows(session, Participant, [_columns(study.id, told[code]) for code in fresh])
    ids = named(session, study.id, fresh)
    rows = session.exec(select(Participant).where(col(Participant.id).in_(ids.values())))
    history.record_many(session, by, "added", NOUN, {row.id: snapshot(row) for row in rows})
    heard.claim(session, by, study.id, fresh)
    return Written(len(fresh), len(changed), len(standing) - len(changed))


def bring_in(
    database: Database,
    by: Person,
    study_key: str,
    listed: Sequence[ParticipantValues],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Written:
    """Write a table of any length down, a part at a time; the values must be `ready`."""
    whole = Written()
    for start in range(0, len(listed), AT_ONCE):
        with database.saving() as session:
            part = add_many(session, by, study_key, listed[start : start + AT_ONCE])
        whole = Written(
            whole.added + part.added,
            whole.changed + part.changed,
            whole.unchanged + part.unchanged,
        )
        progress(min(start + AT_ONCE, len(listed)), len(listed))
    return whole


def change(
    session: Session,
    by: Person,
    study_key: str,
    participant_id: int,
    version: int,
    values: ParticipantValues,
) -> Participant:
    """Change what is known of a participant. The values must be `ready`.

    Under another code they keep their quotes, which name it from then on.

    Raises:
        Conflict: somebody changed it since `version`; carries the participant as it is now.
        Invalid: the study has another participant with this code.
    """
    row = to_edit(session, by, study_key, participant_id)
    if row.version != version:
        raise Conflict(CHANGED, row)
    before, former = snapshot(row), row.folded_code
    if words.fold(values.code) != former:
        _refuse_taken(session, row.study_id, values.code)
    for name in COLUMNS:
        setattr(row, name, getattr(values, name))
    row.folded_code = words.fold(row.code)
    if snapshot(row) != before:
        row.version += 1
        session.flush()
        heard.rename(session, by, row, former)
        heard.claim(session, by, row.study_id, [row.folded_code])
        history.record(session, by, "changed", NOUN, row.id, before, snapshot(row))
    return row


def move(
    session: Session,
    by: Person,
    study_key: str,
    participant_id: int,
    version: int,
    to_key: str,
) -> Participant:
    """Put a participant into another study that the person may change.

    Raises:
        Invalid: they were heard here already, and what they said would stay without them; or the
            other study has somebody with this code.
        Conflict: somebody changed the participant since `version`.
    """
    row = to_edit(session, by, study_key, participant_id)
    if row.version != version:
        raise Conflict(CHANGED, row)
    try:
        study = access.team_study_to_edit(session, by, to_key)
    except NotFound:
        raise Invalid({"study": say("Name a study that you may change, by its key.")}) from None
    if study.id == row.study_id:
        raise Invalid({"study": say("They are in this study already. Name another one.")})
    _refuse_heard(session, row)
    if named(session, study.id, [row.code]):
        told = say(
            "The study “%(study)s” has a participant %(code)s already. Change the code first.",
            study=study.title,
            code=row.code,
        )
        raise Invalid({"study": told})
    before = snapshot(row)
    row.study_id = study.id
    row.version += 1
    session.flush()
    heard.claim(session, by, study.id, [row.folded_code])
    history.record(session, by, "moved", NOUN, row.id, before, snapshot(row))
    return row


def of_study(session: Session, by: Person, study_key: str) -> list[Participant]:
    """The study's participants, R2 before R10.

    Raises:
        NotFound: the person is not on the study's team.
    """
    study = access.team_study_to_read(session, by, study_key)
    rows = session.exec(select(Participant).where(Participant.study_id == study.id))
    return sorted(rows, key=lambda row: in_order(row.code))


def to_read(session: Session, by: Person, study_key: str, participant_id: int) -> Participant:
    """The participant, for the study's team; NotFound for others."""
    study = access.team_study_to_read(session, by, study_key)
    row = session.get(Participant, participant_id)
    if row is None or row.study_id != study.id:
        raise NotFound
    return row


def to_edit(session: Session, by: Person, study_key: str, participant_id: int) -> Participant:
    """The participant, when this person may change the study."""
    access.team_study_to_edit(session, by, study_key)
    return to_read(session, by, study_key, participant_id)


def in_order(code: str) -> list[tuple[bool, int, str]]:
    """What codes are sorted by, so that R2 comes before R10."""
    return [
        (not part.isdecimal(), int(part[:18]) if part.isdecimal() else 0, words.fold(part))
        for part in _NUMBERS.split(code)
        if part
    ]


def snapshot(row: Participant) -> dict[str, object]:
    """What is stored about a participant, as plain JSON for its history."""
    left_out = {"id", "folded_code", "version", "created_at"}
    return row.model_dump(mode="json", exclude=left_out)


def _wrong_days(values: ParticipantValues) -> dict[str, Message]:
    given, until, withdrawn = values.consent_on, values.consent_until, values.withdrawn_on
    # East of Greenwich today has begun already while UTC still has yesterday.
    last = today() + timedelta(days=1)
    problems = {
        name: say("This date is still to come.")
        for name, on in (("consent_on", given), ("withdrawn_on", withdrawn))
        if on and on > last
    }
    if given and until and until < given:
        problems["consent_until"] = say("The consent ends before it was given. Change a date.")
    if given and withdrawn and withdrawn < given:
        problems["withdrawn_on"] = say(
            "The consent was withdrawn before it was given. Change a date."
        )
    return problems


def _columns(study_id: int, values: ParticipantValues) -> dict[str, object]:
    row = Participant(study_id=study_id, folded_code=words.fold(values.code), code=values.code)
    kept = {name: getattr(values, name) for name in COLUMNS}
    return {**row.model_dump(exclude={"id"}), **kept}


def _fill(session: Session, by: Person, row: Participant, values: ParticipantValues) -> bool:
    before = snapshot(row)
    for name in COLUMNS:
        if name != "code" and getattr(values, name):
            setattr(row, name, getattr(values, name))
    after = snapshot(row)
    if after == before:
        return False
    row.version += 1
    session.flush()
    history.record(session, by, "changed", NOUN, row.id, before, after)
    return True


def _refuse_taken(session: Session, study_id: int, code: str) -> None:
    if named(session, study_id, [code]):
        raise Invalid(
            {
                "code": say(
                    "The study has a participant %(code)s already. Use another code.", code=code
                )
            }
        )


def _refuse_heard(session: Session, row: Participant) -> None:
    traces = heard.traces(session, [row.id]).get(row.id)
    if traces:
        told = say(
            "%(code)s was heard in this study: %(what)s would stay here without them. Move the "
            "findings and take the code off in the sources first, or write %(code)s down in the "
            "other study as well.",
            code=row.code,
            what=_what_stays(traces),
        )
        raise Invalid({"study": told})


def _what_stays(traces: heard.Traces) -> Message:
    quotes = say_many("%(count)s quote", "%(count)s quotes", traces.quotes)
    sources = say_many("%(count)s source", "%(count)s sources", traces.sources)
    if traces.quotes and traces.sources:
        return say("%(quotes)s and %(sources)s", quotes=quotes, sources=sources)
    return quotes if traces.quotes else sources

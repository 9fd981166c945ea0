"""Participants: who was heard in a study, under a code, and what they agreed to.

The study's team alone sees them, even where the study is open. Who they are outside of it, nothing
here knows: a code that holds a name, a phone or an e-mail is refused.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta

from sqlalchemy import or_, update
from sqlmodel import Session, col, select

from research_repo.core import access, history, indexing, personal, typed, words
from research_repo.core.clock import today
from research_repo.core.db import add_rows
from research_repo.core.errors import Conflict, Invalid, NotAllowed, NotFound
from research_repo.core.language import Message, say
from research_repo.core.many import among, rows_of
from research_repo.core.models import Atom, Evidence, Participant, Person, Source, Study

NOUN = "participant"
CODE_MAX = 64
SEGMENT_MAX = 200
CONSENT_MAX = 500
AT_ONCE = 500

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
    study = study_to_edit(session, by, study_key)
    _refuse_taken(session, study.id, values.code)
    row = Participant(
        study_id=study.id,
        folded_code=words.fold(values.code),
        **{name: getattr(values, name) for name in COLUMNS},
    )
    session.add(row)
    session.flush()
    _claim_quotes(session, by, study.id, [row.folded_code])
    history.record(session, by, "added", NOUN, row.id, after=snapshot(row))
    return row


def add_many(
    session: Session, by: Person, study_key: str, listed: Sequence[ParticipantValues]
) -> Written:
    """Write a table of at most `AT_ONCE` participants down; the values must be `ready`.

    Of a code that stands already, what the table leaves empty stays as it was.
    """
    study = study_to_edit(session, by, study_key)
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
    _claim_quotes(session, by, study.id, fresh)
    return Written(len(fresh), len(changed), len(standing) - len(changed))


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
        raise Conflict(say("Somebody changed this participant while you were writing."), row)
    before, former = snapshot(row), row.folded_code
    if words.fold(values.code) != former:
        _refuse_taken(session, row.study_id, values.code)
    for name in COLUMNS:
        setattr(row, name, getattr(values, name))
    row.folded_code = words.fold(row.code)
    if snapshot(row) != before:
        row.version += 1
        session.flush()
        _rename_in_quotes(session, by, row, former)
        _claim_quotes(session, by, row.study_id, [row.folded_code])
        history.record(session, by, "changed", NOUN, row.id, before, snapshot(row))
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
    study_to_edit(session, by, study_key)
    return to_read(session, by, study_key, participant_id)


def study_to_edit(session: Session, by: Person, study_key: str) -> Study:
    """The study, when the person may change its participants; NotFound for whoever sees none."""
    study = access.team_study_to_read(session, by, study_key)
    if not access.may_edit_study(session, by, study):
        raise NotAllowed(say("Only the study's owner and its editors may change its participants."))
    return study


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


def in_order(code: str) -> list[tuple[bool, int, str]]:
    """What codes are sorted by, so that R2 comes before R10."""
    return [
        (not part.isdigit(), int(part[:18]) if part.isdigit() else 0, words.fold(part))
        for part in _NUMBERS.split(code)
        if part
    ]


def snapshot(row: Participant) -> dict[str, object]:
    """What is stored about a participant, as plain JSON for its history."""
    left_out = {"id", "folded_code", "version", "created_at"}
    return row.model_dump(mode="json", exclude=left_out)


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


def _claim_quotes(
    session: Session, by: Person, study_id: int, folded_codes: Collection[str]
) -> None:
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


def _rename_in_quotes(session: Session, by: Person, row: Participant, former: str) -> None:
    theirs = session.exec(select(Evidence).where(Evidence.participant_id == row.id)).all()
    for quote in theirs:
        if words.fold(quote.who) == former:
            quote.who = row.code
    indexing.enqueue(session, by, sorted({quote.atom_id for quote in theirs}))

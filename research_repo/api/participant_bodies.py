"""What requests about participants may hold and what answers do hold."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import ConfigDict, Field

from research_repo.api.fields import Body, Name, Text, Values, told, without_defaults
from research_repo.core.language import say
from research_repo.core.participants import AT_ONCE, CODE_MAX, CONSENT_MAX, SEGMENT_MAX

VERSION_MAX = 2_000_000_000

Code = Annotated[Text, Field(min_length=1, max_length=CODE_MAX)]
Segment = Annotated[Text, Field(max_length=SEGMENT_MAX)]
Consent = Annotated[Text, Field(max_length=CONSENT_MAX)]
Version = Annotated[int, Field(ge=1, le=VERSION_MAX)]

CODE = say("What they are called here; no name and no contact. Stands once in a study.")
SEGMENT = say("Which group they are of.")
PURPOSE = say("What the consent was given for.")
SCOPE = say("What may be kept and shown.")
GIVEN = say("The day on which the consent was given.")
UNTIL = say("The last day on which the consent holds.")
WITHDRAWN = say("The day on which the consent was withdrawn.")
VERSION = say("The version that was read; another one stands for a change by somebody else.")


class ParticipantToAdd(Body):
    """Somebody who was heard."""

    code: Code = told(CODE)
    segment: Segment = told(SEGMENT, "")
    consent_purpose: Consent = told(PURPOSE, "")
    consent_scope: Consent = told(SCOPE, "")
    consent_on: date | None = told(GIVEN, None)
    consent_until: date | None = told(UNTIL, None)
    withdrawn_on: date | None = told(WITHDRAWN, None)


class ParticipantsToAdd(Body):
    """A table of participants. Of a code that is there, what is left out stays as it was."""

    participants: list[ParticipantToAdd] = told(
        say("The participants, each code once."), min_length=1, max_length=AT_ONCE
    )


class ParticipantToChange(Body):
    """What is to be changed of a participant: fields that are left out stay as they are."""

    model_config = ConfigDict(json_schema_extra=without_defaults)

    version: Version = told(VERSION)
    code: Code = told(CODE, None)
    segment: Segment = told(SEGMENT, None)
    consent_purpose: Consent = told(PURPOSE, None)
    consent_scope: Consent = told(SCOPE, None)
    consent_on: date | None = told(GIVEN, None)
    consent_until: date | None = told(UNTIL, None)
    withdrawn_on: date | None = told(WITHDRAWN, None)


class ParticipantToMove(Body):
    """Where a participant is to be moved."""

    version: Version = told(VERSION)
    study: Name = told(say("The key of the other study."))


class ParticipantVersion(Values):
    """The version that is meant."""

    version: int = told(VERSION, ge=1, le=VERSION_MAX)


class DueValues(Values):
    """Who is asked for."""

    study: Name = told(say("Only of this study, by its key."), "")


class ParticipantAnswer(Body):
    study: str
    code: str
    segment: str
    consent_purpose: str
    consent_scope: str
    consent_on: date | None
    consent_until: date | None
    withdrawn_on: date | None
    quotes: int = told(say("How many quotes are theirs."))
    sources: int = told(say("In how many sources they are heard."))
    version: int


class ParticipantsAnswer(Body):
    participants: list[ParticipantAnswer]


class ParticipantsWritten(Body):
    added: int
    changed: int
    unchanged: int


class DueParticipant(ParticipantAnswer):
    since: date = told(say("The first day on which nothing of them should be there."))


class DueAnswer(Body):
    due: list[DueParticipant]


class ParticipantRemoved(Body):
    removed: str = told(say("The code that stands for nobody now."))

"""What requests about sources may hold and what answers do hold."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from research_repo.api.fields import Body, Text, Values, told
from research_repo.core import sources
from research_repo.core.language import say
from research_repo.core.participants import CODE_MAX
from research_repo.core.source_texts import HEADING_MAX, NAME_MAX

SourceKind = Literal["transcript", "notes", "survey", "image", "pdf"]
TextKind = Literal["transcript", "notes", "survey"]

WORDS_MAX = 1_000_000
PASSAGES_MAX = 20_000
MILLISECONDS_MAX = 2_000_000_000

Words = Annotated[Text, Field(max_length=WORDS_MAX)]
Code = Annotated[Text, Field(max_length=CODE_MAX)]
Time = Annotated[int, Field(ge=0, le=MILLISECONDS_MAX)]

PARTICIPANT = say("The code of who was heard, where one alone was. A new one is written down.")
VERSION = say("The version that was read; another one stands for a change by somebody else.")


class PassageToAdd(Body):
    """A turn of speech, a paragraph or an answer."""

    text: Words = told(say("Its words."))
    speaker: Annotated[Text, Field(max_length=NAME_MAX)] = told(
        say("Who says them, as the text names them."), ""
    )
    heading: Annotated[Text, Field(max_length=HEADING_MAX)] = told(
        say("The question that was answered."), ""
    )
    from_ms: Time | None = told(say("When it begins, in milliseconds from the beginning."), None)
    to_ms: Time | None = told(say("When it ends."), None)


class SourceToAdd(Body):
    """A new source: either a text, or its passages."""

    title: Annotated[Text, Field(min_length=1, max_length=sources.TITLE_MAX)] = told(
        say("What it is called. Names of people stay out of it.")
    )
    kind: TextKind | None = told(say("What it is; left out, its text tells."), None)
    held_on: date | None = told(say("The day on which it was held."), None)
    language: Literal["en", "ru"] | None = told(
        say("Its language; left out, it is known by its letters."), None
    )
    participant: Code = told(PARTICIPANT, "")
    text: Words = told(
        say("The whole text. “Name: words” on lines of their own become turns of speech."), ""
    )
    passages: list[PassageToAdd] = told(
        say("The passages, instead of a text."), [], max_length=PASSAGES_MAX
    )
    speakers_are_participants: bool = told(
        say(
            "Whether each speaker is the participant with the same code. New ones are written down."
        ),
        False,
    )
    mask: bool = told(
        say("Whether phones, e-mails and numbers of documents are replaced by dots."), False
    )


class SourceToChange(Body):
    """Another text for a source."""

    version: int = told(VERSION, ge=1, le=MILLISECONDS_MAX)
    text: Words = told(say("The whole text. An empty line ends a passage."))


class SourceValues(Values):
    """A page of a source."""

    page: int = told(say("Which page, from 1; each has 100 passages."), 1, ge=1, le=1_000_000)


class SourceInList(Body):
    """A source of a study."""

    key: str
    kind: SourceKind
    title: str
    held_on: date | None
    participant: str
    passages: int
    quotes: int
    created_at: datetime
    removed_at: datetime | None


class SourcesAnswer(Body):
    """The sources of a study."""

    sources: list[SourceInList]


class PassageAnswer(Body):
    """A passage; `start` and `end` count code points of the source's text."""

    position: int
    start: int
    end: int
    text: str
    speaker: str
    participant: str
    heading: str
    from_ms: int | None
    to_ms: int | None


class SourceAnswer(SourceInList):
    """One source, with a page of its passages."""

    study: str
    language: str
    file_name: str
    version: int
    page: int
    pages: int
    shown: list[PassageAnswer]

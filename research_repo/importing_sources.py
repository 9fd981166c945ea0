"""A file or pasted words become a source of a study: read, masked and brought in, by a job if long."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from research_repo.core import (
    attachments,
    jobs,
    people,
    personal,
    rewording,
    source_edits,
    sources,
    words,
)
from research_repo.core.attachments import Kept
from research_repo.core.db import Database
from research_repo.core.errors import Invalid, Unavailable
from research_repo.core.models import Person
from research_repo.core.personal import Personal
from research_repo.core.source_texts import PassageValues, SourceText
from research_repo.core.sources import SAMPLE, SourceValues
from research_repo.exchange import source_files, uploads
from research_repo.exchange.uploads import Upload
from research_repo.settings import Settings
from research_repo.worker import Progress, Work

JOB = "sources.add"
LONG = 2000
"""From so many passages on a page leaves the work to a job."""


@dataclass(frozen=True)
class Terms:
    """How a file becomes a source, in plain values that a job can keep.

    `name` is that of the file; `code_column` says in which column of a table the respondents stand,
    and None leaves it to the headers. `all_codes` makes each of them a participant under their own
    code. With `replaces`, the key of a source, the file takes its place, if it has this `version`.
    """

    study: str
    name: str = ""
    code_column: str | None = None
    is_masked: bool = False
    title: str = ""
    kind: str = ""
    held_on: str = ""
    language: str = ""
    participant: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)
    all_codes: bool = False
    replaces: str = ""
    version: int = 0


def read(settings: Settings, path: Path, terms: Terms) -> SourceText:
    """What is in the file, masked where that is asked for.

    Raises:
        Invalid, Unavailable: as `source_files.read`.
    """
    text = source_files.read(
        path,
        terms.name or path.name,
        most=settings.source_characters,
        code_column=terms.code_column,
    )
    return masked(text) if terms.is_masked else text


def personal_in(text: SourceText) -> list[tuple[str, Personal]]:
    """What tells who somebody is, each with the text that it stands in: the words, then the names
    of speakers."""
    language = _language(text)
    return [
        (words, one)
        for words in (text.text, *text.speakers())
        for one in personal.found(words, language)
    ]


def masked(text: SourceText) -> SourceText:
    """The text with dots in place of what tells who somebody is.

    Speakers whose name tells it are numbered, so that two of them stay two.
    """
    language = _language(text)
    names = text.speakers()
    numbers = (f"R{number}" for number in range(1, 2 * len(names) + 2))
    free = (one for one in numbers if one not in names)
    called = {name: next(free) for name in names if personal.found(name, language)}

    def hidden(one: PassageValues) -> PassageValues:
        heading = one.heading and personal.masked(
            one.heading, personal.found(one.heading, language)
        )
        return replace(one, speaker=called.get(one.speaker, one.speaker), heading=heading)

    words_masked = personal.masked(text.text, personal.found(text.text, language))
    return replace(text, text=words_masked, passages=tuple(map(hidden, text.passages)))


def values_of(terms: Terms, text: SourceText) -> SourceValues:
    """What the terms say about the source, checked.

    Raises:
        Invalid: field → what to write instead.
    """
    codes = {name: code for name, code in terms.codes.items() if code.strip()}
    if terms.all_codes:
        codes = {name: name for name in text.speakers()}
    values = SourceValues(
        title=terms.title,
        kind=terms.kind,
        held_on=date.fromisoformat(terms.held_on) if terms.held_on else None,
        language=terms.language,
        file_name=terms.name,
        participant=terms.participant.strip(),
        codes=codes,
    )
    return sources.ready(values, text)


def take_in(
    database: Database,
    settings: Settings,
    by: Person,
    text: SourceText,
    terms: Terms,
    progress: Progress = lambda _done, _total: None,
) -> str:
    """Make the source, or put the text in place of one; gives its key.

    Raises:
        Invalid, NotFound, NotAllowed, Conflict: as `sources.add` and `source_edits.replace_with`.
    """
    kept = _kept(settings, text)
    if not terms.replaces:
        values = values_of(terms, text)
        return sources.bring_in(database, by, terms.study, values, text, kept, progress)
    with database.reading() as session:
        plan = source_edits.plan_replacement(
            session, by, terms.replaces, terms.version, text, terms.name
        )
    with database.saving() as session:
        rewording.write(session, by, plan, kept)
    return terms.replaces


def take_in_or_begin(
    database: Database,
    settings: Settings,
    by: Person,
    upload: Upload,
    text: SourceText,
    terms: Terms,
) -> tuple[str, int | None]:
    """The same for a file that was sent: the source's key; of a long text the job that makes it.

    Raises:
        Invalid, NotFound, NotAllowed, Conflict: as `take_in`.
    """
    if len(text.passages) <= LONG:
        key = take_in(database, settings, by, text, terms)
        uploads.forget(upload)
        return key, None
    if not terms.replaces:
        values_of(terms, text)
    arguments = {"token": upload.token, "person": by.id, "terms": vars(terms)}
    with database.saving() as session:
        return "", jobs.start(session, by, JOB, arguments).id


def source_work(database: Database, settings: Settings, folder: Path) -> Work:
    """Does the job; the file goes when it is in."""

    def bring_in(arguments: Any, progress: Progress) -> Any:
        with database.reading() as session:
            by = people.get(session, arguments["person"])
        upload = uploads.get(folder, by.id, arguments["token"])
        terms = Terms(**arguments["terms"])
        try:
            text = read(settings, upload.path, terms)
            key = take_in(database, settings, by, text, terms, progress)
        except Invalid as refusal:
            # A job fails with one sentence.
            raise Unavailable(next(iter(refusal.problems.values()))) from refusal
        uploads.forget(upload)
        return {"source": key}

    return bring_in


def guessed(names: Iterable[str], known: Mapping[str, int]) -> dict[str, str]:
    """Which speakers are participants, by their names alone: those whom the study has, and names
    that are codes already, such as R07."""
    return {name: name if words.fold(name) in known or _is_code(name) else "" for name in names}


def known_speakers(text: SourceText, known: Mapping[str, int]) -> dict[str, str]:
    """Which speakers are participants whom the study has already."""
    return {name: name for name in text.speakers() if words.fold(name) in known}


def _is_code(name: str) -> bool:
    letters = name.rstrip("0123456789")
    return letters != name and len(letters.strip(" -_№#")) <= 2


def _language(text: SourceText) -> str:
    return words.language_of(text.text[:SAMPLE])


def _kept(settings: Settings, text: SourceText) -> Kept | None:
    if text.file is None:
        return None
    return attachments.keep(settings.instance, text.file.data, text.file.media_type)

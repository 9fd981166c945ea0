"""Sources of studies: texts and files for their teams."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from research_repo import importing_sources
from research_repo.cli import door
from research_repo.cli.importing import FILE
from research_repo.core import access, erasing, participants, sources
from research_repo.core.db import Session
from research_repo.core.errors import NotFound
from research_repo.core.language import say, say_many
from research_repo.core.models import TEXT_KINDS, Person, Study
from research_repo.core.source_texts import SourceText
from research_repo.core.sources import SourceCard
from research_repo.importing_sources import Terms

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.group()
def source() -> None:
    """Add transcripts, notes, survey exports, images and PDF files to studies."""


@source.command(
    epilog="Example: research-repo source add interview-7.vtt --study returns-2026 "
    "--participant R07 --date 2026-03-02"
)
@click.argument("file", type=FILE)
@click.option("--study", metavar="KEY", required=True, help="The study that it belongs to.")
@click.option("--title", default="", help="Its title; without one, the name of the file.")
@click.option("--kind", type=click.Choice(TEXT_KINDS), help="What it is, where that was misread.")
@click.option("--date", "held_on", type=click.DateTime(["%Y-%m-%d"]), help="When it was held.")
@click.option("--participant", default="", metavar="CODE", help="Who was heard, where one was.")
@click.option(
    "--code-column", metavar="HEADER", help="The column of a table that says who answered."
)
@click.option("--speakers", is_flag=True, help="Make each speaker, or respondent, a participant.")
@click.option("--mask", is_flag=True, help="Put dots in place of phones, e-mails and numbers.")
@click.option("--replace", "replaces", metavar="KEY", default="", help="Take this source's place.")
@as_json
@door.acting
def add(
    file: Path,
    study: str,
    title: str,
    kind: str | None,
    held_on: datetime | None,
    participant: str,
    code_column: str | None,
    speakers: bool,
    mask: bool,
    replaces: str,
    as_json: bool,
    by: str | None,
) -> None:
    """Add FILE to a study and print the key of the source.

    FILE is a txt, md, docx, vtt, srt, csv, xlsx, an image or a PDF. Its team alone sees it. Without
    --speakers those who are called like a participant of the study are known, and no others.
    """
    terms = Terms(
        study=study,
        name=unicodedata.normalize("NFC", file.name),
        code_column=code_column,
        is_masked=mask,
        title=title,
        kind=kind or "",
        held_on=_day(held_on),
        participant=participant,
        all_codes=speakers,
    )
    with door.opened() as house, door.progress(say("Import of a source")) as advance:
        with house.database.reading() as session:
            person = door.actor(session, by)
            found = _study(session, person, study)
            text = importing_sources.read(house.settings, file, terms)
            known = participants.named(session, found.id, text.speakers())
            standing = access.source_to_edit(session, person, replaces) if replaces else None
        guessed = {} if speakers else importing_sources.known_speakers(text, known)
        changes: dict[str, Any] = {"codes": guessed, "study": found.key}
        if standing:
            changes |= {"replaces": standing.key, "version": standing.version}
        terms = Terms(**{**vars(terms), **changes})
        key = importing_sources.take_in(
            house.database, house.settings, person, text, terms, advance
        )
    _told(key, text, mask, as_json)


@source.command("list", epilog="Example: research-repo source list --study returns-2026 --json")
@click.option("--study", metavar="KEY", required=True, help="The study whose sources to list.")
@as_json
@door.acting
def listed(study: str, as_json: bool, by: str | None) -> None:
    """List the sources of a study: key, kind, date and title of each."""
    with door.opened() as house, house.database.reading() as session:
        person = door.actor(session, by)
        cards = sources.of_study(session, person, _study(session, person, study).key)
    standing = [card for card in cards if card.removed_at is None]
    if as_json:
        door.write_json({"sources": [_columns(card) for card in standing]})
        return
    for card in standing:
        day = card.held_on.isoformat() if card.held_on else "-"
        click.echo("\t".join((card.key, card.kind, day, card.title)))


@source.command(epilog="Example: research-repo source remove q7k2dm")
@click.argument("key")
@click.option("--undo", is_flag=True, help="Put a removed source back.")
@click.option("--for-good", is_flag=True, help="Delete a removed source for good.")
@door.acting
def remove(key: str, undo: bool, for_good: bool, by: str | None) -> None:
    """Take the source KEY out of its study; its quotes stay."""
    with door.opened() as house, house.database.saving() as session:
        person = door.actor(session, by)
        if for_good:
            erasing.erase(session, person, key)
        elif undo:
            sources.restore(session, person, key)
        else:
            sources.remove(session, person, key)


def _study(session: Session, by: Person, key: str) -> Study:
    try:
        return access.team_study_to_read(session, by, key)
    except NotFound:
        raise NotFound(
            say(
                "There is no study %(key)s whose sources you see. Start it with "
                "`research-repo study add`, or ask its owner to add you to the team.",
                key=key,
            )
        ) from None


def _told(key: str, text: SourceText, is_masked: bool, as_json: bool) -> None:
    found = [] if is_masked else importing_sources.personal_in(text)
    if as_json:
        door.write_json(
            {
                "key": key,
                "kind": text.kind,
                "passages": len(text.passages),
                "speakers": len(text.speakers()),
                "personal": len(found),
            }
        )
        return
    for note in text.notes:
        door.tell(note)
    if found:
        door.tell(
            say_many(
                "It holds %(count)s thing that tells who somebody is. Replace it with --mask.",
                "It holds %(count)s things that tell who somebody is. Replace it with --mask.",
                len(found),
            )
        )
    click.echo(key)


def _day(given: datetime | None) -> str:
    return given.date().isoformat() if given else ""


def _columns(card: SourceCard) -> dict[str, str | int | None]:
    held_on: date | None = card.held_on
    return {
        "key": card.key,
        "kind": card.kind,
        "title": card.title,
        "held_on": held_on.isoformat() if held_on else None,
        "participant": card.who,
        "passages": card.passages,
        "quotes": card.quotes,
    }

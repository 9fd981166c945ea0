"""Participants of studies: who was heard, under codes."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from research_repo.cli import door
from research_repo.cli.importing import FILE, REFUSED
from research_repo.core import access, consent, heard
from research_repo.core import participants as verbs
from research_repo.core.clock import today
from research_repo.core.db import Session
from research_repo.core.errors import NotFound
from research_repo.core.heard import Traces
from research_repo.core.language import say
from research_repo.core.models import Participant, Person, Study
from research_repo.core.participants import COLUMNS, ParticipantValues
from research_repo.exchange import participant_tables

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
of_study = click.option("--study", metavar="KEY", required=True, help="Their study.")
DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def participants() -> None:
    """Keep who was heard in a study, under codes, and what they agreed to."""


@participants.command(
    epilog="Example: research-repo participants add R-07 --study returns-2026 "
    "--segment newcomers --until 2027-03-31"
)
@click.argument("code")
@of_study
@click.option("--segment", default="", help="Which group they are of.")
@click.option("--purpose", default="", help="What the consent was given for.")
@click.option("--scope", default="", help="What may be kept and shown.")
@click.option("--consent", "consent_on", type=DAY, help="When it was given.")
@click.option("--until", "consent_until", type=DAY, help="The last day on which it holds.")
@door.acting
def add(
    code: str,
    study: str,
    segment: str,
    purpose: str,
    scope: str,
    consent_on: datetime | None,
    consent_until: datetime | None,
    by: str | None,
) -> None:
    """Write the participant CODE down. Quotes that name the code are theirs from then on."""
    values = verbs.ready(
        ParticipantValues(
            code=code,
            segment=segment,
            consent_purpose=purpose,
            consent_scope=scope,
            consent_on=consent_on.date() if consent_on else None,
            consent_until=consent_until.date() if consent_until else None,
        )
    )
    with door.opened() as house, house.database.saving() as session:
        person = door.actor(session, by)
        verbs.add(session, person, _study(session, person, study).key, values)


@participants.command(
    "import", epilog="Example: research-repo participants import people.csv --study returns-2026"
)
@click.argument("file", type=FILE)
@of_study
@as_json
@door.acting
def bring(file: Path, study: str, as_json: bool, by: str | None) -> int:
    """Write the participants of a csv or xlsx FILE down, all or none.

    Columns: code, segment, consent_purpose, consent_scope, consent_on, consent_until, withdrawn_on.
    Only code is needed. A code that is there is filled in; empty cells change nothing.
    """
    read = participant_tables.from_file(file)
    written = verbs.Written()
    with door.opened() as house, door.progress(say("Import of participants")) as advance:
        with house.database.reading() as session:
            person = door.actor(session, by)
            key = _study(session, person, study).key
        if not read.problems:
            written = verbs.bring_in(house.database, person, key, read.values, advance)
    language = door.language()
    problems = [
        {"row": row, "column": column, "reason": advice.put(language)}
        for row, column, advice in read.problems
    ]
    if as_json:
        door.write_json({**vars(written), "problems": problems})
    else:
        for one in problems:
            click.echo(f"{one['row']}\t{one['column']}\t{one['reason']}", err=True)
        door.write(
            say("New: %(added)s. Changed: %(changed)s. As before: %(unchanged)s.", **vars(written))
        )
    return REFUSED if problems else 0


@participants.command(
    "list", epilog="Example: research-repo participants list --study returns-2026 --json"
)
@of_study
@as_json
@door.acting
def listed(study: str, as_json: bool, by: str | None) -> None:
    """List the participants of a study: code, segment, and until when the consent holds."""
    with door.opened() as house, house.database.reading() as session:
        person = door.actor(session, by)
        found = verbs.of_study(session, person, _study(session, person, study).key)
        traces = heard.traces(session, [row.id for row in found])
    if as_json:
        told = [_columns(row, traces.get(row.id, Traces())) for row in found]
        door.write_json({"participants": told})
        return
    for row in found:
        click.echo("\t".join((row.code, row.segment, str(row.consent_until or "-"))))


@participants.command(
    epilog="Example: research-repo participants export --study returns-2026 -o people.csv"
)
@of_study
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Where to; else stdout."
)
@door.acting
def export(study: str, output: Path | None, by: str | None) -> None:
    """Write the participants of a study as CSV, in the columns of `participants import`."""
    with door.opened() as house, house.database.reading() as session:
        person = door.actor(session, by)
        found = verbs.of_study(session, person, _study(session, person, study).key)
        traces = heard.traces(session, [row.id for row in found])
    text = participant_tables.written(found, traces)
    if output is None:
        sys.stdout.write(text)
    else:
        output.write_bytes(text.encode("utf-8-sig"))


@participants.command(epilog="Example: research-repo participants due --json")
@click.option("--study", metavar="KEY", default="", help="Of this study alone.")
@as_json
@door.acting
def due(study: str, as_json: bool, by: str | None) -> None:
    """List who is due for deletion: whose consent was withdrawn or is over."""
    with door.opened() as house, house.database.reading() as session:
        person = door.actor(session, by)
        key = _study(session, person, study).key if study else ""
        found = consent.due(session, person, key)
    if as_json:
        told = [
            {
                "study": one.study_key,
                "since": one.since.isoformat(),
                **_columns(one.participant, one.traces),
            }
            for one in found
        ]
        door.write_json({"due": told})
        return
    for one in found:
        click.echo("\t".join((one.study_key, one.participant.code, one.since.isoformat())))


@participants.command(
    epilog="Example: research-repo participants withdraw R-07 --study returns-2026"
)
@click.argument("code")
@of_study
@click.option("--on", type=DAY, help="When; today, where it is left out.")
@door.acting
def withdraw(code: str, study: str, on: datetime | None, by: str | None) -> None:
    """Note that the participant CODE withdrew their consent."""
    with door.opened() as house, house.database.saving() as session:
        person = door.actor(session, by)
        row = _called(session, person, study, code)
        kept = {name: getattr(row, name) for name in COLUMNS}
        kept["withdrawn_on"] = on.date() if on else today()
        values = verbs.ready(ParticipantValues(**kept))
        verbs.change(session, person, study, row.id, row.version, values)


@participants.command(
    epilog="Example: research-repo participants move R-07 --study returns-2026 --to refunds-2026"
)
@click.argument("code")
@of_study
@click.option("--to", "to_key", metavar="KEY", required=True, help="The other study.")
@door.acting
def move(code: str, study: str, to_key: str, by: str | None) -> None:
    """Put the participant CODE into another study, where nobody was heard yet."""
    with door.opened() as house, house.database.saving() as session:
        person = door.actor(session, by)
        row = _called(session, person, study, code)
        verbs.move(session, person, study, row.id, row.version, to_key)


@participants.command(epilog="Example: research-repo participants remove R-07 --study returns-2026")
@click.argument("code")
@of_study
@door.acting
def remove(code: str, study: str, by: str | None) -> None:
    """Delete the participant CODE for good; quotes stay, with a code that stands for nobody."""
    with door.opened() as house, house.database.saving() as session:
        person = door.actor(session, by)
        row = _called(session, person, study, code)
        consent.remove(session, person, study, row.id, row.version)


def _study(session: Session, by: Person, key: str) -> Study:
    try:
        return access.team_study_to_read(session, by, key)
    except NotFound:
        raise NotFound(
            say(
                "There is no study %(key)s whose participants you see. Start it with "
                "`research-repo study add`, or ask its owner to add you to the team.",
                key=key,
            )
        ) from None


def _called(session: Session, by: Person, study_key: str, code: str) -> Participant:
    study = _study(session, by, study_key)
    found = verbs.named(session, study.id, [code])
    if not found:
        raise NotFound(
            say(
                "The study has no participant %(code)s. `research-repo participants list` names "
                "all of them.",
                code=code,
            )
        )
    return session.get_one(Participant, *found.values())


def _columns(row: Participant, traces: Traces) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in COLUMNS}
    days = {name: value.isoformat() for name, value in told.items() if hasattr(value, "isoformat")}
    return {**told, **days, **vars(traces)}

"""Files that come in."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from research_repo.cli import door
from research_repo.core import import_runs, imports
from research_repo.core.errors import Invalid
from research_repo.core.import_terms import UNKNOWN_TAGS, Outcome, Terms
from research_repo.core.language import Message, say
from research_repo.exchange import tables
from research_repo.exchange.tables import Table

DONE, REFUSED, NOTHING_DONE = 0, 1, 2

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("import")
def importing() -> None:
    """Bring in what you have already."""


@importing.command(
    epilog="Example: research-repo import atoms findings.xlsx --study returns-2026 --dry-run"
)
@click.argument("file", type=FILE)
@click.option("--study", metavar="KEY", default="", help="The study of rows that name none.")
@click.option("--mapping", type=FILE, help='A JSON file: {"header of the file": "column"}.')
@click.option(
    "--unknown-tags",
    type=click.Choice(UNKNOWN_TAGS),
    default="create",
    show_default=True,
    help="What to do with tags that are not there.",
)
@click.option("--all-or-nothing", is_flag=True, help="Write nothing when a row is refused.")
@click.option("--mask", is_flag=True, help="Put dots in place of phones, e-mails and numbers.")
@click.option("--dry-run", is_flag=True, help="Say what would happen; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@door.acting
def atoms(
    file: Path,
    study: str,
    mapping: Path | None,
    unknown_tags: str,
    all_or_nothing: bool,
    mask: bool,
    dry_run: bool,
    as_json: bool,
    by: str | None,
) -> int:
    """Import atoms from a csv, xlsx or jsonl FILE.

    Columns: external_id, kind, title, body, study, observed_on, tags, quote, respondent, source,
    language, status, supports, contradicts, supersedes, relates. Only title is needed, and a study for
    facts. Tags are parted by ";", each a label or a path "Group > Parent > Child". Reading the same file again changes
    nothing. Exit 0: done; 1: a row was refused; 2: nothing was done.
    """
    terms = Terms(
        file_name=file.name,
        study_key=study,
        unknown_tags=unknown_tags,
        is_all_or_nothing=all_or_nothing,
        is_dry_run=dry_run,
        is_masked=mask,
        language=door.language(),
    )
    try:
        table = tables.opened(file)
        chosen = tables.mapping_of(table, _chosen(mapping))
    except Invalid as refusal:
        _tell_all(refusal.problems.values())
        return NOTHING_DONE
    with door.opened() as house, door.progress(say("Import")) as advance:
        with house.database.reading() as session:
            person = door.actor(session, by)
        import_runs.clear_left(house.database)
        outcome = imports.run(
            house.database, person, lambda: table.rows(chosen), terms, advance, table.total
        )
        _note_file(outcome, table, chosen)
        is_found = not outcome.is_written or _is_indexed(house)
    return max(_told(outcome, terms, as_json), DONE if is_found else REFUSED)


def _is_indexed(house: door.House) -> bool:
    try:
        house.search.catch_up()
    except OSError as fault:
        advice = say(
            "Everything is in, but the search index cannot be written: %(reason)s. Free some "
            "space, then run `research-repo index rebuild`.",
            reason=fault.strerror or str(fault),
        )
        door.tell(advice)
        return False
    return True


def _chosen(mapping: Path | None) -> dict[str, str] | None:
    if mapping is None:
        return None
    try:
        found: Any = json.loads(mapping.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
        advice = say('The mapping is no JSON object such as {"Claim": "title"}. Correct the file.')
        raise Invalid({"mapping": advice})
    return found


def _note_file(outcome: Outcome, table: Table, mapping: dict[str, str]) -> None:
    for note in table.notes:
        outcome.note(0, "", note)
    for column, told in (*table.unused(mapping), *tables.guessed(mapping)):
        outcome.note(0, column, told)


def _told(outcome: Outcome, terms: Terms, as_json: bool) -> int:
    if as_json:
        door.write_json(outcome.as_json(door.language()))
    else:
        for one in sorted(outcome.warnings, key=lambda one: one.row):
            door.tell(_line(one.row, one.column, one.reason))
        door.write(_summary(outcome, terms))
    if outcome.refused and terms.is_all_or_nothing:
        return NOTHING_DONE
    return REFUSED if outcome.refused else DONE


def _line(row: int, column: str, reason: Message) -> Message:
    if not row:
        return reason
    if not column:
        return say("Row %(row)s: %(reason)s", row=row, reason=reason)
    return say("Row %(row)s, %(column)s: %(reason)s", row=row, column=column, reason=reason)


def _summary(outcome: Outcome, terms: Terms) -> Message:
    counts = {
        "created": outcome.created,
        "updated": outcome.updated,
        "unchanged": outcome.unchanged,
        "refused": outcome.refused,
        "studies": len(outcome.studies_created),
        "tags": len(outcome.tags_created),
    }
    done = say(
        "New: %(created)s. Changed: %(updated)s. As before: %(unchanged)s. Refused: %(refused)s. "
        "New studies: %(studies)s. New tags: %(tags)s.",
        **counts,
    )
    if outcome.is_written:
        return done
    if terms.is_dry_run:
        return say("%(done)s Nothing was written: this was a dry run.", done=done)
    return say("%(done)s Nothing was written: correct the refused rows first.", done=done)


def _tell_all(advice: Iterable[Message]) -> None:
    for one in advice:
        door.tell(one)

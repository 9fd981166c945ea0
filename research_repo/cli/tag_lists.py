"""Lists of tags, in and out."""

from __future__ import annotations

from pathlib import Path

import click

from research_repo.cli import door, files
from research_repo.core import import_runs, tag_imports, tag_lists
from research_repo.core.errors import Invalid
from research_repo.core.language import Message, say, say_many
from research_repo.core.tag_imports import Outcome
from research_repo.core.tag_lists import Flaw
from research_repo.exchange import tag_files
from research_repo.settings import LANGUAGES

FLAWS_SHOWN = 20
DONE, REFUSED, NOTHING_DONE = 0, 1, 2


@click.command(
    "tags", epilog="Example: research-repo import tags thesaurus.ttl --scheme topics --dry-run"
)
@click.argument("file", type=files.FILE)
@click.option(
    "--scheme",
    "group",
    default="",
    metavar="KEY",
    help="The group of the tags that name none; a thesaurus of one group goes there whole.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be done and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@door.acting
def import_tags(file: Path, group: str, dry_run: bool, as_json: bool, by: str | None) -> int:
    """Bring in the tags of a FILE: a table (.csv), a SKOS thesaurus (.ttl, .rdf) or a codebook (.qdc).

    The same file again changes nothing. Exit 0: done; 1: a row was refused, the others are in; 2:
    nothing was done.
    """
    try:
        listed = tag_files.read(files.content(file), file.name)
    except Invalid as refusal:
        for advice in refusal.problems.values():
            door.tell(advice)
        return NOTHING_DONE
    with door.opened() as house, door.progress(say("Import tags")) as advance:
        with house.database.reading() as session:
            person = door.actor(session, by)
        import_runs.clear_left(house.database)
        with house.database.reading() as session:
            if dry_run:
                outcome = tag_imports.preview(session, person, listed, group)
        if not dry_run:
            outcome = tag_imports.bring_in(house.database, person, listed, group, advance)
    if as_json:
        door.write_json(outcome.as_json(door.language()))
    else:
        _write(outcome)
    return REFUSED if outcome.refused else DONE


@click.command("tags", epilog="Example: research-repo export tags --format csv -o tags.csv")
@click.option("--format", "form", type=click.Choice([*tag_files.WRITERS]), required=True)
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    help="The language of the names in a codebook, which holds only one.",
)
@files.output
@files.force
@door.acting
def export_tags(form: str, language: str | None, file: Path, force: bool, by: str | None) -> None:
    """Write all tags as a table, a SKOS thesaurus or a REFI-QDA codebook.

    What the file cannot hold is told. With --as it holds the tags that the person may know of.
    """
    language = language or door.language()
    with door.opened() as house, house.database.reading() as session:
        listed = tag_lists.vocabulary(session, door.actor(session, by))
    files.put(file, tag_files.write(form, listed, language).encode(), force)
    if lost := tag_files.losses(form, listed, language):
        door.tell(say("What the file does not hold:"))
        for message in lost:
            click.echo(f"  {message.put(door.language())}", err=True)
    door.write(
        say_many(
            "%(place)s: %(count)s tag.", "%(place)s: %(count)s tags.", len(listed.tags), place=file
        )
    )


def _write(outcome: Outcome) -> None:
    for flaws, told in (
        (
            outcome.refused,
            say_many("%(count)s row refused:", "%(count)s rows refused:", len(outcome.refused)),
        ),
        (
            outcome.warnings,
            say_many("%(count)s warning:", "%(count)s warnings:", len(outcome.warnings)),
        ),
    ):
        if flaws:
            door.tell(told)
        for flaw in flaws[:FLAWS_SHOWN]:
            click.echo(f"  {_worded(flaw)}", err=True)
        if len(flaws) > FLAWS_SHOWN:
            door.tell(
                say("  and %(count)s more; --json lists them all.", count=len(flaws) - FLAWS_SHOWN)
            )
    door.write(
        say(
            "Tags: %(created)s created, %(updated)s changed, %(unchanged)s unchanged, "
            "%(refused)s refused.",
            created=outcome.created,
            updated=outcome.updated,
            unchanged=outcome.unchanged,
            refused=len(outcome.refused),
        )
    )


def _worded(flaw: Flaw) -> str:
    reason = flaw.reason
    told: Message = reason
    if flaw.row:
        told = say(
            "row %(row)s, %(column)s: %(reason)s", row=flaw.row, column=flaw.column, reason=reason
        )
    return told.put(door.language())

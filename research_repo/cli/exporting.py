"""Files that go out."""

from __future__ import annotations

from pathlib import Path

import click

from research_repo import bulk_jobs
from research_repo.cli import door, files, tag_lists, transfer
from research_repo.core import atom_lists as core_lists
from research_repo.core import reports
from research_repo.core.errors import NotFound
from research_repo.core.language import say, say_many
from research_repo.exchange import atom_lists, study_files
from research_repo.search import Wanted, meant


@click.group("export")
def exporting() -> None:
    """Take out what is here: a study's report, what a search finds, the tags, or everything."""


@exporting.command(
    epilog="Example: research-repo export study returns-2026 --format html -o returns.html"
)
@click.argument("key")
@click.option("--format", "form", type=click.Choice([*study_files.WRITERS]), required=True)
@files.output
@files.force
@door.acting
def study(key: str, form: str, file: Path, force: bool, by: str | None) -> None:
    """Write the report of the study KEY.

    md and html are the whole report, json all its values, csv its claims in the columns of
    `import atoms`. With --as it holds what the person sees.
    """
    with door.opened() as house, house.database.reading() as session:
        try:
            report = reports.study_report(session, door.actor(session, by), key, door.language())
        except NotFound:
            told = say("There is no study %(key)s. Look at its address.", key=key)
            raise NotFound(told) from None
        text = study_files.WRITERS[form](report, house.settings.base_url)
    files.put(file, text.encode(), force)
    door.write(say("%(place)s is written.", place=str(file)))


@exporting.command(
    "search",
    epilog="Example: research-repo export search 'refund kind:fact' --format csv -o refunds.csv",
)
@click.argument("query")
@click.option("--format", "form", type=click.Choice(atom_lists.FORMS), required=True)
@files.output
@files.force
@door.acting
def found(query: str, form: str, file: Path, force: bool, by: str | None) -> None:
    """Write all atoms that hold all the words of QUERY, in the order in which they were logged.

    Filters are typed into QUERY: tag:, kind:, study:, by:, after: and the others; an empty one means
    everything. csv and xlsx have the columns of `import atoms`, and the place of each atom; json has
    all values; md is claims with their quotes. With --as it holds what the person sees.
    """
    with door.opened() as house:
        language = door.language()
        with house.database.reading() as session:
            person = door.actor(session, by)
            asked = meant(session, person, Wanted(text=query, match="all"), language)
        for message in asked.told:
            door.tell(message)
        room = house.search
        room.catch_up()
        ids = room.ids(asked.wanted, person, bulk_jobs.ATOMS_MAX)
        with door.progress(say("Export of findings")) as progress:
            read = core_lists.read(house.database, person.id, ids, language, progress)
            pieces = atom_lists.pieces(form, read, language, house.settings.base_url)
            files.put_pieces(file, pieces, force)
    door.write(
        say_many(
            "%(count)s finding is written to %(place)s.",
            "%(count)s findings are written to %(place)s.",
            len(ids),
            place=str(file),
        )
    )


exporting.add_command(tag_lists.export_tags)
exporting.add_command(transfer.export_all)

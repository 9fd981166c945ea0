"""Files that go out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from research_repo import bulk_jobs, report_jobs
from research_repo.cli import door, files, tag_lists, transfer
from research_repo.core import atom_lists as core_lists
from research_repo.core.errors import NotFound
from research_repo.core.language import Message, say, say_many
from research_repo.core.report_shape import StudyReport
from research_repo.exchange import atom_lists, report_files
from research_repo.exchange.document import Pictures
from research_repo.report_jobs import Asked
from research_repo.search import Wanted, meant
from research_repo.settings import LANGUAGES


def _as_file(command: Callable[..., None]) -> Callable[..., None]:
    """The options of each command that writes a report."""
    for option in (
        door.acting,
        files.force,
        files.output,
        click.option(
            "--language", type=click.Choice(LANGUAGES), help="The language of its own words."
        ),
        click.option("--format", "form", type=click.Choice(report_files.FORMS), required=True),
    ):
        command = option(command)
    return command


@click.group("export")
def exporting() -> None:
    """Take out what is here: a report, what a search finds, the tags, or everything."""


@exporting.command(
    epilog="Example: research-repo export study returns-2026 --format docx -o returns.docx"
)
@click.argument("key")
@_as_file
def study(key: str, **options: Any) -> None:
    """Write the report of the study KEY.

    md, html, pdf and docx are the whole report; pptx its insights as slides, with the evidence in
    the notes; json all its values; csv and xlsx its claims in the columns of `import atoms`. With
    --as it holds what the person sees.
    """
    unknown = say("There is no study %(key)s. Look at its address.", key=key)
    _export(Asked("study", key), unknown, **options)


@exporting.command(
    epilog="Example: research-repo export report K7M2 --version 3 --format pdf -o report-3.pdf"
)
@click.argument("key")
@click.option("--version", "number", type=click.IntRange(1), help="A frozen version.")
@_as_file
def report(key: str, number: int | None, **options: Any) -> None:
    """Write the report KEY as it is now, or a version of it as it was frozen.

    The kinds of files are those of `export study`.
    """
    if number is None:
        unknown = say("There is no report %(key)s. Look at its address.", key=key)
        _export(Asked("report", key), unknown, **options)
    else:
        told = say("There is no version %(number)s of the report %(key)s.", number=number, key=key)
        _export(Asked("version", key, number), told, **options)


@exporting.command(
    epilog="Example: research-repo export brief K7M2 --format pdf -o what-we-know.pdf"
)
@click.argument("key")
@_as_file
def brief(key: str, **options: Any) -> None:
    """Write what was known on a question, saved under KEY.

    The kinds of files are those of `export study`.
    """
    unknown = say("There is no brief %(key)s. Look at its address.", key=key)
    _export(Asked("brief", key), unknown, **options)


def _export(
    asked: Asked,
    unknown: Message,
    form: str,
    language: str | None,
    file: Path,
    force: bool,
    by: str | None,
) -> None:
    spoken = language or door.language()
    with door.opened() as house, door.progress(say("Report as a file")) as progress:
        with house.database.reading() as session:
            person = door.actor(session, by)
            try:
                found = report_jobs.read(session, person, house.search, asked, spoken)
            except NotFound:
                raise NotFound(unknown) from None
        progress(report_jobs.READ, report_jobs.STEPS)
        pictures = report_jobs.pictures(house.settings.instance)
        files.put_pieces(file, _written(form, found, house.settings.base_url, pictures), force)
        progress(report_jobs.STEPS, report_jobs.STEPS)
    door.write(say("%(place)s is written.", place=str(file)))


def _written(form: str, found: StudyReport, base_url: str, pictures: Pictures) -> Iterator[bytes]:
    # Begun once it is known that the file may be written.
    yield report_files.written(form, found, base_url, pictures)


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

"""Files that go out."""

from __future__ import annotations

from pathlib import Path

import click

from research_repo.cli import door, files, tag_lists, transfer
from research_repo.core import reports
from research_repo.core.errors import NotFound
from research_repo.core.language import say
from research_repo.exchange import study_files


@click.group("export")
def exporting() -> None:
    """Take out what is here: a study's report, the tags, or everything."""


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


exporting.add_command(tag_lists.export_tags)
exporting.add_command(transfer.export_all)

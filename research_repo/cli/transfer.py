"""The whole repository, out and in."""

from __future__ import annotations

from pathlib import Path

import click

from research_repo.cli import files
from research_repo.cli.door import opened, progress, write
from research_repo.core import import_runs, transfer
from research_repo.core.language import say, say_many


@click.command("all", epilog='Example: research-repo export all -o "everything-$(date +%F).zip"')
@files.output
def export_all(file: Path) -> None:
    """Write everything into one new FILE that any research-repo of this or a newer version reads.

    History, merged tags and people with their password hashes are in it; API tokens are not. Keep
    it like the instance itself: whoever has it reads everything.
    """
    with opened() as house, progress(say("Export everything")) as advance:
        made = transfer.export_all(house.database, file, advance)
    write(
        say_many(
            "%(place)s: %(count)s atom.",
            "%(place)s: %(count)s atoms.",
            made.counts["atom"],
            place=str(file),
        )
    )


@click.command(
    "all", epilog="Example: RESEARCH_REPO_INSTANCE=moved research-repo import all everything.zip"
)
@click.argument("file", type=files.FILE)
def import_all(file: Path) -> None:
    """Make an empty instance equal to the one that FILE was written from.

    People sign in with their passwords; API tokens are made anew. An instance in which somebody
    works already is refused.
    """
    with opened() as house, progress(say("Import everything")) as advance:
        import_runs.clear_left(house.database)
        made = transfer.import_all(house.database, file, advance)
        house.search.rebuild(advance)
        place = str(house.settings.instance)
    write(
        say_many(
            "%(place)s: %(count)s atom.",
            "%(place)s: %(count)s atoms.",
            made.counts["atom"],
            place=place,
        )
    )

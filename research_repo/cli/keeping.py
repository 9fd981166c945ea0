"""Backup and restore."""

from __future__ import annotations

from pathlib import Path

import click

from research_repo.cli.door import opened, progress, write
from research_repo.core import backup as verbs
from research_repo.core.instance import open_instance
from research_repo.core.language import Message, say, say_many
from research_repo.settings import from_environment

FILE = click.Path(path_type=Path)


@click.command(epilog='Example: research-repo backup "research-$(date +%F).zip"')
@click.argument("file", type=FILE)
def backup(file: Path) -> None:
    """Write the repository into a new FILE while people work on.

    It holds the database and the attachments, verified; not the index, which is a cache, and not
    the secret key. Keep it like the instance itself: whoever has it reads everything.
    """
    with opened() as house, progress(say("Back up")) as advance:
        made = verbs.backup(house.database, file, advance)
    write(_counted(made.counts["atom"], file))


@click.command(
    epilog="Example: RESEARCH_REPO_INSTANCE=restored research-repo restore research-2026-03-31.zip"
)
@click.argument("file", type=FILE)
def restore(file: Path) -> None:
    """Make the instance what it was when FILE was written.

    The instance folder must be empty. Everybody signs in again: passwords and API tokens stay, the
    secret key is new. The index is built at the next start.
    """
    settings = from_environment()
    with progress(say("Restore")) as advance:
        made = verbs.restore(settings, file, advance)
    open_instance(settings).close()  # an older backup is brought up to date at once
    write(_counted(made.counts["atom"], settings.instance))


def _counted(atoms: int, place: Path) -> Message:
    return say_many("%(place)s: %(count)s atom.", "%(place)s: %(count)s atoms.", atoms, place=place)

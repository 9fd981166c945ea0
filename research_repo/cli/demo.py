"""The demo content."""

from __future__ import annotations

import click

from research_repo.cli.door import opened, progress, write
from research_repo.core import demo as verbs
from research_repo.core.db import Database
from research_repo.core.language import say, say_many


@click.command(epilog="Example: RESEARCH_REPO_INSTANCE=demo research-repo demo")
def demo() -> None:
    """Load the demo content: six studies of a marketplace that does not exist.

    Its dates count back from today. What is here already stays as it is, and a second time changes
    nothing. It cannot be taken out again: try it in an instance of its own.
    """
    with opened() as house:
        added = load_demo(house.database)
        house.search.catch_up()
    if added:
        write(
            say_many(
                "%(count)s claim was added. Look at it with `research-repo serve`.",
                "%(count)s claims were added. Look at them with `research-repo serve`.",
                added,
            )
        )
    else:
        write(say("The demo content is here already. Nothing was changed."))


def load_demo(database: Database) -> int:
    """Load it with a bar on a terminal; how many claims were added."""
    with progress(say("Load the demo content")) as advance:
        return verbs.load(database, advance)

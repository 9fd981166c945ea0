"""Files that go out."""

from __future__ import annotations

import click

from research_repo.cli import tag_lists


@click.group("export")
def exporting() -> None:
    """Take out what is here: a report, the tags, or everything."""


exporting.add_command(tag_lists.export_tags)

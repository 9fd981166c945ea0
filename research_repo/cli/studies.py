"""Studies."""

from __future__ import annotations

import click

from research_repo.cli.door import acting, actor, opened
from research_repo.core import studies as verbs
from research_repo.core import study_tags, tagging, words
from research_repo.core.models import METHODS


@click.group()
def study() -> None:
    """Start studies."""


@study.command(
    epilog="Example: research-repo study add returns-2026 --title 'Why parcels come back' "
    "--method interviews --question 'What do people look for first?' --tag Returns"
)
@click.argument("key")
@click.option("--title", required=True, help="What the study was to find out.")
@click.option("--method", type=click.Choice(METHODS), default="other", show_default=True)
@click.option("--question", "questions", multiple=True, help="A question; may be given repeatedly.")
@click.option("--tag", "tags", multiple=True, help="A word or a path; all its atoms inherit it.")
@acting
def add(
    key: str,
    title: str,
    method: str,
    questions: tuple[str, ...],
    tags: tuple[str, ...],
    by: str | None,
) -> None:
    """Start a study and print its key.

    KEY is 1 to 64 letters, digits, hyphens and underscores; it stands in addresses and imports.
    """
    values = verbs.ready(
        verbs.StudyValues(
            title=title, method=method, questions=[(None, text) for text in questions]
        )
    )
    with opened() as house, house.database.saving() as session:
        person = actor(session, by)
        made = verbs.create(session, person, key, values)
        tag_ids = tagging.named(session, person, tags, words.language_of(title), made.id)
        study_tags.put(session, person, made, tag_ids)
        click.echo(made.key)

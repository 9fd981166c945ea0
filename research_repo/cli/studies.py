"""Studies."""

from __future__ import annotations

import click

from research_repo.cli.door import acting, actor, opened
from research_repo.core import briefs, study_tags, tagging, words
from research_repo.core import studies as verbs
from research_repo.core.models import METHODS, STUDY_STATUSES


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
@click.option(
    "--status",
    type=click.Choice(STUDY_STATUSES),
    default="running",
    show_default=True,
    help="A planned one wants --brief or --why.",
)
@click.option("--question", "questions", multiple=True, help="A question; may be given repeatedly.")
@click.option("--tag", "tags", multiple=True, help="A word or a path; all its atoms inherit it.")
@click.option("--brief", default="", metavar="KEY", help="The saved answer that it comes of.")
@click.option("--why", default="", help="Why it is planned without one.")
@acting
def add(
    key: str,
    title: str,
    method: str,
    status: str,
    questions: tuple[str, ...],
    tags: tuple[str, ...],
    brief: str,
    why: str,
    by: str | None,
) -> None:
    """Start a study and print its key.

    KEY is 1 to 64 letters, digits, hyphens and underscores; it stands in addresses and imports.
    Before a study is planned, look at what is known: `research-repo known "Your question" --save`.
    """
    values = verbs.ready(
        verbs.StudyValues(
            title=title,
            method=method,
            status=status,
            questions=[(None, text) for text in questions],
        )
    )
    with opened() as house, house.database.saving() as session:
        person = actor(session, by)
        made = briefs.start(session, person, key, values, brief, why)
        tag_ids = tagging.named(session, person, tags, words.language_of(title), made.id)
        study_tags.put(session, person, made, tag_ids)
        click.echo(made.key)

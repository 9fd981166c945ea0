"""People and their keys to the API."""

from __future__ import annotations

import sys

import click

from research_repo.cli.door import acting, actor, opened, person
from research_repo.core import people as verbs
from research_repo.core import tokens
from research_repo.core.models import ROLES


@click.group()
def people() -> None:
    """Let people in."""


@people.command(
    epilog="Example: research-repo people add anna@example.org --name Anna --role curator"
)
@click.argument("email")
@click.option("--name", required=True, help="The name that colleagues know.")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What they may do.")
@click.option(
    "--password-stdin", is_flag=True, help="Read the password from the first line of stdin."
)
@acting
def add(email: str, name: str, role: str, password_stdin: bool, by: str | None) -> None:
    """Add a person and print their one-time password, alone.

    They change it when they first sign in. An e-mail that is here already is refused.
    """
    if password_stdin:
        password = verbs.chosen_password(sys.stdin.readline().rstrip("\r\n"))
    else:
        password = verbs.one_time_password()
    with opened() as house, house.database.saving() as session:
        verbs.add(session, actor(session, by), email, name, role, password)
    if not password_stdin:
        click.echo(password.text)


@click.group()
def token() -> None:
    """Let programs in."""


@token.command(
    "add",
    epilog="Example: research-repo token add anna@example.org --name nightly-import --days 90",
)
@click.argument("email")
@click.option("--name", required=True, help="The program that will use it.")
@click.option(
    "--days",
    type=click.IntRange(1, tokens.DAYS_MAX),
    help="How many days it works; without this, until it is revoked.",
)
@acting
def add_token(email: str, name: str, days: int | None, by: str | None) -> None:
    """Make an API token with all the rights of a person and print it, alone.

    It is shown only now; the repository keeps its hash.
    """
    with opened() as house, house.database.saving() as session:
        owner = person(session, email)
        _, secret = tokens.add(session, actor(session, by), owner.id, name, days)
    click.echo(secret)

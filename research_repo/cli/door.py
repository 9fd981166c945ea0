"""The door between commands and verbs: the opened instance, who acts, and how a command speaks."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from research_repo.core import people
from research_repo.core.db import Database, Session
from research_repo.core.errors import NotFound
from research_repo.core.instance import open_instance
from research_repo.core.language import Message, say
from research_repo.core.models import Person
from research_repo.search import Search
from research_repo.settings import SettingError, Settings, from_environment

PATIENCE_SECONDS = 1.0

acting = click.option("--as", "by", metavar="EMAIL", help="Act as this person.")


@dataclass(frozen=True)
class House:
    """The instance that a command works on."""

    settings: Settings
    database: Database

    @property
    def search(self) -> Search:
        return Search(self.database, self.settings.index_folder)


@contextmanager
def opened() -> Iterator[House]:
    """The instance of the environment, made and migrated when needed."""
    settings = from_environment()
    database = open_instance(settings)
    try:
        yield House(settings, database)
    finally:
        database.close()


def actor(session: Session, email: str | None) -> Person:
    """Who acts: the person with this e-mail, or *system* when none is named."""
    if email is None:
        return people.system(session)
    return person(session, email)


def person(session: Session, email: str) -> Person:
    """The active person with this e-mail.

    Raises:
        NotFound: nobody has it, or they were shut out.
    """
    found = people.by_email(session, email)
    if found is None or found.is_system or not found.is_active:
        raise NotFound(
            say(
                "Nobody here has the e-mail %(email)s. Add them with `research-repo people add`.",
                email=email,
            )
        )
    return found


def language() -> str:
    """The language in which the command line speaks."""
    try:
        return from_environment().language
    except SettingError:
        return "en"


def tell(message: Message) -> None:
    """Say something to the person at the terminal, apart from what a program may read."""
    click.echo(message.put(language()), err=True)


def write(message: Message) -> None:
    """Say what was done."""
    click.echo(message.put(language()))


def write_json(value: dict[str, Any]) -> None:
    """One object, alone on stdout."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


@contextmanager
def progress(title: Message) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, once the work has lasted over a second."""
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    task = bar.add_task(title.put(language()), total=None)
    begun = time.monotonic()

    def advance(done: int, total: int) -> None:
        bar.update(task, completed=done, total=total)
        if time.monotonic() - begun > PATIENCE_SECONDS:
            bar.start()

    try:
        yield advance
    finally:
        bar.stop()

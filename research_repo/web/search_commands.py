"""Pages to go to and things to begin, offered to whoever opens the search from the keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flask import url_for

from research_repo.core import access, words
from research_repo.core.language import Message, say
from research_repo.core.models import Person
from research_repo.settings import LANGUAGES


@dataclass(frozen=True)
class Command:
    """One page by what it is for. `key` is the single key that does the same."""

    name: Message
    endpoint: str
    icon: str
    key: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    is_for_writers: bool = False

    @property
    def href(self) -> str:
        return url_for(self.endpoint, **self.values)


COMMANDS = (
    Command(say("New fact"), "atoms.log", "kind-fact", "C", is_for_writers=True),
    Command(
        say("New insight"),
        "atoms.log",
        "kind-insight",
        values={"kind": "insight"},
        is_for_writers=True,
    ),
    Command(
        say("New recommendation"),
        "atoms.log",
        "kind-recommendation",
        values={"kind": "recommendation"},
        is_for_writers=True,
    ),
    Command(say("New study"), "studies.add", "plus", is_for_writers=True),
    Command(say("Import findings"), "imports.begin", "upload", is_for_writers=True),
    Command(say("Home"), "home.show", "brand"),
    Command(say("Studies"), "studies.listed", "book-open"),
    Command(say("Tags"), "tags.tree", "tags"),
    Command(say("Notices"), "notices.listed", "bell"),
    Command(say("Jobs"), "jobs.listed", "list-checks"),
    Command(say("Account"), "account.show", "user"),
)


def commands(by: Person, typed: str) -> Iterator[Command]:
    """Those that the person may use and that have a word, in either language, that begins so."""
    asked = words.fold(typed)
    for command in COMMANDS:
        if command.is_for_writers and not access.may_log(by):
            continue
        names = [words.fold(command.name.put(language)) for language in LANGUAGES]
        if not asked or any(begins(name, asked) for name in names):
            yield command


def begins(name: str, asked: str) -> bool:
    """Whether a word of the folded name, with what follows it, begins as asked."""
    return name.startswith(asked) or f" {asked}" in name

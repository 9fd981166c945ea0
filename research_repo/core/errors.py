"""The ways to refuse, translated into pages and JSON once.

Refusal
├── NotFound     404: it is not there, or the person may not know that it is
├── NotAllowed   403: it is there, and this person may not do that
├── Invalid      422: what was sent cannot be used; says what to do, beside the field
├── Conflict     409: somebody else changed it meanwhile; carries what is stored now
└── Unavailable  503: the machine cannot do it now (disk, lock); says what to do
"""

from __future__ import annotations

from typing import Any

from research_repo.core.language import Message, say


class Refusal(Exception):  # noqa: N818 (a refusal is an answer, not a fault)
    """A verb did not do what was asked; nothing was written."""


class NotFound(Refusal):
    """There is no such thing, as far as this person may know."""

    def __init__(self, message: Message | None = None) -> None:
        self.message = message or say("This page does not exist, or you have no access to it.")
        super().__init__(str(self.message))


class NotAllowed(Refusal):
    """The person may see it and may not do this."""

    def __init__(self, message: Message | None = None) -> None:
        self.message = message or say("You have no right to do this. Ask an administrator.")
        super().__init__(str(self.message))


class Invalid(Refusal):
    """Values that cannot be used: field name → advice. The field "" is about the whole."""

    def __init__(self, problems: dict[str, Message]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{name}: {advice}" for name, advice in problems.items()))


class Conflict(Refusal):
    """Somebody changed it since it was read. `current` is what is stored now."""

    def __init__(self, message: Message, current: Any = None) -> None:
        self.message = message
        self.current = current
        super().__init__(str(message))


class Unavailable(Refusal):
    """The machine cannot do it now; nothing was lost."""

    def __init__(self, message: Message) -> None:
        self.message = message
        super().__init__(str(message))

"""What a check-up finds: what was looked at, what is wrong, and what was put right."""

from __future__ import annotations

from dataclasses import dataclass

from research_repo.core.language import Message


@dataclass(frozen=True)
class Trouble:
    """One thing that is wrong, where, and whether it has been put right. It tells nobody's words."""

    where: str
    what: Message
    is_mended: bool = False


@dataclass(frozen=True)
class Examined:
    """One part of the repository after it was looked through."""

    name: str
    looked_at: int
    troubles: tuple[Trouble, ...] = ()
    notes: tuple[Message, ...] = ()

    @property
    def left(self) -> int:
        """How many things are still wrong."""
        return sum(not one.is_mended for one in self.troubles)

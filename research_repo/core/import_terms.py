"""How an import is to be done, what it reads, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from research_repo.core.language import Message
from research_repo.core.rows import Cell

UNKNOWN_TAGS = ("create", "skip", "refuse")


@dataclass(frozen=True)
class Terms:
    """What whoever imports has chosen. `study_key` is for rows that name no study."""

    file_name: str
    study_key: str = ""
    unknown_tags: str = "create"
    is_all_or_nothing: bool = False
    is_dry_run: bool = False
    is_masked: bool = False
    """Phones, e-mails and numbers of documents come in as dots."""
    language: str = "en"


@dataclass(frozen=True)
class Row:
    """A row of a file by the names of the columns; `refused` says why it cannot be read at all."""

    number: int
    cells: Mapping[str, Cell]
    notes: tuple[tuple[str, Message], ...] = ()
    refused: tuple[tuple[str, Message], ...] = ()


@dataclass(frozen=True)
class Warned:
    """What was wrong with a row; row 0 is the file. A refused row was left out."""

    row: int
    column: str
    reason: Message
    is_refusal: bool = False


@dataclass
class Outcome:
    """What an import did, or would do."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    studies_created: list[str] = field(default_factory=list)
    tags_created: list[str] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)
    is_written: bool = True
    """False when all or nothing was asked for and something was refused, or for a dry run."""

    def note(self, row: int, column: str, reason: Message) -> None:
        """Something to know that kept no row out."""
        self.warnings.append(Warned(row, column, reason))

    def refuse(self, row: int, problems: list[tuple[str, Message]]) -> None:
        """A row is left out."""
        self.refused += 1
        self.warnings += [Warned(row, column, reason, True) for column, reason in problems]

    def as_json(self, language: str) -> dict[str, Any]:
        """The outcome as plain values, the reasons in words."""
        return {
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "refused": self.refused,
            "studies_created": self.studies_created,
            "tags_created": self.tags_created,
            "warnings": [
                {"row": one.row, "column": one.column, "reason": one.reason.put(language)}
                for one in sorted(self.warnings, key=lambda one: one.row)
            ],
        }

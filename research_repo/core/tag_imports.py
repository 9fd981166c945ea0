"""Bringing in a list of tags: in small transactions, unseen by readers until the last one.

New tags are written as candidates, parents before children; when all are there, one transaction
gives them the status that the file says. An import that was cut short leaves candidates for the
curators, and the same file finishes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from research_repo.core import access, tag_plans
from research_repo.core.db import Database
from research_repo.core.errors import Unavailable
from research_repo.core.language import say
from research_repo.core.models import Person
from research_repo.core.tag_lists import Flaw, Group, TagList
from research_repo.core.tag_wishes import Plan
from research_repo.core.tag_writing import Overtaken, Progress, Writing

ATTEMPTS = 50


@dataclass(frozen=True)
class Outcome:
    """What a list of tags did to the repository, or would do."""

    created: int
    updated: int
    unchanged: int
    groups_created: tuple[str, ...]
    tags_created: tuple[str, ...]
    tags_updated: tuple[str, ...]
    groups: tuple[Group, ...]
    """All groups that the list speaks of, the new ones among them."""
    refused: tuple[Flaw, ...]
    warnings: tuple[Flaw, ...]

    def as_json(self, language: str) -> dict[str, Any]:
        """The outcome as plain values, the reasons in words."""
        flaws = sorted([*self.refused, *self.warnings], key=_place)
        return {
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "refused": len(self.refused),
            "studies_created": [],
            "schemes_created": list(self.groups_created),
            "tags_created": list(self.tags_created),
            "warnings": [
                {"row": flaw.row, "column": flaw.column, "reason": flaw.reason.put(language)}
                for flaw in flaws
            ],
        }


def preview(session: Session, by: Person, listed: TagList, group: str = "") -> Outcome:
    """What `bring_in` would do now."""
    access.require_govern(by)
    return _outcome(tag_plans.plan(session, listed, group))


def bring_in(
    database: Database,
    by: Person,
    listed: TagList,
    group: str = "",
    progress: Progress = lambda _done, _total: None,
) -> Outcome:
    """Make the repository's tags what the list says; tags that it does not name stay as they are.

    What cannot be used is told row by row and left out. The same list again changes nothing.
    """
    access.require_govern(by)
    told: Outcome | None = None
    for _ in range(ATTEMPTS):
        with database.reading() as session:
            plan = tag_plans.plan(session, listed, group)
        told = told or _outcome(plan)
        try:
            Writing(database, by, plan, progress).write()
        except Overtaken:
            continue  # somebody changed tags meanwhile: what is left is compared with theirs
        return told
    raise Unavailable(say("Others change the tags all the time. Try again in a minute."))


def _outcome(plan: Plan) -> Outcome:
    return Outcome(
        created=len(plan.created),
        updated=len(plan.updated),
        unchanged=plan.unchanged,
        groups_created=tuple(group.key for group in plan.groups),
        tags_created=tuple(wish.name for wish in plan.created),
        tags_updated=tuple(wish.name for wish in plan.updated),
        groups=tuple(
            group for group in (*plan.standing.groups, *plan.groups) if group.key in plan.used
        ),
        refused=tuple(sorted(plan.refused, key=_place)),
        warnings=tuple(sorted(plan.warnings, key=_place)),
    )


def _place(flaw: Flaw) -> tuple[int, str]:
    return flaw.row, flaw.column

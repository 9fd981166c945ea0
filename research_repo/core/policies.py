"""What the team has agreed on for the whole repository: administrators settle it, everybody reads it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import Session

from research_repo.core import access, history
from research_repo.core.errors import Invalid
from research_repo.core.language import say
from research_repo.core.models import KINDS, Person, Policy

PUBLISHING = ("off", "warn", "block")
"""What happens when a claim is published that rests on nothing: nothing, a word about it, a refusal."""

_PUBLISHING = "publishing"


def publishing(session: Session) -> dict[str, str]:
    """Kind of atom → one of PUBLISHING. Where nothing was settled, people are told."""
    row = session.get(Policy, _PUBLISHING)
    kept = row.value if row else {}
    return {kind: kept.get(kind, "warn") for kind in KINDS}


def set_publishing(session: Session, by: Person, wanted: Mapping[str, str]) -> None:
    """Settle it for these kinds; the others stay as they are.

    Raises:
        NotAllowed: for all but administrators.
        Invalid: there is no such kind, or no such choice (field: the kind).
    """
    access.require_admin(by)
    problems = {
        kind: say("Choose one of the list.")
        for kind, choice in wanted.items()
        if kind not in KINDS or choice not in PUBLISHING
    }
    if problems:
        raise Invalid(problems)
    before = publishing(session)
    after = {**before, **wanted}
    if after == before:
        return
    session.merge(Policy(name=_PUBLISHING, value=after))
    session.flush()
    told = ({_PUBLISHING: before}, {_PUBLISHING: after})
    history.record(session, by, "settled", "repository", 1, *told)

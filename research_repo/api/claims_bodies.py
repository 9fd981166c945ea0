"""What requests about claims that want a second look may hold, and what answers do hold."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from research_repo.api.fields import PAGE, Body, Name, Text, Values, told
from research_repo.api.models import PAGE_SIZE, Kind, Status
from research_repo.core.confirmations import NOTE_MAX
from research_repo.core.language import say
from research_repo.core.models import KINDS
from research_repo.search.asking import OFFSET_MAX

Note = Annotated[Text, Field(max_length=NOTE_MAX)]


class ClaimsValues(Values):
    """Which of the claims that wait."""

    owner: Literal["", "me", "nobody"] = told(say("Whose: yours, or nobody’s; all without it."), "")
    reason: Literal["", "stale", "disputed"] = told(say("Only for this reason."), "")
    kind: list[Kind] = told(
        say("Any of these kinds; insights and recommendations where none is named."),
        [],
        max_length=len(KINDS),
    )
    study: Name = told(say("Only this study's atoms, by its key."), "")
    limit: int = told(PAGE_SIZE, PAGE, ge=1, le=PAGE)
    offset: int = told(say("How many to leave out."), 0, ge=0, le=OFFSET_MAX)


class ConfirmationToAdd(Body):
    """That a claim still holds."""

    note: Note = told(say("Why it still holds."), "")
    until: date | None = told(
        say("The last day on which it counts without another look; null: its tags tell."), None
    )


class ClaimAnswer(Body):
    id: str
    kind: Kind
    status: Status
    title: str
    study: str | None
    owner: str | None = told(
        say("Whose it is: its author's, or of who owns its study when the author has left.")
    )
    stale: bool = told(say("Whether nobody confirmed it in time."))
    reason: str | None = told(say("Why it is stale, in a sentence."))
    disputed: bool = told(say("Whether too much speaks against it."))
    review_by: date = told(say("The last day on which it counts without a second look."))
    review_by_is_set: bool = told(say("Whether people set that day; else its tags tell it."))
    confirmation: int | None = told(say("The id of the last confirmation."))
    confirmed_at: datetime | None
    confirmed_by: str | None
    note: str | None


class ClaimsAnswer(Body):
    total: int
    claims: list[ClaimAnswer]

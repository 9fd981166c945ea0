"""Claims that want a second look: the queue for programs, and confirmations."""

from __future__ import annotations

from typing import cast

from research_repo.api.claims_bodies import (
    ClaimAnswer,
    ClaimsAnswer,
    ClaimsValues,
    ConfirmationToAdd,
)
from research_repo.api.contract import operation
from research_repo.api.door import caller, language, reading, saving
from research_repo.api.models import Kind, Status
from research_repo.core import access, claims, confirmations
from research_repo.core.claims import FIRST, NOBODY, Asked, Claim
from research_repo.core.db import Session
from research_repo.core.language import say

OWNERS = {"": None, "nobody": NOBODY}
DIGITS_MAX = 9


@operation(
    "GET",
    "/claims",
    say("Stale and disputed claims that you see: the disputed first, then the oldest."),
    ClaimsAnswer,
)
def list_claims(query: ClaimsValues) -> ClaimsAnswer:
    by = caller()
    with reading() as session:
        study = access.study_to_read(session, by, query.study) if query.study else None
        asked = Asked(
            owner=by.id if query.owner == "me" else OWNERS[query.owner],
            reason=query.reason,
            kinds=tuple(query.kind) or FIRST,
            study_id=study.id if study else None,
        )
        ids = claims.ids(session, by, asked, query.offset, query.limit)
        return ClaimsAnswer(
            total=claims.waiting(session, by, asked.study_id).count(asked),
            claims=[_answer(one) for one in claims.of_atoms(session, by, ids, language())],
        )


@operation(
    "POST",
    "/atoms/<key>/confirmations",
    say("Say that a published atom still holds: it counts for another period, or until a day."),
    ClaimAnswer,
    status=201,
    problems=(400, 403, 413, 415),
)
def confirm_atom(key: str, json: ConfirmationToAdd) -> tuple[ClaimAnswer, int]:
    with saving() as session:
        confirmations.confirm(session, caller(), key, json.note, json.until)
    with reading() as session:
        return _read(session, key), 201


@operation(
    "DELETE",
    "/atoms/<key>/confirmations/<confirmation_id>",
    say("Take a confirmation back; the date that it gave goes with it."),
    ClaimAnswer,
    problems=(403, 409),
)
def withdraw_confirmation(key: str, confirmation_id: str) -> ClaimAnswer:
    with saving() as session:
        confirmations.withdraw(session, caller(), key, _row_id(confirmation_id))
    with reading() as session:
        return _read(session, key)


def _row_id(typed: str) -> int:
    # Databases cannot even look for a number that no row can have.
    is_one = typed.isascii() and typed.isdigit() and len(typed) <= DIGITS_MAX
    return int(typed) if is_one else 0


def _read(session: Session, key: str) -> ClaimAnswer:
    atom = access.atom_to_read(session, caller(), key)
    (one,) = claims.of_atoms(session, caller(), [atom.id], language())
    return _answer(one)


def _answer(one: Claim) -> ClaimAnswer:
    card, told = one.card, one.freshness
    return ClaimAnswer(
        id=card.key,
        kind=cast(Kind, card.kind),
        status=cast(Status, card.status),
        title=card.title,
        study=card.study_key or None,
        owner=one.owner or None,
        stale=told.is_stale,
        reason=told.reason.put(language()) if told.reason else None,
        disputed=one.is_disputed,
        review_by=told.review_by,
        review_by_is_set=told.is_set,
        confirmation=told.confirmation_id,
        confirmed_at=told.confirmed_at,
        confirmed_by=told.confirmed_by or None,
        note=told.note or None,
    )

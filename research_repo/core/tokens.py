"""API tokens: keys for programs, with all the rights of their person. Only hashes are kept.

A token may end on a day of its own; its owner is told some days before.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import exists
from sqlmodel import Session, col, select

from research_repo.core import access, history, notices, people
from research_repo.core.clock import now
from research_repo.core.errors import Invalid, NotAllowed, NotFound
from research_repo.core.language import Message, say, say_many
from research_repo.core.models import ApiToken, History, Person

PREFIX = "rr_"
USE_NOTED_EVERY = timedelta(minutes=1)

DAYS_OFFERED = (30, 90, 365)
DAYS_USUAL = 90
DAYS_MAX = 3650
WARNED_BEFORE = timedelta(days=7)

EXPIRED = say(
    "This token has expired. Make a new one under Account, or with `research-repo token add`."
)


def add(
    session: Session, by: Person, person_id: int, name: str, days: int | None = None
) -> tuple[ApiToken, str]:
    """A key to the API with all the person's rights; the secret is told only now.

    It works for so many days; without a number it works until somebody revokes it.
    """
    if by.id != person_id:
        access.require_admin(by)
    problems: dict[str, Message] = {}
    if not name.strip() or len(name) > people.NAME_MAX:
        problems["name"] = say("Name the token after the program that will use it.")
    if days is not None and not 1 <= days <= DAYS_MAX:
        problems["days"] = say("A token works for 1 to %(most)s days.", most=DAYS_MAX)
    if problems:
        raise Invalid(problems)
    person = people.get(session, person_id)
    secret = PREFIX + secrets.token_urlsafe(32)
    ends = now() + timedelta(days=days) if days else None
    token = ApiToken(person_id=person.id, name=name.strip(), hash=_digest(secret), expires_at=ends)
    session.add(token)
    session.flush()
    kept = {"name": token.name, "expires_at": ends.isoformat() if ends else None}
    history.record(session, by, "created", "api_token", token.id, after=kept)
    return token, secret


def is_expired(token: ApiToken) -> bool:
    """Whether its last day has passed."""
    return token.expires_at is not None and token.expires_at <= now()


def listed(session: Session, by: Person) -> list[ApiToken]:
    """The person's own tokens, newest first; expired ones too, revoked ones not."""
    return list(
        session.exec(
            select(ApiToken)
            .where(ApiToken.person_id == by.id, col(ApiToken.revoked_at).is_(None))
            .order_by(col(ApiToken.id).desc())
        )
    )


def revoke(session: Session, by: Person, token_id: int) -> None:
    """Make a token useless: one's own, or as an admin anybody's."""
    token = session.get(ApiToken, token_id)
    if token is None or not (token.person_id == by.id or access.is_admin(by)):
        raise NotFound
    token.revoked_at = token.revoked_at or now()
    history.record(session, by, "revoked", "api_token", token.id)


def owner(session: Session, secret: str) -> Person | None:
    """The active person whose token this is; refuses like `bearer`."""
    found = bearer(session, secret)
    return found[0] if found else None


def bearer(session: Session, secret: str) -> tuple[Person, ApiToken] | None:
    """The active person whose token this is, and the token.

    Raises:
        NotAllowed: the token has expired.
    """
    found = session.exec(
        select(Person, ApiToken)
        .join(ApiToken, col(ApiToken.person_id) == Person.id)
        .where(
            ApiToken.hash == _digest(secret), col(ApiToken.revoked_at).is_(None), Person.is_active
        )
    ).first()
    if found and is_expired(found[1]):
        raise NotAllowed(EXPIRED)
    return found


def is_use_stale(token: ApiToken) -> bool:
    """Whether it is time to note again that the token is used."""
    return token.last_used_at is None or now() - token.last_used_at > USE_NOTED_EVERY


def note_use(session: Session, token_id: int) -> None:
    """Keep that the token was used just now."""
    session.get_one(ApiToken, token_id).last_used_at = now()


def ending(session: Session) -> list[int]:
    """Tokens that will end within days, of which nobody has told their owners yet.

    Those that were made for a few days only are not among them.
    """
    warned = exists().where(
        col(History.noun) == "api_token",
        col(History.noun_id) == ApiToken.id,
        col(History.verb) == "warned",
    )
    found = session.exec(
        select(ApiToken)
        .join(Person, col(ApiToken.person_id) == Person.id)
        .where(
            col(ApiToken.revoked_at).is_(None),
            col(ApiToken.expires_at) > now(),
            col(ApiToken.expires_at) <= now() + WARNED_BEFORE,
            Person.is_active,
            ~warned,
        )
    )
    return [
        token.id
        for token in found
        if token.expires_at and token.expires_at - token.created_at > WARNED_BEFORE
    ]


def warn(session: Session, token_ids: Iterable[int]) -> None:
    """Tell the owners of these tokens that they will end soon."""
    system = people.system(session)
    for token_id in token_ids:
        token = session.get_one(ApiToken, token_id)
        if token.expires_at is None:
            continue
        days = -((now() - token.expires_at) // timedelta(days=1))
        message = say_many(
            "The API token “%(name)s” works for %(count)s more day. Make a new one in time.",
            "The API token “%(name)s” works for %(count)s more days. Make a new one in time.",
            days,
            name=token.name,
        )
        notices.tell(session, [token.person_id], message, "/account#tokens")
        history.record(session, system, "warned", "api_token", token.id)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()

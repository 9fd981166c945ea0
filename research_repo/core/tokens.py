"""API tokens: keys for programs, with all the rights of their person. Only hashes are kept."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from sqlmodel import Session, col, select

from research_repo.core import access, history, people
from research_repo.core.clock import now
from research_repo.core.errors import Invalid, NotFound
from research_repo.core.language import say
from research_repo.core.models import ApiToken, Person

PREFIX = "rr_"
USE_NOTED_EVERY = timedelta(minutes=1)


def add(session: Session, by: Person, person_id: int, name: str) -> tuple[ApiToken, str]:
    """A key to the API with all the person's rights; the secret is told only now."""
    if by.id != person_id:
        access.require_admin(by)
    if not name.strip() or len(name) > people.NAME_MAX:
        raise Invalid({"name": say("Name the token after the program that will use it.")})
    person = people.get(session, person_id)
    secret = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken(person_id=person.id, name=name.strip(), hash=_digest(secret))
    session.add(token)
    session.flush()
    history.record(session, by, "created", "api_token", token.id, after={"name": token.name})
    return token, secret


def listed(session: Session, by: Person) -> list[ApiToken]:
    """The person's own tokens that still work, newest first."""
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
    """The active person whose token this is."""
    found = bearer(session, secret)
    return found[0] if found else None


def bearer(session: Session, secret: str) -> tuple[Person, ApiToken] | None:
    """The active person whose token this is, and the token."""
    return session.exec(
        select(Person, ApiToken)
        .join(ApiToken, col(ApiToken.person_id) == Person.id)
        .where(
            ApiToken.hash == _digest(secret), col(ApiToken.revoked_at).is_(None), Person.is_active
        )
    ).first()


def is_use_stale(token: ApiToken) -> bool:
    """Whether it is time to note again that the token is used."""
    return token.last_used_at is None or now() - token.last_used_at > USE_NOTED_EVERY


def note_use(session: Session, token_id: int) -> None:
    """Keep that the token was used just now."""
    session.get_one(ApiToken, token_id).last_used_at = now()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()

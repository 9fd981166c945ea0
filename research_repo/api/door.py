"""The door between programs and verbs: reading, saving, who shows a token, and their language."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import cast

from flask import Blueprint, current_app, g, request

from research_repo.api.problems import Problem
from research_repo.core import tokens
from research_repo.core.db import Database, Session
from research_repo.core.errors import NotAllowed, NotFound, Unavailable
from research_repo.core.language import Message, say
from research_repo.core.models import Person
from research_repo.search import Search
from research_repo.settings import LANGUAGES, Settings

bp = Blueprint("api", __name__, url_prefix="/api/v1")

OPEN = "api.openapi"
"""The one address that needs no token: it tells of addresses and holds no data."""

NO_TOKEN = say(
    "Send the header “Authorization: Bearer …” with a token. Make one under Account, "
    "or with `research-repo token add`."
)
DEAD_TOKEN = say("This token is not known here, or not any more. Make another one.")


def reading() -> AbstractContextManager[Session]:
    """`with reading() as session:`; nothing it changes is kept."""
    return _database().reading(is_shared=True)


def saving() -> AbstractContextManager[Session]:
    """`with saving() as session:` around verbs; commits once, at its end. Nothing slow inside."""
    return _database().saving()


def search() -> Search:
    """The search room of this app."""
    return cast(Search, current_app.extensions["house"].search)


def settings() -> Settings:
    """The settings of this app."""
    return cast(Settings, current_app.extensions["house"].settings)


def caller() -> Person:
    """The person whose token was shown."""
    return cast(Person, g.api_caller)


def language() -> str:
    """What the program asks for, else the person's language, else the instance's."""
    asked = request.accept_languages.best_match(LANGUAGES)
    person = g.get("api_caller")
    return asked or (person.language if person else "") or settings().language


@bp.before_request
def require_token() -> None:
    """Know who asks. A browser's session is no token: a foreign page could use it unseen."""
    if "\x00" in request.path:
        raise NotFound  # no key holds it, and PostgreSQL refuses to look
    if request.endpoint == OPEN:
        return
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not secret.strip():
        raise Problem(401, NO_TOKEN, headers={"WWW-Authenticate": "Bearer"})
    with reading() as session:
        try:
            found = tokens.bearer(session, secret.strip())
        except NotAllowed as refusal:
            raise _dead(refusal.message) from None
    if found is None:
        raise _dead(DEAD_TOKEN)
    g.api_caller, token = found
    if tokens.is_use_stale(token):
        _note_use(token.id)


def _dead(reason: Message) -> Problem:
    return Problem(401, reason, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})


def _note_use(token_id: int) -> None:
    try:
        with saving() as session:
            tokens.note_use(session, token_id)
    except Unavailable:
        # A full disk or a long backup stops nobody from reading.
        current_app.logger.warning("The use of API token %s could not be noted", token_id)


def _database() -> Database:
    return cast(Database, current_app.extensions["house"].database)

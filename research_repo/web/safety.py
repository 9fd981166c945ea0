"""Safety of every request: sign-in, CSRF, cookies, headers, limits."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, redirect, request, session, url_for
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager, UserMixin, login_user, logout_user
from flask_wtf.csrf import CSRFProtect
from werkzeug.routing import IntegerConverter

from research_repo.core import instance, people
from research_repo.core.clock import now
from research_repo.core.errors import NotFound
from research_repo.core.models import Person
from research_repo.settings import Settings
from research_repo.web.door import current_person, house, own_path, reading, saving, visitor

SESSION_IDLE = timedelta(hours=12)
SESSION_LONGEST = timedelta(days=30)
FORM_BYTES = 2 * 1024 * 1024
FORM_PARTS = 1000
COOKIE_DAYS = 365

login = LoginManager()
csrf = CSRFProtect()
limiter = Limiter(get_remote_address, storage_uri="memory://", headers_enabled=False)

TOKEN_DOOR = "api"  # noqa: S105 (a blueprint)
"""It asks for a token itself, and knows no sessions."""

# Open before the first admin exists, and while a one-time password waits to be changed.
_ALWAYS_OPEN = {"static", "health.healthz", "looks.language", "looks.theme"}
_WITHOUT_SESSION = {"static", "health.healthz", "feeds.show"}
_WITHOUT_SESSION |= {"shares.show", "shares.file", "shares.picture"}
_SET_UP = _ALWAYS_OPEN | {"setup.begin"}
_NEW_PASSWORD = _ALWAYS_OPEN | {"account.password", "sessions.end"}


class RowIds(IntegerConverter):
    """Ids in addresses: what no row can have leads nowhere."""

    regex = r"[0-9]{1,9}"


class Visitor(UserMixin):
    """A person who signed in, as a session knows them: a raised epoch ends the session."""

    def __init__(self, person: Person) -> None:
        self.person = person

    def get_id(self) -> str:
        return f"{self.person.id}:{self.person.session_epoch}"


class PageSessions(SecureCookieSessionInterface):
    """Sessions in signed cookies, but none on what is not for browsers, nor for programs."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        is_token = request.blueprint == TOKEN_DOOR
        if request.endpoint not in _WITHOUT_SESSION and not is_token:
            super().save_session(app, session, response)


def make_safe(app: Flask, settings: Settings) -> None:
    """Set up all of it on the app."""
    app.secret_key = instance.secret_key(settings)
    app.session_interface = PageSessions()
    app.url_map.converters["int"] = RowIds
    app.config.update(
        SESSION_COOKIE_NAME=cookie_name("session", settings),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.is_https,
        PERMANENT_SESSION_LIFETIME=SESSION_IDLE,
        WTF_CSRF_TIME_LIMIT=None,  # a form may stay open for a long interview
        MAX_CONTENT_LENGTH=FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=FORM_BYTES,
        MAX_FORM_PARTS=FORM_PARTS,
        TRUSTED_HOSTS=trusted_hosts(settings),
    )
    csrf.init_app(app)
    limiter.init_app(app)
    login.session_protection = None  # addresses change on the way; epoch and age guard the session
    login.init_app(app)
    login.user_loader(load_visitor)
    app.before_request(require_sign_in)
    app.after_request(guard)
    app.jinja_env.globals["csp_nonce"] = csp_nonce


def cookie_name(name: str, settings: Settings) -> str:
    """`__Host-` binds a cookie to this very host; browsers take it over https only."""
    return f"__Host-{name}" if settings.is_https else f"research_repo_{name}"


def trusted_hosts(settings: Settings) -> list[str] | None:
    """The hosts we answer to; None (any) until the team says what its address is."""
    host = urlsplit(settings.base_url).hostname
    return [host, "localhost", "127.0.0.1"] if host else None


def begin_session(person: Person) -> None:
    """Sign a person in, in a session that keeps nothing of the one before."""
    session.clear()
    session.permanent = True
    session["begun"] = now().timestamp()
    login_user(Visitor(person))


def end_session() -> None:
    """Sign the person out, here and wherever a copy of the cookie may be."""
    if visitor():
        with saving() as db:
            people.end_sessions(db, current_person(), current_person().id)
    logout_user()
    session.clear()


def load_visitor(kept: str) -> Visitor | None:
    """Who a session belongs to; nobody when it is too old, ended, or the person is shut out."""
    person_id, _, epoch = kept.partition(":")
    begun = datetime.fromtimestamp(session.get("begun", 0), UTC)
    if now() - begun > SESSION_LONGEST or not person_id.isdigit():
        return None
    try:
        with reading() as db:
            person = people.get(db, int(person_id))
    except NotFound:
        return None
    is_current = person.is_active and str(person.session_epoch) == epoch
    return Visitor(person) if is_current else None


def require_sign_in() -> Response | None:
    """Lead whoever may not see the page yet to where they must go first."""
    endpoint = request.endpoint
    if endpoint is None or endpoint in _ALWAYS_OPEN or request.blueprint == TOKEN_DOOR:
        return None
    if not is_set_up():
        return None if endpoint in _SET_UP else _lead_to("setup.begin")
    if getattr(current_app.view_functions[endpoint], "is_public", False):
        return None
    person = visitor()
    if person is None:
        asked = request.full_path.rstrip("?") if request.method == "GET" else ""
        return _lead_to("sessions.begin", **({"next": asked} if own_path(asked, "") else {}))
    if person.must_change_password and endpoint not in _NEW_PASSWORD:
        return _lead_to("account.password")
    return None


def is_set_up() -> bool:
    """Whether the first admin exists; asked of the database only until then."""
    here = house()
    if not here.is_set_up:
        with reading() as db:
            here.is_set_up = not people.is_empty(db)
    return here.is_set_up


def csp_nonce() -> str:
    """The word that lets this very answer's scripts run."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return cast(str, g.csp_nonce)


def content_policy() -> str:
    """Only our own files, no inline script or style, no frames, forms to ourselves."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'nonce-{csp_nonce()}'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "object-src 'none'",
        )
    )


def guard(response: Response) -> Response:
    """Add the headers that every answer carries."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", content_policy())
    headers["X-Content-Type-Options"] = "nosniff"
    headers.setdefault("Referrer-Policy", "same-origin")
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if house().settings.is_https:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint == "static" and response.status_code in (200, 304):
        fresh = "max-age=31536000, immutable" if request.args.get("v") else "max-age=3600"
        headers["Cache-Control"] = f"public, {fresh}"
    else:
        headers["Cache-Control"] = "no-store, private"
        response.vary.add("Cookie")
    return response


def remember(response: Response, name: str, value: str) -> Response:
    """Keep a choice of looks in this browser for a year."""
    settings = house().settings
    response.set_cookie(
        name,
        value,
        max_age=COOKIE_DAYS * 24 * 3600,
        httponly=True,
        samesite="Lax",
        secure=settings.is_https,
    )
    return response


def _lead_to(endpoint: str, **values: Any) -> Response:
    address = url_for(endpoint, **values)
    if request.headers.get("HX-Request"):
        # A fragment must not show the sign-in page inside another page.
        return Response(status=204, headers={"HX-Redirect": address})
    return cast(Response, redirect(address, code=303))

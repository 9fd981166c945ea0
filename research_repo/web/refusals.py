"""Refusals and faults as pages: what happened, what to do, never a traceback."""

from __future__ import annotations

import secrets

from flask import Flask, current_app, g, render_template, request
from flask_limiter import RateLimitExceeded
from werkzeug.exceptions import HTTPException, SecurityError

from research_repo.core.clock import now
from research_repo.core.errors import Conflict, Invalid, NotAllowed, NotFound, Unavailable
from research_repo.core.language import Message, say, say_many
from research_repo.web.door import house
from research_repo.web.safety import limiter

Answer = tuple[str, int]

TITLES = {
    400: say("This request cannot be used"),
    403: say("You may not do this"),
    404: say("There is no such page"),
    405: say("This address does not take that"),
    409: say("Somebody changed it meanwhile"),
    413: say("This is too much to send at once"),
    422: say("Something is to be put right"),
    429: say("Too many attempts"),
    500: say("Something broke on our side"),
    503: say("The repository cannot do this now"),
}

ADVICE = {
    400: say(
        "The page may have been open for too long. Go back, reload it and send the form again: "
        "copy long texts first."
    ),
    403: NotAllowed().message,
    404: NotFound().message,
    405: say("Go back and use the buttons of the page."),
}


def open_refusals(app: Flask) -> None:
    """Answer every refusal and every fault with a page."""
    app.register_error_handler(NotFound, lambda refusal: page(404, refusal.message))
    app.register_error_handler(NotAllowed, lambda refusal: page(403, refusal.message))
    app.register_error_handler(Conflict, lambda refusal: page(409, refusal.message))
    app.register_error_handler(Invalid, invalid)
    app.register_error_handler(Unavailable, unavailable)
    app.register_error_handler(RateLimitExceeded, too_many)
    app.register_error_handler(SecurityError, foreign_host)
    app.register_error_handler(HTTPException, http)
    app.register_error_handler(Exception, fault)


def page(code: int, advice: Message, **more: object) -> Answer:
    """The page of a refusal."""
    title = TITLES.get(code, TITLES[400])
    return render_template(
        "errors/refusal.html", code=code, heading=title, advice=advice, **more
    ), code


def invalid(refusal: Invalid) -> Answer:
    return page(422, say("Go back and correct:"), problems=list(refusal.problems.values()))


def unavailable(refusal: Unavailable) -> Answer:
    g.is_failing = True
    return page(503, refusal.message)


def too_many(_refusal: RateLimitExceeded) -> Answer:
    return page(429, wait_advice())


def wait_advice() -> Message:
    """How long until another attempt counts."""
    limit = limiter.current_limit
    seconds = max(1, round(limit.reset_at - now().timestamp())) if limit else 60
    minutes = -(-seconds // 60)
    return say_many(
        "Wait a minute, then try again.", "Wait %(count)s minutes, then try again.", minutes
    )


def foreign_host(_error: SecurityError) -> tuple[str, int, dict[str, str]]:
    # No address can be built for a host that is not ours, so this is no page.
    return "This is not the address of this repository.\n", 400, {"Content-Type": "text/plain"}


def http(error: HTTPException) -> Answer:
    code = error.code or 500
    if code >= 500:
        return fault(error)
    if code == 413:
        return page(code, _too_much())
    return page(code, ADVICE.get(code, ADVICE[400]))


def _too_much() -> Message:
    most = house().settings.file_mb
    return say("A form may hold 2 MB, a file %(size)s MB. Go back and send less.", size=most)


def fault(error: Exception) -> Answer:
    """An answer for what nobody foresaw; the log holds the details under the same id."""
    g.is_failing = True
    fault_id = secrets.token_hex(4)
    current_app.logger.error(
        "Fault %s at %s %s", fault_id, request.method, _place(), exc_info=error
    )
    return page(
        500,
        say("Nothing was saved. Try again; if it stays, give this number to whoever runs it."),
        fault_id=fault_id,
    )


def _place() -> str:
    # The address of a feed or of a shared version opens it for whoever reads the log.
    is_secret = request.blueprint in ("feeds", "shares") and request.url_rule is not None
    return str(request.url_rule) if is_secret else request.path

"""Refusals and faults as problem+json (RFC 9457): what happened and what to do, in two languages.

Nothing that was sent comes back in them: answers end up in logs.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, Response, current_app, request
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.routing import RequestRedirect

from research_repo.core.errors import Conflict, Invalid, NotAllowed, NotFound, Unavailable
from research_repo.core.language import Message, say

MEDIA_TYPE = "application/problem+json"

TITLES = {
    400: say("The request cannot be read"),
    401: say("A token is needed"),
    403: say("This person may not do that"),
    404: say("There is nothing here"),
    405: say("This address does not take that method"),
    409: say("It is there already"),
    412: say("Somebody changed it meanwhile"),
    413: say("The body is too large"),
    415: say("The body is of another kind"),
    422: say("Some values cannot be used"),
    428: say("Say which version you change"),
    500: say("Something broke on our side"),
    503: say("The repository cannot do this now"),
}

NOTHING_HERE = say("There is nothing at this address, or this person has no access to it.")
UNREADABLE = say("Read the description of this address under /api, then send it again.")

ADVICE = {
    404: NOTHING_HERE,
    405: say("Use one of the methods in the header Allow."),
    413: say("A body may hold 2 MB. Send less."),
    415: say("Send JSON with the header “Content-Type: application/json”."),
}


@dataclass(eq=False)
class Problem(Exception):  # noqa: N818 (a problem is an answer, not a fault)
    """A refusal of the API itself. `errors` are (field, advice)."""

    status: int
    detail: Message
    errors: Sequence[tuple[str, Message]] = ()
    headers: Mapping[str, str] | None = None
    address: str = ""
    """Where that stands which is in the way."""


Language = Callable[[], str]


def answer_problems(bp: Blueprint, language: Language) -> None:
    """Answer every refusal and every fault of the API with a problem."""

    def answer(problem: Problem) -> Response:
        return _worded(problem, language())

    bp.register_error_handler(Problem, answer)
    bp.register_error_handler(Invalid, lambda refusal: answer(of_invalid(refusal)))
    bp.register_error_handler(NotFound, lambda _: answer(Problem(404, NOTHING_HERE)))
    bp.register_error_handler(NotAllowed, lambda one: answer(Problem(403, one.message)))
    bp.register_error_handler(Conflict, lambda one: answer(Problem(412, one.message)))
    bp.register_error_handler(Unavailable, lambda one: answer(Problem(503, one.message)))
    bp.register_error_handler(HTTPException, lambda error: answer(of_http(error)))
    bp.register_error_handler(Exception, lambda error: answer(_fault(error)))


def refuse_wrong_addresses(app: Flask, prefix: str, language: Language) -> None:
    """Answer what no route takes, which belongs to no blueprint, with a problem and no page."""

    @app.before_request
    def refuse() -> Response | None:
        error = request.routing_exception
        is_ours = request.path == prefix or request.path.startswith(f"{prefix}/")
        if not is_ours or error is None or isinstance(error, RequestRedirect | SecurityError):
            return None
        return _worded(of_http(error), language())


def of_invalid(refusal: Invalid) -> Problem:
    """What a verb found wrong, field by field."""
    return Problem(422, say("Correct these and send it again."), list(refusal.problems.items()))


def of_http(error: HTTPException) -> Problem:
    """What Flask refused."""
    status = error.code or 500
    if status >= 500:
        return _fault(error)
    headers = {name: value for name, value in error.get_headers() if name == "Allow"}
    return Problem(status, ADVICE.get(status, UNREADABLE), headers=headers)


def of_validation(error: ValidationError, known: Sequence[str]) -> Problem:
    """What does not fit the model, in our own words; the names of unknown fields are not told."""
    errors: list[tuple[str, Message]] = []
    for one in error.errors(include_url=False, include_input=False):
        is_unknown = one["type"] == "extra_forbidden"
        place = "" if is_unknown or not one["loc"] else str(one["loc"][0])
        told = (place, _advice(one["type"], one.get("ctx", {}), known))
        if told not in errors:
            errors.append(told)
    return Problem(422, say("Correct these and send it again."), errors)


def _advice(kind: str, limits: Mapping[str, Any], known: Sequence[str]) -> Message:
    if kind == "extra_forbidden" and not known:
        return say("This address takes no values. Leave them out.")
    if kind == "extra_forbidden":
        return say("Only these fields are known here: %(names)s.", names=", ".join(known))
    if kind == "missing":
        return say("This is needed. Give it a value.")
    if kind == "literal_error":
        # That an empty one counts as none is nothing to advise.
        listed = str(limits["expected"]).removeprefix("'', ")
        return say("Use one of these: %(values)s.", values=listed)
    if kind in ("string_too_long", "too_long"):
        return say("At most %(count)s fit here.", count=limits["max_length"])
    if kind in ("string_too_short", "too_short"):
        return say("This is empty. Give it a value.")
    if kind in ("greater_than_equal", "less_than_equal"):
        return say("This number is too small or too large.")
    if kind.startswith("int"):
        return say("Write a whole number.")
    if kind.startswith(("date", "timezone")):
        return say("Write a date such as 2026-03-31, a moment such as 2026-03-31T09:00:00Z.")
    if kind.startswith("string"):
        return say("Write a text, without characters that cannot be seen.")
    if kind == "model_type":
        return say("Write an object, in curly brackets.")
    if kind == "list_type":
        return say("Write a list, in square brackets.")
    return UNREADABLE


def _fault(error: Exception) -> Problem:
    fault_id = secrets.token_hex(4)
    current_app.logger.error(
        "Fault %s at %s %s", fault_id, request.method, request.path, exc_info=error
    )
    return Problem(
        500,
        say(
            "Nothing was saved. Try again; if it stays, give this number to whoever runs it: "
            "%(number)s.",
            number=fault_id,
        ),
    )


def _worded(problem: Problem, language: str) -> Response:
    title = TITLES.get(problem.status, TITLES[400])
    told: dict[str, Any] = {
        "type": "about:blank",
        "title": title.put(language),
        "status": problem.status,
        "detail": problem.detail.put(language),
        "errors": [
            {"field": field, "advice": advice.put(language)} for field, advice in problem.errors
        ],
    }
    if problem.address:
        told["address"] = problem.address
    return Response(
        json.dumps(told, ensure_ascii=False),
        status=problem.status,
        headers=dict(problem.headers or {}),
        mimetype=MEDIA_TYPE,
    )

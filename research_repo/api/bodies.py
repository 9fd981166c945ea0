"""What a program sent: JSON that means one thing only, and the values of the address."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel, ValidationError

from research_repo.api.problems import ADVICE, Problem, of_validation
from research_repo.core.language import Message, say

Sent = TypeVar("Sent", bound=BaseModel)

DEPTH_MAX = 20

NOT_UTF8 = say("The body is not in UTF-8. Encode it so, then send it again.")
NOT_JSON = say("The body is no JSON: a comma, a quote or a bracket may be missing or too many.")
TOO_DEEP = say("Brackets lie in each other too deep. The bodies here need two levels.")
TWICE = say("A name stands twice in one object. Keep one of them.")
NO_NUMBER = say("NaN and Infinity are no JSON. Leave the value out.")


def body(model: type[Sent]) -> Sent:
    """The JSON body as the model; refuses what readers of JSON may understand in two ways."""
    if request.mimetype != "application/json":
        raise Problem(415, ADVICE[415])
    sent = request.get_data(cache=False)
    try:
        text = sent.decode("utf-8")
    except UnicodeDecodeError:
        raise Problem(400, NOT_UTF8) from None
    _check(text)
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        if error.errors(include_input=False)[0]["type"] == "json_invalid":
            raise Problem(400, NOT_JSON) from None
        raise of_validation(error, list(model.model_fields)) from None


def address(model: type[Sent]) -> Sent:
    """The values after the question mark as the model."""
    given: dict[str, Any] = {}
    # A field whose name is a word of Python goes by another one there.
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    for name, values in request.args.lists():
        field = fields.get(name)
        if field is not None and str(field.annotation).startswith("list"):
            given[name] = values
        else:
            # Of a value that may stand once, two are wrong: neither is what was meant.
            given[name] = values[0] if len(values) == 1 else values
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise of_validation(error, list(fields)) from None


def _check(text: str) -> None:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise _UnusableError(TWICE)
        return found

    def never(_word: str) -> None:
        raise _UnusableError(NO_NUMBER)

    try:
        value = json.loads(text, object_pairs_hook=once, parse_constant=never)
    except _UnusableError as refusal:
        raise Problem(400, refusal.message) from None
    except RecursionError:
        raise Problem(400, TOO_DEEP) from None
    except ValueError:
        raise Problem(400, NOT_JSON) from None
    if _is_deep(value):
        raise Problem(400, TOO_DEEP)


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(DEPTH_MAX):
        level = [
            inner
            for one in level
            if isinstance(one, list | dict)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return False
    return True


class _UnusableError(Exception):
    def __init__(self, message: Message) -> None:
        self.message = message
        super().__init__(str(message))

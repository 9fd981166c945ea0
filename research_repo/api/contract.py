"""Operations of the API: each says once what it takes, what it answers, and what it is for.

spectree makes the OpenAPI document of it. Its own reading of requests is replaced: it takes broken
JSON for an empty object, and logs what people sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from flask import Flask
from pydantic import BaseModel
from spectree import Response, SpecTree
from spectree.models import SecureType, SecurityScheme, SecuritySchemeData
from spectree.plugins.base import Context
from spectree.plugins.flask_plugin import FlaskPlugin

from research_repo.api import bodies
from research_repo.api.door import bp
from research_repo.api.fields import Values
from research_repo.api.models import ProblemAnswer
from research_repo.api.problems import MEDIA_TYPE
from research_repo.core.language import Message

View = Callable[..., Any]

TOKEN = "token"  # noqa: S105 (the name of a kind of sign-in)
ALWAYS = (401, 404, 422)
_BYTES = {"type": "string", "format": "binary"}


@dataclass(frozen=True)
class Operation:
    """One line of the readable page."""

    name: str
    method: str
    path: str
    meaning: Message
    media: tuple[str, ...] = ()
    """The types of the files that it answers with; none where it answers with values."""

    @property
    def address(self) -> str:
        """The path as the document writes it: its places in braces, without what fits into them."""
        return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", self.path)


class StrictRequests(FlaskPlugin):
    """Reads requests by our own rules, which refuse with a problem."""

    def request_validation(
        self, request: Any, query: Any, json: Any, form: Any, headers: Any, cookies: Any
    ) -> None:
        request.context = Context(
            query=bodies.address(query or _NoValues),
            json=bodies.body(json) if json else None,
            form=None,
            headers=None,
            cookies=None,
        )


class _NoValues(Values):
    pass


def _pass_over(*_: Any) -> None:
    """spectree's own hooks log what was sent."""


def _refuse_own_answer(_request: Any, _response: Any, error: Any, *_: Any) -> None:
    # An answer that breaks our own promise is a fault; spectree would tell the values.
    if error is not None:
        raise error


spec = SpecTree(
    backend=StrictRequests,
    before=_pass_over,
    after=_refuse_own_answer,
    validation_error_model=ProblemAnswer,
    naming_strategy=lambda model: str(model.__name__),
    nested_naming_strategy=lambda _parent, child: child,
    title="research-repo",
    version="1",
    mode="strict",
    page_templates={},
    security_schemes=[
        SecurityScheme(name=TOKEN, data=SecuritySchemeData(type=SecureType.HTTP, scheme="bearer"))
    ],
    security={TOKEN: []},
)

operations: list[Operation] = []


def operation(
    method: str,
    path: str,
    meaning: Message,
    answer: type[BaseModel] | None,
    *,
    status: int = 200,
    problems: tuple[int, ...] = (),
    headers: type[BaseModel] | None = None,
    media: tuple[str, ...] = (),
) -> Callable[[View], View]:
    """Make the view an operation at `path`. `query: Model` and `json: Model` are what it is sent.

    One that answers with files has their types as `media`, and no model.
    """

    def enter(view: View) -> View:
        codes: dict[str, Any] = {
            f"HTTP_{code}": ProblemAnswer for code in sorted({*ALWAYS, *problems})
        }
        name = view.__name__
        view.__doc__ = meaning.one
        checked = spec.validate(
            resp=Response(**{f"HTTP_{status}": answer}, **codes),
            headers=headers,
            operation_id=name,
            tags=[path.split("/")[1]],
        )(view)

        operations.append(Operation(name, method, f"{bp.url_prefix}{path}", meaning, media))
        bp.add_url_rule(path, name, checked, methods=[method])
        return view

    return enter


def document(app: Flask) -> dict[str, Any]:
    """The OpenAPI document."""
    spec.app = app
    made: dict[str, Any] = deepcopy(spec.spec)
    files = {one.name: one.media for one in operations if one.media}
    for path in made["paths"].values():
        for told in path.values():
            for code, answer in told["responses"].items():
                content = answer.get("content", {})
                if int(code) >= 400 and "application/json" in content:
                    content[MEDIA_TYPE] = content.pop("application/json")
                elif int(code) < 300 and told["operationId"] in files:
                    answer["content"] = dict(map(_as_file, files[told["operationId"]]))
    return made


def _as_file(media: str) -> tuple[str, dict[str, Any]]:
    schema = {"type": "object"} if media == "application/json" else _BYTES
    return media, {"schema": schema}

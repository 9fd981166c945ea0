"""What the API can do: for programs as an OpenAPI document, for people as a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template

from research_repo.api.contract import document, operations
from research_repo.api.door import bp

pages = Blueprint("api_page", __name__)


@dataclass(frozen=True)
class Part:
    """A value of a request or an answer, as the page tells of it."""

    name: str
    kind: str
    is_needed: bool
    meaning: str


@bp.get("/openapi.json")
def openapi() -> Response:
    return jsonify(document(current_app))


@pages.get("/api")
def show() -> str:
    made = document(current_app)
    models = made["components"]["schemas"]
    shown = []
    for one in operations:
        path = one.path.replace("<", "{").replace(">", "}")
        told = made["paths"][path][one.method.lower()]
        shown.append((one, path, _parts(told, models), _answer_parts(told, models)))
    return render_template("api/show.html", operations=shown)


def _parts(told: dict[str, Any], models: dict[str, Any]) -> list[Part]:
    parts = [
        Part(one["name"], _kind(one["schema"]), one["required"], one["description"])
        for one in told["parameters"]
        if one["in"] != "path"
    ]
    body = told.get("requestBody", {}).get("content", {}).get("application/json")
    return parts + (_of_model(body["schema"], models) if body else [])


def _answer_parts(told: dict[str, Any], models: dict[str, Any]) -> list[Part]:
    for code, answer in told["responses"].items():
        if int(code) < 300:
            return _of_model(answer["content"]["application/json"]["schema"], models)
    return []


def _of_model(schema: dict[str, Any], models: dict[str, Any]) -> list[Part]:
    model = models[_name(schema)]
    needed = model.get("required", [])
    return [
        Part(name, _kind(one), name in needed, one.get("description", ""))
        for name, one in model["properties"].items()
    ]


def _kind(schema: dict[str, Any]) -> str:
    """In the words of JSON: "string", "integer or null", "list of TagName"."""
    if "anyOf" in schema:
        return " | ".join(_kind(one) for one in schema["anyOf"])
    if "$ref" in schema:
        return _name(schema)
    if "enum" in schema:
        return " | ".join(str(one) for one in schema["enum"] if one)
    if schema.get("type") == "array":
        return f"[{_kind(schema['items'])}]"
    return str(schema.get("format") or schema.get("type", ""))


def _name(schema: dict[str, Any]) -> str:
    return str(schema["$ref"]).rsplit("/", 1)[-1]

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
    # Most programs come to search.
    for one in sorted(operations, key=lambda one: one.name != "search"):
        path = one.address
        told = made["paths"][path][one.method.lower()]
        answered = [] if one.media else _of_model(_name(_answer_schema(told)), models)
        shown.append((one, path, _sent(told, models), answered))
    return render_template("api/show.html", operations=shown)


def _sent(told: dict[str, Any], models: dict[str, Any]) -> list[Part]:
    parts = [
        Part(one["name"], _kind(one["schema"]), one["required"], one["description"])
        for one in told["parameters"]
        if one["in"] != "path"
    ]
    body = told.get("requestBody", {}).get("content", {}).get("application/json")
    return parts + (_of_model(_name(body["schema"]), models) if body else [])


def _answer_schema(told: dict[str, Any]) -> dict[str, Any]:
    code = min(told["responses"], key=int)
    schema: dict[str, Any] = told["responses"][code]["content"]["application/json"]["schema"]
    return schema


def _of_model(name: str, models: dict[str, Any], within: str = "") -> list[Part]:
    """The model's parts, and those of the objects in its lists, which have no place of their own."""
    needed = models[name].get("required", [])
    parts = []
    for part, schema in models[name]["properties"].items():
        path = within + part
        parts.append(Part(path, _kind(schema), part in needed, schema.get("description", "")))
        items = schema.get("items", {})
        for one in items.get("anyOf", [items]):
            if "$ref" in one and _name(one) != "AtomAnswer":
                parts += _of_model(_name(one), models, f"{path}[].")
    return list({part.name: part for part in parts}.values())


def _kind(schema: dict[str, Any]) -> str:
    """In the words of JSON: "string", "integer | null", "[object]"."""
    if "anyOf" in schema:
        return " | ".join(_kind(one) for one in schema["anyOf"])
    if "$ref" in schema:
        return _name(schema) if _name(schema) == "AtomAnswer" else "object"
    if "enum" in schema:
        return " | ".join(str(one) for one in schema["enum"] if one)
    if schema.get("type") == "array":
        return f"[{_kind(schema['items'])}]"
    return str(schema.get("format") or schema.get("type", ""))


def _name(schema: dict[str, Any]) -> str:
    return str(schema["$ref"]).rsplit("/", 1)[-1]

"""What the fields of requests and answers are made of; each says what it means once, for all readers."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from research_repo.core.language import Message

TEXT_MAX = 2000
PAGE = 100

# NUL is refused by databases, half a letter by encodings; the rest is tidied where it is written.
_UNFIT = re.compile("[\x00\ud800-\udfff]")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:\d\d)")
_YEARS = range(1900, 9999)


def told(message: Message, default: Any = ..., **limits: Any) -> Any:
    """A field with its meaning: in the OpenAPI document in English, on the page in both languages."""
    return Field(default, description=message.one, **limits)


def without_defaults(schema: dict[str, Any]) -> None:
    """What is left out has no value that could be told."""
    for one in schema["properties"].values():
        one.pop("default", None)


def _fit(text: str) -> str:
    if _UNFIT.search(text):
        raise PydanticCustomError("string_unfit", "unfit characters")
    return text


def _written_moment(value: Any) -> Any:
    # Pydantic would take a bare number as seconds since 1970, which is a typing error here.
    if isinstance(value, str) and not _MOMENT.fullmatch(value):
        raise PydanticCustomError("datetime_parsing", "no moment")
    return value


def _in_calendar(value: datetime) -> datetime:
    if value.year not in _YEARS:
        raise PydanticCustomError("datetime_parsing", "no moment")
    return value.astimezone(UTC)


Text = Annotated[str, AfterValidator(_fit)]
Name = Annotated[Text, Field(max_length=TEXT_MAX)]
Moment = Annotated[AwareDatetime, BeforeValidator(_written_moment), AfterValidator(_in_calendar)]


class Values(BaseModel):
    """The values of an address: texts, read as what they stand for."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Body(BaseModel):
    """JSON, in and out: no value is bent to fit, no unknown one is passed over."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)

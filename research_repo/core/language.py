"""Messages as ids with parameters, put into words without Flask, so that jobs and exports speak
Russian too. The id of a message is its English sentence."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from babel.support import NullTranslations, Translations

CATALOGUES = Path(__file__).resolve().parent.parent / "translations"


@dataclass(frozen=True)
class Message:
    """A sentence for a person, not yet in their language."""

    one: str
    many: str = ""
    count: int | None = None
    values: dict[str, Any] = field(default_factory=dict)
    address: str = ""
    """The path of the page that it is about, to be offered beside it."""

    def __str__(self) -> str:
        return self.put("en")

    def put(self, language: str) -> str:
        """The sentence in `language`, with its plural form and its values."""
        catalogue = catalogue_of(language)
        if self.count is None:
            text = catalogue.ugettext(self.one)
        else:
            text = catalogue.ungettext(self.one, self.many, self.count)
        values = {
            key: value.put(language) if isinstance(value, Message) else value
            for key, value in self.values.items()
        }
        return text % values if values else text

    def about(self, address: str) -> Message:
        """The same message, leading to a page."""
        return replace(self, address=address)

    def counted(self, count: int) -> Message:
        """The same message of another number."""
        return replace(self, count=count, values={**self.values, "count": count})

    def as_json(self) -> dict[str, Any]:
        """The message as plain JSON, to be kept and worded later."""
        values = {
            key: value.as_json() if isinstance(value, Message) else value
            for key, value in self.values.items()
        }
        kept = {"one": self.one, "many": self.many, "count": self.count, "values": values}
        return kept | ({"address": self.address} if self.address else {})

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Message:
        """The message that `as_json` kept."""
        values = {
            key: cls.from_json(value) if isinstance(value, dict) else value
            for key, value in kept["values"].items()
        }
        return cls(kept["one"], kept["many"], kept["count"], values, kept.get("address", ""))


def say(text: str, /, **values: Any) -> Message:
    """A message; `values` fill its `%(name)s` places."""
    return Message(text, values=values)


def say_many(one: str, many: str, count: int, /, **values: Any) -> Message:
    """A message whose form depends on `count`, which also fills `%(count)s`."""
    return Message(one, many, count, {"count": count, **values})


@cache
def catalogue_of(language: str) -> NullTranslations:
    """The compiled catalogue of a language; English needs none."""
    if language == "en":
        return NullTranslations()
    return Translations.load(CATALOGUES, [language])

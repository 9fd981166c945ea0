"""Every sentence of the product is there in Russian, with its places and its plural forms."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from research_repo.core.language import CATALOGUES, say, say_many

ROOT = Path(__file__).resolve().parent.parent
RUSSIAN = CATALOGUES / "ru" / "LC_MESSAGES" / "messages.po"
KEYWORDS = {**DEFAULT_KEYWORDS, "say": None, "say_many": (1, 2)}
PLACE = re.compile(r"%\(\w+\)s|%%")


@cache
def russian() -> Catalog:
    with RUSSIAN.open("rb") as file:
        return read_po(file, locale="ru")


@cache
def said() -> frozenset[str]:
    """The sentences in code and templates; of one with plural forms the first."""
    found = set()
    for folder, methods in (
        (ROOT / "research_repo", [("**.py", "python")]),
        (ROOT / "templates", [("**.html", "jinja2")]),
    ):
        for _file, _line, message, _comments, _context in extract_from_dir(
            folder, methods, keywords=KEYWORDS
        ):
            found.add(message[0] if isinstance(message, tuple) else message)
    return frozenset(found)


def forms(message: Message) -> tuple[str, ...]:
    return tuple(message.string) if isinstance(message.string, tuple | list) else (message.string,)


def sentences(catalogue: Catalog) -> dict[tuple[str, ...], tuple[str, ...]]:
    return {
        tuple(one.id) if isinstance(one.id, list | tuple) else (one.id,): forms(one)
        for one in catalogue
        if one.id
    }


def test_every_sentence_is_in_the_catalogue() -> None:
    known = {one.id[0] if isinstance(one.id, tuple) else one.id for one in russian() if one.id}
    assert said() - known == set()


@pytest.mark.parametrize(
    "message", [one for one in russian() if one.id], ids=lambda one: str(one.id)[:60]
)
def test_a_sentence_is_translated_with_all_its_places(message: Message) -> None:
    originals = message.id if isinstance(message.id, tuple) else (message.id,)
    assert len(forms(message)) == (3 if len(originals) == 2 else 1)
    assert not message.fuzzy
    for form in forms(message):
        assert form.strip()
        assert set(PLACE.findall(form)) == set(PLACE.findall(originals[-1]))


def test_the_compiled_catalogue_is_the_one_that_people_read() -> None:
    with RUSSIAN.with_suffix(".mo").open("rb") as file:
        compiled = sentences(read_mo(file))
    assert compiled == sentences(russian())


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (1, "1 респондент"),
        (2, "2 респондента"),
        (5, "5 респондентов"),
        (11, "11 респондентов"),
        (21, "21 респондент"),
    ],
)
def test_plural_forms_are_right(count: int, words: str) -> None:
    assert say_many("%(count)s participant", "%(count)s participants", count).put("ru") == words


def test_a_message_is_kept_unworded_and_put_into_words_later() -> None:
    message = say("Done: %(job)s", job=say("Rebuild the search index"))
    assert type(message).from_json(message.as_json()) == message
    assert message.put("en") == "Done: Rebuild the search index"
    assert message.put("ru") != message.put("en")

"""Whatever is typed into the page's address or sent to the API is answered, never with an error."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote_from_bytes

import pytest
from flask import Flask

from research_repo.app import create_app
from research_repo.core.models import Person
from research_repo.settings import Settings
from tests import make
from tests.api.conftest import Program, program_of
from tests.web.conftest import sign_in

TYPED = {
    "10,000 letters": "a" * 10_000,
    "10,000 letters in words": "слово " * 1_666,
    "only punctuation": "!?.,;:()[]{}<>/\\|@#$%^&*-_=+~`",
    "only stop words": "и в не на the of",
    "operators": "NOT NOT a",
    "2,000 parentheses": "(" * 1_000 + ")" * 1_000,
    "null bytes": "a\x00\x00b",
    "right to left": "\u202e\u200f\u2067слово\u2069\u202c",
    "control characters": "".join(map(chr, range(32))),
    "10,000 quotes": '"' * 10_000,
    "100 phrases": '"a b" ' * 100,
    "crossed quotes": '«a “b» c” "d «e" f»',
    "filters of nothing": "tag: kind: study:\x00 by:999999999999 after:0000-00-00 before:x -tag:",
    "filters of too much": "tag:" + "a" * 5_000,
    "a filter in wrong quotes": 'тег:"Возврат -kind:« lang:»',
    "stars and minuses": "* ** -* *- -- a** -a* *a",
    "not normal": "é" * 300 + "\ufeff\ufffe\uffff",
}
BYTES = {
    "a lone surrogate": b"\xed\xa0\x80 a",
    "half a letter": b"\xd0",
    "no letters at all": bytes(range(128, 256)),
    "null": b"\x00",
}
QUERIES = {name: text.encode() for name, text in TYPED.items()} | BYTES
PLACES = [
    "q",
    "tag",
    "exact",
    "kind",
    "study",
    "method",
    "by",
    "lang",
    "has",
    "after",
    "not",
    "page",
]


@pytest.fixture
def app(begun: Settings) -> Iterator[Flask]:
    app = create_app(begun)
    yield app
    app.extensions["house"].database.close()


@pytest.fixture
def anna(app: Flask) -> Person:
    house = app.extensions["house"]
    with house.database.saving() as session:
        anna = make.person(session, "Anna", "admin")
        make.atom(session, anna, "Слово и дело", body="a b, not for the people")
    house.search.catch_up()
    return anna


@pytest.fixture
def program(app: Flask, anna: Person) -> Program:
    return program_of(app, anna)


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES.keys())
def test_the_page_answers_whatever_its_address_holds(
    app: Flask, anna: Person, query: bytes
) -> None:
    client = sign_in(app.test_client(), anna)
    typed = quote_from_bytes(query)
    for address in (f"q={typed}", "&".join(f"{name}={typed}" for name in PLACES)):
        # Typed filters may be carried into the address by a redirect.
        assert client.get(f"/search?{address}").status_code in (200, 302, 303)


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES.keys())
def test_programs_are_answered_whatever_they_ask(program: Program, query: bytes) -> None:
    answer = program.ask("GET", f"/search?q={quote_from_bytes(query)}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.json is not None
    assert answer.json["total"] in (0, 1)


def test_stop_words_alone_find_what_holds_them(app: Flask, anna: Person, program: Program) -> None:
    for query in ("for the", "и", "not"):
        assert program.get("/search", q=query)["total"] == 1, query
        page = sign_in(app.test_client(), anna).get("/search", query_string={"q": query})
        assert "Слово" in page.get_data(as_text=True)

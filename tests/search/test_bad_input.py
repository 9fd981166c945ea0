"""Whatever is typed is answered, soon, and never with an error."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from research_repo.search import Wanted, from_address
from research_repo.search.asking import TEXT_MAX, parse
from research_repo.search.snippets import marked, snippet
from tests.search.conftest import House

DEATH_LIST = {
    "200,000 letters": "a" * 200_000,
    "100,000 words": "слово " * 100_000,
    "10,000 characters": "слово и дело " * 770,
    "2,000 parentheses": "(" * 2_000,
    "nested parentheses": "(" * 1_000 + ")" * 1_000,
    "only punctuation": "!?.,;:()[]{}<>/\\|@#$%^&*-_=+~`",
    "open parentheses": "((((",
    "operators": "NOT NOT a AND OR",
    "doubled operator": "NOT NOT a",
    "question mark": "?",
    "stars": "* ** a* *a",
    "minuses": "- -- --- -",
    "lone quotes": '" «  “ „ ”',
    "crossed quotes": '«a "b» c"',
    "empty quotes": '"" «» “”',
    "only stop words": "и в не the of",
    "emoji": "👩‍👩‍👧‍👦 🏳️‍🌈",
    "NUL": "a\x00b\x00",
    "right to left": "\u202eשלום مرحبا\u202c",
    "lone surrogate": "\ud800 a",
    "combining": "Z̸̢͉͓a̴l̷g̶o̵",
    "field": "title:secret kind:* _stored:x",
    "range": "[a TO z] {1 TO 2}",
    "SQL": "'; DROP TABLE atom; --",
    "wildcard of SQL": "% _ \\",
    "separator": "\x1e \x1f \u2028",
    "newlines": "\n\r\t",
    "long word with typo": "x" * 299,
}


@pytest.fixture
def filled(house: House) -> House:
    house.atom("A plain finding", body="слово и дело", tags=[house.tag("Plain")])
    house.find()
    return house


@pytest.mark.parametrize("text", DEATH_LIST.values(), ids=DEATH_LIST.keys())
def test_anything_typed_is_answered_soon(filled: House, text: str) -> None:
    started = time.monotonic()
    for literal in (False, True):
        found = filled.search.find(Wanted(text, literal=literal), filled.people["olga"])
        assert found.total in (0, 1)
    filled.search.suggest(text, filled.people["olga"], "en")
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("text", DEATH_LIST.values(), ids=DEATH_LIST.keys())
def test_anything_typed_is_answered_while_there_is_no_index(house: House, text: str) -> None:
    house.atom("A plain finding", body="слово и дело")
    assert house.search.find(Wanted(text), house.people["olga"]).total in (0, 1)


@pytest.mark.parametrize("text", ["и", "и в не", "not for the", "NOT the"])
def test_stop_words_alone_find_what_holds_them(house: House, text: str) -> None:
    house.atom("Слово и дело", body="В очереди, не дома. Not for the people")
    house.atom("Nothing", body="Пусто")
    assert house.titles(text) == ["Слово и дело"]


def test_a_query_is_read_up_to_its_limit() -> None:
    assert parse("слово " * 1_000) == parse(("слово " * 1_000)[:TEXT_MAX])


def test_anything_written_is_indexed(house: House) -> None:
    texts = [text[:90_000].replace("\ud800", "") for text in DEATH_LIST.values()]
    for number, text in enumerate(texts):
        house.atom(f"Note {number}", body=text.replace("\x00", ""))
    assert house.find("note", limit=100).total == len(texts)
    assert house.search.check() == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text(max_size=60), stems=st.frozensets(st.text(max_size=4)))
def test_marking_and_cutting_never_fail(text: str, stems: frozenset[str]) -> None:
    import unicodedata

    pieces = marked(text, stems)
    assert "".join(piece for piece, _ in pieces) == unicodedata.normalize("NFC", text)
    assert len(snippet(text * 9, stems, 40)) <= 40


@settings(deadline=None)
@given(text=st.text())
def test_parsing_never_fails(text: str) -> None:
    parse(text)


@settings(deadline=None)
@given(
    args=st.dictionaries(
        st.sampled_from(
            ["q", "tag", "kind", "study", "status", "match", "sort", "page", "literal"]
        ),
        st.lists(st.text(), max_size=3),
    )
)
def test_any_address_is_tolerated(args: dict[str, list[str]]) -> None:
    wanted = from_address(args)
    assert wanted.offset >= 0
    assert len(wanted.text) <= TEXT_MAX

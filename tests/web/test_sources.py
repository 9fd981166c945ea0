"""Pages of sources: what the team reads, and that nobody else does."""

from __future__ import annotations

import html
import re

from flask.testing import FlaskClient

from research_repo.core.db import Database
from research_repo.core.models import Person
from tests import make
from tests.web.conftest import sign_in

WORDS = re.compile(
    r'<p class="passage-words" data-start="(\d+)" data-end="(\d+)"[^>]*>(.*?)</p>', re.S
)


def test_a_page_shows_the_words_exactly_as_they_stand_in_the_text(
    client: FlaskClient, database: Database, colleague: Person
) -> None:
    turns = [("R-1", "  One <b>&amp;\n  two 📦 «три»  "), ("R-2", "\tend of it")]
    with database.saving() as session:
        source = make.source(session, colleague, turns)

    page = sign_in(client, colleague).get(f"/sources/{source.key}").get_data(as_text=True)

    found = WORDS.findall(page)
    assert len(found) == 2
    for start, end, words in found:
        assert html.unescape(words) == source.text[int(start) : int(end)]


def test_sources_of_an_open_study_are_not_there_for_others(
    client: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        source = make.source(session, colleague)
        stranger = make.person(session, "Petr", "curator")
    browser = sign_in(client, stranger)

    for path in (
        "/studies/returns/sources",
        f"/sources/{source.key}",
        f"/sources/{source.key}/at?offset=1",
    ):
        assert browser.get(path).status_code == 404


def test_the_way_to_a_place_leads_to_its_page_and_passage(
    client: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        source = make.source(session, colleague, [("", f"Words {n}") for n in range(150)])
    offset = source.text.index("Words 120")

    answer = sign_in(client, colleague).get(f"/sources/{source.key}/at?offset={offset}")

    assert answer.headers["Location"] == f"/sources/{source.key}?page=2#p-120"
    assert 'id="p-120"' in client.get(answer.headers["Location"]).get_data(as_text=True)

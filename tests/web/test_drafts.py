"""The page of one's drafts: many are published at once, and one that may not be holds up no other."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from research_repo.core import schemes
from research_repo.core.db import Database
from research_repo.core.models import Atom, Person
from tests import make
from tests.web.conftest import send, sign_in


@pytest.fixture
def browser(client: FlaskClient, colleague: Person) -> FlaskClient:
    return sign_in(client, colleague)


def drafts_of(database: Database, by: Person, count: int) -> list[Atom]:
    with database.saving() as session:
        return [make.atom(session, by, f"Draft {n}", status="draft") for n in range(count)]


def statuses(database: Database, made: list[Atom]) -> list[str]:
    with database.reading() as session:
        return [session.get_one(Atom, atom.id).status for atom in made]


def test_many_drafts_are_published_at_once_and_taken_back(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    made = drafts_of(database, colleague, 25)
    keys = [atom.key for atom in made]
    answer = send(browser, "/drafts", do="publish", draft=keys[1:])
    assert "24 are published." in answer.get_data(as_text=True)
    assert statuses(database, made) == ["draft"] + ["published"] * 24
    answer = send(browser, "/drafts", do="take-back", draft=keys[1:])
    assert answer.status_code == 303
    assert set(statuses(database, made)) == {"draft"}


def test_one_that_may_not_be_published_stays_and_says_why_beside_itself(
    browser: FlaskClient, database: Database, colleague: Person, admin: Person
) -> None:
    made = drafts_of(database, colleague, 2)
    with database.saving() as session:
        schemes.set_rules(session, admin, "severity", schemes.Rules(is_required=True))
        made.append(make.atom(session, colleague, "Tagged", tags=["Blocker"], status="draft"))
    answer = send(browser, "/drafts", do="publish", draft=[one.key for one in made])
    told = answer.get_data(as_text=True)
    assert "1 is published." in told
    assert "2 stay drafts" in told
    assert told.count('class="error"') == 2
    assert statuses(database, made) == ["draft", "draft", "published"]


def test_nothing_ticked_is_told_and_others_drafts_stay_theirs(
    browser: FlaskClient, database: Database, admin: Person
) -> None:
    assert send(browser, "/drafts", do="publish").status_code == 422
    assert send(browser, "/drafts", do="publish", draft=["x"] * 3).status_code == 200
    many = [f"k{n}" for n in range(501)]
    assert send(browser, "/drafts", do="publish", draft=many).status_code == 422
    made = drafts_of(database, admin, 1)
    send(browser, "/drafts", do="publish", draft=[made[0].key])
    assert statuses(database, made) == ["draft"]
    assert "Draft 0" not in browser.get("/drafts").get_data(as_text=True)


def test_those_that_were_made_just_now_are_ticked(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    drafts_of(database, colleague, 4)
    shown = browser.get("/drafts?study=returns&new=2").get_data(as_text=True)
    assert len(re.findall(r'name="draft"[^>]* checked>', shown)) == 2
    assert shown.index("Draft 3") < shown.index("Draft 0")


def test_many_drafts_come_in_pages(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    drafts_of(database, colleague, 103)
    assert browser.get("/drafts").get_data(as_text=True).count('name="draft"') == 100
    assert browser.get("/drafts?page=2").get_data(as_text=True).count('name="draft"') == 3

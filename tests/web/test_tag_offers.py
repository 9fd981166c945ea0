"""No tag comes twice by accident: what exists is offered, and a likely double is asked about once."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlmodel import select

from research_repo.core import cards
from research_repo.core.db import Database
from research_repo.core.models import Atom, Person, Tag
from tests import make
from tests.web.conftest import send, sign_in

FACT = {"kind": "fact", "title": "Three of eight waited", "study": "returns", "do": "publish"}
USED = "Product area > Delivery"
QUESTION = "would be a new tag"


@pytest.fixture
def delivery(database: Database, admin: Person) -> Tag:
    with database.saving() as session:
        make.study(session, admin)
        return make.tag(session, admin, "Доставка", en="Delivery")


@pytest.fixture
def browser(client: FlaskClient, admin: Person, delivery: Tag) -> FlaskClient:
    return sign_in(client, admin)


def tags_of_all(database: Database, by: Person) -> list[str]:
    with database.reading() as session:
        ids = list(session.exec(select(Atom.id)))
        return [tag.label for card in cards.of_atoms(session, by, ids, "en") for tag in card.tags]


@pytest.mark.parametrize(
    ("typed", "is_near"), [("Доставки", True), ("dostavka", True), ("Дотсавка", True), ("дост", False)]
)  # fmt: skip
def test_the_picker_asks_whether_the_near_tag_is_meant(
    browser: FlaskClient, typed: str, is_near: bool
) -> None:
    first = browser.get("/tags/suggest", query_string={"q": typed}).get_json()[0]
    assert (first["value"], first["near"]) == (USED, is_near)


def test_a_likely_double_is_asked_about_and_nothing_typed_is_lost(
    browser: FlaskClient, database: Database, admin: Person
) -> None:
    answer = send(browser, "/atoms/new", **FACT, tags="Дотсавка; queue")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert QUESTION in page
    assert "“queue” would" not in page
    assert USED.replace(">", "&gt;") in page
    assert FACT["title"] in page
    assert tags_of_all(database, admin) == []


def test_one_click_takes_the_tag_that_exists(
    browser: FlaskClient, database: Database, admin: Person
) -> None:
    answers = {"doubt": "Дотсавка", "instead-0": USED}
    answer = send(browser, "/atoms/new", **FACT, tags="Дотсавка; queue", **answers)
    assert answer.status_code == 303
    assert sorted(tags_of_all(database, admin)) == ["Delivery", "queue"]


def test_who_says_no_makes_the_tag(browser: FlaskClient, database: Database, admin: Person) -> None:
    answers = {"doubt": "Дотсавка", "instead-0": ""}
    assert send(browser, "/atoms/new", **FACT, tags="Дотсавка", **answers).status_code == 303
    assert tags_of_all(database, admin) == ["Дотсавка"]


def test_who_saw_the_near_tags_in_the_picker_is_not_asked_again(
    browser: FlaskClient, database: Database, admin: Person
) -> None:
    assert send(browser, "/atoms/new", **FACT, tags="Дотсавка", sure="Дотсавка").status_code == 303
    assert tags_of_all(database, admin) == ["Дотсавка"]


def test_the_question_is_asked_of_tags_alone_and_of_studies_too(
    browser: FlaskClient, database: Database, admin: Person
) -> None:
    with database.saving() as session:
        atom = make.atom(session, admin, "Another")
    for path in (f"/atoms/{atom.key}/tags", "/studies/returns/tags"):
        answer = send(browser, path, tags="Доставки")
        assert answer.status_code == 422, path
        assert QUESTION in answer.get_data(as_text=True)


def test_an_atom_that_has_a_retired_tag_is_saved_without_a_question(
    browser: FlaskClient, database: Database, admin: Person
) -> None:
    with database.saving() as session:
        old = make.tag(session, admin, "Deliveries")
        atom = make.atom(session, admin, "Old", tags=[old])
    send(browser, f"/tags/{old.key}/status", status="deprecated")
    answer = send(browser, f"/atoms/{atom.key}/tags", tags="Product area > Deliveries")
    assert answer.status_code == 303


def test_a_new_tag_like_another_is_made_only_when_somebody_says_so(
    browser: FlaskClient, delivery: Tag
) -> None:
    sent = {"group": "product-area", "pref-en": "Deliveries", "note-en": "Not lost"}
    answer = send(browser, "/tags/new", **sent)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f"/tags/{delivery.key}" in page
    assert "do=add_label" in page
    assert "Not lost" in page
    assert send(browser, "/tags/new", **sent, anyway="1").status_code == 303


def test_a_candidate_of_a_closed_study_is_told_to_nobody_else(
    client: FlaskClient, database: Database, admin: Person, colleague: Person
) -> None:
    with database.saving() as session:
        owner = make.person(session, "Vera", "researcher")
        closed = make.study(session, owner, "closed", access="members")
        make.study(session, admin)
        make.atom(session, owner, "Secret", closed, tags=["Lunch boxes"])
    theirs = sign_in(client, colleague)
    assert theirs.get("/tags/suggest?q=lunch+box").get_json() == []
    assert send(theirs, "/atoms/new", **FACT, tags="Lunch box").status_code == 303

"""The pages of tags: the tree, a tag, its words, its places; type-ahead."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from research_repo.core import hierarchy, tags
from research_repo.core.db import Database
from research_repo.core.models import Person, Tag
from tests import make
from tests.web.conftest import send, sign_in


@pytest.fixture
def curator(database: Database, admin: Person) -> Person:
    with database.saving() as session:
        return make.person(session, "Ilya", "curator")


@pytest.fixture
def browser(client: FlaskClient, curator: Person) -> FlaskClient:
    return sign_in(client, curator)


@pytest.fixture
def refund(database: Database, curator: Person) -> Tag:
    with database.saving() as session:
        returns = make.tag(session, curator, "Возвраты", en="Returns")
        refund = make.tag(
            session, curator, "Возврат денег", under=returns, also=["рефанд"], en="Refund"
        )
        make.atom(session, curator, "Ждут рефанд", tags=[refund])
        return refund


def test_the_tree_counts_what_lies_under_a_tag(
    app: Flask, browser: FlaskClient, refund: Tag
) -> None:
    app.extensions["house"].search.catch_up()
    page = browser.get("/tags?group=product-area").get_data(as_text=True)
    assert "Returns" in page
    assert "Returns: 1 atom" in page
    assert "Refund" not in page
    assert "Refund: 1 atom" in browser.get("/tags?group=product-area&all=1").get_data(as_text=True)


def test_one_tag_is_unfolded_at_a_time(
    browser: FlaskClient, database: Database, refund: Tag, curator: Person
) -> None:
    with database.reading() as session:
        (parent_id,) = hierarchy.parents(session, [refund.id])[refund.id]
        key = session.get_one(Tag, parent_id).key
    page = browser.get(f"/tags?group=product-area&open={key}").get_data(as_text=True)
    assert "Refund" in page
    assert 'aria-expanded="true"' in page


def test_a_tag_is_found_by_a_word_of_the_other_language(browser: FlaskClient, refund: Tag) -> None:
    assert "Refund" in browser.get("/tags?q=рефанд").get_data(as_text=True)
    rows = browser.get("/tags/suggest?q=рефан").get_json()
    assert [row["label"] for row in rows] == ["Refund"]
    assert rows[0]["path"] == "Product area › Returns"
    assert "рефанд" in rows[0]["note"]


def test_what_the_picker_offers_is_read_back_as_the_same_tag(
    browser: FlaskClient, database: Database, refund: Tag, curator: Person
) -> None:
    (row,) = browser.get("/tags/suggest?q=refund").get_json()
    with database.saving() as session:
        atom = make.atom(session, curator, "Another one")
    send(browser, f"/atoms/{atom.key}/tags", tags=row["value"])
    page = browser.get(f"/atoms/{atom.key}").get_data(as_text=True)
    assert f"/tags/{refund.key}" in page


def test_a_retired_tag_is_not_offered(browser: FlaskClient, refund: Tag) -> None:
    send(browser, f"/tags/{refund.key}/status", status="deprecated")
    assert browser.get("/tags/suggest?q=refund").get_json() == []


def test_a_tag_is_made_under_another_one(browser: FlaskClient, refund: Tag) -> None:
    answer = send(
        browser,
        "/tags/new",
        group="product-area",
        parent="Product area > Returns > Refund",
        **{"pref-en": "Time to credit", "alt-en": "how long\nwhen", "note-en": "Days until money"},
    )
    assert answer.status_code == 303
    page = browser.get(answer.headers["Location"]).get_data(as_text=True)
    for said in ("Refund", "how long", "Days until money"):
        assert said in page


def test_a_word_that_belongs_to_another_tag_is_refused_with_its_place(
    browser: FlaskClient, refund: Tag
) -> None:
    answer = send(
        browser, "/tags/new", group="product-area", **{"pref-ru": "РЕФАНД", "note-ru": "Моё"}
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Product area › Returns › Refund" in page or "Возвраты › Возврат денег" in page
    assert "РЕФАНД" in page
    assert "Моё" in page


def test_a_tag_cannot_lie_under_its_own_descendant(
    browser: FlaskClient, database: Database, refund: Tag
) -> None:
    with database.reading() as session:
        (parent_id,) = hierarchy.parents(session, [refund.id])[refund.id]
        parent = session.get_one(Tag, parent_id)
    answer = send(browser, f"/tags/{parent.key}/parents", parent="Refund")
    assert answer.status_code == 422
    assert "Choose another place" in answer.get_data(as_text=True)
    with database.reading() as session:
        assert hierarchy.parents(session, [parent.id]) == {}


def test_two_curators_both_keep_their_words(browser: FlaskClient, refund: Tag) -> None:
    first = {"version": "1", "pref-en": "Money back"}
    assert send(browser, f"/tags/{refund.key}/edit", **first).status_code == 303
    answer = send(browser, f"/tags/{refund.key}/edit", **{"version": "1", "pref-en": "Repayment"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Money back" in page
    assert "Repayment" in page


def test_a_new_word_works_at_once_and_waits_for_a_curator(
    app: Flask, browser: FlaskClient, database: Database, colleague: Person
) -> None:
    theirs = sign_in(app.test_client(), colleague)
    with database.saving() as session:
        atom = make.atom(session, colleague, "Points are lost", tags=["bonus points"])
    assert "bonus points" in theirs.get(f"/atoms/{atom.key}").get_data(as_text=True)
    page = browser.get("/tags/review").get_data(as_text=True)
    assert "bonus points" in page
    with database.reading() as session:
        (key,) = [row["value"] for row in theirs.get("/tags/suggest?q=bonus").get_json()]
        tag_id = session.get_one(Tag, _tag_of(session, "bonus points")).id
        tag = session.get_one(Tag, tag_id)
    assert key == "Free tags > bonus points"
    send(browser, f"/tags/{tag.key}/status", status="approved", next="review")
    assert "bonus points" not in browser.get("/tags/review").get_data(as_text=True)
    assert "bonus points" in theirs.get("/notices").get_data(as_text=True)


def test_a_group_counts_no_words_of_a_study_that_others_do_not_know(
    app: Flask, browser: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        closed = make.study(session, colleague, key="closed", access="members")
        make.atom(session, colleague, "Quiet", closed, tags=["SEKRET word"])
        reader = make.person(session, "Olga", "reader")
    page = sign_in(app.test_client(), reader).get("/tags?group=free").get_data(as_text=True)
    assert "SEKRET" not in page
    assert 'Free tags<span class="num">0</span>' in page
    assert 'Free tags<span class="num">1</span>' in browser.get("/tags?group=free").get_data(
        as_text=True
    )


def test_a_merged_tag_leads_to_the_one_that_took_its_place(
    browser: FlaskClient, database: Database, refund: Tag, curator: Person
) -> None:
    with database.saving() as session:
        old = make.tag(session, curator, "Money return")
        session.get_one(Tag, old.id).replaced_by = refund.id
    answer = browser.get(f"/tags/{old.key}")
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/tags/{refund.key}"


def test_a_group_is_made_and_renamed(browser: FlaskClient) -> None:
    answer = send(
        browser, "/tags/groups/new", **{"label-en": "Touchpoint", "label-ru": "Точка контакта"}
    )
    assert answer.headers["Location"] == "/tags?group=touchpoint"
    send(browser, "/tags/groups/touchpoint/edit", **{"label-en": "Channel"})
    assert "Channel" in browser.get("/tags?group=touchpoint").get_data(as_text=True)
    answer = send(browser, "/tags/groups/new", **{"label-en": "channel"})
    assert answer.status_code == 422


def _tag_of(session: object, label: str) -> int:
    found = tags.owner_of_label(session, _free(session), "en", label)  # type: ignore[arg-type]
    assert found is not None
    return found


def _free(session: object) -> int:
    from research_repo.core import schemes

    return schemes.get(session, "free").id  # type: ignore[arg-type]

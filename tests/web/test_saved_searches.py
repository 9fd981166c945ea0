"""Saved searches on pages: kept from the search page, followed, changed, deleted and put back."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from research_repo.core import follows, people, saved_searches, studies
from research_repo.core.db import Database
from research_repo.core.models import Follow, Person, SavedSearch
from tests import make
from tests.web.conftest import send, sign_in


@pytest.fixture
def browser(client: FlaskClient, colleague: Person) -> FlaskClient:
    return sign_in(client, colleague)


@pytest.fixture
def saved(database: Database, colleague: Person) -> SavedSearch:
    with database.saving() as session:
        return saved_searches.save(session, colleague, "Refunds", [("q", "refunds")])


def written(app: Flask, database: Database, by: Person, *titles: str, **values: object) -> None:
    with database.saving() as session:
        for title in titles:
            make.atom(session, by, title, **values)  # type: ignore[arg-type]
    app.extensions["house"].search.catch_up()


def looked(app: Flask) -> None:
    from research_repo.following import Following

    house = app.extensions["house"]
    house.search.catch_up()
    Following(house.database, house.search).look()


def page(browser: FlaskClient, path: str) -> str:
    answer = browser.get(path, follow_redirects=True)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def said(browser: FlaskClient, path: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page(browser, path).partition("<main")[2]).split())


def test_what_is_searched_is_saved_with_its_filters_and_found_again(
    app: Flask, browser: FlaskClient, database: Database, colleague: Person
) -> None:
    written(app, database, colleague, "Refunds take weeks")
    shown = page(browser, "/search?q=refunds&kind=fact&sort=date&page=2")
    (query,) = re.findall(r'menu-save(?s:.*?)name="search" value="([^"]*)"', shown)
    answer = send(browser, "/searches", search=query.replace("&amp;", "&"), name="Slow refunds")
    assert answer.headers["Location"] == "/search?q=refunds&kind=fact&sort=date"
    assert "Saved as “Slow refunds”." in said(browser, "/searches")
    shown = page(browser, "/search?kind=fact&q=refunds&sort=date")
    assert "menu-save" not in shown
    assert "Slow refunds" in shown
    with database.reading() as session:
        (one,) = saved_searches.listed(session, colleague)
    assert one.wanted == (("q", "refunds"), ("kind", "fact"), ("sort", "date"))
    answer = browser.get(f"/searches/{one.key}")
    assert answer.headers["Location"] == "/search?q=refunds&kind=fact&sort=date"


def test_filters_that_were_typed_are_kept_as_what_they_meant(
    app: Flask, browser: FlaskClient, database: Database, colleague: Person, admin: Person
) -> None:
    with database.saving() as session:
        tag = make.tag(session, admin, "Money back")
    app.extensions["house"].search.catch_up()
    send(browser, "/searches", search='q=slow+tag:"money+back"+by:me', name="Mine")
    with database.reading() as session:
        (one,) = saved_searches.listed(session, colleague)
    assert set(one.wanted) == {("q", "slow"), ("tag", tag.key), ("by", str(colleague.id))}


def test_an_empty_search_is_not_offered_to_be_saved_and_refused(browser: FlaskClient) -> None:
    assert "menu-save" not in page(browser, "/search")
    answer = send(browser, "/searches", search="sort=date", name="All")
    assert answer.status_code == 422
    assert "choose a filter first" in answer.get_data(as_text=True)


def test_a_name_that_is_taken_is_asked_for_again_with_nothing_lost(
    browser: FlaskClient, saved: SavedSearch
) -> None:
    answer = send(
        browser, "/searches", search="q=money&kind=fact", name="refunds", shared="1", then="follow"
    )
    assert answer.status_code == 422
    shown = answer.get_data(as_text=True)
    assert 'value="q=money&amp;kind=fact"' in shown
    assert 'name="then" value="follow"' in shown
    assert "checked" in shown.partition('<form class="form')[2]
    assert 'value="refunds"' in shown


def test_who_follows_a_search_learns_what_is_new(
    app: Flask, browser: FlaskClient, database: Database, colleague: Person
) -> None:
    written(app, database, colleague, "Refunds take weeks")
    answer = send(browser, "/searches", search="q=refunds", name="Refunds", then="follow")
    assert answer.headers["Location"] == "/search?q=refunds"
    assert "Stop following" in said(browser, "/search?q=refunds")
    written(app, database, colleague, "Refunds are odd", "Refunds are feared", "Late")
    looked(app)
    assert "2 new in “Refunds”" in said(browser, "/notices")
    (link,) = re.findall(r'href="(/searches/[^"]*/newest)"', page(browser, "/notices"))
    answer = browser.get(link)
    assert answer.headers["Location"] == "/search?q=refunds&match=all&sort=date"
    for path in ("/", "/searches"):
        assert link in page(browser, path)
        assert "2 new" in said(browser, path)


def test_one_press_beside_the_answer_saves_and_follows(
    app: Flask, browser: FlaskClient, database: Database, colleague: Person
) -> None:
    written(app, database, colleague, "Refunds are feared", kind="insight")
    shown = page(browser, "/search?q=refunds").partition('class="bar answer-bar"')[2]
    form = shown.partition("<form")[2].partition("</form>")[0]
    fields = dict(re.findall(r'name="(search|name|then)" value="([^"]*)"', form))
    assert fields == {"search": "q=refunds", "name": "refunds", "then": "follow"}
    send(browser, "/searches", **fields)
    with database.reading() as session:
        (one,) = follows.listed(session, colleague)
    assert (one.search.name, one.search.is_shared) == ("refunds", False)


def test_a_shared_search_finds_for_each_what_they_may_see(
    app: Flask, browser: FlaskClient, database: Database, colleague: Person, admin: Person
) -> None:
    with database.saving() as session:
        closed = make.study(session, admin, "closed", access="members")
        one = saved_searches.save(
            session, admin, "All of it", [("q", "refunds"), ("study", "closed")], is_shared=True
        )
    written(app, database, admin, "Refunds are feared", study=closed)
    shown = said(browser, "/searches")
    assert "All of it" in shown
    assert "One tag or study in it is not there for you" in shown
    assert "closed" not in browser.get(f"/searches/{one.key}").headers["Location"]
    assert "Refunds are feared" not in page(browser, f"/searches/{one.key}")
    send(browser, f"/searches/{one.key}/follow")
    written(app, database, admin, "Refunds are odd", study=closed)
    looked(app)
    assert "Notices: one is new" not in page(browser, "/notices")
    with database.saving() as session:
        studies.add_member(session, admin, "closed", colleague.email, may_edit=False)
    assert "Refunds are feared" in said(browser, f"/searches/{one.key}")


def test_a_search_is_changed_shared_and_not_overwritten(
    app: Flask, browser: FlaskClient, database: Database, saved: SavedSearch, admin: Person
) -> None:
    path = f"/searches/{saved.key}/edit"
    assert 'value="refunds"' in page(browser, path)
    answer = send(browser, path, version="1", name="Money", shared="1", wanted="money kind:insight")
    assert answer.status_code == 303
    with database.reading() as session:
        (one,) = saved_searches.listed(session, admin)
    assert (one.name, one.wanted) == ("Money", (("q", "money"), ("kind", "insight")))
    assert send(browser, path, version="1", name="Late", wanted="x").status_code == 409
    assert send(browser, path, version="2", name="", wanted="x").status_code == 422


def test_a_renamed_search_looks_for_what_it_did(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    pairs = [("q", "a"), ("tag", "nothere"), ("match", "all"), ("sort", "date")]
    with database.saving() as session:
        one = saved_searches.save(session, colleague, "Old", pairs)
    shown = page(browser, f"/searches/{one.key}/edit")
    (words,) = re.findall(r'name="wanted"[^>]* value="([^"]*)"', shown)
    send(browser, f"/searches/{one.key}/edit", version="1", name="New", wanted=words)
    with database.reading() as session:
        kept = saved_searches.get(session, colleague, one.key)
    assert (kept.name, kept.wanted) == ("New", [list(pair) for pair in pairs])


def test_a_deleted_search_is_put_back_from_the_page_that_follows(
    browser: FlaskClient, saved: SavedSearch
) -> None:
    answer = send(browser, f"/searches/{saved.key}/delete")
    assert answer.headers["Location"].startswith("/searches")
    assert f'action="/searches/{saved.key}/restore"' in page(browser, "/searches")
    assert browser.get(f"/searches/{saved.key}").status_code == 404
    send(browser, f"/searches/{saved.key}/restore")
    assert browser.get(f"/searches/{saved.key}").status_code == 303
    assert f'action="/searches/{saved.key}/restore"' not in page(browser, "/searches")


def test_too_much_to_be_told_of_is_refused_with_advice(
    app: Flask,
    browser: FlaskClient,
    database: Database,
    colleague: Person,
    saved: SavedSearch,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(follows, "HITS_MAX", 1)
    monkeypatch.setattr("research_repo.web.saved_searches.HITS_MAX", 1)
    written(app, database, colleague, "Refunds one", "Refunds two")
    answer = send(browser, f"/searches/{saved.key}/follow")
    assert answer.status_code == 422
    assert "Narrow it" in answer.get_data(as_text=True)


def test_pages_hold_many_searches_in_few_questions(
    browser: FlaskClient, database: Database, colleague: Person, admin: Person
) -> None:
    with database.saving() as session:
        tags = [make.tag(session, admin, f"Tag {number}") for number in range(12)]
        for number, tag in enumerate(tags):
            one = saved_searches.save(session, colleague, f"S {number}", [("tag", tag.key)])
            follows.follow(session, colleague, one.key, [])
    shown = said(browser, "/searches")
    assert all(f"S {number}" in shown and f"Tag {number}" in shown for number in range(12))


def test_follows_of_people_who_left_are_kept_for_their_return(
    browser: FlaskClient, database: Database, colleague: Person, saved: SavedSearch
) -> None:
    send(browser, f"/searches/{saved.key}/follow")
    with database.saving() as session:
        people.change(
            session, people.system(session), colleague.id, "Marina", "researcher", is_active=False
        )
    with database.reading() as session:
        assert session.get(Follow, (saved.id, colleague.id))

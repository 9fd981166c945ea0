"""The pages of change sets: composed by forms, previewed, applied, proposed, undone."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from research_repo.core import (
    change_cards,
    hierarchy,
    naming,
    notices,
    people,
    retagging,
    schemes,
    tagging,
    tags,
)
from research_repo.core.clock import now
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
def basket(database: Database, curator: Person) -> Tag:
    with database.saving() as session:
        tag = make.tag(session, curator, "Basket", ru="Корзинка")
        make.atom(session, curator, "People lose the basket", tags=[tag])
        return tag


@pytest.fixture
def cart(database: Database, curator: Person) -> Tag:
    with database.saving() as session:
        return make.tag(session, curator, "Cart", ru="Корзина")


def page_of(client: FlaskClient, answer: TestResponse) -> str:
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return client.get(answer.headers["Location"]).get_data(as_text=True)


def apply(client: FlaskClient, address: str) -> TestResponse:
    """Look at a set, then press Apply."""
    page = client.get(address).get_data(as_text=True)
    found = re.search(r'name="print" value="(\w+)"', page)
    assert found, page
    return send(client, f"{address}/apply", print=found.group(1))


def end(database: Database, tag: Tag) -> int:
    with database.reading() as session:
        return hierarchy.resolved(session, [tag.id])[tag.id]


def test_a_merge_is_previewed_applied_and_undone_on_its_pages(
    browser: FlaskClient, database: Database, basket: Tag, cart: Tag
) -> None:
    composed = send(browser, "/changes/new", do="merge", tag=basket.key, into=cart.key)
    address = composed.headers["Location"]
    page = page_of(browser, composed)
    assert "Merge “Basket” into “Cart”" in page
    assert "1 atom" in page
    assert "People lose the basket" in page
    assert end(database, basket) == basket.id
    assert apply(browser, address).status_code == 303
    assert end(database, basket) == cart.id
    assert "It can be undone" in browser.get(address).get_data(as_text=True)
    assert "Merge “Basket” into “Cart”" in browser.get(f"{address}/undo").get_data(as_text=True)
    assert send(browser, f"{address}/undo").status_code == 303
    assert end(database, basket) == basket.id
    assert "undone" in browser.get(address).get_data(as_text=True)


@pytest.fixture
def candidate(database: Database, colleague: Person, curator: Person) -> Tag:
    """A word that a researcher made, which a curator's group lets wait."""
    with database.saving() as session:
        schemes.set_rules(session, curator, "product-area", schemes.Rules(who_may_add="review"))
        tag = make.tag(session, colleague, "Baskets")
        make.atom(session, colleague, "Baskets are lost", tags=[tag])
        return tag


def told(database: Database, person: Person) -> list[str]:
    with database.reading() as session:
        return [str(one.message) for one in notices.listed(session, person)]


def test_a_new_tag_is_merged_into_the_nearest_one_by_one_click(
    browser: FlaskClient, database: Database, basket: Tag, candidate: Tag, colleague: Person
) -> None:
    page = browser.get("/tags/review").get_data(as_text=True)
    assert "Baskets" in page
    assert "Merge into “Basket”" in page
    address = f"/tags/review/{candidate.key}/merge"
    assert "Merged" in page_of(browser, send(browser, address, into=basket.key))
    assert end(database, candidate) == basket.id
    assert told(database, colleague) == [
        "Your tag “Baskets” became one with “Basket”: the word finds that one now."
    ]
    assert "Baskets" not in browser.get("/tags/review").get_data(as_text=True)
    assert send(browser, address, into=basket.key).status_code == 422


def test_a_new_tag_of_another_group_hands_over_its_atoms_and_its_word(
    browser: FlaskClient, database: Database, curator: Person, candidate: Tag
) -> None:
    with database.saving() as session:
        stage = make.tag(session, curator, "Choosing", scheme="journey-stage")
    send(browser, f"/tags/review/{candidate.key}/merge", into=stage.key)
    with database.reading() as session:
        (atom_id,) = retagging.atoms_with(session, [stage.id])
        assert not retagging.atoms_with(session, [candidate.id])
        assert naming.find(session, "baskets", "en") == stage.id
        (made,) = change_cards.listed(session, curator, ("applied",), "en")
    assert send(browser, f"/changes/{made.key}/undo").status_code == 303
    with database.reading() as session:
        assert retagging.atoms_with(session, [candidate.id]) == {atom_id}


def test_a_new_tag_is_rejected_with_a_reason_and_its_atoms_keep_it(
    browser: FlaskClient, database: Database, candidate: Tag, colleague: Person
) -> None:
    address = f"/tags/review/{candidate.key}/reject"
    answer = send(browser, address)
    assert answer.status_code == 422
    assert "Say in a few words why" in answer.get_data(as_text=True)
    send(browser, address, reason="We say Basket.")
    with database.reading() as session:
        assert tags.get(session, candidate.key).status == "deprecated"
        assert len(retagging.atoms_with(session, [candidate.id])) == 1
    assert told(database, colleague) == [
        "The tag “Baskets” was not taken: We say Basket. Its atoms keep it for now."
    ]


def test_what_waits_for_a_week_is_marked(
    browser: FlaskClient, database: Database, candidate: Tag
) -> None:
    assert "waits for" not in browser.get("/tags/review").get_data(as_text=True)
    with database.saving() as session:
        session.get_one(Tag, candidate.id).created_at = now() - timedelta(days=8)
    assert "waits for 8 days" in browser.get("/tags/review").get_data(as_text=True)


def test_a_proposal_waits_in_the_queue_and_its_author_is_told(
    client: FlaskClient, database: Database, colleague: Person, curator: Person, basket: Tag
) -> None:
    sign_in(client, colleague)
    form = {"do": "rename", "tag": basket.key, "language": "en", "label": "Trolley"}
    address = send(client, "/changes/new", **form).headers["Location"]
    assert "/apply" not in client.get(address).get_data(as_text=True)
    assert send(client, f"{address}/apply", print="x").status_code == 403
    assert send(client, f"{address}/propose").status_code == 422
    assert send(client, f"{address}/propose", note="Shops say so").status_code == 303
    sign_in(client, curator)
    page = client.get("/tags/review").get_data(as_text=True)
    assert "Rename “Basket” to “Trolley”" in page
    assert "Shops say so" in page
    assert "1 thing" in client.get("/tags").get_data(as_text=True)
    assert apply(client, address).status_code == 303
    assert told(database, colleague) == ["Your change of the tags was applied."]


def test_two_curators_at_once_the_second_sees_what_it_would_do_now(
    app: Flask, database: Database, curator: Person, basket: Tag, cart: Tag
) -> None:
    with database.saving() as session:
        vera = make.person(session, "Vera", "curator")
    one, two = sign_in(app.test_client(), curator), sign_in(app.test_client(), vera)
    merge = send(one, "/changes/new", do="merge", tag=basket.key, into=cart.key)
    address = merge.headers["Location"]
    seen = re.search(r'name="print" value="(\w+)"', one.get(address).get_data(as_text=True))
    rename = {"do": "rename", "tag": basket.key, "language": "en", "label": "Trolley"}
    apply(two, send(two, "/changes/new", **rename).headers["Location"])
    assert seen
    answer = send(one, f"{address}/apply", print=seen.group(1))
    assert answer.status_code == 409
    page = answer.get_data(as_text=True)
    assert "Somebody changed these tags since you looked" in page
    assert "Merge “Trolley” into “Cart”" in page
    assert end(database, basket) == basket.id
    assert apply(one, address).status_code == 303


def test_an_undo_that_later_changes_forbid_lists_them_with_links(
    browser: FlaskClient, database: Database, curator: Person, basket: Tag
) -> None:
    address = send(browser, "/changes/new", do="retire", tag=basket.key).headers["Location"]
    apply(browser, address)
    with database.saving() as session:
        tags.restore(session, curator, basket.key)
    page = browser.get(f"{address}/undo").get_data(as_text=True)
    assert "Later changes stand in the way" in page
    assert f'href="/tags/{basket.key}"' in page
    assert send(browser, f"{address}/undo").status_code == 409


def test_an_undo_is_not_undone_and_can_be_applied_again(browser: FlaskClient, basket: Tag) -> None:
    address = send(browser, "/changes/new", do="retire", tag=basket.key).headers["Location"]
    apply(browser, address)
    send(browser, f"{address}/undo")
    answer = send(browser, f"{address}/undo")
    assert answer.status_code == 422
    assert "Apply it again" in answer.get_data(as_text=True)
    fresh = send(browser, f"{address}/again").headers["Location"]
    assert fresh != address
    assert apply(browser, fresh).status_code == 303


@pytest.mark.parametrize(
    ("form", "advice"),
    [
        ({"do": "merge", "tag": "Basket", "into": ""}, "Choose another tag"),
        ({"do": "merge", "tag": "Basket", "into": "Giraffe"}, "There is no tag “Giraffe”"),
        ({"do": "merge", "tag": "Basket", "into": "Basket"}, "this one"),
        ({"do": "rename", "tag": "Basket", "language": "en", "label": ""}, "Write a word"),
        ({"do": "rename", "tag": "Basket", "language": "en", "label": "Cart"}, "belongs to the tag"),
        ({"do": "rename", "tag": "Basket", "language": "de", "label": "Korb"}, "languages in the list"),
        ({"do": "rename", "tag": "Basket", "language": "en", "label": "🧺"}, "letter or a digit"),
        ({"do": "rename", "tag": "Basket", "language": "en", "label": "x" * 5000}, "at most 100"),
        ({"do": "rename", "tag": "Basket", "language": "en", "label": "a\u202eb"}, "nobody sees"),
        ({"do": "move", "tag": "Basket", "to": "Basket"}, "itself"),
        ({"do": "retire", "tag": ""}, "Choose the tag"),
        ({"do": "retag", "find-q": "lose", "add": ""}, "put on or to take off"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_comes_back_with_advice(
    browser: FlaskClient, basket: Tag, cart: Tag, form: dict[str, str], advice: str
) -> None:
    answer = send(browser, "/changes/new", **form)
    assert answer.status_code == 422
    assert advice in answer.get_data(as_text=True)


def test_a_word_that_is_taken_leads_to_the_tag_that_has_it(
    browser: FlaskClient, basket: Tag, cart: Tag
) -> None:
    page = send(browser, f"/tags/{basket.key}/edit", version="1", **{"pref-en": "cart"}).get_data(
        as_text=True
    )
    assert f'href="/tags/{cart.key}"' in page
    form = {"do": "add_label", "tag": basket.key, "language": "en", "label": "Cart"}
    assert f'href="/tags/{cart.key}"' in send(browser, "/changes/new", **form).get_data(
        as_text=True
    )


def test_no_form_opens_for_what_is_not_there(browser: FlaskClient) -> None:
    assert browser.get("/changes/new?do=explode").status_code == 404
    assert browser.get("/changes/nothing").status_code == 404
    assert send(browser, "/changes/new", do="explode").status_code == 404


def test_what_a_search_finds_is_retagged(
    app: Flask, browser: FlaskClient, database: Database, curator: Person, basket: Tag, cart: Tag
) -> None:
    with database.saving() as session:
        both = make.atom(session, curator, "Parcel lost twice", tags=[basket])
        make.atom(session, curator, "Parcel kept")
    app.extensions["house"].search.catch_up()
    page = browser.get("/changes/new?do=retag&q=parcel+lost").get_data(as_text=True)
    assert "One atom has all of it" in page
    form = {"do": "retag", "find-q": "parcel lost", "add": "Cart", "remove": "Basket"}
    composed = send(browser, "/changes/new", **form)
    assert "Put “Cart” in place of “Basket” on 1 atom" in page_of(browser, composed)
    apply(browser, composed.headers["Location"])
    with database.reading() as session:
        (put,) = tagging.of_atoms(session, [both.id])[both.id]
    assert put.tag_id == cart.id


def test_retagging_keeps_every_filter_of_the_search(
    app: Flask, browser: FlaskClient, database: Database, curator: Person, basket: Tag, cart: Tag
) -> None:
    with database.saving() as session:
        calls = make.study(session, curator, "calls", method="interviews")
        make.atom(session, curator, "Parcel lost by phone", calls, tags=[basket])
        desk = make.study(session, curator, "desk", method="survey")
        make.atom(session, curator, "Parcel lost at the desk", desk, tags=[basket])
    app.extensions["house"].search.catch_up()
    results = browser.get("/search?q=parcel+lost&method=survey&not=study:calls")
    link = re.search(r'href="(/changes/new\?do=retag[^"]+)"', results.get_data(as_text=True))
    assert link
    page = browser.get(unescape(link[1])).get_data(as_text=True)
    assert "One atom has all of it" in page
    fields = re.findall(r'name="(find-[a-z]+)" value="([^"]*)"', page)
    assert {("find-method", "survey"), ("find-not", "study:calls")} <= set(fields)
    assert 'href="/search?q=parcel+lost&amp;method=survey' in page
    composed = send(browser, "/changes/new", do="retag", add="Cart", remove="", **dict(fields))
    assert "on 1 atom" in page_of(browser, composed)


def test_several_changes_are_applied_as_one(
    browser: FlaskClient, database: Database, basket: Tag, cart: Tag
) -> None:
    address = send(browser, "/changes/new", do="merge", tag=basket.key, into=cart.key).headers[
        "Location"
    ]
    form = browser.get(f"/changes/new?do=rename&tag={cart.key}").get_data(as_text=True)
    assert "To be applied together with" in form
    key = address.rsplit("/", 1)[-1]
    more = {"do": "rename", "tag": cart.key, "language": "en", "label": "Trolley", "set": key}
    assert send(browser, "/changes/new", **more).headers["Location"] == address
    page = browser.get(address).get_data(as_text=True)
    assert "2 changes of the tags" in page
    send(browser, f"{address}/leave-out", line="1")
    assert "One change of the tags" in browser.get(address).get_data(as_text=True)
    assert send(browser, f"{address}/leave-out", line="0").headers["Location"] == "/changes"
    assert browser.get(address).status_code == 404


def test_the_list_shows_what_was_done_and_offers_to_undo(browser: FlaskClient, basket: Tag) -> None:
    assert "Nothing was changed yet" in browser.get("/changes").get_data(as_text=True)
    apply(browser, send(browser, "/changes/new", do="retire", tag=basket.key).headers["Location"])
    page = browser.get("/changes").get_data(as_text=True)
    assert "Retire “Basket”" in page
    assert "Undo…" in page


def test_a_tag_is_split_by_words_and_by_hand(
    app: Flask, browser: FlaskClient, database: Database, curator: Person, basket: Tag
) -> None:
    with database.saving() as session:
        slow = make.atom(session, curator, "The basket is slow", tags=[basket])
        empty = make.atom(session, curator, "It is empty on Monday", tags=[basket])
    app.extensions["house"].search.catch_up()
    address = f"/changes/split?tag={basket.key}"
    assert "It is empty on Monday" in browser.get(address).get_data(as_text=True)
    form = {"tag": basket.key, "parts": "2", "label-1": "Speed of it", "words-1": "slow",
            "label-2": "Emptiness", f"atom-{empty.id}": "2", "place": "under"}  # fmt: skip
    look = send(browser, address, look="1", **form).get_data(as_text=True)
    assert look.count("1 atom<") == 2
    composed = send(browser, address, **form)
    assert "Make “Speed of it” under “Basket”" in page_of(browser, composed)
    apply(browser, composed.headers["Location"])
    with database.reading() as session:
        puts = tagging.of_atoms(session, [slow.id, empty.id])
        paths = {
            atom_id: [
                card.path
                for card in hierarchy.cards(session, [p.tag_id for p in some], "en").values()
            ]
            for atom_id, some in puts.items()
        }
        stays = retagging.atoms_with(session, [basket.id])
    assert paths == {slow.id: [("Basket", "Speed of it")], empty.id: [("Basket", "Emptiness")]}
    assert len(stays) == 1


@pytest.mark.parametrize(
    ("form", "advice"),
    [
        ({"label-1": "One"}, "Name at least two parts"),
        ({"label-1": "One", "label-2": "Cart"}, "belongs to the tag"),
        ({"label-1": "One", "label-2": "One"}, "belongs to the tag"),
    ],
)
def test_a_split_that_cannot_be_comes_back_with_advice(
    browser: FlaskClient, basket: Tag, cart: Tag, form: dict[str, str], advice: str
) -> None:
    answer = send(browser, f"/changes/split?tag={basket.key}", parts="2", **form)
    assert answer.status_code == 422
    assert advice in answer.get_data(as_text=True)


def test_what_is_done_on_the_page_of_a_tag_can_be_undone(
    browser: FlaskClient, database: Database, basket: Tag, cart: Tag
) -> None:
    words = {"pref-en": "Bag", "alt-ru": "Сумка", "definition-en": "It holds things"}
    send(browser, f"/tags/{basket.key}/edit", version="1", **words)
    send(browser, f"/tags/{basket.key}/parents", parent="Cart")
    send(browser, f"/tags/{basket.key}/status", status="deprecated")
    page = browser.get("/changes").get_data(as_text=True)
    for line in (
        "Edit the words of “Basket”",
        "Put “Bag” under “Cart”, too",
        "Retire “Cart › Bag”",
    ):
        assert line in page
    with database.reading() as session:
        made = change_cards.listed(
            session, people.get(session, basket.person_id), ("applied",), "en"
        )
    for one in made:
        assert send(browser, f"/changes/{one.key}/undo").status_code == 303
    with database.reading() as session:
        words_now = tags.words_of(session, tags.get(session, basket.key))
        assert words_now.pref == {"en": "Basket", "ru": "Корзинка"}
        assert (words_now.definition, hierarchy.parents(session, [basket.id])) == ({}, {})

"""The pages of tags: the tree, a tag, its words, its places; type-ahead."""

from __future__ import annotations

import html
import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from research_repo.core import clock, hierarchy, schemes, tags
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


def test_a_branch_comes_alone_when_it_is_opened(
    browser: FlaskClient, database: Database, refund: Tag
) -> None:
    with database.reading() as session:
        (parent_id,) = hierarchy.parents(session, [refund.id])[refund.id]
        key = session.get_one(Tag, parent_id).key
    branch = f"/tags?group=product-area&under={key}&depth=1"
    rows = browser.get(branch, headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "Refund" in rows
    assert "<html" not in rows
    # Without script the same address is a page of its own, with the way up.
    page = browser.get(branch).get_data(as_text=True)
    assert "<html" in page
    assert "Returns" in page


def test_a_wide_level_leads_on_to_the_rest(
    browser: FlaskClient, database: Database, curator: Person
) -> None:
    with database.saving() as session:
        for number in range(60):
            make.tag(session, curator, f"Wide {number}")
    first = browser.get("/tags?group=product-area").get_data(as_text=True)
    (rest,) = re.findall(r'class="more" href="([^"]*from=50[^"]*)"', first)
    second = browser.get(html.unescape(rest)).get_data(as_text=True)
    shown = [set(re.findall(r">(Wide \d+)</a>", page)) for page in (first, second)]
    assert len(shown[0] | shown[1]) == 60
    assert not shown[0] & shown[1]
    assert "Show those before" in second


def test_the_filter_tells_paths_and_finds_retired_tags(browser: FlaskClient, refund: Tag) -> None:
    send(browser, f"/tags/{refund.key}/status", status="deprecated")
    page = browser.get("/tags?q=рефанд", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "Product area › Returns" in page
    assert "retired" in page
    assert "1 tag found" in page
    nothing = browser.get("/tags?q=жираф", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert 'data-said="No tag is called that"' in nothing


@pytest.mark.parametrize("query", ["under=nothing", "group=nothing"])
def test_a_place_that_is_not_there_is_not_found(browser: FlaskClient, query: str) -> None:
    assert browser.get(f"/tags?{query}").status_code == 404


@pytest.mark.parametrize("query", ["from=-1", "from=99999999999", "from=x", "depth=9e9", "open=.."])
def test_a_bent_address_shows_the_tree_all_the_same(
    browser: FlaskClient, refund: Tag, query: str
) -> None:
    page = browser.get(f"/tags?group=product-area&{query}")
    assert page.status_code == 200
    assert "Returns" in page.get_data(as_text=True)


def test_a_tags_page_shows_what_it_holds_and_what_stands_beside_it(
    app: Flask, browser: FlaskClient, database: Database, refund: Tag, curator: Person
) -> None:
    with database.saving() as session:
        buyers = make.tag(session, curator, "Buyers", scheme="segment")
        status = make.tag(session, curator, "Status of a refund", under=refund)
        day = clock.today().replace(day=1)
        fact = make.atom(session, curator, "They call", tags=[status, buyers], observed_on=day)
        why = make.atom(session, curator, "They fear", kind="insight", tags=[refund])
        make.link(session, curator, fact, why)
    app.extensions["house"].search.catch_up()
    page = browser.get(f"/tags/{refund.key}").get_data(as_text=True)
    for said in (
        "рефанд",
        "They fear",
        "1 fact without quotes",
        "Facts by month",
        "Status of a refund",
    ):
        assert said in page
    assert "through “Status of a refund”" in page
    assert re.search(r"tag=\w+&amp;tag=\w+[^>]*><span>Buyers</span>", page)
    assert "<td>" + format(day, "%B %Y").replace(" ", "\N{NO-BREAK SPACE}") in page.replace(
        " ", "\N{NO-BREAK SPACE}"
    )


def test_a_tags_page_draws_how_what_it_includes_grew_and_opens_the_facts_of_a_month(
    app: Flask, browser: FlaskClient, database: Database, refund: Tag, curator: Person
) -> None:
    day = clock.today().replace(day=1)
    with database.saving() as session:
        for label, often in (("Status of a refund", 3), ("Refund fee", 1), ("Nothing of it", 0)):
            below = make.tag(session, curator, label, under=refund)
            for number in range(often):
                make.atom(session, curator, f"{label} {number}", tags=[below], observed_on=day)
    app.extensions["house"].search.catch_up()
    page = browser.get(f"/tags/{refund.key}").get_data(as_text=True)
    drawn = page.split('<figure class="figure">')[1].split("</figure>")[0]
    assert 'class="chart chart-lines"' in drawn
    assert drawn.index("Status of a refund") < drawn.index("Refund fee")
    assert "Nothing of it" not in drawn
    assert [int(count) for count in re.findall(r'<td class="r">(\d+)</td>', drawn)[-2:]] == [3, 1]
    opens = re.search(rf'href="(/search[^"]+after={day}[^"]+)"', page)
    assert opens is not None
    found = browser.get(unescape(opens[1])).get_data(as_text=True)
    assert "Refund fee 0" in found


def test_a_tags_page_counts_no_more_than_its_reader_sees(
    app: Flask, browser: FlaskClient, database: Database, refund: Tag, colleague: Person
) -> None:
    with database.saving() as session:
        closed = make.study(session, colleague, key="closed", access="members")
        make.atom(session, colleague, "Quiet", closed, tags=[refund, "SEKRET word"])
        reader = make.person(session, "Olga", "reader")
    app.extensions["house"].search.catch_up()
    page = sign_in(app.test_client(), reader).get(f"/tags/{refund.key}").get_data(as_text=True)
    assert "Ждут рефанд" in page
    assert "Quiet" not in page
    assert "SEKRET" not in page


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
    app: Flask, browser: FlaskClient, database: Database, colleague: Person, curator: Person
) -> None:
    theirs = sign_in(app.test_client(), colleague)
    with database.saving() as session:
        free = schemes.free(session, curator)
        schemes.set_rules(session, curator, free.key, schemes.Rules(who_may_add="review"))
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
    return schemes.get(session, "free").id  # type: ignore[arg-type]

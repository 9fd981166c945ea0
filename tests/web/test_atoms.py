"""The pages of an atom: what a researcher sends, what they see, what happens to bad input."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from research_repo.core import cards, evidence, links
from research_repo.core.db import Database
from research_repo.core.models import Atom, Person, Study
from tests import make
from tests.web.conftest import send, sign_in

FACT = {"kind": "fact", "study": "returns", "do": "publish"}
QUOTE = {
    "evidence-kind": ["quote"],
    "evidence-id": [""],
    "evidence-text": ["I never found the button"],
    "evidence-who": ["R-07"],
    "evidence-source": ["Interview"],
    "evidence-url": [""],
    "evidence-number": [""],
    "evidence-unit": [""],
    "evidence-n": [""],
}


@pytest.fixture
def study(database: Database, colleague: Person) -> Study:
    with database.saving() as session:
        return make.study(session, colleague, questions=["How do they return?"])


@pytest.fixture
def browser(client: FlaskClient, colleague: Person, study: Study) -> FlaskClient:
    return sign_in(client, colleague)


def only_atom(database: Database, by: Person) -> cards.AtomPage:
    with database.reading() as session:
        (atom_id,) = cards.logged_by(session, by, None, 10)
        return cards.of_atom(session, by, session.get_one(Atom, atom_id).key, "en")


def logged(database: Database, by: Person, title: str = "They look for the label") -> Atom:
    with database.saving() as session:
        return make.atom(session, by, title)


def test_a_fact_is_logged_with_its_quote_tags_and_question(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    answer = send(
        browser,
        "/atoms/new",
        **FACT,
        **QUOTE,
        title="People look for the return button",
        tags="Problem; returns page",
        question="1",
    )
    assert answer.status_code == 303
    page = only_atom(database, colleague)
    assert page.card.title == "People look for the return button"
    assert page.card.quote == "I never found the button"
    assert {tag.label for tag in page.card.tags} == {"Problem", "returns page"}
    assert [question.text for question in page.questions] == ["How do they return?"]


def test_the_study_stays_chosen_for_the_next_fact(browser: FlaskClient) -> None:
    answer = send(browser, "/atoms/new", **FACT, title="One", question="1")
    page = browser.get(answer.headers["Location"]).get_data(as_text=True)
    assert '<option value="returns" selected>' in page
    assert 'value="1" checked' in page


@pytest.mark.parametrize("title", ["", "   ", "x" * 501, "x" * 5000])
def test_a_claim_that_cannot_be_kept_comes_back_with_advice_and_all_that_was_typed(
    browser: FlaskClient, title: str
) -> None:
    answer = send(browser, "/atoms/new", **FACT, **QUOTE, title=title, body="Kept text")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'id="f-title-error"' in page
    assert "I never found the button" in page
    assert "Kept text" in page
    assert title.strip() in page


def test_a_body_of_100_000_characters_is_kept(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    body = "слово " * 16_666 + "end"
    assert send(browser, "/atoms/new", **FACT, title="Long", body=body).status_code == 303
    assert only_atom(database, colleague).body == body


def test_a_body_that_stalls_a_renderer_is_kept_as_it_was_typed(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    body = "[" * 20_000
    assert send(browser, "/atoms/new", **FACT, title="Brackets", body=body).status_code == 303
    page = only_atom(database, colleague)
    assert page.body == body
    assert browser.get(f"/atoms/{page.card.key}").status_code == 200


def test_a_fact_without_a_study_is_asked_for_one(browser: FlaskClient) -> None:
    answer = send(browser, "/atoms/new", kind="fact", title="No study", do="publish")
    assert answer.status_code == 422
    assert 'id="f-study-error"' in answer.get_data(as_text=True)


def test_a_study_that_is_gone_costs_no_text(browser: FlaskClient) -> None:
    answer = send(browser, "/atoms/new", kind="fact", title="Mine", study="gone", do="publish")
    assert answer.status_code == 422
    assert "Mine" in answer.get_data(as_text=True)


def test_a_number_that_is_none_is_refused_beside_the_evidence(browser: FlaskClient) -> None:
    number = {**QUOTE, "evidence-kind": ["number"], "evidence-number": ["many"]}
    answer = send(browser, "/atoms/new", **FACT, **number, title="Counted")
    assert answer.status_code == 422
    assert "Write numbers in digits" in answer.get_data(as_text=True)


def test_numbers_are_read_as_people_write_them(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    number = {
        **QUOTE,
        "evidence-kind": ["number"],
        "evidence-number": ["1 240,5"],
        "evidence-n": ["2 000"],
    }
    assert send(browser, "/atoms/new", **FACT, **number, title="Counted").status_code == 303
    (piece,) = only_atom(database, colleague).evidence
    assert (piece.number, piece.n) == (1240.5, 2000)


def test_without_script_rows_questions_and_preview_come_by_buttons(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    page = send(browser, "/atoms/new", **FACT, title="T", add="link").get_data(as_text=True)
    assert 'value="link"' in page
    page = send(browser, "/atoms/new", kind="fact", study="returns", do="questions")
    assert "How do they return?" in page.get_data(as_text=True)
    page = send(browser, "/atoms/new", **{**FACT, "do": "preview"}, title="T", body="**so**")
    assert "<strong>so</strong>" in page.get_data(as_text=True)
    page = send(browser, "/atoms/new", **FACT, **QUOTE, title="T", without="0")
    assert "I never found the button" not in page.get_data(as_text=True)
    with database.reading() as session:
        assert cards.logged_by(session, colleague, None, 10) == []


def test_the_preview_is_safe_html(browser: FlaskClient) -> None:
    page = send(browser, "/atoms/preview", body="*so* <script>alert(1)</script>")
    text = page.get_data(as_text=True)
    assert "<em>so</em>" in text
    assert "<script" not in text


def test_a_draft_is_seen_by_its_author_alone_until_it_is_published(
    app: Flask, browser: FlaskClient, database: Database, colleague: Person
) -> None:
    send(browser, "/atoms/new", **{**FACT, "do": "draft"}, title="Half a thought")
    key = only_atom(database, colleague).card.key
    with database.saving() as session:
        other = make.person(session, "Olga", "researcher")
    elsewhere = sign_in(app.test_client(), other)
    assert browser.get(f"/atoms/{key}").status_code == 200
    assert elsewhere.get(f"/atoms/{key}").status_code == 404
    send(browser, f"/atoms/{key}/status", version="1", status="published")
    assert elsewhere.get(f"/atoms/{key}").status_code == 200


def test_two_editors_both_keep_their_text(
    app: Flask, browser: FlaskClient, database: Database, colleague: Person, admin: Person
) -> None:
    key = logged(database, colleague, "They look for the label").key
    second = sign_in(app.test_client(), admin)
    mine = {**FACT, "version": "1", "do": "save"}
    assert send(second, f"/atoms/{key}/edit", **mine, title="Their words").status_code == 303
    answer = send(
        browser, f"/atoms/{key}/edit", **mine, title="My words", body="My text", tags="my tag"
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    for text in ("Their words", "My words", "My text", "my tag", "Anna"):
        assert text in page
    mine["version"] = "2"
    assert send(browser, f"/atoms/{key}/edit", **mine, title="My words").status_code == 303
    with database.reading() as session:
        assert cards.of_atom(session, colleague, key, "en").card.title == "My words"


def test_an_edit_keeps_what_the_form_does_not_show(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        atom = make.atom(session, colleague, "Old", quote="Kept", tags=["Problem"])
    page = browser.get(f"/atoms/{atom.key}/edit").get_data(as_text=True)
    assert "Kept" in page
    with database.reading() as session:
        (piece,) = evidence.of_atom(session, atom.id)
    row = {**QUOTE, "evidence-id": [str(piece.id)], "evidence-text": ["Kept"]}
    send(
        browser, f"/atoms/{atom.key}/edit", **FACT, **row, title="New", version="1", tags="Problem"
    )
    with database.reading() as session:
        shown = cards.of_atom(session, colleague, atom.key, "en")
    assert shown.card.title == "New"
    assert shown.card.status == "published"
    assert [(one.id, one.text) for one in shown.evidence] == [(piece.id, "Kept")]
    assert [tag.label for tag in shown.card.tags] == ["Problem"]


def test_saving_without_a_change_leaves_no_trace(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    key = logged(database, colleague).key
    same = {**FACT, "title": "They look for the label", "version": "1"}
    assert send(browser, f"/atoms/{key}/edit", **same).status_code == 303
    with database.reading() as session:
        assert cards.of_atom(session, colleague, key, "en").version == 1
    assert "edited" not in browser.get(f"/atoms/{key}/history").get_data(as_text=True)


def test_history_tells_who_changed_which_words(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    key = logged(database, colleague, "They look for the label").key
    send(browser, f"/atoms/{key}/edit", **FACT, title="They look for a label", version="1")
    page = browser.get(f"/atoms/{key}/history").get_data(as_text=True)
    assert "<del>the </del><ins>a </ins>" in page
    assert "Marina" in page


def test_history_does_not_tell_of_atoms_that_the_reader_may_not_see(
    app: Flask, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        open_atom = make.atom(session, colleague, "An open claim")
        closed = make.study(session, colleague, key="closed", access="members")
        secret = make.atom(session, colleague, "SEKRET claim", closed)
        make.link(session, colleague, secret, open_atom)
        reader = make.person(session, "Olga", "reader")
    pages = sign_in(app.test_client(), reader)
    for path in (f"/atoms/{open_atom.key}", f"/atoms/{open_atom.key}/history"):
        page = pages.get(path).get_data(as_text=True)
        assert "An open claim" in page
        assert "SEKRET" not in page
        assert secret.key not in page
        assert "supports" not in page


def test_a_link_is_found_by_words_and_made(
    app: Flask, browser: FlaskClient, database: Database, colleague: Person
) -> None:
    fact = logged(database, colleague, "They look for the label")
    with database.saving() as session:
        insight = make.atom(session, colleague, "Labels are hidden", kind="insight")
    app.extensions["house"].search.catch_up()
    page = browser.get(f"/atoms/{insight.key}/links?q=look+label").get_data(as_text=True)
    assert f'value="{fact.key}"' in page
    answer = send(browser, f"/atoms/{insight.key}/links", other=fact.key, how="supports in")
    assert answer.status_code == 303
    with database.reading() as session:
        (linked,) = links.of_atom(session, colleague, session.get_one(Atom, insight.id))
    assert (linked.other_id, linked.kind, linked.is_outgoing) == (fact.id, "supports", False)
    assert "They look for the label" in browser.get(f"/atoms/{insight.key}").get_data(as_text=True)
    assert send(browser, f"/atoms/{insight.key}/links/{linked.id}/remove").status_code == 303


def test_a_link_in_a_circle_is_refused_with_the_reason(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    one, two = logged(database, colleague, "One"), logged(database, colleague, "Two")
    send(browser, f"/atoms/{one.key}/links", other=two.key, how="supports in")
    answer = send(browser, f"/atoms/{two.key}/links", other=one.key, how="supports in")
    assert answer.status_code == 422
    assert "that would be a circle" in answer.get_data(as_text=True)


def test_a_tag_that_cannot_be_used_comes_back_with_the_reason(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    key = logged(database, colleague).key
    answer = send(browser, f"/atoms/{key}/tags", tags="Nowhere > Tag")
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "Nowhere &gt; Tag" in page
    assert "There is no tag group" in page

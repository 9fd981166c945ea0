"""Facts made of a source's words: what the forms send, who may, and who was quicker."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import col, select

from research_repo.core import anchors, atoms, sources, studies
from research_repo.core.db import Database
from research_repo.core.evidence import of_atom
from research_repo.core.models import Atom, Evidence, Person, Source
from tests import make
from tests.web.conftest import send, sign_in

WORDS = "It came after two weeks."


@pytest.fixture
def source(database: Database, colleague: Person) -> Source:
    with database.saving() as session:
        turns = [("R-1", WORDS), ("Maria Orlova", "So did mine.")]
        return make.source(session, colleague, turns, codes={"R-1": "R-1"})


@pytest.fixture
def browser(client: FlaskClient, colleague: Person) -> FlaskClient:
    return sign_in(client, colleague)


def form(**values: Any) -> dict[str, Any]:
    return {"start": "8", "end": "24", "words": "", "title": "They wait", "seen": "0", **values}


def made(database: Database, source: Source) -> list[tuple[str, str, str, str]]:
    """Title, status, quote and who said it, of all facts that were made of the source."""
    with database.reading() as session:
        rows = session.exec(
            select(Atom, Evidence)
            .join(Evidence, col(Evidence.atom_id) == col(Atom.id))
            .where(Evidence.source_id == source.id)
            .order_by(col(Atom.id))
        )
        return [(atom.title, atom.status, row.text, row.who) for atom, row in rows]


def test_a_fact_of_selected_words_leads_back_to_their_place(
    browser: FlaskClient, database: Database, source: Source
) -> None:
    answer = send(browser, f"/sources/{source.key}/facts/new", **form(tags="Delivery"))
    assert re.fullmatch(rf"/sources/{source.key}#q-\d+", answer.headers["Location"])
    assert made(database, source) == [("They wait", "published", "after two weeks.", "R-1")]


def test_a_fact_without_words_of_ones_own_is_a_draft_under_those_that_were_said(
    browser: FlaskClient, database: Database, source: Source
) -> None:
    send(browser, f"/sources/{source.key}/facts/new", **form(title=" "))
    assert made(database, source) == [("after two weeks.", "draft", "after two weeks.", "R-1")]


def test_a_long_quote_gives_a_draft_a_short_title(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        long = make.source(session, colleague, [("R-1", "waiting and waiting " * 40)])
    send(browser, f"/sources/{long.key}/facts/new", **form(start="0", end="700", title=""))
    (title, *_), *_ = made(database, long)
    assert len(title) <= atoms.TITLE_ADVISED + 1
    assert title.endswith(("waiting…", "and…"))


@pytest.mark.parametrize(
    "bad",
    [
        {"start": "", "end": ""},
        {"start": "x", "end": "9"},
        {"start": "9", "end": "3"},
        {"start": "900", "end": "999"},
        {"words": "Nobody said so"},
        {"title": "x" * 600},
    ],
)
def test_what_cannot_be_quoted_comes_back_with_all_that_was_typed(
    browser: FlaskClient, database: Database, source: Source, bad: dict[str, str]
) -> None:
    sent = form(**{"title": "Kept words", **bad})
    answer = send(browser, f"/sources/{source.key}/facts/new", **sent)
    assert answer.status_code == 422
    assert sent["title"] in answer.get_data(as_text=True)
    assert made(database, source) == []


def test_nothing_is_asked_about_a_source_without_a_place(
    browser: FlaskClient, source: Source
) -> None:
    assert browser.get(f"/sources/{source.key}/facts/new").status_code == 404
    assert browser.get("/quotes/999").status_code == 404


def test_the_name_of_a_speaker_is_told_to_the_team_alone_with_the_way_to_give_a_code(
    app: Flask, browser: FlaskClient, database: Database, colleague: Person, source: Source
) -> None:
    start = source.text.index("So did mine")
    sent = form(start=str(start), end=str(start + 11), title="Theirs came late")
    send(browser, f"/sources/{source.key}/facts/new", **sent)
    with database.saving() as session:
        atom = session.exec(select(Atom)).one()
        stranger = make.person(session, "Gleb", "curator")
    naming = f"/sources/{source.key}/speakers"
    page = browser.get(f"/atoms/{atom.key}").get_data(as_text=True)
    assert "Maria Orlova, a name that only the study team sees" in page
    assert "no respondent named" in page
    assert naming in page
    page = sign_in(app.test_client(), stranger).get(f"/atoms/{atom.key}").get_data(as_text=True)
    assert "So did mine" in page
    assert "Maria" not in page
    assert naming not in page
    send(browser, naming, speaker=["Maria Orlova"], code=["R-2"])
    page = browser.get(f"/atoms/{atom.key}").get_data(as_text=True)
    assert "R-2" in page
    assert "Maria" not in page


def test_the_team_is_told_of_a_quote_whose_words_stand_in_its_source_no_more(
    app: Flask, browser: FlaskClient, database: Database, source: Source
) -> None:
    send(browser, f"/sources/{source.key}/facts/new", **form())
    with database.saving() as session:
        atom = session.exec(select(Atom)).one()
        stranger = make.person(session, "Gleb", "curator")
    gone = "these words stand in the source no more"
    assert gone not in browser.get(f"/atoms/{atom.key}").get_data(as_text=True)
    lost = "Quotes without a place"
    assert lost not in browser.get(f"/sources/{source.key}").get_data(as_text=True)
    send(browser, f"/sources/{source.key}/text", text="Nothing of it.", version=str(source.version))
    assert gone in browser.get(f"/atoms/{atom.key}").get_data(as_text=True)
    page = browser.get(f"/sources/{source.key}").get_data(as_text=True)
    assert f"/atoms/{atom.key}" in page.partition(lost)[2]
    theirs = sign_in(app.test_client(), stranger).get(f"/atoms/{atom.key}")
    assert gone not in theirs.get_data(as_text=True)


def test_of_a_removed_source_no_facts_are_made(
    browser: FlaskClient, database: Database, colleague: Person, source: Source
) -> None:
    with database.saving() as session:
        said = anchors.cut(session, colleague, source.key, 8, 24)
        atom = make.atom(session, colleague, "They wait", evidence=[said])
        sources.remove(session, colleague, source.key)
        (quote,) = of_atom(session, atom.id)
    assert send(browser, f"/sources/{source.key}/facts/new", **form()).status_code == 404
    assert browser.get(f"/quotes/{quote.id}").status_code == 404
    assert f"/quotes/{quote.id}" not in browser.get(f"/atoms/{atom.key}").get_data(as_text=True)


def test_a_reader_on_the_team_sees_quotes_in_their_place_and_makes_none(
    client: FlaskClient, database: Database, colleague: Person, source: Source
) -> None:
    with database.saving() as session:
        olga = make.person(session, "Olga", "reader")
        studies.add_member(session, colleague, "returns", olga.email, may_edit=False)
        said = anchors.cut(session, colleague, source.key, 8, 24)
        make.atom(session, colleague, "They wait", evidence=[said])
    browser = sign_in(client, olga)
    page = browser.get(f"/sources/{source.key}").get_data(as_text=True)
    assert "after two weeks.</mark>" in page
    assert "facts/new" not in page
    assert browser.get(f"/sources/{source.key}/facts/new?start=0&end=9").status_code == 403
    assert send(browser, f"/sources/{source.key}/facts/new", **form()).status_code == 403


def test_who_is_not_on_the_team_reads_the_quote_and_finds_no_way_to_its_source(
    client: FlaskClient, database: Database, colleague: Person, source: Source
) -> None:
    with database.saving() as session:
        petr = make.person(session, "Petr", "curator")
        said = anchors.cut(session, colleague, source.key, 8, 24)
        atom = make.atom(session, colleague, "They wait", evidence=[said])
        (quote,) = of_atom(session, atom.id)
    page = sign_in(client, petr).get(f"/atoms/{atom.key}").get_data(as_text=True)
    assert "after two weeks." in page
    assert "Interview" in page
    assert "/quotes/" not in page
    assert client.get(f"/quotes/{quote.id}").status_code == 404
    page = sign_in(client, colleague).get(f"/atoms/{atom.key}").get_data(as_text=True)
    assert f"/quotes/{quote.id}" in page


def test_a_quote_whose_words_went_leads_to_its_source_and_says_so(
    browser: FlaskClient, database: Database, colleague: Person, source: Source
) -> None:
    with database.saving() as session:
        said = anchors.cut(session, colleague, source.key, 8, 24)
        atom = make.atom(session, colleague, "They wait", evidence=[said])
        (quote,) = of_atom(session, atom.id)
        anchors.follow(session, source.id, source.text, "Another interview")
    answer = browser.get(f"/quotes/{quote.id}")
    assert answer.headers["Location"] == f"/sources/{source.key}"
    page = browser.get(f"/sources/{source.key}").get_data(as_text=True)
    assert "stand in the source no more" in page


def test_whoever_comes_second_with_the_same_words_is_asked_first(
    browser: FlaskClient, database: Database, admin: Person, source: Source
) -> None:
    with database.saving() as session:
        said = anchors.cut(session, admin, source.key, 3, 24)
        make.atom(session, admin, "Parcels are late", evidence=[said])
    path = f"/sources/{source.key}/facts/new"
    answer = send(browser, path, **form(tags="Delivery"))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Anna has just made a claim of these words." in page
    assert "Parcels are late" in page
    assert "They wait" in page
    assert "Delivery" in page
    assert len(made(database, source)) == 1
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert seen
    assert send(browser, path, **form(seen=seen[1])).status_code == 303
    assert [title for title, *_ in made(database, source)] == ["Parcels are late", "They wait"]


def test_other_words_of_the_same_source_are_nobodys_concern(
    browser: FlaskClient, database: Database, admin: Person, source: Source
) -> None:
    with database.saving() as session:
        said = anchors.cut(session, admin, source.key, 0, 10)
        make.atom(session, admin, "Parcels come", evidence=[said])
    assert send(browser, f"/sources/{source.key}/facts/new", **form()).status_code == 303


def test_of_two_who_send_the_same_words_at_once_one_is_asked(
    app: Flask, database: Database, admin: Person, colleague: Person, source: Source
) -> None:
    codes = []

    def go(person: Person) -> None:
        browser = sign_in(app.test_client(), person)
        answer = send(browser, f"/sources/{source.key}/facts/new", **form())
        codes.append(answer.status_code)

    both = [threading.Thread(target=go, args=(person,)) for person in (admin, colleague)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(codes) == [303, 409]
    assert len(made(database, source)) == 1


def test_the_question_that_was_answered_last_stays_chosen(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        study = make.study(session, colleague, "k", questions=["Why late?", "Why broken?"])
        source = make.source(session, colleague, study=study)
        second = studies.questions_of(session, study.id)[1]
    answer = send(browser, f"/sources/{source.key}/facts/new", **form(question=str(second.id)))
    assert f"question={second.id}" in answer.headers["Location"]
    page = browser.get(answer.headers["Location"]).get_data(as_text=True)
    assert re.search(rf'name="question" value="{second.id}" checked', page)


def test_an_edited_quote_on_a_form_finds_its_words_again(
    browser: FlaskClient, database: Database, colleague: Person, source: Source
) -> None:
    with database.saving() as session:
        said = anchors.cut(session, colleague, source.key, 0, 24)
        atom = make.atom(session, colleague, "They wait", evidence=[said])
        (quote,) = of_atom(session, atom.id)
    names = ("who", "source", "url", "number", "unit", "n")
    sent = {f"evidence-{name}": "" for name in names}
    for words, place in (("two weeks.", (14, 24)), ("three weeks", (None, None))):
        with database.reading() as session:
            version = session.get_one(Atom, atom.id).version
        send(
            browser,
            f"/atoms/{atom.key}/edit",
            kind="fact",
            title="They wait",
            study="returns",
            version=str(version),
            **sent,
            **{
                "evidence-kind": "quote",
                "evidence-id": str(quote.id),
                "evidence-text": words,
            },
        )
        with database.reading() as session:
            (row,) = of_atom(session, atom.id)
            assert (row.text, row.source_id) == (words, source.id)
            assert (row.span_start, row.span_end) == place


def test_personal_data_in_a_quote_is_masked_in_its_source_too(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    said = "Call me: +7 916 123-45-67, please."
    with database.saving() as session:
        source = make.source(session, colleague, [("R-1", f"{WORDS} {said} Or write.")])
        later = anchors.cut(session, colleague, source.key, len(WORDS) + len(said) + 2, 99)
        make.atom(session, colleague, "They write", evidence=[later])
    start = len(WORDS) + 1
    place = {"start": str(start), "end": str(start + len(said)), "seen": "99"}
    sent = form(**place, words=said)
    asked = send(browser, f"/sources/{source.key}/facts/new", **sent)
    assert asked.status_code == 422
    assert 'id="f-personal"' in asked.get_data(as_text=True)
    done = send(browser, f"/sources/{source.key}/facts/new", **sent, personal="mask")
    assert done.status_code == 303
    with database.reading() as session:
        text = session.exec(select(Source.text).where(Source.id == source.id)).one()
        quotes = session.exec(select(Evidence).where(Evidence.source_id == source.id)).all()
    assert "916" not in text
    hidden = "Call me: +• ••• •••-••-••, please."
    assert sorted(one.text for one in quotes) == [hidden, "Or write."]
    for one in quotes:
        assert text[one.span_start : one.span_end] == one.text

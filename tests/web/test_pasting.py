"""Pasting many lines: looked at first, kept as drafts once, and nothing that was pasted is lost."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from research_repo.core import cards, evidence, pasting, scratch
from research_repo.core.db import Database
from research_repo.core.models import Atom, Person, Study
from tests import make
from tests.web.conftest import send, sign_in

RANGE = (
    "Fact\tQuote\tRespondent\tTags\tDate\n"
    'They wait\t"I said:\n""where is it""\tand left"\tR-01\tProblem; new word\t2026-03-01\n'
    "\t\t\t\t\n"
    "They call\t\tR-02\tProblem\t\n"
)


@pytest.fixture
def study(database: Database, colleague: Person) -> Study:
    with database.saving() as session:
        return make.study(session, colleague, questions=["Why?"])


@pytest.fixture
def browser(client: FlaskClient, colleague: Person, study: Study) -> FlaskClient:
    return sign_in(client, colleague)


def paste(browser: FlaskClient, text: str, do: str = "look", **form: Any) -> Any:
    return send(
        browser, "/drafts/paste", **{"study": "returns", "slot": "p1", **form}, text=text, do=do
    )


def looked_at(browser: FlaskClient, text: str, **form: Any) -> str:
    answer = paste(browser, text, **form)
    assert answer.status_code == 303
    return str(browser.get(answer.headers["Location"]).get_data(as_text=True))


def kept(database: Database, by: Person) -> list[tuple[str, str, list[tuple[str, str]], list[str]]]:
    """Title, status, quotes with who said them, and tags of what the person made, the oldest first."""
    with database.reading() as session:
        made = cards.of_atoms(session, by, cards.logged_by(session, by, None, 1000)[::-1], "en")
        return [
            (
                one.title,
                one.status,
                [(e.text, e.who) for e in evidence.of_atom(session, one.id) if e.kind == "quote"],
                sorted(tag.label for tag in one.tags),
            )
            for one in made
        ]


def test_fifty_lines_become_fifty_drafts(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    lines = "\n\n".join(f"They do thing {n}, and then another" for n in range(50))
    shown = looked_at(browser, lines, who="R-06", tags="Problem")
    assert "Keep 50 drafts" in shown
    assert kept(database, colleague) == []
    answer = paste(browser, lines, "keep", who="R-06", tags="Problem")
    assert answer.headers["Location"] == "/drafts?study=returns&new=50"
    made = kept(database, colleague)
    assert [title for title, *_ in made] == lines.split("\n\n")
    assert {(status, *tags) for _, status, _, tags in made} == {("draft", "Problem")}
    page = browser.get(answer.headers["Location"]).get_data(as_text=True)
    assert page.count('name="draft"') == len(re.findall(r'name="draft"[^>]* checked>', page)) == 50
    with database.reading() as session:
        assert scratch.of_person(session, colleague, "paste:") == []


def test_a_range_of_cells_keeps_its_quotes_respondents_tags_and_line_breaks(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    shown = looked_at(browser, RANGE, who="R-09")
    assert "Keep 2 drafts" in shown
    assert "new word" in shown
    assert shown.count("<option") > 10
    paste(browser, RANGE, "keep", who="R-09")
    assert kept(database, colleague) == [
        (
            "They wait",
            "draft",
            [('I said:\n"where is it"\tand left', "R-01")],
            ["Problem", "new word"],
        ),
        ("They call", "draft", [], ["Problem"]),
    ]
    with database.reading() as session:
        first = min(cards.logged_by(session, colleague, None, 10))
        assert str(session.get_one(Atom, first).observed_on) == "2026-03-01"


def test_columns_are_what_the_person_says_they_are(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    text = "R-01\tI never found it\tThey look for it\nR-02\tWhere is it\tThey ask"
    chosen = {"mark": "tab", "seen": "tab", "column": ["respondent", "quote", "title"]}
    paste(browser, text, "keep", **chosen)
    assert kept(database, colleague)[0][:3] == (
        "They look for it",
        "draft",
        [("I never found it", "R-01")],
    )


def test_a_csv_is_divided_and_a_sentence_with_commas_is_not(browser: FlaskClient) -> None:
    table = 'title,quote\nThey wait,"Where, I ask, is it"\n'
    assert "Keep 1 draft" in looked_at(browser, table)
    assert "Where, I ask, is it</td>" in looked_at(browser, table)
    assert "They wait, and call</td>" in looked_at(
        browser, "They wait, and call\nThey go, and come"
    )


def test_lines_that_cannot_be_kept_stay_to_be_put_right(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    text = "title\tdate\nGood\t2026-03-01\nBad day\tsome day\n\t2026-03-01\n" + "x" * 501 + "\t\n"
    shown = looked_at(browser, text)
    assert "Keep 1 draft" in shown
    assert "3 lines cannot be kept so" in shown
    assert "Line 3, date: Write a date such as 2026-03-31." in shown
    answer = paste(browser, text, "keep")
    assert [one[0] for one in kept(database, colleague)] == ["Good"]
    left = browser.get(answer.headers["Location"]).get_data(as_text=True)
    assert "Bad day\tsome day" in left
    assert "Good" not in left
    assert "3 lines cannot be kept so" in left


def test_pressing_twice_or_at_once_keeps_each_line_once(
    browser: FlaskClient, app: Flask, database: Database, colleague: Person
) -> None:
    lines = "\n".join(f"Line {n}" for n in range(35))
    paste(browser, lines)
    others = [sign_in(app.test_client(), colleague) for _ in range(3)]
    pressed = [threading.Thread(target=paste, args=(one, lines, "keep")) for one in others]
    for one in pressed:
        one.start()
    for one in pressed:
        one.join()
    assert sorted(one[0] for one in kept(database, colleague)) == sorted(lines.split("\n"))


def test_what_was_broken_off_goes_on_where_it_ended(
    browser: FlaskClient, database: Database, colleague: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = "\n".join(f"Line {n}" for n in range(25))
    go_on, parts = pasting.go_on, []

    def fails_later(*arguments: Any) -> bool:
        parts.append(1)
        if len(parts) == 2:
            raise OSError("the power went")
        return go_on(*arguments)

    monkeypatch.setattr(pasting, "go_on", fails_later)
    assert paste(browser, lines, "keep").status_code == 500
    assert len(kept(database, colleague)) == pasting.AT_ONCE
    paste(browser, lines, "keep")
    assert [one[0] for one in kept(database, colleague)] == lines.split("\n")


@pytest.mark.parametrize(
    ("text", "form", "field"),
    [
        ("", {}, "text"),
        (" \n\t\n", {}, "text"),
        ("\n".join(map(str, range(501))), {}, "text"),
        ("я" * 300_001, {}, "text"),
        ("One", {"study": ""}, "study"),
        ("One", {"study": "nowhere"}, "study"),
    ],
)
def test_what_cannot_be_pasted_comes_back_with_advice(
    browser: FlaskClient, database: Database, colleague: Person, text: str, form: Any, field: str
) -> None:
    for do in ("look", "keep"):
        answer = paste(browser, text, do, **form)
        page = answer.get_data(as_text=True)
        assert answer.status_code == 422
        assert f'id="f-{field}-error"' in page
        assert text[:20] in page
    assert kept(database, colleague) == []


def test_a_closed_study_takes_no_lines_of_others_and_is_not_told(
    browser: FlaskClient, database: Database, admin: Person, colleague: Person
) -> None:
    with database.saving() as session:
        make.study(session, admin, "closed", "Zebrafish", access="members")
    answer = paste(browser, "One", "keep", study="closed")
    assert answer.status_code == 422
    assert "Zebrafish" not in answer.get_data(as_text=True)
    assert kept(database, colleague) == []


def test_phones_and_e_mails_are_told_and_hidden_by_one_press(browser: FlaskClient) -> None:
    text = "She calls +7 917 123-45-67\nHe writes to anna@example.org"
    shown = looked_at(browser, text)
    assert "which readers would see" in shown
    assert "phone" in shown
    hidden = looked_at(browser, text, do="mask")
    assert "917 123" not in hidden
    assert "anna@" not in hidden
    assert "She calls +•" in hidden


def test_a_tag_that_several_are_called_keeps_its_line_out_and_says_their_paths(
    browser: FlaskClient, database: Database, admin: Person
) -> None:
    with database.saving() as session:
        make.tag(session, admin, "Card")
        make.tag(session, admin, "Card", "segment")
    shown = looked_at(browser, "title\ttags\nOne\tCard\nTwo\tSegment > Card")
    assert "Keep 1 draft" in shown
    assert "Line 2, tags: “Card” names several tags" in shown


def test_what_was_pasted_waits_for_its_author_alone(
    browser: FlaskClient, app: Flask, admin: Person
) -> None:
    assert "They wait" in looked_at(browser, "They wait\nThey call")
    boss = sign_in(app.test_client(), admin)
    assert "They wait" not in boss.get("/drafts/paste?slot=p1").get_data(as_text=True)

"""Languages, themes, dates and fine typography."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from research_repo.core.clock import now
from research_repo.core.db import Database
from research_repo.core.models import Person
from research_repo.web import words
from research_repo.web.shell import page_numbers
from tests.web.conftest import fresh, send, sign_in

NBSP = "\u00a0"


def page_language(client: FlaskClient, path: str = "/sign-in", **headers: str) -> str:
    page = client.get(path, headers=headers).get_data(as_text=True)
    found = re.search(r'<html lang="(\w+)"', page)
    assert found
    return found[1]


def test_a_page_speaks_the_language_that_the_browser_asks_for(
    client: FlaskClient, admin: Person
) -> None:
    assert page_language(client) == "en"
    assert page_language(client, **{"Accept-Language": "ru-RU,ru;q=0.9,en;q=0.5"}) == "ru"
    assert page_language(client, **{"Accept-Language": "de, fr"}) == "en"


def test_the_language_chosen_in_the_footer_stays_also_before_signing_in(
    client: FlaskClient, admin: Person
) -> None:
    answer = send(client, "/language", language="ru", next="/sign-in?next=/tags")
    assert answer.headers["Location"] == "/sign-in?next=/tags"
    assert page_language(client) == "ru"
    assert "Войти" in client.get("/sign-in").get_data(as_text=True)


def test_a_persons_language_goes_with_them_to_every_browser(
    client: FlaskClient, app: Flask, database: Database, colleague: Person
) -> None:
    send(sign_in(client, colleague), "/language", language="ru", next="/account")
    assert fresh(database, colleague).language == "ru"
    elsewhere = sign_in(app.test_client(), colleague)
    assert page_language(elsewhere, "/account", **{"Accept-Language": "en"}) == "ru"


def test_an_unknown_language_and_a_foreign_page_to_go_on_to_change_nothing(
    client: FlaskClient, admin: Person
) -> None:
    answer = send(client, "/language", language="xx", next="//evil.example")
    assert answer.headers["Location"] == "/"
    assert page_language(client) == "en"


@pytest.mark.parametrize(("theme", "written"), [("dark", "dark"), ("light", "light")])
def test_the_chosen_theme_is_in_the_page_itself(
    client: FlaskClient, admin: Person, theme: str, written: str
) -> None:
    send(client, "/theme", theme=theme)
    assert f'data-theme="{written}"' in client.get("/sign-in").get_data(as_text=True)
    send(client, "/theme", theme="system")
    assert "data-theme=" not in client.get("/sign-in").get_data(as_text=True)


def test_a_made_up_theme_never_reaches_the_page(client: FlaskClient, admin: Person) -> None:
    client.set_cookie("theme", '"><b>')
    assert "<b>" not in client.get("/sign-in").get_data(as_text=True)


@pytest.mark.parametrize(
    ("typed", "fine"),
    [
        ("В базе и не в ней", f"В{NBSP}базе и{NBSP}не{NBSP}в{NBSP}ней"),
        ("38 % из 1 240", f"38{NBSP}% из{NBSP}1{NBSP}240"),
        ("звонят из-за срока", f"звонят из-\u2060за{NBSP}срока"),
        ("Факт — одно", f"Факт{NBSP}— одно"),
        ("ещё %(num)s тегов", f"ещё %(num)s{NBSP}тегов"),
    ],
)
def test_russian_sentences_do_not_break_where_they_should_not(typed: str, fine: str) -> None:
    assert words.fine(typed, "ru") == fine
    assert words.fine(typed, "en") == typed


def test_russian_numbers_take_the_right_form(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "ru"}):
        said = [
            app.jinja_env.from_string(
                '{{ ngettext("Notices: one is new", "Notices: %(num)s are new", n) }}'
            ).render(n=n)
            for n in (1, 2, 5, 21)
        ]
    assert said == [
        f"Уведомления: 1{NBSP}новое",
        f"Уведомления: 2{NBSP}новых",
        f"Уведомления: 5{NBSP}новых",
        f"Уведомления: 21{NBSP}новое",
    ]


def test_days_are_written_as_people_write_them(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "ru"}):
        assert words.day(date(2026, 3, 2)) == f"2{NBSP}марта 2026"
        assert words.number(1240.5) == f"1{NBSP}240,5"
    with app.test_request_context():
        assert words.day(date(2026, 3, 2)) == "2 March 2026"
        assert words.moment(datetime(2026, 3, 2, 9, 5, tzinfo=UTC)) == "2 March 2026, 09:05"
        assert words.when(datetime(2020, 3, 2, 9, 5, tzinfo=UTC)) == "2 March 2020"
        assert words.when(now()) == f"{now():%H:%M}"
        assert words.when(now() - timedelta(days=2)) != f"{now() - timedelta(days=2):%H:%M}"


def test_a_long_list_shows_the_pages_worth_a_link() -> None:
    assert page_numbers(1, 1) == [1]
    assert page_numbers(2, 4) == [1, 2, 3, 4]
    assert page_numbers(6, 20) == [1, None, 5, 6, 7, None, 20]

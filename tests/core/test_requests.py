"""Asking for a study: everybody who researches is told, in words, and nobody is flooded."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlmodel import Session, select

from research_repo.core import history, notices, people, requests
from research_repo.core.clock import now, today
from research_repo.core.errors import Invalid
from research_repo.core.models import History, Person
from research_repo.core.requests import Request
from tests import make

WANTED = Request("Почему не заказывают второй раз?", "Решаем, делать ли подписку")


def ask(session: Session, by: Person, request: Request = WANTED) -> int:
    return requests.ask(session, by, requests.ready(request), "/search?q=x")


def test_researchers_curators_and_admins_are_told_who_asks_what_and_why(
    session: Session, reader: Person, researcher: Person, curator: Person
) -> None:
    admin = make.person(session, "Anna", "admin")
    other = make.person(session, "Another reader", "reader")
    gone = make.person(session, "Gone", "researcher")
    people.change(session, admin, gone.id, gone.name, "researcher", False)
    assert ask(session, reader) == 3
    for person in (researcher, curator, admin):
        (told,) = notices.listed(session, person)
        assert (
            str(told.message)
            == "Olga asks for a study: “Почему не заказывают второй раз?” It matters because: "
            "Решаем, делать ли подписку"
        )
        assert told.address == "/search?q=x"
    for person in (reader, other, gone, people.system(session)):
        assert notices.listed(session, person) == []


def test_the_day_is_said_in_words(session: Session, reader: Person, researcher: Person) -> None:
    ask(session, reader, replace(WANTED, needed_by=date(2098, 12, 1)))
    (told,) = notices.listed(session, researcher)
    assert "by 1 December 2098" in str(told.message)


def test_a_researcher_asks_the_others(session: Session, researcher: Person) -> None:
    with pytest.raises(Invalid, match="administrator"):
        ask(session, researcher)
    make.person(session, "Pavel", "researcher")
    assert ask(session, researcher) == 1
    assert notices.listed(session, researcher) == []


def test_a_request_leaves_a_line_of_history(
    session: Session, reader: Person, researcher: Person
) -> None:
    ask(session, reader)
    (line, *_) = history.of(session, "person", [reader.id])
    assert line.verb == requests.VERB
    assert line.who == "Olga"
    assert line.after["question"] == WANTED.question


def test_nobody_asks_for_more_than_a_few_in_a_day(
    session: Session, reader: Person, researcher: Person
) -> None:
    other = make.person(session, "Another reader", "reader")
    for _ in range(requests.A_DAY):
        ask(session, reader)
    with pytest.raises(Invalid, match="tomorrow"):
        ask(session, reader)
    assert len(notices.listed(session, researcher)) == requests.A_DAY
    ask(session, other)
    for line in session.exec(select(History).where(History.verb == requests.VERB)):
        line.at = now() - timedelta(days=1, minutes=1)
    session.flush()
    assert ask(session, reader) == 1


@pytest.mark.parametrize(
    ("field", "request_"),
    [
        ("question", replace(WANTED, question=" \n")),
        ("question", replace(WANTED, question="x" * (requests.QUESTION_MAX + 1))),
        ("why", replace(WANTED, why="")),
        ("why", replace(WANTED, why="x" * (requests.WHY_MAX + 1))),
        ("needed_by", replace(WANTED, needed_by=today() - timedelta(days=1))),
    ],
)
def test_what_is_missing_or_too_long_is_said_beside_its_field(
    field: str, request_: Request
) -> None:
    with pytest.raises(Invalid) as refusal:
        requests.ready(request_)
    assert list(refusal.value.problems) == [field]


def test_line_breaks_and_unseen_signs_do_not_reach_the_notice() -> None:
    ready = requests.ready(replace(WANTED, question="Why\x00\r\nso\u2028late?"))
    assert ready.question == "Why so late?"

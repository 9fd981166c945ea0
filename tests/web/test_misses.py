"""Words that found too little come to the curators, and nothing closed comes with them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select

from research_repo.core import access, studies
from research_repo.core.db import Database
from research_repo.core.models import Person, SearchMiss
from research_repo.noting import MissKeeper, is_miss
from research_repo.search import Found, Wanted
from tests import make
from tests.web.conftest import send, sign_in

Searched = Callable[..., None]


@pytest.fixture(autouse=True)
def index(app: Flask) -> None:
    """There is one from the beginning: nothing is judged without."""
    app.extensions["house"].search.catch_up()


@pytest.fixture
def curator(database: Database, admin: Person) -> Person:
    with database.saving() as session:
        return make.person(session, "Ilya", "curator")


@pytest.fixture
def searched(app: Flask, colleague: Person) -> Searched:
    """Search for something, and let it be written down."""

    def search(text: str, by: Person = colleague, **more: str) -> None:
        app.extensions["house"].search.catch_up()
        answer = sign_in(app.test_client(), by).get("/search", query_string={"q": text, **more})
        assert answer.status_code == 200
        app.extensions["misses"].write()

    return search


def kept(database: Database) -> list[str]:
    with database.reading() as session:
        return sorted(session.exec(select(SearchMiss.text)))


def page_of(client: FlaskClient, person: Person, address: str = "/tags/missed") -> str:
    return unescape(sign_in(client, person).get(address).get_data(as_text=True))


def test_what_found_nothing_or_little_is_noted_and_what_found_enough_is_not(
    database: Database, colleague: Person, searched: Searched
) -> None:
    with database.saving() as session:
        for number in range(3):
            make.atom(session, colleague, f"Parcels are late in case {number}")
    for text in ("parcels", "giraffes", "case 1 giraffes"):
        searched(text)
    assert kept(database) == ["giraffes"]


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("giraffes", {"literal": "1"}),
        ("giraffes", {"page": "2"}),
        ("giraffes", {"kind": "insight"}),
        ("giraffes", {"tag": "nothing"}),
        ("giraf*", {}),
        ('"giraffes"', {}),
        ("-giraffes", {}),
        ("olga@example.org", {}),
        ("+7 916 123-45-67", {}),
        ("gi", {}),
        ("", {}),
    ],
)
def test_what_was_narrowed_or_may_be_personal_is_not_noted(
    database: Database, searched: Searched, text: str, more: dict[str, str]
) -> None:
    searched(text, **more)
    assert kept(database) == []


def test_what_was_put_right_is_known_and_not_noted(
    database: Database, colleague: Person, searched: Searched
) -> None:
    with database.saving() as session:
        make.atom(session, colleague, "Parcels are late")
    searched("parcles")
    assert kept(database) == []


def test_nothing_is_noted_while_there_is_no_index() -> None:
    found = Found(0, (), rebuilding=0.5)
    assert not is_miss(Wanted(text="giraffes"), found)
    assert is_miss(Wanted(text="giraffes"), Found(0, ()))


def test_the_name_of_a_tag_that_was_added_finds_and_leaves_the_list(
    app: Flask, client: FlaskClient, database: Database, curator: Person, searched: Searched
) -> None:
    with database.saving() as session:
        refund = make.tag(session, curator, "Возврат денег", en="Refunds")
        make.atom(session, curator, "Деньги приходят через десять дней", tags=[refund])
    searched("манибэк")
    page = page_of(client, curator)
    assert "манибэк" in page
    assert 'Searched, not found<span class="num">1</span>' in page_of(
        client, curator, "/tags/health"
    )
    form = {"do": "add_label", "tag": refund.key, "label": "манибэк", "language": "ru"}
    prefilled = page_of(client, curator, "/changes/new?do=add_label&label=манибэк&language=ru")
    assert 'value="манибэк"' in prefilled
    composed = send(client, "/changes/new", **form).headers["Location"]
    shown = client.get(composed).get_data(as_text=True)
    print_ = shown.split('name="print" value="')[1].split('"')[0]
    assert send(client, f"{composed}/apply", print=print_).status_code == 303
    assert "Деньги приходят" in page_of(client, curator, "/search?q=манибэк")
    assert '<strong lang="ru">манибэк' not in page_of(client, curator)


def test_tags_that_sound_like_it_are_offered(
    client: FlaskClient, database: Database, curator: Person, searched: Searched
) -> None:
    with database.saving() as session:
        make.tag(session, curator, "Onboarding")
        session.add(
            SearchMiss(folded="on boarding", text="on-boarding", last_on=curator.created_at)
        )
    page = page_of(client, curator)
    assert "Another name of “Onboarding”" in page


def test_what_is_not_needed_goes_and_can_be_brought_back(
    client: FlaskClient, database: Database, curator: Person, searched: Searched
) -> None:
    searched("giraffes")
    with database.reading() as session:
        miss_id = session.exec(select(SearchMiss.id)).one()
    sign_in(client, curator)
    assert send(client, f"/tags/missed/{miss_id}/settle").status_code == 303
    page = client.get("/tags/missed").get_data(as_text=True)
    assert "does not come up again" in page
    assert "No word is missing" in page
    assert "Bring back" in page
    send(client, f"/tags/missed/{miss_id}/reopen")
    assert "No word is missing" not in page_of(client, curator)


def close(database: Database, owner: Person, title: str, **values: str) -> None:
    with database.saving() as session:
        study = make.study(session, owner, "closed", title, access="members", **values)
        make.atom(session, owner, "Nobody outside hears of the aardvark", study)


@pytest.mark.parametrize(
    "text",
    ["zebrafish", "Zebrafish merger", "zebrafish giraffes", "aardvark", "zebrafihs", "quagga plan"],
)
def test_words_of_a_closed_study_are_not_noted_whoever_searches_them(
    database: Database, admin: Person, colleague: Person, searched: Searched, text: str
) -> None:
    close(database, colleague, "Zebrafish merger", summary="The quagga plan")
    for by in (colleague, admin):
        searched(text, by)
    assert kept(database) == []


def test_open_words_that_stand_together_in_a_closed_title_alone_are_not_noted(
    database: Database, colleague: Person, searched: Searched
) -> None:
    with database.saving() as session:
        make.atom(session, colleague, "Merger is a word")
        make.atom(session, colleague, "Couriers are people")
    close(database, colleague, "Merger of couriers")
    searched("couriers merger")
    assert kept(database) == []


def test_a_draft_is_closed_too(database: Database, colleague: Person, searched: Searched) -> None:
    with database.saving() as session:
        make.atom(session, colleague, "The zebrafish is odd", kind="insight", status="draft")
    searched("zebrafish")
    assert kept(database) == []


def test_a_word_is_taken_out_of_sight_when_a_study_is_closed_or_begun_after_it_was_searched(
    app: Flask, client: FlaskClient, database: Database,
    curator: Person, colleague: Person, searched: Searched,
) -> None:  # fmt: skip
    searched("zebrafish")
    assert "zebrafish" in page_of(client, curator)
    with database.saving() as session:
        make.study(session, colleague, "closed", "Zebrafish merger", access="members")
    assert "zebrafish" not in page_of(client, curator).lower()
    assert 'Searched, not found<span class="num">0</span>' in page_of(
        client, curator, "/tags/health"
    )
    with database.saving() as session:
        study = access.study_to_read(session, colleague, "closed")
        values = studies.ready(studies.StudyValues(title=study.title, access="open"))
        studies.change(session, colleague, "closed", study.version, values)
    assert "zebrafish" in page_of(client, curator)


def test_a_settled_word_is_judged_anew_as_well(
    client: FlaskClient, database: Database,
    curator: Person, colleague: Person, searched: Searched,
) -> None:  # fmt: skip
    searched("zebrafish")
    with database.reading() as session:
        miss_id = session.exec(select(SearchMiss.id)).one()
    sign_in(client, curator)
    send(client, f"/tags/missed/{miss_id}/settle")
    page_of(client, curator)
    with database.saving() as session:
        make.study(session, colleague, "closed", "Zebrafish merger", access="members")
    assert "zebrafish" not in page_of(client, curator)


def test_a_search_waits_for_nobody_who_writes(
    app: Flask, client: FlaskClient, database: Database, colleague: Person
) -> None:
    app.extensions["misses"].start()
    sign_in(client, colleague)
    client.get("/search?q=warm")
    with database.gate():
        begun = time.perf_counter()
        assert client.get("/search?q=giraffes").status_code == 200
        assert time.perf_counter() - begun < 1
    for _ in range(100):
        if kept(database) == ["giraffes", "warm"]:
            break
        time.sleep(0.1)
    assert kept(database) == ["giraffes", "warm"]


def test_a_fault_while_noting_fails_no_search_and_stops_no_later_note(
    app: Flask, client: FlaskClient, database: Database, colleague: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    keeper: MissKeeper = app.extensions["misses"]
    monkeypatch.setattr("research_repo.noting.GATHER_SECONDS", 0.01)
    broken = threading.Event()

    def fail(*_: object, **__: object) -> list[str]:
        broken.set()
        raise RuntimeError("no judge")

    with monkeypatch.context() as patch:
        patch.setattr(app.extensions["house"].search, "open_texts", fail)
        keeper.start()
        sign_in(client, colleague)
        assert client.get("/search?q=giraffes").status_code == 200
        assert broken.wait(5)
    client.get("/search?q=okapis")
    for _ in range(100):
        if kept(database):
            break
        time.sleep(0.05)
    assert kept(database) == ["okapis"]


def test_more_than_can_be_written_is_dropped_and_fails_no_search(
    app: Flask, client: FlaskClient, colleague: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("research_repo.noting.WAITING_MAX", 2)
    house = app.extensions["house"]
    app.extensions["misses"] = MissKeeper(house.database, house.search)
    sign_in(client, colleague)
    for number in range(5):
        assert client.get(f"/search?q=giraffe{number}").status_code == 200

"""Feeds: an address that only its person knows, read without a session, as they may at that moment."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select

from research_repo.app import create_app
from research_repo.core import feeds, follows, people, saved_searches, studies
from research_repo.core.db import Database
from research_repo.core.models import Atom, Follow, HistoryPayload, Person, SavedSearch
from research_repo.settings import Settings
from tests import make
from tests.web.conftest import send, sign_in

ATOM = {"a": "http://www.w3.org/2005/Atom"}


@pytest.fixture
def olga(database: Database, admin: Person) -> Person:
    with database.saving() as session:
        return make.person(session, "Olga", "reader")


@pytest.fixture
def saved(database: Database, olga: Person, admin: Person) -> SavedSearch:
    with database.saving() as session:
        study = make.study(session, admin, "returns", title="Returns & <refunds>")
        ids = [make.atom(session, admin, f"Refund {number}", study).id for number in range(3)]
        kept = saved_searches.save(session, olga, "Refunds “<&>”", [("q", "refund")])
        follows.follow(session, olga, kept.key, ids)
        return kept


@pytest.fixture
def address(database: Database, olga: Person, saved: SavedSearch) -> str:
    with database.saving() as session:
        return f"/feeds/{feeds.make(session, olga, saved.key)}.atom"


def titles(client: FlaskClient, address: str) -> list[str]:
    answer = client.get(address)
    assert answer.status_code == 200
    root = ElementTree.fromstring(answer.data)
    return [str(one.text) for one in root.findall("a:entry/a:title", ATOM)]


def test_a_feed_tells_the_newest_with_kind_study_date_and_address(
    client: FlaskClient, address: str, saved: SavedSearch
) -> None:
    answer = client.get(address)
    assert answer.mimetype == "application/atom+xml"
    root = ElementTree.fromstring(answer.data)
    assert root.findtext("a:title", namespaces=ATOM) == "Refunds “<&>”"
    entries = root.findall("a:entry", ATOM)
    assert [one.findtext("a:title", namespaces=ATOM) for one in entries] == [
        "Refund 2",
        "Refund 1",
        "Refund 0",
    ]
    summary = entries[0].findtext("a:summary", namespaces=ATOM)
    assert re.fullmatch(r"Fact · Returns & <refunds> · \d{4}-\d\d-\d\d", summary or "")
    link = entries[0].find("a:link", ATOM)
    assert link is not None
    assert re.fullmatch(r"http://localhost/atoms/\w{6}", link.get("href", ""))
    assert client.get(link.get("href", "")).status_code == 303
    for each in (root, *entries):
        assert re.fullmatch(
            r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", each.findtext("a:updated", namespaces=ATOM) or ""
        )
    assert address.split("/")[2][:20] not in answer.get_data(as_text=True)


def test_a_feed_is_for_programs_and_for_nobody_to_keep(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert "no-store" in answer.headers["Cache-Control"]
    assert "Set-Cookie" not in answer.headers
    again = client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert "no-store" in again.headers["Cache-Control"]
    old = {"If-Modified-Since": answer.headers["Last-Modified"]}
    assert client.get(address, headers=old).status_code == 304


def test_whatever_no_longer_leads_anywhere_looks_the_same(
    client: FlaskClient, database: Database, address: str, olga: Person, saved: SavedSearch
) -> None:
    unknown = client.get("/feeds/" + "x" * 43 + ".atom")
    assert unknown.status_code == 404
    assert "Set-Cookie" not in unknown.headers

    def is_nowhere() -> bool:
        answer = client.get(address)
        return (answer.status_code, answer.data, answer.mimetype) == (
            404,
            unknown.data,
            unknown.mimetype,
        )

    def active(is_active: bool) -> None:
        with database.saving() as session:
            system = people.system(session)
            people.change(session, system, olga.id, "Olga", "reader", is_active)

    assert not is_nowhere()
    active(False)
    assert is_nowhere()
    active(True)
    with database.saving() as session:
        saved_searches.remove(session, olga, saved.key)
    assert is_nowhere()
    with database.saving() as session:
        saved_searches.put_back(session, olga, saved.key)
    assert not is_nowhere()
    with database.saving() as session:
        new = feeds.make(session, olga, saved.key)
    assert is_nowhere()
    assert client.get(f"/feeds/{new}.atom").status_code == 200
    with database.saving() as session:
        feeds.withdraw(session, olga, saved.key)
    assert client.get(f"/feeds/{new}.atom").data == unknown.data


def test_access_is_asked_at_each_reading(
    client: FlaskClient, database: Database, address: str, olga: Person, admin: Person
) -> None:
    with database.saving() as session:
        closed = make.study(session, admin, "closed", access="members")
        hidden = make.atom(session, admin, "Refund hidden", closed)
        kept = session.exec(select(Follow)).one()
        kept.found = [[hidden.id, "2026-01-01T00:00:00+00:00"], *kept.found]
        shown = session.exec(select(Atom).where(Atom.title == "Refund 1")).one()
        shown.status = "archived"
    assert titles(client, address) == ["Refund 2", "Refund 0"]
    with database.saving() as session:
        studies.add_member(session, admin, "closed", olga.email, may_edit=False)
    assert titles(client, address) == ["Refund 2", "Refund 0", "Refund hidden"]
    with database.saving() as session:
        studies.remove_member(session, admin, "closed", olga.id)
    assert titles(client, address) == ["Refund 2", "Refund 0"]


def test_signs_that_xml_cannot_write_are_left_out(
    client: FlaskClient, database: Database, address: str
) -> None:
    with database.saving() as session:
        atom = session.exec(select(Atom).where(Atom.title == "Refund 2")).one()
        atom.title = "A\x0bB\ufffe ]]> <b>&amp;</b> “ё” \U0001f600"
    assert titles(client, address)[0] == "AB ]]> <b>&amp;</b> “ё” \U0001f600"


def test_the_address_is_told_once_and_kept_nowhere(
    app: Flask, client: FlaskClient, database: Database, olga: Person, saved: SavedSearch
) -> None:
    browser = sign_in(client, olga)
    answer = send(browser, f"/searches/{saved.key}/feed")
    (secret,) = re.findall(
        r"http://localhost/feeds/([\w-]{43,})\.atom", answer.get_data(as_text=True)
    )
    for path in ("/searches", "/account", "/notices"):
        assert secret not in browser.get(path).get_data(as_text=True)
    assert "Refunds" in browser.get("/account").get_data(as_text=True)
    with database.reading() as session:
        kept = session.exec(select(Follow)).one()
        assert kept.feed_hash
        assert secret not in kept.feed_hash
        payloads = repr([(one.before, one.after) for one in session.exec(select(HistoryPayload))])
        assert secret not in payloads
        assert kept.feed_hash not in payloads
    send(browser, f"/searches/{saved.key}/feed/withdraw")
    assert app.test_client().get(f"/feeds/{secret}.atom").status_code == 404
    assert "No feeds yet" in browser.get("/account").get_data(as_text=True)


def test_a_fault_of_ours_does_not_tell_the_address_to_the_log(
    app: Flask, address: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(feeds, "read", broken)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with caplog.at_level(logging.DEBUG):
        answer = app.test_client().get(address)
    assert answer.status_code == 500
    assert "ZeroDivisionError" in caplog.text
    assert address.split("/")[2].removesuffix(".atom") not in caplog.text


def test_who_guesses_addresses_has_to_wait(client: FlaskClient, address: str) -> None:
    codes = {client.get(f"/feeds/{number}.atom").status_code for number in range(40)}
    assert codes == {404, 429}


@pytest.fixture
def public_app(settings: Settings) -> Iterator[Flask]:
    app = create_app(replace(settings, base_url="https://research.example.org"))
    yield app
    app.extensions["house"].database.close()


def test_addresses_in_a_feed_are_those_that_people_use(public_app: Flask) -> None:
    database: Database = public_app.extensions["house"].database
    with database.saving() as session:
        anna = make.person(session, "Anna", "admin")
        atom = make.atom(session, anna, "Refund")
        saved = saved_searches.save(session, anna, "Refunds", [("q", "refund")])
        follows.follow(session, anna, saved.key, [atom.id])
        secret = feeds.make(session, anna, saved.key)
    answer = public_app.test_client().get(
        f"/feeds/{secret}.atom", base_url="https://localhost", headers={"Accept-Language": "ru"}
    )
    told = answer.get_data(as_text=True)
    assert f'href="https://research.example.org/atoms/{atom.key}"' in told
    assert "localhost" not in told
    assert len(secret) * 6 >= 128

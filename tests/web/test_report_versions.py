"""Frozen versions as pages: published, read, compared, and what became of their claims."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from research_repo.core import atoms
from research_repo.core.db import Database
from research_repo.core.models import Atom, Person, Study
from tests import frozen, make
from tests.web.conftest import send, sign_in


@pytest.fixture
def study(database: Database, colleague: Person) -> Study:
    with database.saving() as session:
        found = make.study(session, colleague, questions=["How long does it take?"])
        make.atom(session, colleague, "Money takes two weeks", found, quote="Two weeks!")
        return found


def publish(client: FlaskClient, **form: str) -> str:
    """Publish the study's report; gives the address of the version."""
    answer = send(client, "/studies/returns/report/publish", **form)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def archive(database: Database, by: Person) -> Atom:
    with database.saving() as session:
        atom = session.get_one(Atom, 1)
        return atoms.set_status(session, by, atom.key, atom.version, "archived")


def test_a_studys_report_is_frozen_and_stays(
    client: FlaskClient, colleague: Person, study: Study, database: Database
) -> None:
    sign_in(client, colleague)
    form = client.get("/studies/returns/report/publish").text
    assert "Publish version 1" in form
    address = publish(client, note="For the board")
    archive(database, colleague)
    page = client.get(address).text
    assert "Money takes two weeks" in page
    assert "For the board" in page
    assert "archived since" in page
    assert "Money takes two weeks" not in client.get("/studies/returns/report").text


def test_the_page_of_a_report_tells_of_drift_at_once(
    client: FlaskClient, colleague: Person, study: Study, database: Database
) -> None:
    sign_in(client, colleague)
    address = publish(client)
    assert "is not what it was" not in client.get("/studies/returns/report").text
    archive(database, colleague)
    page = client.get("/studies/returns/report").text
    assert "1 claim of version 1 is not what it was" in page
    assert f"{address}#drift" in page


def test_readers_see_versions_and_freeze_none(
    client: FlaskClient, colleague: Person, study: Study, database: Database
) -> None:
    sign_in(client, colleague)
    address = publish(client)
    with database.saving() as session:
        rita = make.person(session, "Rita", "reader")
    sign_in(client, rita)
    assert "Version 1" in client.get("/studies/returns/report").text
    page = client.get(address).text
    assert "Money takes two weeks" in page
    assert "Links for people outside" not in page
    assert "publish" not in page
    assert send(client, "/studies/returns/report/publish").status_code == 403


def test_a_closed_study_is_frozen_only_when_that_is_confirmed(
    client: FlaskClient, colleague: Person, database: Database
) -> None:
    with database.saving() as session:
        closed = make.study(session, colleague, "pay", "Why people leave", access="members")
        make.atom(session, colleague, "A secret", closed)
    sign_in(client, colleague)
    refused = send(client, "/studies/pay/report/publish", note="A long note")
    assert refused.status_code == 422
    assert "Confirm that their words may be in it" in refused.text
    assert "A long note" in refused.text
    done = send(client, "/studies/pay/report/publish", is_confirmed="1")
    assert done.status_code == 303


def test_two_versions_are_compared_on_a_page(
    client: FlaskClient, colleague: Person, study: Study, database: Database
) -> None:
    sign_in(client, colleague)
    first = publish(client)
    with database.saving() as session:
        make.atom(session, colleague, "The courier is late", session.merge(study))
    publish(client)
    compare = re.sub(r"/versions/\d+$", "/compare", first)
    page = client.get(f"{compare}?before=1&after=2").text
    assert "Claims that came" in page
    assert "The courier is late" in page
    assert "Nothing is different" in client.get(f"{compare}?before=2").text
    listed = client.get(re.sub(r"/\d+$", "", first)).text
    assert "Version 2" in listed
    assert client.get(f"{compare}?before=7").status_code == 404
    assert client.get(f"{compare}?before=x&after=" + "9" * 30).status_code == 200


def test_words_of_a_claim_are_taken_out_from_the_page_of_a_version(
    client: FlaskClient, colleague: Person, study: Study, database: Database
) -> None:
    sign_in(client, colleague)
    address = publish(client)
    atom = archive(database, colleague)
    report = address.split("/")[2]
    assert "Take its words out for good" in client.get(address).text
    assert send(client, f"/reports/{report}/take-out", atom=atom.key).status_code == 303
    page = client.get(address).text
    assert "Money takes two weeks" not in page
    assert "Two weeks!" not in page
    assert "words taken out on" in page
    assert "Words were taken out" in page or "words were taken out" in page


@pytest.mark.parametrize("form", ["md", "html", "csv", "json"])
def test_files_of_a_version_are_the_same_bytes_whatever_becomes_of_its_claims(
    client: FlaskClient, colleague: Person, study: Study, database: Database, form: str
) -> None:
    sign_in(client, colleague)
    address = publish(client)
    before = client.get(f"{address}.{form}")
    assert before.status_code == 200
    archive(database, colleague)
    with database.saving() as session:
        make.atom(session, colleague, "The courier is late", session.merge(study))
        session.get_one(Study, study.id).title = "Another title"
    after = client.get(f"{address}.{form}")
    assert after.data == before.data
    assert b"Money takes two weeks" in before.data


def test_a_version_is_drawn_in_its_own_language(
    client: FlaskClient, colleague: Person, study: Study
) -> None:
    sign_in(client, colleague)
    address = publish(client, language="ru")
    page = client.get(address).text
    assert '<article lang="ru">' in page
    assert "Обоснованность" in page or "факт" in page


def test_an_atom_tells_where_it_is_used(
    client: FlaskClient, colleague: Person, study: Study, database: Database
) -> None:
    sign_in(client, colleague)
    address = publish(client)
    with database.reading() as session:
        key = session.get_one(Atom, 1).key
    page = client.get(f"/atoms/{key}").text
    assert "Used in" in page
    assert '"/studies/returns/report"' in page
    assert f'"{address}"' in page


def test_archiving_names_the_reports_that_show_the_claim(
    client: FlaskClient, colleague: Person, study: Study, database: Database
) -> None:
    sign_in(client, colleague)
    publish(client)
    with database.reading() as session:
        key = session.get_one(Atom, 1).key
    send(client, f"/atoms/{key}/status", version="1", status="archived")
    page = client.get(f"/atoms/{key}").text
    assert "How people return a parcel" in page
    assert "still show it, and say so" in page


def test_a_report_across_studies_is_frozen_too(
    client: FlaskClient, colleague: Person, database: Database
) -> None:
    with database.saving() as session:
        fact = make.atom(session, colleague, "Money takes two weeks")
        row = frozen.row(session, colleague)
        frozen.version(session, colleague, row, [fact])
    sign_in(client, colleague)
    assert "Money takes two weeks" in client.get(f"/reports/{row.key}/versions/1").text

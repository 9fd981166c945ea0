"""Work on many results: tag, undo, export and copy what was ticked, or all that match."""

from __future__ import annotations

import csv
import html
import io
import json
import re

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select
from werkzeug.test import TestResponse

from research_repo.core import bulk, hierarchy, studies, tagging
from research_repo.core.db import Database
from research_repo.core.models import Atom, Job, Person
from research_repo.web import bulk as pages
from tests import make
from tests.web.conftest import send, sign_in


@pytest.fixture
def atoms(app: Flask, database: Database, colleague: Person) -> list[Atom]:
    with database.saving() as session:
        make.tag(session, colleague, "Refund")
        study = make.study(session, colleague)
        found = [
            make.atom(
                session, colleague, f"Parcel {n} came late", study, quote=f"Week {n}!", who="P1"
            )
            for n in range(4)
        ]
        found.append(make.atom(session, colleague, "Parcel came broken", study))
    app.extensions["house"].search.catch_up()
    return found


@pytest.fixture
def browser(client: FlaskClient, colleague: Person) -> FlaskClient:
    return sign_in(client, colleague)


def seen(answer: TestResponse) -> str:
    """The words of a page."""
    page = re.sub(r"<(script|style).*?</\1>", " ", answer.get_data(as_text=True), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def field(answer: TestResponse, name: str) -> str:
    found = re.search(f'name="{name}" value="([^"]*)"', answer.get_data(as_text=True))
    assert found, name
    return html.unescape(found[1])


def tags_on(database: Database, atom: Atom) -> list[str]:
    with database.reading() as session:
        puts = tagging.of_atoms(session, [atom.id]).get(atom.id, [])
        cards = hierarchy.cards(session, [put.tag_id for put in puts], "en")
        return sorted(card.label for card in cards.values())


def test_results_have_a_box_each_and_one_form_for_all_of_them(
    browser: FlaskClient, atoms: list[Atom]
) -> None:
    page = browser.get("/search?q=parcel+late").get_data(as_text=True)
    for atom in atoms:
        assert f'name="atom" value="{atom.key}" form="bulk"' in page
    assert "all 4 that hold all the words" in page
    page = browser.get("/search?q=parcel").get_data(as_text=True)
    assert "all 5 that match" in page
    assert 'name="search" value="q=parcel"' in page


def test_a_reader_sees_no_button_to_tag(
    client: FlaskClient, database: Database, atoms: list[Atom]
) -> None:
    with database.saving() as session:
        olga = make.person(session, "Olga", "reader")
    page = seen(sign_in(client, olga).get("/search?q=parcel"))
    assert "Export…" in page
    assert "Tag…" not in page


def test_ticked_findings_are_tagged_after_a_look_and_untagged_by_one_press(
    browser: FlaskClient, database: Database, atoms: list[Atom]
) -> None:
    some = [one.key for one in atoms[:2]]
    assert "2 selected findings" in seen(send(browser, "/bulk/tag", atom=some))
    preview = send(browser, "/bulk/tag", atom=some, add="Refund", do="preview")
    assert preview.status_code == 200
    assert "2 findings change." in seen(preview)
    assert tags_on(database, atoms[0]) == []
    sent = {"atom": some, "add": "Refund", "print": field(preview, "print"), "do": "apply"}
    done = send(browser, "/bulk/tag", **sent)
    assert done.status_code == 303
    assert [tags_on(database, one) for one in atoms[:3]] == [["Refund"], ["Refund"], []]
    address = done.headers["Location"]
    assert "2 findings were tagged." in seen(browser.get(address))
    assert send(browser, f"{address}/undo").status_code == 303
    assert "Undone on 2 findings." in seen(browser.get(address))
    assert [tags_on(database, one) for one in atoms] == [[]] * 5
    assert send(browser, f"{address}/undo").status_code == 409


def test_all_that_match_are_those_that_hold_all_the_words(
    browser: FlaskClient, database: Database, atoms: list[Atom]
) -> None:
    all_of_it = {"all": "1", "search": "q=parcel+late", "count": "4"}
    preview = send(browser, "/bulk/tag", **all_of_it, add="Refund", do="preview")
    assert "4 findings that hold all of “parcel late”" in seen(preview)
    assert "another number" not in seen(preview)
    sent = {**all_of_it, "add": "Refund", "print": field(preview, "print"), "do": "apply"}
    send(browser, "/bulk/tag", **sent)
    assert [tags_on(database, one) for one in atoms] == [["Refund"]] * 4 + [[]]


def test_what_began_to_match_meanwhile_is_told_and_not_tagged_unseen(
    app: Flask, browser: FlaskClient, database: Database, colleague: Person, atoms: list[Atom]
) -> None:
    all_of_it = {"all": "1", "search": "q=parcel+late", "count": "4"}
    preview = send(browser, "/bulk/tag", **all_of_it, add="Refund", do="preview")
    with database.saving() as session:
        new = make.atom(session, colleague, "Another parcel came late")
    app.extensions["house"].search.catch_up()
    again = send(browser, "/bulk/tag", **all_of_it, add="Refund", do="preview")
    assert "When you looked it was another number: 4." in seen(again)
    sent = {**all_of_it, "add": "Refund", "print": field(preview, "print"), "do": "apply"}
    refused = send(browser, "/bulk/tag", **sent)
    assert refused.status_code == 409
    assert "Nothing was written" in seen(refused)
    assert tags_on(database, new) == tags_on(database, atoms[0]) == []
    send(browser, "/bulk/tag", **{**sent, "print": field(refused, "print")})
    assert tags_on(database, new) == ["Refund"]


def test_findings_of_others_are_named_and_hidden_ones_are_not(
    app: Flask, database: Database, client: FlaskClient, colleague: Person, atoms: list[Atom]
) -> None:
    with database.saving() as session:
        petr = make.person(session, "Petr", "researcher")
        closed = make.study(session, colleague, "closed", access="members")
        hidden = make.atom(session, colleague, "Zebrafish parcel", closed)
        mine = make.atom(session, petr, "Parcel of mine", kind="insight")
    keys = [atoms[0].key, hidden.key, mine.key, "nothing", "' OR 1=1"]
    browser = sign_in(client, petr)
    preview = send(browser, "/bulk/tag", atom=keys, add="Refund", do="preview")
    told = seen(preview)
    assert "2 selected findings" in told
    assert "1 is not yours to tag" in told
    assert "Zebrafish" not in told
    sent = {"atom": keys, "add": "Refund", "print": field(preview, "print"), "do": "apply"}
    address = send(browser, "/bulk/tag", **sent).headers["Location"]
    assert tags_on(database, mine) == ["Refund"]
    assert tags_on(database, hidden) == tags_on(database, atoms[0]) == []
    assert "Zebrafish" not in seen(browser.get(address))
    assert sign_in(app.test_client(), colleague).get(address).status_code == 404


def test_only_hidden_findings_are_as_good_as_none(
    client: FlaskClient, database: Database, colleague: Person, admin: Person, atoms: list[Atom]
) -> None:
    with database.saving() as session:
        closed = make.study(session, admin, "closed", access="members")
        hidden = make.atom(session, admin, "Zebrafish", closed)
    browser = sign_in(client, colleague)
    for path in ("/bulk/tag", "/bulk/export", "/bulk/copy"):
        for keys in ([hidden.key], ["nothing"], []):
            answer = send(browser, path, atom=keys, form="csv")
            assert answer.status_code == 422
            assert "Tick the findings first" in seen(answer)


def test_nonsense_in_the_form_comes_back_with_advice(
    browser: FlaskClient, atoms: list[Atom]
) -> None:
    for form, advice in (
        ({"add": ""}, "Name a tag to put on"),
        ({"add": "Nobodysword"}, "There is no tag"),
        ({"add": "Refund", "remove": "Refund"}, "Leave it in one"),
    ):
        answer = send(browser, "/bulk/tag", atom=atoms[0].key, do="preview", **form)
        assert answer.status_code == 422
        assert advice in seen(answer)
    many = send(browser, "/bulk/tag", atom=[f"k{n}" for n in range(1001)])
    assert many.status_code == 422
    assert "At most 1000 findings" in seen(many)


def test_many_findings_are_tagged_by_a_job_that_outlives_its_page(
    app: Flask,
    browser: FlaskClient,
    database: Database,
    atoms: list[Atom],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bulk, "STEP_ATOMS", 2)
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    keys = [one.key for one in atoms]
    preview = send(browser, "/bulk/tag", atom=keys, add="Refund", do="preview")
    sent = {"atom": keys, "add": "Refund", "print": field(preview, "print"), "do": "apply"}
    address = send(browser, "/bulk/tag", **sent).headers["Location"]
    waiting = browser.get(address)
    assert "Stop and undo" in seen(waiting)
    assert 'hx-get="/bulk/tags/1/progress"' in waiting.get_data(as_text=True)
    worker = app.extensions["worker"]
    assert worker.work_once()
    assert "5 findings were tagged." in seen(browser.get(f"{address}/progress"))
    with database.reading() as session:
        job = session.exec(select(Job.id)).one()
    assert f'href="{address}"' in browser.get(f"/jobs/{job}").get_data(as_text=True)
    send(browser, f"{address}/undo")
    assert tags_on(database, atoms[0]) == ["Refund"]
    assert worker.work_once()
    assert [tags_on(database, one) for one in atoms] == [[]] * 5
    assert "Undone on 5 findings." in seen(browser.get(address))


def test_what_broke_off_is_said_and_goes_on_at_a_press(
    app: Flask,
    browser: FlaskClient,
    database: Database,
    atoms: list[Atom],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    monkeypatch.setattr(bulk, "STEP_ATOMS", 2)
    keys = [one.key for one in atoms]
    preview = send(browser, "/bulk/tag", atom=keys, add="Refund", do="preview")
    sent = {"atom": keys, "add": "Refund", "print": field(preview, "print"), "do": "apply"}
    address = send(browser, "/bulk/tag", **sent).headers["Location"]
    with database.saving() as session:
        session.exec(select(Job)).one().status = "failed"
    assert "It broke off." in seen(browser.get(address))
    assert send(browser, f"{address}/again").status_code == 303
    assert app.extensions["worker"].work_once()
    assert [tags_on(database, one) for one in atoms] == [["Refund"]] * 5


def test_a_table_of_ticked_findings_is_safe_to_open(
    app: Flask, client: FlaskClient, database: Database, colleague: Person, atoms: list[Atom]
) -> None:
    with database.saving() as session:
        evil = make.atom(session, colleague, "=cmd()", kind="insight", body="+1", quote="@x")
        olga = make.person(session, "Olga", "reader")
    browser = sign_in(client, olga)
    keys = [evil.key, atoms[1].key]
    assert "Kind of file" in seen(send(browser, "/bulk/export", atom=keys))
    answer = send(browser, "/bulk/export", atom=keys, form="csv")
    assert answer.headers["Content-Disposition"] == "attachment; filename=findings.csv"
    first, second = csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig")))
    assert (first["title"], first["body"], first["quote"]) == ("'=cmd()", "'+1", "'@x")
    assert second["title"] == "Parcel 1 came late"
    assert second["link"] == f"http://localhost/atoms/{atoms[1].key}"
    told = json.loads(send(browser, "/bulk/export", atom=keys, form="json").get_data())
    assert [one["title"] for one in told["atoms"]] == ["=cmd()", "Parcel 1 came late"]
    answer = send(browser, "/bulk/export", atom=keys, form="xlsx")
    assert answer.headers["Content-Disposition"] == "attachment; filename=findings.xlsx"
    assert answer.mimetype.endswith("spreadsheetml.sheet")
    header, first, second = openpyxl.load_workbook(io.BytesIO(answer.get_data())).active.rows
    place = [cell.value for cell in header].index("link")
    assert [(cell.value, cell.data_type) for cell in first[2:4]] == [("=cmd()", "s"), ("+1", "s")]
    assert second[place].hyperlink.target == f"http://localhost/atoms/{atoms[1].key}"


def test_a_long_list_is_written_by_a_job_and_kept_for_its_person(
    app: Flask,
    client: FlaskClient,
    database: Database,
    admin: Person,
    colleague: Person,
    atoms: list[Atom],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pages, "AT_ONCE", 2)
    browser = sign_in(client, colleague)
    all_of_it = {"all": "1", "search": "q=parcel+late", "count": "4", "form": "md"}
    address = send(browser, "/bulk/export", **all_of_it).headers["Location"]
    file = f"/bulk/exports/{address.split('/')[-1]}"
    assert browser.get(file).status_code == 404
    assert app.extensions["worker"].work_once()
    assert f'href="{file}"' in browser.get(address).get_data(as_text=True)
    written = browser.get(file)
    assert written.headers["Content-Disposition"] == "attachment; filename=findings.md"
    assert written.get_data(as_text=True).count("came late](http://localhost/atoms/") == 4
    assert sign_in(app.test_client(), admin).get(file).status_code == 404
    for one in (app.extensions["house"].settings.instance / "exports").iterdir():
        one.unlink()
    gone = browser.get(file)
    assert gone.status_code == 404
    assert "Export the findings again" in seen(gone)


def test_a_long_xlsx_is_written_by_a_job(
    app: Flask,
    browser: FlaskClient,
    atoms: list[Atom],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pages, "AT_ONCE", 2)
    all_of_it = {"all": "1", "search": "q=parcel+late", "count": "4", "form": "xlsx"}
    address = send(browser, "/bulk/export", **all_of_it).headers["Location"]
    assert app.extensions["worker"].work_once()
    file = browser.get(f"/bulk/exports/{address.split('/')[-1]}")
    assert file.headers["Content-Disposition"] == "attachment; filename=findings.xlsx"
    page = openpyxl.load_workbook(io.BytesIO(file.get_data())).active
    assert page.max_row == 1 + 4


def test_a_job_writes_what_the_person_sees_when_it_works(
    app: Flask,
    client: FlaskClient,
    database: Database,
    admin: Person,
    colleague: Person,
    atoms: list[Atom],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pages, "AT_ONCE", 1)
    with database.saving() as session:
        closed = make.study(session, admin, "closed", access="members")
        studies.add_member(session, admin, "closed", colleague.email, may_edit=False)
        make.atom(session, admin, "Parcel Zebrafish", closed)
    app.extensions["house"].search.catch_up()
    browser = sign_in(client, colleague)
    all_of_it = {"all": "1", "search": "q=parcel", "count": "6", "form": "md"}
    address = send(browser, "/bulk/export", **all_of_it).headers["Location"]
    with database.saving() as session:
        studies.remove_member(session, admin, "closed", colleague.id)
    app.extensions["worker"].work_once()
    told = browser.get(f"/bulk/exports/{address.split('/')[-1]}").get_data(as_text=True)
    assert "Zebrafish" not in told
    assert told.count("###") == 5


def test_copied_findings_are_claims_with_links_quotes_and_a_line_about_each(
    browser: FlaskClient, atoms: list[Atom]
) -> None:
    page = send(browser, "/bulk/copy", atom=[atoms[0].key])
    assert "<textarea" in page.get_data(as_text=True)
    plain = send(browser, "/bulk/copy", atom=[atoms[0].key, atoms[4].key], plain="1")
    assert plain.mimetype == "text/plain"
    first, second = plain.get_data(as_text=True).split("\n\n### ")
    assert first.startswith(f"### [Parcel 0 came late](http://localhost/atoms/{atoms[0].key})")
    assert "> Week 0!\n>\n> — P1" in first
    assert "*fact · 1 respondent · weak · How people return a parcel · " in first
    assert second.startswith("[Parcel came broken]")


def test_too_many_to_copy_are_led_to_the_export(
    browser: FlaskClient, atoms: list[Atom], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "COPIED_MAX", 3)
    answer = send(browser, "/bulk/copy", all="1", search="q=parcel", count="5")
    assert answer.status_code == 422
    assert "Export them as a file" in seen(answer)


def test_the_way_back_leads_to_the_same_results(browser: FlaskClient, atoms: list[Atom]) -> None:
    asked = "q=parcel&kind=fact&x=javascript:alert(1)&page=3"
    page = send(browser, "/bulk/export", atom=[atoms[0].key], search=asked).get_data(as_text=True)
    assert 'href="/search?q=parcel&amp;kind=fact"' in page
    assert "javascript" not in page

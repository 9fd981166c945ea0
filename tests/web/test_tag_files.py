"""A list of tags from a browser: sent, tried out, brought in, and told kind by kind."""

from __future__ import annotations

import csv
import gc
import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from research_repo.core import jobs, people, tag_lists, tag_writing
from research_repo.core.db import Database, Session
from research_repo.core.models import Person
from research_repo.settings import Settings
from research_repo.web import tag_files as pages
from tests import make
from tests.test_files_by_command import UNESCO
from tests.web.conftest import send, sign_in

TABLE = (
    "id,scheme,parent_ids,pref_label_en,pref_label_ru,colour\n"
    "1,pay,,Money,Деньги,red\n2,pay,1,Refund,,red\n3,pay,,,,red\n4,pay,9,Card,Карта,red\n"
)
NUMBERS = [3, 0, 0, 1]
FOLDS = r"<summary>.*?<span>(.*?)</span> <span[^>]*>([\d,]+)</span>"


@pytest.fixture
def vera(client: FlaskClient, database: Database, admin: Person) -> FlaskClient:
    with database.saving() as session:
        curator = make.person(session, "Vera", "curator")
    return sign_in(client, curator)


def upload(
    client: FlaskClient, content: str | bytes = TABLE, name: str = "pay.csv", group: str = ""
) -> TestResponse:
    sent = content.encode() if isinstance(content, str) else content
    return send(client, "/tags/import", file=(BytesIO(sent), name), group=group)


def guids(database: Database) -> set[str]:
    with database.reading() as session:
        listed = tag_lists.vocabulary(session, people.system(session))
    return {tag.guid for tag in listed.tags if not tag.guid.startswith("research-repo:")}


def sums(page: str) -> list[int]:
    """New, changed, as before, refused."""
    found = re.search(r'<dl class="sums.*?</dl>', page)
    assert found
    return [int(one.replace(",", "")) for one in re.findall(r"<dd[^>]*>([\d,]+)<", found[0])]


def advice(answer: TestResponse) -> str:
    found = re.search(r'id="f-file-error">.*?<span>(.*?)</span>', answer.text, re.DOTALL)
    assert answer.status_code == 422
    assert found, "no advice beside the field"
    return found[1]


def test_a_list_is_tried_out_and_comes_in(
    app: Flask, vera: FlaskClient, database: Database, settings: Settings
) -> None:
    address = upload(vera).headers["Location"]
    tried = vera.get(address).text
    assert sums(tried) == NUMBERS
    assert "New groups:" in tried
    assert re.search(r"<p>[\w; ]*Refund", tried)
    assert guids(database) == set()
    job = send(vera, address, start="1").headers["Location"]
    assert app.extensions["worker"].work_once()
    assert guids(database) == {"1", "2", "4"}
    result = re.search(r'href="(/tags/import/done/\d+)"', vera.get(job).text)
    assert result
    told = vera.get(result[1]).text
    assert sums(told) == NUMBERS
    assert 'href="/tags?group=pay"' in told
    assert "Money" in vera.get("/tags?group=pay").text
    assert [path.suffix for path in (settings.instance / "imports").glob("*.file*")] == []
    assert vera.get(address).status_code == 404


def test_what_is_wrong_is_told_by_kind_and_whole_as_a_table(vera: FlaskClient) -> None:
    address = upload(vera).headers["Location"]
    page = vera.get(address).text
    kinds = re.findall(FOLDS, page)
    assert kinds[:4] == [
        ("Refused rows", "1"),
        ("Columns that nothing is read from", "1"),
        ("Tags without a name in one of the languages", "1"),
        ("Places left out", "1"),
    ]
    assert "row 4, pref_label_en:" in page
    file = vera.get(f"{address}/problems.csv").get_data().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(file)))
    assert [row["row"] for row in rows] == ["4", "1", "3", "5"]
    assert rows[0]["kind"] == "Refused rows"
    assert "Name the tag" in rows[0]["reason"]


def test_a_long_list_of_one_kind_is_cut_on_the_page_alone(vera: FlaskClient) -> None:
    rows = "".join(f"{n},pay,,Name {n},\n" for n in range(30))
    address = upload(vera, "id,scheme,parent_ids,pref_label_en,pref_label_ru\nx,pay,,X,Х\n" + rows)
    page = vera.get(address.headers["Location"]).text
    assert page.count("has no name in the language") == 20
    assert "and 10 more" in page
    table = vera.get(address.headers["Location"] + "/problems.csv").text
    assert table.count("has no name in the language") == 30


def test_the_same_list_again_has_nothing_to_bring_in(app: Flask, vera: FlaskClient) -> None:
    send(vera, upload(vera).headers["Location"], start="1")
    app.extensions["worker"].work_once()
    page = vera.get(upload(vera).headers["Location"]).text
    assert sums(page) == [0, 0, 3, 1]
    assert "Nothing would change." in page
    assert 'name="start"' not in page


def test_tags_that_name_no_group_go_into_the_chosen_one(
    app: Flask, vera: FlaskClient, database: Database
) -> None:
    table = "id,pref_label_en\n1,Money\n"
    address = upload(vera, table).headers["Location"]
    assert sums(vera.get(address).text) == [0, 0, 0, 1]
    again = send(vera, address, group="Product area")
    page = vera.get(again.headers["Location"]).text
    assert sums(page)[0] == 1
    assert 'href="/tags?group=product-area"' in page
    assert 'value="Product area"' in page
    send(vera, address, group="Product area", start="1")
    app.extensions["worker"].work_once()
    assert "Money" in vera.get("/tags?group=product-area").text


def test_a_large_list_is_tried_out_by_a_job(
    app: Flask, vera: FlaskClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "AT_ONCE_BYTES", 10)
    job = upload(vera).headers["Location"]
    assert job.startswith("/jobs/")
    assert app.extensions["worker"].work_once()
    address = re.search(r'href="(/tags/import/[\w-]+)"', vera.get(job).text)
    assert address
    assert sums(vera.get(address[1]).text) == NUMBERS
    # Asked anew, the old answer is not shown for the new question.
    assert send(vera, address[1], group="other").headers["Location"].startswith("/jobs/")
    assert vera.get(address[1]).status_code == 303
    assert guids(database) == set()


def test_a_job_that_was_killed_is_taken_up_again_and_leaves_nothing_half_seen(
    app: Flask, vera: FlaskClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tag_writing, "TAGS_AT_ONCE", 1)
    monkeypatch.setattr(jobs, "LEASE", timedelta(seconds=-1))
    job = send(vera, upload(vera).headers["Location"], start="1").headers["Location"]
    saving, calls = database.saving, iter(range(100))

    @contextmanager
    def dying() -> Iterator[Session]:
        if next(calls) == 4:
            raise KeyboardInterrupt
        with saving() as session:
            yield session

    monkeypatch.setattr(database, "saving", dying)
    with pytest.raises(KeyboardInterrupt):
        app.extensions["worker"].work_once()
    monkeypatch.setattr(database, "saving", saving)
    with database.reading() as session:
        listed = tag_lists.vocabulary(session, people.system(session))
    begun = [tag.status for tag in listed.tags if tag.group == "pay"]
    assert begun
    assert {*begun} == {"candidate"}
    assert app.extensions["worker"].work_once()
    assert 'href="/tags/import/done/' in vera.get(job).text
    with database.reading() as session:
        listed = tag_lists.vocabulary(session, people.system(session))
    assert [tag.status for tag in listed.tags if tag.group == "pay"] == ["approved"] * 3


def test_a_large_list_that_is_damaged_says_so_on_its_job(
    app: Flask, vera: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "AT_ONCE_BYTES", 10)
    job = upload(vera, "@prefix skos: <http://x> .\n:a a skos:Con", "a.ttl").headers["Location"]
    assert app.extensions["worker"].work_once()
    page = vera.get(job).text
    assert "breaks off or is damaged in line" in page
    assert 'href="/tags/import"' in page


TURTLE = "@prefix skos: <http://www.w3.org/2004/02/skos/core#> .\n"


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        ("", "a.csv", "empty"),
        (" \n", "a.ttl", "empty"),
        (TURTLE + "<http://x/a> a skos:Conc", "a.ttl", "cannot be read to its end"),
        (TURTLE + "\n<http://x/a> a [", "a.ttl", "damaged in line 3"),
        (TURTLE, "a.ttl", "no skos:Concept"),
        ("<?xml version='1.0'?><rdf:RDF/>", "a.ttl", "XML"),
        ("<!DOCTYPE html><html></html>", "a.csv", "web page"),
        (b"PK\x03\x04" + b"\0" * 100, "a.csv", "archive"),
        (b"PK\x03\x04" + b"\0" * 100, "a.xlsx", "none of these"),
        ("x", "a.docx", "none of these"),
        ("x", "tags", "none of these"),
        ("id,pref_label_ru\n1,Деньги\n".encode("cp1251"), "a.csv", "UTF-8"),
        ((TURTLE + '<http://x/a> a skos:Concept ; skos:prefLabel "Ж"@ru .').encode("cp1251"),
         "a.ttl", "UTF-8"),
        ("size,colour\na,b\n", "a.csv", "pref_label_ru"),
        ("id,pref_label_en\n", "a.csv", "no tags"),
        ("id,pref_label_en\n1," + "x" * 200_000 + "\n", "a.csv", "100000"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_list_is_refused_beside_its_field(
    vera: FlaskClient, content: str | bytes, name: str, told: str
) -> None:
    assert told in advice(upload(vera, content, name))


def test_a_row_with_bytes_that_are_no_text_is_refused_by_its_number(vera: FlaskClient) -> None:
    table = "id,scheme,pref_label_en\n1,pay,Mon\0ey\n2,pay,Card\n"
    page = vera.get(upload(vera, table).headers["Location"]).text
    assert sums(page) == [1, 0, 0, 1]
    assert "row 2" in page


def test_no_file_at_all_is_refused_beside_its_field(vera: FlaskClient) -> None:
    assert "Choose a file" in advice(send(vera, "/tags/import"))


def test_a_list_that_a_page_cannot_bring_in_is_sent_to_the_command_line(
    vera: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "LIST_BYTES", 20)
    assert "command line" in advice(upload(vera))


# A request that is refused in its middle leaves a temporary file to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_list_may_be_larger_than_a_form_but_not_endless(
    vera: FlaskClient, colleague: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    big = "id,pref_label_en,scope_note_en\n" + f"1,a,{'y' * 10_000}\n" * 300
    assert upload(vera, big).status_code == 303
    assert upload(sign_in(vera.application.test_client(), colleague), big).status_code == 413
    monkeypatch.setattr(Settings, "file_bytes", 2_500_000)
    assert upload(vera, big).status_code == 413
    gc.collect()


def test_a_name_of_a_list_leads_nowhere_else(
    vera: FlaskClient, settings: Settings, tmp_path: Path
) -> None:
    upload(vera, TABLE, "../../evil.csv")
    assert len(list((settings.instance / "imports").glob("*.file.csv"))) == 1
    assert not list(tmp_path.rglob("evil*"))


def test_what_a_file_says_stays_text(vera: FlaskClient) -> None:
    table = "id,scheme,pref_label_en,<i>\n1,=1+1,<script>alert(1)</script>,\n"
    address = upload(vera, table, "<b>.csv").headers["Location"]
    page = vera.get(address).text
    assert "<script>alert" not in page
    assert "<b>.csv" not in page
    assert "\n=" not in vera.get(f"{address}/problems.csv").text


# A large file that was sent leaves a temporary file to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_thesaurus_of_unesco_comes_in_by_the_page(
    app: Flask, vera: FlaskClient, database: Database
) -> None:
    if not UNESCO.exists():
        pytest.skip("the thesaurus of UNESCO is not here")
    worker: Callable[[], bool] = app.extensions["worker"].work_once
    tried = upload(vera, UNESCO.read_bytes(), UNESCO.name).headers["Location"]
    assert worker()
    address = re.search(r'href="(/tags/import/[\w-]+)"', vera.get(tried).text)
    assert address
    page = vera.get(address[1]).text
    assert re.findall(FOLDS, page)[:4] == [
        ("Collections, which are no tags", "95"),
        ("One name for several tags", "7"),
        ("Tags without a name in one of the languages", "43"),
        ("Texts in other languages", "2"),
    ]
    job = send(vera, address[1], start="1").headers["Location"]
    assert worker()
    result = re.search(r'href="(/tags/import/done/\d+)"', vera.get(job).text)
    assert result
    assert sums(vera.get(result[1]).text) == [4420, 0, 0, 0]
    assert len(guids(database)) == 4420
    gc.collect()


def test_pages_lead_curators_to_the_import_of_tags(vera: FlaskClient, colleague: Person) -> None:
    assert 'href="/tags/import"' in vera.get("/tags").text
    other = sign_in(vera.application.test_client(), colleague)
    assert 'href="/tags/import"' not in other.get("/tags").text


def test_a_codebook_and_a_list_without_ids_come_in_by_the_page(vera: FlaskClient) -> None:
    codes = '<CodeBook><Codes><Code name="Late"><Code name="Very"/></Code></Codes></CodeBook>'
    for content, name, defects in (
        (codes, "a.qdc", "Defects of the codebook"),
        ("Tag,Parent\nEarly,Late\nLate,\n", "a.csv", "Columns read by what their headers mean"),
    ):
        page = vera.get(upload(vera, content, name, "pay").headers["Location"]).text
        assert sums(page) == [2, 0, 0, 0]
        assert defects in page

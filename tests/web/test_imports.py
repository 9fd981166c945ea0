"""A file of findings from a browser: sent, mapped, tried out, brought in, and told row by row."""

from __future__ import annotations

import errno
import gc
import re
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse

from research_repo.core import indexing
from research_repo.core.db import Database
from research_repo.core.models import Person
from research_repo.exchange import uploads
from research_repo.settings import Settings
from research_repo.web import imports as pages
from tests import make
from tests.web.conftest import send, sign_in

TABLE = "Факт,Исследование,Теги,Цвет\nЦену ищут внизу,main,Цена,red\n,main,,\n=1+1,main,,\n"


@pytest.fixture
def marina(client: FlaskClient, colleague: Person) -> FlaskClient:
    return sign_in(client, colleague)


def upload(client: FlaskClient, content: str | bytes = TABLE, name: str = "f.csv") -> TestResponse:
    sent = content.encode() if isinstance(content, str) else content
    return send(client, "/import", file=(BytesIO(sent), name))


def atoms(database: Database) -> int:
    with database.reading() as session:
        return indexing.atom_count(session)


CHOSEN: dict[str, Any] = {"column": ["title", "study", "tags", ""], "unknown_tags": "create"}


def test_a_file_is_mapped_tried_out_and_comes_in(
    app: Flask, marina: FlaskClient, database: Database, settings: Settings
) -> None:
    address = upload(marina).headers["Location"].split("?")[0]
    page = marina.get(address).get_data(as_text=True)
    assert re.findall(r'value="(\w+)" selected', page) == ["title", "study", "tags"]
    assert "Цену ищут внизу" in page
    tried = send(marina, address, **CHOSEN).get_data(as_text=True)
    assert "New: 2. Changed: 0. As before: 0. Refused: 1." in tried
    assert "Say in one sentence what you saw or heard." in tried
    assert atoms(database) == 0
    job = send(marina, address, start="1", **CHOSEN).headers["Location"]
    assert app.extensions["worker"].work_once()
    assert atoms(database) == 2
    shown = marina.get(job).get_data(as_text=True)
    result = re.search(r'href="(/import/done/\d+)"', shown)
    assert result
    told = marina.get(result[1]).get_data(as_text=True)
    assert "New: 2. Changed: 0. As before: 0. Refused: 1." in told
    assert '<td class="num">3</td>' in told
    refused = marina.get(result[1] + "/refused.csv").get_data().decode("utf-8-sig").splitlines()
    assert refused[0] == "row,problem,Факт,Исследование,Теги,Цвет"
    assert refused[1].startswith("3,title: Say in one sentence")
    assert len(refused) == 2
    assert [path.suffix for path in (settings.instance / "imports").glob("*.file*")] == []


def test_a_trial_looks_at_every_row_or_says_at_how_many(
    marina: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "".join(f"Claim {number},main\n" for number in range(1500)) + ",main\n"
    address = upload(marina, "title,study\n" + rows).headers["Location"].split("?")[0]
    tried = send(marina, address, column=["title", "study"]).get_data(as_text=True)
    assert "New: 1,500. Changed: 0. As before: 0. Refused: 1." in tried
    assert "The whole file was tried out: 1,501 rows." in tried
    monkeypatch.setattr(pages, "TRY_SECONDS", 0.0)
    tried = send(marina, address, column=["title", "study"]).get_data(as_text=True)
    assert "the first 1 row of about 1,501 was tried out" in tried


def test_a_job_that_was_broken_off_is_done_again_from_the_file(
    app: Flask, marina: FlaskClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = upload(marina).headers["Location"].split("?")[0]
    send(marina, address, start="1", **CHOSEN)
    send(marina, address, start="1", **CHOSEN)
    worker = app.extensions["worker"]
    assert worker.work_once()
    # The file is gone after the first: the second says so, and nothing is doubled.
    assert worker.work_once()
    assert atoms(database) == 2
    assert "send it again" in marina.get("/jobs/2").get_data(as_text=True).lower()


def test_a_file_that_cannot_be_read_is_refused_beside_its_field(marina: FlaskClient) -> None:
    for content, name in (("", "a.csv"), ("x", "a.docx"), (b"no zip", "a.xlsx")):
        answer = upload(marina, content, name)
        assert answer.status_code == 422
        assert 'id="f-file-error"' in answer.get_data(as_text=True)
    assert send(marina, "/import").status_code == 422


def test_a_zip_bomb_is_refused_beside_its_field(marina: FlaskClient) -> None:
    bomb = BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", bytes(300 << 20))
    answer = upload(marina, bomb.getvalue(), "findings.xlsx")
    assert answer.status_code == 422
    assert "unpacks to over 256 MB" in answer.get_data(as_text=True)


@pytest.mark.parametrize("encoding", ["utf-16", "cp1251"])
def test_a_file_in_another_encoding_shows_its_words_and_says_so(
    app: Flask, marina: FlaskClient, database: Database, encoding: str
) -> None:
    address = upload(marina, TABLE.encode(encoding)).headers["Location"].split("?")[0]
    page = marina.get(address).get_data(as_text=True)
    assert "Цену ищут внизу" in page
    assert ("The file is no UTF-8" in page) == (encoding == "cp1251")
    send(marina, address, start="1", **CHOSEN)
    assert app.extensions["worker"].work_once()
    assert atoms(database) == 2


def test_bad_rows_are_listed_with_their_reasons(marina: FlaskClient) -> None:
    text = "title,study\nGood,main\nRagged,main,more\nN\0UL,main\nShort\n"
    address = upload(marina, text).headers["Location"].split("?")[0]
    tried = send(marina, address, column=["title", "study"], study="main").get_data(as_text=True)
    assert "New: 3. Changed: 0. As before: 0. Refused: 1." in tried
    rows = re.findall(r'<tr><td class="num">(\d+)</td><td>(\w*)</td><td>([^<]+)', tried)
    assert [(row, column) for row, column, _ in rows] == [("3", ""), ("4", "title"), ("5", "")]


def test_a_full_disk_takes_no_file_and_keeps_nothing_of_it(
    marina: FlaskClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_self: FileStorage, path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(FileStorage, "save", full)
    answer = upload(marina)
    assert answer.status_code == 503
    assert "The disk is full" in answer.get_data(as_text=True)
    assert list((settings.instance / "imports").iterdir()) == []


def test_a_mapping_without_a_claim_is_refused(marina: FlaskClient) -> None:
    address = upload(marina).headers["Location"].split("?")[0]
    answer = send(marina, address, column=["body", "", "", ""], start="1")
    assert answer.status_code == 422
    assert 'id="f-mapping-error"' in answer.get_data(as_text=True)


# A request that is refused in its middle leaves a temporary file to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_file_may_be_larger_than_a_form_but_not_endless(
    marina: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    big = "title,body\n" + f"x,{'y' * 10_000}\n" * 300
    assert upload(marina, big).status_code == 303
    monkeypatch.setattr(Settings, "file_bytes", 2_500_000)
    assert upload(marina, big).status_code == 413
    gc.collect()


# A request that is refused in its middle leaves a temporary file to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_who_may_not_import_cannot_send_more_than_a_form(
    client: FlaskClient, database: Database, admin: Person
) -> None:
    with database.saving() as session:
        reader = make.person(session, "Olga", "reader")
    big = "title,body\n" + f"x,{'y' * 10_000}\n" * 300
    assert upload(sign_in(client, reader), big).status_code == 413
    assert upload(client, TABLE).status_code == 403
    gc.collect()


def test_a_file_that_waited_for_a_day_goes(
    marina: FlaskClient, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = upload(marina).headers["Location"].split("?")[0]
    monkeypatch.setattr(uploads, "DAY_SECONDS", -1)
    upload(marina)
    assert marina.get(address).status_code == 404


def test_a_name_of_a_file_leads_nowhere_else(
    marina: FlaskClient, settings: Settings, tmp_path: Path
) -> None:
    upload(marina, TABLE, "../../evil.csv")
    kept = list((settings.instance / "imports").iterdir())
    assert len(kept) == 2
    assert not list(tmp_path.rglob("evil*"))


def test_pages_lead_to_the_import(marina: FlaskClient) -> None:
    assert 'href="/import"' in marina.get("/studies").get_data(as_text=True)

"""Reports as files: at once, by a job that survives a reload, and never half a file."""

from __future__ import annotations

import errno
import io
import os
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from pptx import Presentation
from sqlmodel import col, select

from research_repo import report_jobs
from research_repo.core import atoms, jobs, studies
from research_repo.core.clock import now
from research_repo.core.db import Database
from research_repo.core.models import Atom, Job, Person
from research_repo.exchange import report_files
from tests import make
from tests.web.conftest import sign_in

TITLE = "How people return a parcel"
LATE, SILENT = "Seven of twelve wait two weeks", "Silence makes people call"
REPORT = "/studies/returns/report"


@pytest.fixture
def found(database: Database, admin: Person) -> list[str]:
    """The keys of two claims of a study with a question."""
    with database.saving() as session:
        study = make.study(session, admin, questions=["Why do they call?"], summary="They wait.")
        late = make.atom(session, admin, LATE, study, quote="Weeks!", external_id="F-1")
        told = make.atom(session, admin, SILENT, study, kind="insight")
        make.link(session, admin, late, told)
        return [late.key, told.key]


@pytest.fixture
def browser(client: FlaskClient, colleague: Person) -> FlaskClient:
    return sign_in(client, colleague)


@pytest.fixture
def exports(app: Flask) -> Path:
    folder: Path = app.extensions["house"].settings.instance / "exports"
    return folder


@pytest.fixture
def _by_job(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every report is long."""
    monkeypatch.setattr(report_jobs, "AT_ONCE", 1)


def titles(data: bytes) -> list[str]:
    return [
        one.text
        for one in docx.Document(io.BytesIO(data)).paragraphs
        if one.style and one.style.name == "Heading 2"
    ]


def working(app: Flask) -> Callable[[], bool]:
    done: Callable[[], bool] = app.extensions["worker"].work_once
    return done


def file_of(browser: FlaskClient, address: str) -> Any:
    return browser.get(f"/reports/files/{address.split('/')[-1]}")


@pytest.mark.parametrize("form", report_files.FORMS)
def test_a_report_goes_out_as_every_kind_of_file(
    browser: FlaskClient, found: list[str], form: str
) -> None:
    answer = browser.get(f"{REPORT}.{form}")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == f"attachment; filename=returns.{form}"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.get_data()


def test_office_programs_open_what_goes_out(browser: FlaskClient, found: list[str]) -> None:
    assert titles(browser.get(f"{REPORT}.docx").get_data())[:2] == [SILENT, LATE]
    slides = Presentation(io.BytesIO(browser.get(f"{REPORT}.pptx").get_data())).slides
    assert SILENT in [one.shapes.title.text_frame.text for one in slides if one.shapes.title]
    page = load_workbook(io.BytesIO(browser.get(f"{REPORT}.xlsx").get_data())).active
    assert page is not None
    assert page.max_row == 3
    assert browser.get(f"{REPORT}.csv").get_data().startswith(b"\xef\xbb\xbfexternal_id,")


def words_in(data: bytes) -> str:
    """All that a file says; office files are opened, with the tables within their charts."""
    if not data.startswith(b"PK"):
        return data.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        return "".join(words_in(parts.read(name)) for name in parts.namelist())


@pytest.mark.parametrize("form", [form for form in report_files.FORMS if form != "pdf"])
def test_no_file_tells_others_of_a_closed_study(
    app: Flask,
    browser: FlaskClient,
    database: Database,
    admin: Person,
    found: list[str],
    form: str,
) -> None:
    with database.saving() as session:
        closed = make.study(session, admin, "closed", access="members")
        hidden = make.atom(session, admin, "Zebrafish wait", closed, quote="Zebrafish!")
        told = session.exec(select(Atom).where(col(Atom.key) == found[1])).one()
        make.link(session, admin, hidden, told)
    assert "Zebrafish" not in words_in(browser.get(f"{REPORT}.{form}").get_data())
    others = sign_in(app.test_client(), admin).get("/studies/closed/report." + form)
    assert "Zebrafish" in words_in(others.get_data())
    assert browser.get("/studies/closed/report." + form).status_code == 404


@pytest.mark.usefixtures("_by_job")
def test_a_long_report_is_written_by_a_job_that_a_reload_finds_again(
    app: Flask,
    browser: FlaskClient,
    found: list[str],
    admin: Person,
    exports: Path,
) -> None:
    answer = browser.get(f"{REPORT}.docx")
    address = answer.headers["Location"]
    assert (answer.status_code, address[:6]) == (303, "/jobs/")
    assert browser.get(f"{REPORT}.docx").headers["Location"] == address
    assert browser.get(f"{REPORT}.pdf").headers["Location"] != address
    assert "Report as a file" in browser.get(address).get_data(as_text=True)
    assert file_of(browser, address).status_code == 404
    assert working(app)()
    page = browser.get(address).get_data(as_text=True)
    assert f'href="/reports/files/{address.split("/")[-1]}"' in page
    assert "returns.docx" in page
    written = file_of(browser, address)
    assert written.headers["Content-Disposition"] == "attachment; filename=returns.docx"
    assert titles(written.get_data())[:2] == [SILENT, LATE]
    assert file_of(sign_in(app.test_client(), admin), address).status_code == 404
    for one in exports.iterdir():
        one.unlink()
    gone = file_of(browser, address)
    assert gone.status_code == 404
    assert "Download the report again" in gone.get_data(as_text=True)


@pytest.mark.usefixtures("_by_job")
def test_who_asks_for_the_headers_starts_no_work_and_quick_kinds_are_never_a_job(
    browser: FlaskClient, database: Database, found: list[str]
) -> None:
    assert browser.head(f"{REPORT}.docx").status_code == 200
    for form in report_jobs.QUICK:
        assert browser.get(f"{REPORT}.{form}").status_code == 200
    with database.reading() as session:
        assert session.exec(select(Job)).first() is None


def withdraw(database: Database, by: Person, key: str) -> None:
    with database.saving() as session:
        row = session.exec(select(Atom).where(col(Atom.key) == key)).one()
        atoms.set_status(session, by, key, row.version, "archived")


@pytest.mark.usefixtures("_by_job")
def test_a_claim_withdrawn_before_the_job_works_is_not_in_the_file(
    app: Flask, browser: FlaskClient, database: Database, admin: Person, found: list[str]
) -> None:
    address = browser.get(f"{REPORT}.docx").headers["Location"]
    withdraw(database, admin, found[0])
    assert working(app)()
    assert titles(file_of(browser, address).get_data()) == [SILENT]


@pytest.mark.usefixtures("_by_job")
def test_a_claim_withdrawn_while_the_file_is_written_leaves_a_whole_file_of_one_moment(
    app: Flask,
    browser: FlaskClient,
    database: Database,
    admin: Person,
    found: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write = report_files.written

    def slowly(*arguments: Any) -> bytes:
        withdraw(database, admin, found[0])
        return write(*arguments)

    monkeypatch.setattr(report_files, "written", slowly)
    address = browser.get(f"{REPORT}.docx").headers["Location"]
    assert working(app)()
    assert titles(file_of(browser, address).get_data())[:2] == [SILENT, LATE]


@pytest.mark.usefixtures("_by_job")
def test_a_job_writes_nothing_for_who_may_not_read_the_study_any_more(
    app: Flask,
    browser: FlaskClient,
    database: Database,
    admin: Person,
    colleague: Person,
    exports: Path,
) -> None:
    with database.saving() as session:
        closed = make.study(session, admin, "closed", access="members")
        studies.add_member(session, admin, "closed", colleague.email, may_edit=False)
        make.atom(session, admin, "Zebrafish", closed)
        make.atom(session, admin, "Zebra", closed)
    address = browser.get("/studies/closed/report.docx").headers["Location"]
    with database.saving() as session:
        studies.remove_member(session, admin, "closed", colleague.id)
    working(app)()
    assert file_of(browser, address).status_code == 404
    assert not exports.exists()


@pytest.mark.usefixtures("_by_job")
def test_a_job_that_was_killed_is_done_again_and_what_it_left_goes(
    app: Flask, browser: FlaskClient, database: Database, found: list[str], exports: Path
) -> None:
    address = browser.get(f"{REPORT}.docx").headers["Location"]
    with database.saving() as session:
        job = jobs.claim(session)
        assert job is not None
    exports.mkdir()
    half = exports / "half.docx.part"
    half.write_bytes(b"PK")
    os.utime(half, (time.time() - 90_000,) * 2)
    assert not working(app)()
    with database.saving() as session:
        session.get_one(Job, job.id).lease_until = now()
    assert working(app)()
    assert titles(file_of(browser, address).get_data())[:2] == [SILENT, LATE]
    assert not half.exists()


@pytest.mark.usefixtures("_by_job")
def test_a_full_disk_is_told_and_leaves_no_half_file(
    app: Flask,
    browser: FlaskClient,
    found: list[str],
    exports: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write = Path.write_bytes

    def full(path: Path, data: bytes) -> int:
        write(path, data[:10])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    address = browser.get(f"{REPORT}.docx").headers["Location"]
    assert working(app)()
    assert "The disk is full" in browser.get(address).get_data(as_text=True)
    assert list(exports.iterdir()) == []


def test_a_full_disk_is_told_at_once(
    browser: FlaskClient, found: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> bytes:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(report_files, "written", full)
    answer = browser.get(f"{REPORT}.xlsx")
    assert answer.status_code == 503
    assert "The disk is full" in answer.get_data(as_text=True)


def test_a_study_without_claims_has_a_report_of_every_kind(
    browser: FlaskClient, database: Database, admin: Person
) -> None:
    with database.saving() as session:
        make.study(session, admin, "empty", "Nothing yet")
    for form in report_files.FORMS:
        assert browser.get(f"/studies/empty/report.{form}").status_code == 200


def test_an_unknown_kind_of_file_is_no_page(browser: FlaskClient, found: list[str]) -> None:
    assert browser.get(f"{REPORT}.exe").status_code == 404

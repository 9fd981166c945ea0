"""Files as evidence on pages: sent, shown, and never able to act."""

from __future__ import annotations

import gc
import io
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlmodel import select

from research_repo.core import access, attachments, evidence, people
from research_repo.core.attachments import Kept
from research_repo.core.db import Database
from research_repo.core.models import Atom, Person
from research_repo.settings import Settings
from tests import make
from tests.web.conftest import send, sign_in

HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture
def key(database: Database, colleague: Person) -> str:
    with database.saving() as session:
        return make.atom(session, colleague, "Refunds take long").key


@pytest.fixture
def marina(client: FlaskClient, colleague: Person) -> FlaskClient:
    return sign_in(client, colleague)


def picture() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = "SECRET-PLACE"
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(file, "JPEG", exif=exif)
    return file.getvalue()


def sent(client: FlaskClient, key: str, data: bytes, name: str, **more: str):
    return send(client, f"/atoms/{key}/files", file=(io.BytesIO(data), name), **more)


def file_of(database: Database, key: str) -> str:
    with database.reading() as session:
        atom = access.atom_to_read(session, people.system(session), key)
        (piece,) = evidence.of_atom(session, atom.id)
    return f"/atoms/{key}/files/{piece.id}"


def test_an_image_that_was_sent_is_shown_with_the_claim_and_without_its_place(
    marina: FlaskClient, database: Database, key: str, admin: Person
) -> None:
    assert sent(marina, key, picture(), "IMG_1.jpg", caption="The page").status_code == 303
    address = file_of(database, key)
    with database.saving() as session:
        olga = make.person(session, "Olga", "reader")
    reader = sign_in(marina.application.test_client(), olga)
    page = reader.get(f"/atoms/{key}").text
    assert f'<img src="{address}" alt="The page"' in page
    file = reader.get(address)
    assert file.status_code == 200
    assert file.mimetype == "image/jpeg"
    assert b"SECRET" not in file.data
    assert not Image.open(io.BytesIO(file.data)).getexif()


def test_a_file_is_sent_so_that_nothing_in_it_can_act(
    marina: FlaskClient, database: Database, key: str
) -> None:
    pdf = b"%PDF-1.7 /JS (app.alert(1)) %%EOF"
    answer = sent(marina, key, pdf, "a;b \u202eимя.pdf")
    assert answer.status_code == 303, answer.text
    answer = marina.get(file_of(database, key))
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert answer.headers["Cache-Control"] == "no-store, private"
    assert answer.mimetype == "application/pdf"
    assert "%D0%B8" in answer.headers["Content-Disposition"]
    assert "%E2%80%AE" not in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("data", "name", "advice"),
    [
        (HTML, "x.png", "name of an image and is none"),
        (SVG, "x.png", "An SVG can hold programs"),
        (SVG, "x.svg", "An SVG can hold programs"),
        (HTML, "x.pdf", "name of a PDF and is none"),
        (b"words", "x.txt", "Choose an image"),
        (b"", "", "Choose an image"),
    ],
)
def test_what_is_no_image_and_no_pdf_is_refused_with_advice_and_nothing_of_it_stays(
    marina: FlaskClient,
    settings: Settings,
    key: str,
    data: bytes,
    name: str,
    advice: str,
) -> None:
    answer = sent(marina, key, data, name, caption="My words")
    assert answer.status_code == 422
    assert advice in answer.text
    assert 'value="My words"' in answer.text
    assert not list((settings.instance / "attachments").rglob("*"))
    assert not list((settings.instance / "imports").glob("*.file*"))


# A request that is refused in its middle leaves a temporary file to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_file_may_be_larger_than_a_form_but_not_endless(
    marina: FlaskClient, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    big = b"%PDF-1.7" + b" " * 3_000_000 + b"%%EOF"
    status = sent(marina, key, big, "big.pdf").status_code
    monkeypatch.setattr(Settings, "file_bytes", 2_500_000)
    told = sent(marina, key, big, "big.pdf").text
    marina.get("/healthz")
    gc.collect()
    assert status == 303
    assert "a file 50 MB" in told


def test_a_file_of_the_study_is_chosen_by_its_title_and_taken_off_again(
    marina: FlaskClient, database: Database, colleague: Person, key: str
) -> None:
    with database.saving() as session:
        study = make.default_study(session, colleague)
        kept = attachments.keep(database.folder, b"%PDF-1.7 %%EOF", "application/pdf")
        shot = make.shot(session, colleague, study, kept, "The order page")
    assert "The order page" in marina.get(f"/atoms/{key}/files").text
    assert send(marina, f"/atoms/{key}/files", source=shot.key).status_code == 303
    address = file_of(database, key)
    assert marina.get(address).data == b"%PDF-1.7 %%EOF"
    assert "The order page" in marina.get(f"/atoms/{key}").text
    assert send(marina, f"{address}/remove").status_code == 303
    assert marina.get(address).status_code == 404


def test_a_file_that_is_missing_on_the_server_says_what_to_do(
    marina: FlaskClient, database: Database, settings: Settings, colleague: Person, key: str
) -> None:
    with database.saving() as session:
        atom = access.atom_to_read(session, colleague, key)
        make.file(session, colleague, atom, settings.instance)
    for path in (settings.instance / "attachments").rglob("*"):
        if path.is_file():
            Path(path).unlink()
    answer = marina.get(file_of(database, key))
    assert answer.status_code == 503
    assert "doctor" in answer.text


def test_a_full_disk_keeps_nothing(
    marina: FlaskClient, key: str, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    def full(*_: object) -> Kept:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(attachments, "_write", full)
    answer = sent(marina, key, picture(), "a.jpg")
    assert answer.status_code == 503
    assert "disk is full" in answer.text
    with database.reading() as session:
        system = people.system(session)
        atom = access.atom_to_read(session, system, key)
        assert evidence.of_atom(session, atom.id) == []


def test_a_report_shows_the_images_of_its_findings_and_its_files_hold_them(
    marina: FlaskClient, database: Database, key: str
) -> None:
    sent(marina, key, picture(), "<b>page.jpg", caption="Before")
    address = file_of(database, key)
    report = f"/studies/{make.DEFAULT_STUDY}/report"
    assert f'<img src="{address}" alt="Before"' in marina.get(report).text
    written = marina.get(f"{report}.md").text
    assert "![Before][picture-1]" in written
    assert "[picture-1]: <data:image/" in written
    assert 'alt="Before"' in marina.get(f"{report}.html").text
    assert '"file_name": "<b>page.jpg"' in marina.get(f"{report}.json").text


@pytest.fixture
def shot(database: Database, colleague: Person) -> str:
    """An image of the study, as its team sees it."""
    with database.saving() as session:
        study = make.default_study(session, colleague)
        kept = attachments.keep(database.folder, picture(), "image/jpeg")
        return make.shot(session, colleague, study, kept, "The order page").key


def test_an_image_of_the_study_becomes_a_fact_that_shows_it(
    marina: FlaskClient, database: Database, shot: str
) -> None:
    assert f"/sources/{shot}/fact" in marina.get(f"/sources/{shot}").text
    address = f"/sources/{shot}/fact"
    assert f'<img src="/sources/{shot}/file"' in marina.get(address).text
    refused = send(marina, address, title="", caption="My words")
    assert refused.status_code == 422
    assert 'value="My words"' in refused.text
    answer = send(marina, address, title="The wait is not shown", caption="Nine days", tags="wait")
    assert answer.status_code == 303
    key = answer.headers["Location"].rpartition("/")[2]
    with database.saving() as session:
        olga = make.person(session, "Olga", "reader")
    reader = sign_in(marina.application.test_client(), olga)
    assert (
        f'<img src="{file_of(database, key)}" alt="Nine days"' in reader.get(f"/atoms/{key}").text
    )
    assert reader.get(file_of(database, key)).mimetype == "image/jpeg"
    assert reader.get(f"/sources/{shot}/file").status_code == 404


def test_a_text_has_no_fact_of_a_whole_file_and_others_have_no_file(
    marina: FlaskClient, database: Database, colleague: Person, shot: str
) -> None:
    with database.saving() as session:
        words = make.source(session, colleague).key
        petr = make.person(session, "Petr", "researcher")
    assert marina.get(f"/sources/{words}/fact").status_code == 404
    other = sign_in(marina.application.test_client(), petr)
    assert other.get(f"/sources/{shot}/fact").status_code == 404
    assert send(other, f"/sources/{shot}/fact", title="Mine").status_code == 404


def test_a_form_cannot_name_a_file_that_was_not_chosen(
    marina: FlaskClient, database: Database, key: str, shot: str
) -> None:
    forged = {"evidence-kind": "file", "evidence-text": "x", "attachment_id": "1"}
    fact = {"kind": "fact", "title": "One", "study": make.DEFAULT_STUDY}
    answer = send(marina, "/atoms/new", **fact, **forged)
    assert answer.status_code in (303, 422)
    with database.reading() as session:
        for atom in session.exec(select(Atom)):
            assert all(one.kind != "file" for one in evidence.of_atom(session, atom.id))

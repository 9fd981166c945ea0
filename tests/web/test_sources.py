"""Pages of sources: what the team reads, and that nobody else does."""

from __future__ import annotations

import html
import io
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import col, select
from werkzeug.test import TestResponse

from research_repo.core import (
    anchors,
    attachments,
    participants,
    source_edits,
    sources,
    speakers,
    studies,
)
from research_repo.core.db import Database
from research_repo.core.models import HistoryPayload, Participant, Passage, Person, Source
from research_repo.core.source_texts import SourceText
from research_repo.importing_sources import LONG
from research_repo.web.sources import NAMED
from tests import make
from tests.web.conftest import send, sign_in

WORDS = re.compile(
    r'<p class="passage-words" data-start="(\d+)" data-end="(\d+)"[^>]*>(.*?)</p>', re.S
)

TALK = "Interviewer: How did it go?\nR-12: I called +7 921 555-01-23 twice.\n"


def test_a_page_shows_the_words_exactly_as_they_stand_in_the_text(
    client: FlaskClient, database: Database, colleague: Person
) -> None:
    turns = [("R-1", "  One <b>&amp;\n  two 📦 «три»  "), ("R-2", "\tend of it")]
    with database.saving() as session:
        source = make.source(session, colleague, turns)

    page = sign_in(client, colleague).get(f"/sources/{source.key}").get_data(as_text=True)

    found = WORDS.findall(page)
    assert len(found) == 2
    for start, end, words in found:
        assert html.unescape(words) == source.text[int(start) : int(end)]


def test_sources_of_an_open_study_are_not_there_for_others(
    client: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        source = make.source(session, colleague)
        stranger = make.person(session, "Petr", "curator")
    browser = sign_in(client, stranger)

    for path in (
        "/studies/returns/sources",
        f"/sources/{source.key}",
        f"/sources/{source.key}/at?offset=1",
    ):
        assert browser.get(path).status_code == 404


def test_the_way_to_a_place_leads_to_its_page_and_passage(
    client: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        source = make.source(session, colleague, [("", f"Words {n}") for n in range(150)])
    offset = source.text.index("Words 120")

    answer = sign_in(client, colleague).get(f"/sources/{source.key}/at?offset={offset}")

    assert answer.headers["Location"] == f"/sources/{source.key}?page=2#p-120"
    assert 'id="p-120"' in client.get(answer.headers["Location"]).get_data(as_text=True)


@pytest.fixture
def browser(client: FlaskClient, database: Database, colleague: Person) -> FlaskClient:
    """The browser of a researcher who owns the study "returns"."""
    with database.saving() as session:
        make.study(session, colleague)
    return sign_in(client, colleague)


def sent(browser: FlaskClient, content: str | bytes = TALK, name: str = "", **form: Any) -> str:
    """Where the page of what was read is, after a file was sent or words were pasted."""
    if name:
        data = content.encode() if isinstance(content, str) else content
        form["file"] = (io.BytesIO(data), name)
    else:
        form["text"] = content
    answer = send(browser, "/studies/returns/sources/new", **form)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return answer.headers["Location"]


def added(browser: FlaskClient, look: str, **form: Any) -> TestResponse:
    return send(browser, look, **{"do": "add", "title": "Interview 12"} | form)


def only(database: Database) -> Source:
    with database.reading() as session:
        return session.exec(select(Source)).one()


def test_a_page_with_a_hundred_quotes_stays_under_100_kb(
    client: FlaskClient, database: Database, colleague: Person
) -> None:
    words = [
        f"We waited for parcel {n}, and nobody could tell us why it was late." for n in range(100)
    ]
    with database.saving() as session:
        source = make.source(
            session, colleague, [(f"R-{n % 7}", one) for n, one in enumerate(words)]
        )
        for one in words:
            start = source.text.index(one)
            said = anchors.cut(session, colleague, source.key, start, start + len(one))
            make.atom(session, colleague, f"They do not know why: {one}", evidence=[said])
    page = sign_in(client, colleague).get(f"/sources/{source.key}").get_data()
    assert page.count(b"data-number=") == 100
    assert len(page) < 100_000


def test_what_was_read_is_shown_before_anything_is_kept(
    browser: FlaskClient, database: Database
) -> None:
    page = browser.get(sent(browser)).get_data(as_text=True)

    assert "2 passages" in page
    assert 'value="R-12"' in page
    assert "<mark>+7 921 555-01-23</mark>" in page
    with database.reading() as session:
        assert not session.exec(select(Source)).all()


def test_pasted_words_become_a_source_with_its_participant_and_without_the_phone(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    look = sent(browser)

    answer = added(browser, look, mask="1", speaker=["Interviewer", "R-12"], code=["", "R-12"])

    source = only(database)
    assert answer.headers["Location"] == f"/sources/{source.key}"
    assert "555" not in source.text
    assert "I called +• ••• •••-••-•• twice." in source.text
    with database.reading() as session:
        assert [one.code for one in speakers.of_source(session, source.id)] == ["", "R-12"]
    assert browser.get(look).status_code == 404


def test_personal_data_stays_where_somebody_says_so(
    browser: FlaskClient, database: Database
) -> None:
    added(browser, sent(browser))

    assert "+7 921 555-01-23" in only(database).text


def test_a_file_gives_its_name_to_the_source(browser: FlaskClient, database: Database) -> None:
    look = sent(browser, "Заметки о визите".encode("cp1251"), "Визит 3.txt")

    assert 'value="Визит 3"' in browser.get(look).get_data(as_text=True)
    added(browser, look, title="Визит 3", held_on="2026-03-02", participant="R3")
    source = only(database)
    assert (source.text, source.file_name, source.language) == (
        "Заметки о визите",
        "Визит 3.txt",
        "ru",
    )
    assert str(source.held_on) == "2026-03-02"


def test_respondents_of_a_table_become_participants_and_another_column_can_name_them(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    table = "id,name,What broke?\nP1,ann,The lift\nP2,bob,Nothing\n"
    look = sent(browser, table, "answers.csv")
    again = send(browser, look, do="again", code_column="=name", title="Kept")
    page = again.get_data(as_text=True)
    assert 'value="=name" selected' in page
    assert 'value="Kept"' in page

    added(browser, look, code_column="=id", all_codes="1")

    with database.reading() as session:
        codes = [one.code for one in participants.of_study(session, colleague, "returns")]
    assert codes == ["P1", "P2"]


def test_a_table_with_a_column_without_a_name_comes_in_as_it_was_shown(
    browser: FlaskClient, database: Database
) -> None:
    look = sent(browser, ",Did it come?\n0,Yes\n1,No\n", "answers.csv")
    page = browser.get(look).text
    assert '<option value="=" selected>' in page
    assert "4 passages" in page

    added(browser, look, code_column="=", kind="survey")

    with database.reading() as session:
        names = [one.name for one in speakers.of_source(session, only(database).id)]
    assert names == ["#2", "#3"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("notes.txt", b""),
        ("photo.png", b"<html><script>alert(1)</script></html>"),
        ("photo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"),
        ("program.exe", b"MZ"),
        ("talk.docx", b"PK\x03\x04 no document"),
    ],
)
def test_a_file_that_is_no_source_is_refused_with_advice_and_leaves_nothing(
    browser: FlaskClient, app: Flask, name: str, content: bytes
) -> None:
    answer = send(
        browser, "/studies/returns/sources/new", file=(io.BytesIO(content), name), text=""
    )

    assert answer.status_code == 422
    assert 'id="f-file-error"' in answer.get_data(as_text=True)
    folder = app.extensions["house"].settings.instance / "imports"
    assert not [path for path in folder.iterdir() if ".file" in path.name]


def test_of_several_files_each_has_a_line_and_none_stops_the_others(
    browser: FlaskClient, database: Database
) -> None:
    given = [
        ("first.txt", TALK.encode()),
        ("page.png", b"<html><script>alert(1)</script></html>"),
        ("second.txt", "Р-7: Привет\n".encode("cp1251") * 3),
        ("empty.txt", b""),
    ]
    files = [(io.BytesIO(content), name) for name, content in given]
    answer = send(browser, "/studies/returns/sources/new", file=files, text="")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert [name for name, _ in given if f"<strong>{name}</strong>" in page] == [
        name for name, _ in given
    ]
    assert "2 files were refused" in page
    assert "1 phone" in page
    looks = re.findall(r"/studies/returns/sources/new/([\w-]+)", page)
    tokens = re.findall(r'name="token" value="([\w-]+)"', page)
    assert (looks, len(tokens)) == (tokens, 2)
    with database.reading() as session:
        assert session.exec(select(Source)).all() == []

    page = send(
        browser, "/studies/returns/sources/several", token=["x" * 24, *tokens], mask="1"
    ).get_data(as_text=True)
    assert page.count("The source is there.") == 2
    assert "1 file was refused" in page
    with database.reading() as session:
        first, second = session.exec(select(Source).order_by(col(Source.id)))
        assert (first.title, second.title) == ("first", "second")
        assert "+7 921" not in first.text
        assert "Привет" in second.text
        heard = session.exec(select(Participant.code).order_by(col(Participant.id)))
        assert list(heard) == ["R-12", "Р-7"]


def test_nothing_sent_is_told_what_to_do(browser: FlaskClient) -> None:
    answer = send(browser, "/studies/returns/sources/new", text="  ")

    assert answer.status_code == 422
    assert "Choose a file, or paste the text below." in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"title": " "}, "title"),
        ({"held_on": "2126-01-01"}, "held_on"),
        ({"held_on": "soon"}, "held_on"),
        ({"kind": "pdf"}, "kind"),
        ({"participant": "ann@example.org"}, "participant"),
        ({"speaker": "R-12", "code": "+7 921 555-01-23"}, "participant"),
    ],
)
def test_a_refusal_keeps_what_was_typed_beside_its_field(
    browser: FlaskClient, database: Database, form: dict[str, str], field: str
) -> None:
    answer = added(browser, sent(browser), language="ru", **{"kind": "notes"} | form)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in page
    assert '<option value="ru" selected>' in page
    with database.reading() as session:
        assert not session.exec(select(Source)).all()


def test_what_one_person_sent_is_not_there_for_another(
    browser: FlaskClient, app: Flask, admin: Person
) -> None:
    look = sent(browser)

    assert sign_in(app.test_client(), admin).get(look).status_code == 404


def test_a_long_text_is_brought_in_by_a_job_that_leads_to_it(
    browser: FlaskClient, app: Flask, database: Database
) -> None:
    rows = "".join(f"P{row},Answer {row}\n" for row in range(LONG + 1))
    look = sent(browser, "id,What broke?\n" + rows, "answers.csv")

    job = added(browser, look, code_column="=id", all_codes="1").headers["Location"]
    assert job.startswith("/jobs/")
    with database.reading() as session:
        assert not session.exec(select(Source)).all()
    app.extensions["worker"].work_once()

    assert f"/sources/{only(database).key}" in browser.get(job).get_data(as_text=True)
    assert browser.get(look).status_code == 404


def test_a_source_is_replaced_by_a_file_and_that_is_undone(
    browser: FlaskClient, database: Database
) -> None:
    added(browser, sent(browser))
    source = only(database)
    begin = f"/studies/returns/sources/new?replace={source.key}"
    look = send(browser, begin, text="R-12: Nothing.\nR-13: At all.").headers["Location"]
    assert "Replace “Interview 12”" in browser.get(look).get_data(as_text=True)

    answer = send(browser, look, do="add")

    assert answer.headers["Location"] == f"/sources/{source.key}"
    changed = only(database)
    assert changed.text == "Nothing.\n\nAt all."
    assert "Undo the last change" in browser.get(f"/sources/{source.key}").get_data(as_text=True)
    send(browser, f"/sources/{source.key}/undo", version=changed.version)
    assert only(database).text == source.text


def test_a_source_that_somebody_changed_meanwhile_is_not_undone_by_an_old_page(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        key = make.source(session, colleague).key
        source_edits.change_text(session, colleague, key, 1, "Two")
        source_edits.change_text(session, colleague, key, 2, "Three")

    answer = send(browser, f"/sources/{key}/undo", version="2")

    assert answer.status_code == 303
    assert only(database).text == "Three"


def test_a_passage_is_changed_on_a_page_of_its_own(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        key = make.source(session, colleague, [("A", "One"), ("B", "Two")]).key
    path = f"/sources/{key}/passages/1"
    assert "Two" in browser.get(path).get_data(as_text=True)

    answer = send(browser, path, version="1", text="Two!", speaker="C")

    assert answer.headers["Location"] == f"/sources/{key}#p-1"
    assert only(database).text == "One\n\nTwo!"
    late = send(browser, path, version="1", text="Mine", speaker="C")
    assert late.status_code == 409
    assert "Mine" in late.get_data(as_text=True)


def test_the_whole_text_is_changed_and_a_late_change_keeps_what_was_typed(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        key = make.source(session, colleague, [("A", "One"), ("B", "Two")]).key
    path = f"/sources/{key}/text"

    assert send(browser, path, version="1", text="One\n\n2").status_code == 303

    assert only(database).text == "One\n\n2"
    late = send(browser, path, version="1", text="Mine")
    assert late.status_code == 409
    assert "Mine" in late.get_data(as_text=True)
    assert send(browser, path, version="2", text=" ").status_code == 422


def test_what_is_known_of_a_source_changes_on_its_form(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        key = make.source(session, colleague).key
    form = {"title": "Second", "kind": "notes", "language": "ru", "participant": "R8"}

    assert send(browser, f"/sources/{key}/edit", version="1", **form).status_code == 303
    assert send(browser, f"/sources/{key}/edit", version="1", **form).status_code == 409

    page = browser.get(f"/sources/{key}").get_data(as_text=True)
    assert "Second" in page
    assert "R8" in page


def test_speakers_are_given_codes_and_pages_show_those(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        key = make.source(session, colleague, [("Petr K.", "One")]).key

    send(browser, f"/sources/{key}/speakers", speaker="Petr K.", code="R7")

    assert '<p class="passage-who">R7</p>' in browser.get(f"/sources/{key}").get_data(as_text=True)


def test_hundreds_of_speakers_become_participants_by_one_button(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        turns = [(f"P{number}", "Yes") for number in range(NAMED + 1)]
        key = make.source(session, colleague, turns).key
    assert "1 more speaker is not listed." in browser.get(f"/sources/{key}/speakers").text

    send(browser, f"/sources/{key}/speakers", do="all")

    with database.reading() as session:
        assert len(participants.of_study(session, colleague, "returns")) == NAMED + 1


def test_a_long_source_replaced_by_a_job_tells_of_a_change_meanwhile(
    browser: FlaskClient, app: Flask, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        key = make.source(session, colleague).key
    rows = "".join(f"P{row},Answer {row}\n" for row in range(LONG + 1))
    begin = f"/studies/returns/sources/new?replace={key}"
    file = (io.BytesIO(f"id,What broke?\n{rows}".encode()), "answers.csv")
    look = send(browser, begin, file=file).headers["Location"]
    job = send(browser, look, do="add").headers["Location"]
    with database.saving() as session:
        source_edits.change_text(session, colleague, key, 1, "Mine")

    app.extensions["worker"].work_once()

    assert "Somebody changed this source" in browser.get(job).text
    assert only(database).text == "Mine"
    job = send(browser, look, do="add").headers["Location"]
    app.extensions["worker"].work_once()
    assert f"/sources/{key}" in browser.get(job).text
    assert only(database).text.startswith("Answer 0")


def test_a_removed_source_leaves_the_list_and_comes_back(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        key = make.source(session, colleague, title="Lost talk").key

    send(browser, f"/sources/{key}/remove")

    listed = browser.get("/studies/returns/sources").get_data(as_text=True)
    assert "Put it back" in listed
    assert "Lost talk" not in browser.get("/studies/returns").get_data(as_text=True)
    assert browser.get(f"/sources/{key}/edit").status_code == 404
    send(browser, f"/sources/{key}/restore")
    assert "Put it back" not in browser.get("/studies/returns/sources").get_data(as_text=True)


def test_a_removed_source_is_deleted_for_good_with_all_that_it_said(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        key = make.source(session, colleague, [("R-1", "My secret. It came late.")]).key
        start = len("My secret. ")
        cut = anchors.cut(session, colleague, key, start, start + len("It came late."))
        atom = make.atom(session, colleague, "It was late", evidence=[cut])
        source_edits.change_passage(session, colleague, key, 1, 0, "Hidden. It came late.")
    assert send(browser, f"/sources/{key}/erase").status_code == 422
    send(browser, f"/sources/{key}/remove")
    assert "Delete for good" in browser.get(f"/sources/{key}").text

    answer = send(browser, f"/sources/{key}/erase")

    assert answer.headers["Location"] == "/studies/returns/sources"
    assert browser.get(f"/sources/{key}").status_code == 404
    assert "It came late." in browser.get(f"/atoms/{atom.key}").text
    with database.reading() as session:
        kept = [*session.exec(select(HistoryPayload)), *session.exec(select(Passage))]
        assert "secret" not in str([row.model_dump() for row in kept])
        assert not session.exec(select(Source)).all()


def test_an_image_is_shown_and_sent_so_that_nothing_in_it_runs(
    browser: FlaskClient, app: Flask, database: Database, colleague: Person
) -> None:
    kept = attachments.keep(app.extensions["house"].settings.instance, b"pixels", "image/png")
    with database.saving() as session:
        values = sources.ready(sources.SourceValues(title="Shelf"), SourceText("image"))
        made = sources.add(session, colleague, "returns", values, SourceText("image"), kept)
    page = browser.get(f"/sources/{made.key}").get_data(as_text=True)
    assert f'src="/sources/{made.key}/file"' in page

    answer = browser.get(f"/sources/{made.key}/file")

    assert answer.data == b"pixels"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_whoever_reads_in_the_team_sees_no_way_to_change_a_source(
    browser: FlaskClient, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        key = make.source(session, colleague).key
        member = make.person(session, "Olga", "reader")
        studies.add_member(session, colleague, "returns", member.email, may_edit=False)
    reader = sign_in(browser.application.test_client(), member)

    page = reader.get(f"/sources/{key}").get_data(as_text=True)

    assert "It came after two weeks." in page
    assert f"/sources/{key}/remove" not in page
    assert "/passages/0" not in page
    assert send(reader, f"/sources/{key}/remove").status_code == 403


def test_the_page_of_a_study_lists_its_sources_for_the_team_alone(
    browser: FlaskClient, app: Flask, database: Database, colleague: Person
) -> None:
    with database.saving() as session:
        make.source(session, colleague, title="Talk with the courier")
        stranger = make.person(session, "Petr", "researcher")

    assert "Talk with the courier" in browser.get("/studies/returns").get_data(as_text=True)
    page = sign_in(app.test_client(), stranger).get("/studies/returns").get_data(as_text=True)
    assert "Talk with the courier" not in page
    assert "/sources" not in page

"""Files in and out on the command line."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from research_repo.cli import run
from research_repo.core import (
    atoms,
    instance,
    people,
    report_versions,
    report_writing,
    reports,
)
from research_repo.core.db import Database
from research_repo.exchange import report_files
from research_repo.settings import from_environment
from tests import make

KEY = "RESEARCH_REPO_"
DATA = Path(
    os.environ.get(f"{KEY}DATA", Path(__file__).resolve().parent.parent.parent / "shared" / "data")
)
UNESCO = DATA / "tags_unesco" / "unesco-thesaurus.ttl"
TABLE = "id,scheme,parent_ids,pref_label_en\n1,topics,,Money\n2,topics,1,Refund\n"


@dataclass
class Answer:
    code: int
    out: str
    err: str


Call = Callable[..., Answer]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith(KEY)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv(f"{KEY}INSTANCE", str(tmp_path / "instance"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def call(folder: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    def call(*arguments: str) -> Answer:
        code = run(arguments)
        return Answer(code, *capsys.readouterr())

    return call


@pytest.fixture
def opened(folder: Path) -> Iterator[Database]:
    database = instance.open_instance(from_environment())
    yield database
    database.close()


def test_a_table_of_tags_comes_in_and_is_found(call: Call, folder: Path, opened: Database) -> None:
    (folder / "tags.csv").write_text(TABLE)
    answer = call("import", "tags", "tags.csv", "--json")
    told = json.loads(answer.out)
    assert (answer.code, answer.err) == (0, "")
    assert (told["created"], told["refused"], told["tags_created"]) == (2, 0, ["Money", "Refund"])
    with opened.saving() as session:
        make.atom(session, people.system(session), "It came late", tags=["topics > Money > Refund"])
    found = json.loads(call("search", "late", "--tag", "topics > Money", "--json").out)
    assert found["total"] == 1


def test_a_refused_row_is_told_by_its_number_and_exits_with_1(call: Call, folder: Path) -> None:
    (folder / "tags.csv").write_text(TABLE + "3,topics,,\n")
    answer = call("import", "tags", "tags.csv")
    assert answer.code == 1
    assert "row 4" in answer.err
    assert "2 created" in answer.out


def test_a_dry_run_changes_nothing(call: Call, folder: Path) -> None:
    (folder / "tags.csv").write_text(TABLE)
    for _ in range(2):
        told = json.loads(call("import", "tags", "tags.csv", "--dry-run", "--json").out)
        assert told["created"] == 2


@pytest.mark.parametrize("form", ["csv", "ttl", "qdc"])
def test_an_exported_list_of_tags_comes_back_unchanged(call: Call, folder: Path, form: str) -> None:
    (folder / "tags.csv").write_text(TABLE)
    call("import", "tags", "tags.csv")
    assert call("export", "tags", "--format", form, "-o", f"out.{form}").code == 0
    told = json.loads(call("import", "tags", f"out.{form}", "--json").out)
    assert (told["created"], told["updated"], told["refused"]) == (0, 0, 0)


def test_what_a_file_of_tags_loses_is_told_beside_the_answer(call: Call, folder: Path) -> None:
    (folder / "tags.csv").write_text(
        "id,scheme,pref_label_en,pref_label_ru,alt_labels_ru\n1,topics,Money,Деньги,Оплата\n"
    )
    call("import", "tags", "tags.csv")
    answer = call("export", "tags", "--format", "qdc", "--language", "ru", "-o", "out.qdc")
    assert "What the file does not hold:" in answer.err
    assert "synonyms and names in other languages" in answer.err
    assert answer.out.startswith("out.qdc: ")
    assert 'name="Деньги"' in (folder / "out.qdc").read_text()
    assert call("export", "tags", "--format", "ttl", "-o", "out.ttl").err == ""


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.qdc", '<CodeBook><Codes><Code name="Late" isCodable="true"/></Codes></CodeBook>'),
        ("a.csv", "Title,Description\nLate,After the day\n"),
        (
            "a.rdf",
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:s='
            '"http://www.w3.org/2004/02/skos/core#"><s:Concept rdf:about="http://x.org/a">'
            '<s:prefLabel xml:lang="en">Late</s:prefLabel></s:Concept></rdf:RDF>',
        ),
    ],
)
def test_lists_of_each_kind_come_in_and_again_change_nothing(
    call: Call, folder: Path, name: str, content: str
) -> None:
    (folder / name).write_text(content)
    for created in (1, 0):
        answer = call("import", "tags", name, "--scheme", "topics", "--json")
        told = json.loads(answer.out)
        assert (answer.code, told["created"], told["updated"]) == (0, created, 0)
    refused = call("import", "tags", name)
    assert (refused.code, "tag group" in refused.err) == (1, True)


def test_a_file_of_a_hundred_megabytes_is_too_large(call: Call, folder: Path) -> None:
    with (folder / "a.qdc").open("wb") as file:
        file.truncate((100 << 20) + 1)
    answer = call("import", "tags", "a.qdc")
    assert (answer.code, answer.out) == (2, "")
    assert "100 MB" in answer.err


def test_a_file_that_exists_is_replaced_only_by_force(call: Call, folder: Path) -> None:
    (folder / "tags.csv").write_text("mine")
    answer = call("export", "tags", "--format", "csv", "-o", "tags.csv")
    assert (answer.code, (folder / "tags.csv").read_text()) == (1, "mine")
    assert "--force" in answer.err
    assert call("export", "tags", "--format", "csv", "-o", "tags.csv", "--force").code == 0
    assert (folder / "tags.csv").read_text().startswith("id,scheme")
    assert sorted(path.name for path in folder.iterdir()) == ["instance", "tags.csv"]


def test_a_file_that_cannot_be_used_is_refused_in_a_sentence(call: Call, folder: Path) -> None:
    for name, content in (
        ("a.ttl", b"<x"),
        ("a.csv", b"\xcf\xf0"),
        ("a.txt", b"x"),
        ("b.csv", b""),
    ):
        (folder / name).write_bytes(content)
        answer = call("import", "tags", name, "--json")
        assert (answer.code, answer.out) == (2, "")
        assert answer.err.count("\n") == 1
    assert "There is no file" in call("import", "tags", "nowhere.csv").err
    answer = call("export", "tags", "--format", "csv", "-o", "no/where.csv")
    assert answer.code == 2
    assert "cannot be written" in answer.err


@pytest.mark.parametrize("form", report_files.FORMS)
def test_a_study_goes_out_as_a_file(call: Call, folder: Path, opened: Database, form: str) -> None:
    with opened.saving() as session:
        make.atom(session, people.system(session), "Money comes late")
    out = folder / f"out.{form}"
    assert call("export", "study", "RETURNS", "--format", form, "-o", out.name).code == 0
    written = out.read_bytes()
    if form in ("md", "html", "json", "csv"):
        assert b"Money comes late" in written
    assert call("export", "study", "RETURNS", "--format", form, "-o", out.name).code == 1
    again = ("export", "study", "RETURNS", "--format", form, "-o", out.name, "--force")
    assert call(*again).code == 0
    assert out.read_bytes() == written
    assert "no study" in call("export", "study", "x", "--format", form, "-o", "x").err
    assert not (folder / "x").exists()


def test_a_report_goes_out_as_it_is_and_as_it_was_frozen(
    call: Call, folder: Path, opened: Database
) -> None:
    with opened.saving() as session:
        by = people.system(session)
        late = make.atom(session, by, "Money comes late")
        key = report_writing.of_study(session, by, "returns", "en").key
        report = reports.of_report(session, by, key, "en")
        ready = report_versions.prepared(session, by, key, report, "")
        report_versions.publish(session, by, ready)
        atoms.set_status(session, by, late.key, late.version, "archived")
    assert call("export", "report", key, "--format", "md", "-o", "now.md").code == 0
    was = ("export", "report", key, "--version", "1", "--format", "md", "-o", "was.md")
    assert call(*was).code == 0
    assert "Money comes late" not in (folder / "now.md").read_text()
    assert "Money comes late" in (folder / "was.md").read_text()
    missing = call("export", "report", key, "--version", "2", "--format", "pdf", "-o", "x.pdf")
    assert (missing.code, "no version 2" in missing.err) == (1, True)
    assert not (folder / "x.pdf").exists()


def test_a_report_speaks_the_language_that_is_asked_for(
    call: Call, folder: Path, opened: Database
) -> None:
    with opened.saving() as session:
        make.atom(session, people.system(session), "Money comes late")
    to = ("export", "study", "returns", "--format", "md", "-o", "out.md", "--language", "ru")
    assert call(*to).code == 0
    assert "факт" in (folder / "out.md").read_text()


def test_a_brief_that_is_not_there_is_told(call: Call, opened: Database) -> None:
    answer = call("export", "brief", "nope", "--format", "pdf", "-o", "x.pdf")
    assert (answer.code, "no brief nope" in answer.err) == (1, True)


def test_a_study_goes_out_as_the_person_sees_it(call: Call, folder: Path, opened: Database) -> None:
    with opened.saving() as session:
        by = people.system(session)
        make.person(session, "Olga", "reader")
        make.atom(session, by, "Hidden", make.study(session, by, "secret", access="members"))
    to = ("--format", "md", "-o", "out.md", "--as", "olga@example.org")
    assert call("export", "study", "secret", *to).code == 1
    assert not (folder / "out.md").exists()


@pytest.mark.skipif(not UNESCO.exists(), reason=f"the UNESCO thesaurus is not in {DATA}")
def test_a_real_thesaurus_comes_in_with_its_defects_told(call: Call, folder: Path) -> None:
    answer = call("import", "tags", str(UNESCO), "--scheme", "unesco", "--json")
    told = json.loads(answer.out)
    assert answer.code == 0
    assert (told["created"], told["refused"], told["schemes_created"]) == (4420, 0, ["unesco"])
    columns = [warning["column"] for warning in told["warnings"]]
    assert columns.count("Collection") == 95
    assert columns.count("pref_label_ru") == 43
    assert columns.count("label_ru") == 7
    for form in ("csv", "ttl"):
        call("export", "tags", "--format", form, "-o", f"out.{form}")
        again = json.loads(call("import", "tags", f"out.{form}", "--json").out)
        assert (again["created"], again["updated"], again["refused"]) == (0, 0, 0)

"""`export search`: all that hold all the words, as a file."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from research_repo.cli import run
from research_repo.core import instance, people, records
from research_repo.core.db import Database
from research_repo.exchange.atom_lists import COLUMNS
from research_repo.settings import from_environment
from tests import make

KEY = "RESEARCH_REPO_"

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith(KEY)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv(f"{KEY}INSTANCE", str(tmp_path / "instance"))
    monkeypatch.setenv(f"{KEY}BASE_URL", "https://repo.example.org")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def call(folder: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    def call(*arguments: str) -> tuple[int, str, str]:
        return run(arguments), *capsys.readouterr()

    return call


@pytest.fixture
def filled(folder: Path) -> Iterator[Database]:
    database = instance.open_instance(from_environment())
    with database.saving() as session:
        system = people.system(session)
        make.person(session, "Olga", "reader")
        closed = make.study(session, system, "closed", access="members")
        make.atom(session, system, "The parcel came late", tags=["late"])
        make.atom(session, system, "The parcel came broken")
        make.atom(session, system, "Late parcels hurt", kind="insight")
        make.atom(session, system, "A late parcel of some", closed)
    yield database
    database.close()


def test_all_that_hold_all_the_words_are_written(
    call: Call, folder: Path, filled: Database
) -> None:
    code, out, err = call("export", "search", "late parcel", "--format", "csv", "-o", "out.csv")
    assert (code, out, err) == (0, "3 findings are written to out.csv.\n", "")
    rows = list(csv.DictReader((folder / "out.csv").read_text().splitlines()))
    assert [row["title"] for row in rows] == [
        "The parcel came late",
        "Late parcels hurt",
        "A late parcel of some",
    ]
    assert rows[0]["link"].startswith("https://repo.example.org/atoms/")


def test_a_table_for_a_spreadsheet_holds_days_links_and_no_formula(
    call: Call, folder: Path, filled: Database
) -> None:
    with filled.saving() as session:
        system = people.system(session)
        make.atom(session, system, "=late()", observed_on=date(2026, 3, 31))
    asked = ("export", "search", "late", "--format", "xlsx", "-o", "out.xlsx")
    assert call(*asked) == (0, "4 findings are written to out.xlsx.\n", "")
    *_rest, last = openpyxl.load_workbook(folder / "out.xlsx").active.rows
    told = dict(zip(COLUMNS, last, strict=True))
    assert (told["title"].value, told["title"].data_type) == ("=late()", "s")
    assert told["observed_on"].value.date() == date(2026, 3, 31)
    assert told["link"].hyperlink.target.startswith("https://repo.example.org/atoms/")
    assert "--force" in call(*asked)[2]


def test_filters_are_typed_and_a_person_gets_what_they_see(
    call: Call, folder: Path, filled: Database
) -> None:
    words = "late parcel kind:fact"
    code, out, _ = call(
        "export", "search", words, "--format", "json", "-o", "out.json", "--as", "olga@example.org"
    )
    assert (code, out) == (0, "1 finding is written to out.json.\n")
    told = json.loads((folder / "out.json").read_text())
    assert [one["title"] for one in told["atoms"]] == ["The parcel came late"]


def test_a_filter_that_nobody_knows_is_told(call: Call, folder: Path, filled: Database) -> None:
    code, out, err = call("export", "search", "kind:giraffe", "--format", "md", "-o", "out.md")
    assert code == 0
    assert "searched as words" in err
    assert out == "0 findings are written to out.md.\n"
    assert (folder / "out.md").read_text() == ""


def test_a_file_that_exists_is_replaced_by_force_alone(
    call: Call, folder: Path, filled: Database
) -> None:
    (folder / "out.md").write_text("mine")
    asked = ("export", "search", "late", "--format", "md", "-o", "out.md")
    code, _, err = call(*asked)
    assert code != 0
    assert "--force" in err
    assert (folder / "out.md").read_text() == "mine"
    assert call(*asked, "--force")[0] == 0
    assert "### [The parcel came late]" in (folder / "out.md").read_text()


def test_nothing_half_written_stays_when_it_breaks_off(
    call: Call, folder: Path, filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(records, "of_atoms", broken)
    assert call("export", "search", "late", "--format", "md", "-o", "out.md")[0] != 0
    assert [one.name for one in folder.iterdir()] == ["instance"]

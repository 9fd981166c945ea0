"""Participants on the command line."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from research_repo.cli import run
from research_repo.core import instance, people
from research_repo.core.clock import today
from research_repo.core.db import Database
from research_repo.settings import from_environment
from tests import make

KEY = "RESEARCH_REPO_"


@dataclass
class Answer:
    code: int
    out: str
    err: str


Call = Callable[..., Answer]


@pytest.fixture
def call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Call]:
    """A command in an instance with a study."""
    for name in [name for name in os.environ if name.startswith(KEY)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv(f"{KEY}INSTANCE", str(tmp_path / "instance"))
    monkeypatch.chdir(tmp_path)
    database = instance.open_instance(from_environment())
    with database.saving() as session:
        make.study(session, people.system(session))
        make.person(session, "Olga", "reader")
    _log(database)

    def call(*arguments: str) -> Answer:
        code = run(arguments)
        return Answer(code, *capsys.readouterr())

    yield call
    database.close()


def _log(database: Database) -> None:
    with database.saving() as session:
        make.atom(session, people.system(session), "Refunds wait", quote="Weeks!", who="R-07")


def test_a_participant_is_written_down_listed_moved_and_deleted(call: Call) -> None:
    added = call("participants", "add", "R-07", "--study", "returns", "--segment", "new")
    assert (added.code, added.err) == (0, "")
    told = json.loads(call("participants", "list", "--study", "returns", "--json").out)
    (one,) = told["participants"]
    assert (one["code"], one["segment"], one["quotes"]) == ("R-07", "new", 1)
    call("study", "add", "other", "--title", "Other")
    refused = call("participants", "move", "r-07", "--study", "returns", "--to", "other")
    assert refused.code == 1
    assert "R-07 was heard in this study: 1 quote would stay" in refused.err
    call("participants", "add", "R-08", "--study", "returns")
    assert call("participants", "move", "R-08", "--study", "returns", "--to", "other").code == 0
    assert call("participants", "list", "--study", "other").out == "R-08\t\t-\n"
    assert call("participants", "remove", "R-08", "--study", "other").code == 0
    assert call("participants", "list", "--study", "other").out == ""


def test_who_withdrew_is_due_for_deletion(call: Call) -> None:
    over = (today() - timedelta(days=9)).isoformat()
    call("participants", "add", "R-1", "--study", "returns", "--until", over)
    call("participants", "add", "R-2", "--study", "returns")
    assert call("participants", "withdraw", "R-2", "--study", "returns").code == 0
    due = json.loads(call("participants", "due", "--json").out)["due"]
    assert [(one["code"], one["since"]) for one in due] == [
        ("R-1", (today() - timedelta(days=8)).isoformat()),
        ("R-2", today().isoformat()),
    ]
    assert call("participants", "due", "--study", "returns").out.count("\n") == 2


def test_a_table_goes_out_and_comes_back_without_a_change(call: Call, tmp_path: Path) -> None:
    table = tmp_path / "people.csv"
    table.write_text("code,segment\nR-1,new\nR-2,old\n", encoding="utf-8")
    first = call("participants", "import", str(table), "--study", "returns", "--json")
    assert json.loads(first.out) == {"added": 2, "changed": 0, "unchanged": 0, "problems": []}
    assert call("participants", "export", "--study", "returns", "-o", "out.csv").code == 0
    again = call("participants", "import", "out.csv", "--study", "returns", "--json")
    assert json.loads(again.out)["unchanged"] == 2


def test_a_table_with_a_bad_row_writes_nothing(call: Call, tmp_path: Path) -> None:
    table = tmp_path / "people.csv"
    table.write_text("code,segment\nR-1,new\nanna@example.org,old\n", encoding="utf-8")
    refused = call("participants", "import", str(table), "--study", "returns")
    assert refused.code == 1
    assert "3\tcode" in refused.err
    assert call("participants", "list", "--study", "returns").out == ""


def test_whoever_is_not_on_the_team_is_told_of_no_study(call: Call) -> None:
    call("participants", "add", "R-07", "--study", "returns")
    for command in (
        ("list", "--study", "returns"),
        ("export", "--study", "returns"),
        ("due", "--study", "returns"),
        ("remove", "R-07", "--study", "returns"),
        ("add", "R-08", "--study", "nothing"),
    ):
        answer = call("participants", *command, "--as", "olga@example.org")
        assert answer.code == 1
        assert "R-07" not in answer.out
        assert "whose participants you see" in answer.err
    assert call("participants", "due", "--as", "olga@example.org").out == ""


def test_an_unknown_code_says_where_all_are_named(call: Call) -> None:
    answer = call("participants", "remove", "R-99", "--study", "returns")
    assert answer.code == 1
    assert "participants list" in answer.err


def test_an_import_of_findings_masks_where_it_is_asked_to(call: Call, tmp_path: Path) -> None:
    table = tmp_path / "findings.csv"
    table.write_text("title\nCall +7 916 123-45-67\n", encoding="utf-8")
    told = call("import", "atoms", str(table), "--study", "returns", "--json")
    assert "1 phone number" in json.loads(told.out)["warnings"][0]["reason"]
    call("import", "atoms", str(table), "--study", "returns", "--mask")
    hits = json.loads(call("search", "call", "--json").out)["hits"]
    assert {one["title"] for one in hits} == {"Call +7 916 123-45-67", "Call +• ••• •••-••-••"}

"""Claims to look at again on the command line, and the day that a file gives them."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from research_repo.cli import run
from research_repo.core import instance
from research_repo.core.clock import months_after, today
from research_repo.core.db import Database
from research_repo.settings import from_environment
from tests import make


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setenv("RESEARCH_REPO_INSTANCE", str(tmp_path / "instance"))
    database = instance.open_instance(from_environment())
    with database.saving() as session:
        marina = make.person(session, "Marina", "researcher")
        atom = make.atom(session, marina, "Cards are feared", kind="insight")
        atom.observed_on = months_after(today(), -40)
    yield database
    database.close()


def called(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = run(arguments)
    return (code, *capsys.readouterr())


def test_the_queue_is_listed_for_people_and_programs(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = called(capsys, "claims")
    assert (code, err.strip()) == (0, "1 claim to look at again.")
    assert "Marina  Nobody confirmed this in 18 months.  Cards are feared" in out
    code, out, _ = called(capsys, "claims", "--owner", "marina@example.org", "--json")
    found = json.loads(out)
    assert (found["total"], found["claims"][0]["title"]) == (1, "Cards are feared")
    for arguments in (("--owner", "nobody"), ("--reason", "disputed"), ("--kind", "fact")):
        assert json.loads(called(capsys, "claims", *arguments, "--json")[1])["total"] == 0


def test_whoever_and_whatever_is_unknown_is_told_so(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = called(capsys, "claims", "--owner", "petr@example.org")
    assert (code, "Nobody here has the e-mail" in err) == (1, True)
    code, _, err = called(capsys, "claims", "--study", "none")
    assert (code, "There is no study none" in err) == (1, True)


def test_a_file_gives_the_day_keeps_it_and_gives_it_back(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "atoms.csv"

    def imported(**cells: str) -> dict[str, int]:
        row = {"external_id": "1", "kind": "insight", "title": "Fees", **cells}
        with table.open("w", encoding="utf-8", newline="") as file:
            rows = csv.DictWriter(file, row)
            rows.writeheader()
            rows.writerow(row)
        code, out, _ = called(capsys, "import", "atoms", str(table), "--study", "fees", "--json")
        assert code in (0, 1)
        found: dict[str, int] = json.loads(out)
        return found

    def day() -> str:
        file = tmp_path / "out.csv"
        file.unlink(missing_ok=True)
        called(capsys, "export", "search", "Fees", "--format", "csv", "-o", str(file))
        with file.open(encoding="utf-8-sig", newline="") as written:
            return next(csv.DictReader(written))["review_by"]

    assert imported(review_by="02.03.2031")["created"] == 1
    assert day() == "2031-03-02"
    assert imported(review_by="02.03.2031")["unchanged"] == 1
    assert imported(title="Fees are high")["updated"] == 1
    assert day() == "2031-03-02"
    assert imported(review_by="")["updated"] == 1
    assert day() == ""
    assert imported(review_by="soon")["refused"] == 1

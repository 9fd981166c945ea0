"""`research-repo import atoms`: exit codes, one JSON object, and everything findable at its end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import func, select

from research_repo.cli import run
from research_repo.core import indexing, instance, people, tagging
from research_repo.core.models import Atom, ImportRun, Tag
from research_repo.settings import Settings
from tests import engines

DATA = Path(
    os.environ.get("RESEARCH_REPO_DATA", Path(__file__).parent.parent.parent / "shared" / "data")
)
Call = Callable[..., tuple[int, Any]]

pytestmark = engines.on_sqlite


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("RESEARCH_REPO_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("RESEARCH_REPO_INSTANCE", str(tmp_path / "instance"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def bring(folder: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    def bring(text: str, *options: str, name: str = "a.csv") -> tuple[int, Any]:
        (folder / name).write_bytes(text.encode())
        code = run(["import", "atoms", name, "--json", *options])
        out = capsys.readouterr().out
        return code, json.loads(out) if out else None

    return bring


@pytest.fixture
def found(capsys: pytest.CaptureFixture[str]) -> Callable[[str], int]:
    def found(words: str) -> int:
        assert run(["search", words, "--json"]) == 0
        return int(json.loads(capsys.readouterr().out)["total"])

    return found


def test_what_came_in_is_found_when_the_command_ends(
    bring: Call, found: Callable[[str], int]
) -> None:
    code, told = bring("title,tags\nShe guesses,Basket\nHe waits,\n", "--study", "pilot")
    assert (code, told["created"], told["studies_created"]) == (0, 2, ["pilot"])
    assert (told["tags_created"], told["warnings"]) == (["Free tags > Basket"], [])
    assert (found("guesses"), found("basket")) == (1, 1)


def test_exit_1_says_that_a_row_was_refused_and_2_that_nothing_was_done(
    bring: Call, found: Callable[[str], int], folder: Path
) -> None:
    bad = "title,study\nGood,a\n,a\n"
    assert bring(bad, "--all-or-nothing")[0] == 2
    assert found("good") == 0
    code, told = bring(bad)
    assert (code, told["created"], told["refused"]) == (1, 1, 1)
    assert (told["warnings"][0]["row"], told["warnings"][0]["column"]) == (3, "title")
    assert bring("")[0] == 2
    assert bring("colour\nred\n")[0] == 2
    assert run(["import", "atoms", "missing.csv"]) == 2


def test_unknown_columns_are_told_once_and_keep_nothing_out(bring: Call) -> None:
    code, told = bring("title,study,mood\nOne,a,good\nTwo,a,bad\n")
    assert (code, told["created"]) == (0, 2)
    assert [(one["row"], one["column"]) for one in told["warnings"]] == [(0, "mood")]


def test_a_mapping_names_the_columns(bring: Call, folder: Path) -> None:
    (folder / "map.json").write_text('{"What": "title", "Where": "study"}')
    assert bring("What,Where\nOne,a\n", "--mapping", "map.json")[1]["created"] == 1
    (folder / "map.json").write_text("[]")
    assert bring("What,Where\nOne,a\n", "--mapping", "map.json")[0] == 2


def test_a_dry_run_leaves_no_trace(bring: Call, found: Callable[[str], int]) -> None:
    code, told = bring("title\nOne\n", "--study", "a", "--dry-run")
    assert (code, told["created"], found("one")) == (0, 1, 0)


def test_a_dry_run_looks_at_the_whole_file(bring: Call) -> None:
    rows = "".join(f"Claim {number}\n" for number in range(1500))
    code, told = bring(f"title\n{rows}{'x' * 501}\n", "--study", "a", "--dry-run")
    assert (code, told["created"], told["refused"]) == (1, 1500, 1)
    assert told["warnings"][0]["row"] == 1502


def command(*options: str) -> list[str]:
    return [sys.executable, "-m", "research_repo", "import", "atoms", *options]


def table(folder: Path, name: str, count: int) -> None:
    rows = "".join(f"{name}{n},Claim {n} of {name},Tag {n % 7}\n" for n in range(count))
    (folder / f"{name}.csv").write_text("external_id,title,tags\n" + rows)


@pytest.mark.slow
def test_two_imports_at_once_both_come_in(folder: Path) -> None:
    for name in ("one", "two"):
        table(folder, name, 600)
    both = [
        subprocess.Popen(command(f"{name}.csv", "--study", "shared", "--json"), cwd=folder)
        for name in ("one", "two")
    ]
    assert [process.wait(120) for process in both] == [0, 0]
    database = instance.open_instance(Settings(instance=folder / "instance"))
    with database.reading() as session:
        assert indexing.atom_count(session) == 1200
        assert len(tagging.recent(session, people.system(session), 20)) == 7
    database.close()


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.0, 0.3])
def test_an_import_killed_in_the_middle_shows_nothing_and_the_next_makes_it_whole(
    folder: Path, seconds: float
) -> None:
    table(folder, "big", 8000)
    database = instance.open_instance(Settings(instance=folder / "instance"))
    process = subprocess.Popen(command("big.csv", "--study", "big"), cwd=folder)
    while count(database, Atom) == 0:
        time.sleep(0.02)
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.wait()
    with database.reading() as session:
        assert 0 < indexing.atom_count(session) < 8000
        assert indexing.documents(session, list(range(1, 8001))) == []
        assert indexing.all_waiting(session) == []
    assert subprocess.run(command("big.csv", "--study", "big"), cwd=folder).returncode == 0
    assert count(database, Atom) == 8000
    assert count(database, ImportRun) == 1
    database.close()


@pytest.mark.slow
def test_other_imports_clear_away_what_a_killed_one_left(folder: Path) -> None:
    table(folder, "big", 8000)
    (folder / "tags.csv").write_text("id,scheme,pref_label_en\n1,topics,Money\n")
    database = instance.open_instance(Settings(instance=folder / "instance"))
    before = count(database, Tag)
    for others in (["tags", "tags.csv"], ["atoms", "big.csv", "--study", "big", "--dry-run"]):
        process = subprocess.Popen(command("big.csv", "--study", "big"), cwd=folder)
        while count(database, Atom) == 0:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert count(database, Tag) >= before + 7
        other = [sys.executable, "-m", "research_repo", "import", *others]
        assert subprocess.run(other, cwd=folder).returncode == 0
        assert (count(database, Atom), count(database, ImportRun)) == (0, 0)
        assert count(database, Tag) == before + 1
    database.close()


@pytest.mark.slow
def test_a_real_file_comes_in_twice_and_once(folder: Path, bring: Call) -> None:
    if not DATA.is_dir():
        pytest.skip(f"no shared data in {DATA}")
    example = Path(__file__).parent.parent / "docs" / "examples" / "ssa_uef.py"
    subprocess.run(
        [sys.executable, example, DATA / "reports_ssa_uef", folder / "ssa.jsonl"], check=True
    )
    text = (folder / "ssa.jsonl").read_text()
    code, told = bring(text, name="ssa.jsonl")
    assert (code, told["created"], told["refused"]) == (0, 1882, 0)
    code, told = bring(text, name="ssa.jsonl")
    assert (code, told["created"], told["unchanged"]) == (0, 0, 1882)


def count(database: Any, noun: type) -> int:
    with database.reading() as session:
        return int(session.exec(select(func.count()).select_from(noun)).one())

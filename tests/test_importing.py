"""`research-repo import atoms`: exit codes, one JSON object, and everything findable at its end."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import func, select

from research_repo.cli import run
from research_repo.core import db, import_runs, indexing, instance, people, tagging
from research_repo.core.models import Atom, ImportRun, Study, Tag
from research_repo.search import building
from research_repo.settings import Settings
from tests import engines

DATA = Path(
    os.environ.get("RESEARCH_REPO_DATA", Path(__file__).parent.parent.parent / "shared" / "data")
)
REFUSE = ("--unknown-tags", "refuse")
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
    def bring(content: str | bytes, *options: str, name: str = "a.csv") -> tuple[int, Any]:
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
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


def rows_told(told: Any) -> list[tuple[int, str]]:
    return [(one["row"], one["column"]) for one in told["warnings"]]


@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1251", "koi8_r"]
)
def test_a_file_in_another_encoding_is_read_and_the_guess_is_told(
    bring: Call, found: Callable[[str], int], encoding: str
) -> None:
    text = "title,study\nЦену ищут внизу страницы,главная\n"
    code, told = bring(text.encode(encoding))
    assert (code, told["created"], told["studies_created"]) == (0, 1, ["главная"])
    assert found("цена") == 1
    assert bool(told["warnings"]) == (encoding in ("cp1251", "koi8_r"))


def test_an_unknown_path_refuses_its_row_when_that_was_asked(
    bring: Call, found: Callable[[str], int]
) -> None:
    text = "title,tags\nGood,\nBad,Product area > Nowhere > Deep\nWorse,New group > a\n"
    code, told = bring(text, "--study", "a", *REFUSE)
    assert (code, told["created"], told["refused"]) == (1, 1, 2)
    assert rows_told(told) == [(3, "tags"), (4, "tags")]
    assert "Product area > Nowhere > Deep" in told["warnings"][0]["reason"]
    assert (found("good"), found("bad")) == (1, 0)


def test_ragged_rows_and_signs_that_nobody_sees_are_told_by_row(
    bring: Call, found: Callable[[str], int]
) -> None:
    text = "title,body,study\nLong,b,a,too much\nShort\nNo\0thing,b,a\nGood,b,a\n\n"
    code, told = bring(text, "--study", "a")
    assert (code, told["created"], told["refused"]) == (1, 3, 1)
    assert rows_told(told) == [(2, ""), (3, ""), (4, "title")]
    assert (found("long"), found("short"), found("nothing"), found("good")) == (0, 1, 1, 1)


def test_a_zip_bomb_is_refused_before_anything_is_unpacked(bring: Call, folder: Path) -> None:
    with zipfile.ZipFile(folder / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", bytes(300 << 20))
    begun = time.monotonic()
    assert bring((folder / "bomb.xlsx").read_bytes(), name="bomb.xlsx") == (2, None)
    assert time.monotonic() - begun < 5


def test_a_cell_of_50_mb_keeps_only_its_own_row_out(
    bring: Call, found: Callable[[str], int]
) -> None:
    huge = b"x" * 50_000_000
    code, told = bring(b'title,body\nBefore,b\nHuge,"' + huge + b'"\nAfter,b\n', "--study", "a")
    assert (code, told["created"], told["refused"]) == (1, 2, 1)
    assert rows_told(told) == [(3, "")]
    assert (found("before"), found("huge"), found("after")) == (1, 0, 1)


def test_the_same_file_twice_changes_nothing(bring: Call, found: Callable[[str], int]) -> None:
    text = "title,tags,quote\nShe guesses,Basket,Where is it\nHe waits,,\nHe waits,,\n"
    assert bring(text, "--study", "a")[1]["created"] == 3
    code, told = bring(text, "--study", "a")
    assert (code, told["created"], told["updated"], told["unchanged"]) == (0, 0, 0, 3)
    assert (told["tags_created"], told["studies_created"], found("waits")) == ([], [], 2)


def test_a_full_disk_is_told_and_leaves_nothing_in_sight(
    bring: Call,
    found: Callable[[str], int],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert bring("title\nStands\n", "--study", "a")[0] == 0
    text = "title,tags,study\n" + "".join(f"Claim {n},Tag {n % 9},b\n" for n in range(3000))
    size = (folder / "instance" / "repository.sqlite3").stat().st_size // 4096
    with monkeypatch.context() as full:
        full.setattr(db, "PRAGMAS", (*db.PRAGMAS, f"max_page_count={size + 60}"))
        (folder / "big.csv").write_text(text)
        assert run(["import", "atoms", "big.csv"]) == 2
        assert "The disk is full" in capsys.readouterr().err
        assert (found("claim"), found("stands")) == (0, 1)
    database = instance.open_instance(Settings(instance=folder / "instance"))
    assert import_runs.clear_left(database) in (0, 1)
    assert (count(database, Atom), count(database, Study)) == (1, 1)
    database.close()
    assert bring(text)[1]["created"] == 3000
    assert found("claim") == 3000


@pytest.mark.parametrize("fault", [errno.ENOSPC, errno.EACCES])
def test_an_index_that_cannot_be_written_is_told_with_what_to_do(
    bring: Call,
    found: Callable[[str], int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    folder: Path,
    fault: int,
) -> None:
    def cannot(*_: object) -> None:
        raise OSError(fault, os.strerror(fault))

    (folder / "a.csv").write_text("title\nShe guesses\n")
    with monkeypatch.context() as full:
        full.setattr(building, "write", cannot)
        full.setattr(building, "build", cannot)
        assert run(["import", "atoms", "a.csv", "--study", "a"]) == 1
    told = capsys.readouterr()
    assert "research-repo index rebuild" in told.err
    assert "New: 1." in told.out
    assert run(["index", "rebuild"]) == 0
    capsys.readouterr()
    assert found("guesses") == 1


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

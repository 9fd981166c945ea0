"""The instance folder: made when absent, refused with advice when it cannot be used."""

from __future__ import annotations

import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from filelock import FileLock

from research_repo.core import instance, people, schemes
from research_repo.core.db import Database
from research_repo.core.errors import Refusal
from research_repo.core.instance import InstanceError
from research_repo.settings import Settings
from tests import engines


@pytest.fixture
def untouched(tmp_path: Path) -> Iterator[Settings]:
    """An instance that nobody has opened yet."""
    with engines.fresh_database() as url:
        yield Settings(instance=tmp_path / "instance", database_url=url)


def open_and_close(settings: Settings) -> Database:
    database = instance.open_instance(settings)
    database.close()
    return database


def test_a_missing_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "instance"
    open_and_close(Settings(instance=folder))
    assert (folder / "repository.sqlite3").exists()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_new_repository_has_its_groups_and_nobody_in_it(untouched: Settings) -> None:
    database = instance.open_instance(untouched)
    with database.reading() as session:
        assert people.is_empty(session)
        assert [card.key for card in schemes.listed(session, "ru")] == [
            "product-area",
            "finding-type",
            "severity",
            "segment",
            "journey-stage",
        ]
        assert schemes.get(session, "severity").guid == "research-repo:severity"
        assert instance.repository(session).guid
    database.close()


def test_opening_again_changes_nothing(settings: Settings, database: Database) -> None:
    with database.reading() as session:
        before = instance.repository(session).guid
    again = instance.open_instance(settings)
    with again.reading() as session:
        assert instance.repository(session).guid == before
        assert len(schemes.listed(session, "en")) == 5
    again.close()


def test_four_first_starts_at_once_make_one_repository(untouched: Settings) -> None:
    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(instance.open_instance, [untouched] * 4))
    guids = set()
    for database in opened:
        with database.reading() as session:
            guids.add(instance.repository(session).guid)
            assert len(schemes.listed(session, "en")) == 5
        database.close()
    assert len(guids) == 1


def test_a_new_database_is_begun_by_one_alone(tmp_path: Path) -> None:
    settings = Settings(instance=tmp_path)
    gate = FileLock(tmp_path / "write.lock")
    with ThreadPoolExecutor(1) as pool:
        with gate:
            opening = pool.submit(open_and_close, settings)
            with pytest.raises(TimeoutError):
                opening.result(timeout=1)
            assert not (tmp_path / "repository.sqlite3-wal").exists()
            assert (tmp_path / "repository.sqlite3").stat().st_size == 0
        opening.result(timeout=30)
    with open_and_close(settings).engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"


def test_a_file_in_the_folders_place_is_refused_with_advice(tmp_path: Path) -> None:
    (tmp_path / "instance").write_text("")
    with pytest.raises(InstanceError, match="RESEARCH_REPO_INSTANCE to a folder"):
        instance.open_instance(Settings(instance=tmp_path / "instance"))


@engines.on_sqlite
def test_a_folder_in_the_databases_place_is_refused_with_advice(tmp_path: Path) -> None:
    (tmp_path / "repository.sqlite3").mkdir()
    with pytest.raises(InstanceError, match=r"cannot be opened.*Check its address"):
        instance.open_instance(Settings(instance=tmp_path))


@engines.on_sqlite
def test_a_file_that_is_no_database_is_called_damaged_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "repository.sqlite3").write_text("not a database " * 1000)
    with pytest.raises(InstanceError, match=r"damaged.*research-repo restore"):
        instance.open_instance(Settings(instance=tmp_path))
    assert (tmp_path / "repository.sqlite3").read_text().startswith("not a database")


@engines.on_sqlite
def test_the_password_of_a_database_is_never_told(tmp_path: Path) -> None:
    url = "postgresql+psycopg://anna:very-secret@127.0.0.1:1/nothing"
    with pytest.raises(InstanceError) as told:
        instance.open_instance(Settings(instance=tmp_path, database_url=url))
    assert "very-secret" not in str(told.value)


@pytest.fixture
def outdoors() -> Iterator[Path]:
    """A folder into which everybody may look: pytest's own lie in one that keeps others out."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
        Path(folder).chmod(0o755)


AS_NOBODY = """
import os, sys, tempfile
from pathlib import Path
from research_repo.core import instance
from research_repo.core.errors import Refusal
from research_repo.settings import Settings
# Once as oneself: after that all is loaded, wherever Python lies and whoever may read it.
with tempfile.TemporaryDirectory() as folder:
    instance.open_instance(Settings(instance=Path(folder))).close()
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
try:
    with instance.open_instance(Settings(instance=Path(sys.argv[1]))).saving() as session:
        instance.repository(session).title = "Changed"
except Refusal as refusal:
    print(type(refusal).__name__, refusal)
"""


def told_to_nobody(folder: Path) -> str:
    """What somebody without any right is told, in a process of their own."""
    ended = subprocess.run(
        [sys.executable, "-B", "-c", AS_NOBODY, str(folder)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_a_read_only_folder_is_refused_with_advice(outdoors: Path) -> None:
    folder = outdoors / "instance"
    folder.mkdir()
    folder.chmod(0o555)
    assert "InstanceError The instance folder" in (told := told_to_nobody(folder))
    assert "Change its owner" in told
    assert list(folder.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_refused_with_advice(outdoors: Path) -> None:
    outdoors.chmod(0o555)
    told = told_to_nobody(outdoors / "instance")
    assert "cannot be made: Permission denied" in told
    assert "Set RESEARCH_REPO_INSTANCE" in told


@engines.on_sqlite
@pytest.mark.parametrize("name", ["repository.sqlite3", "write.lock"])
def test_a_read_only_file_in_the_instance_is_refused_with_advice(outdoors: Path, name: str) -> None:
    folder = outdoors / "instance"
    open_and_close(Settings(instance=folder))
    (folder / "write.lock").touch()
    folder.chmod(0o777)
    for path in folder.iterdir():
        path.chmod(0o444 if path.name == name else 0o666)
    assert "cannot be written" in told_to_nobody(folder)


def test_the_secret_key_is_made_once_and_read_by_its_owner_alone(tmp_path: Path) -> None:
    settings = Settings(instance=tmp_path)
    made = instance.secret_key(settings)
    assert len(made) >= 48
    assert instance.secret_key(settings) == made
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_a_secret_key_in_the_settings_wins_and_leaves_no_file(tmp_path: Path) -> None:
    assert instance.secret_key(Settings(instance=tmp_path, secret_key="s" * 40)) == "s" * 40
    assert list(tmp_path.iterdir()) == []


def test_a_short_secret_key_is_refused_with_advice(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("short\n")
    with pytest.raises(InstanceError, match="Delete the file"):
        instance.secret_key(Settings(instance=tmp_path))


@pytest.mark.parametrize("damage", ["folder", "bytes"])
def test_a_secret_key_that_cannot_be_read_is_refused_with_advice(
    tmp_path: Path, damage: str
) -> None:
    if damage == "folder":
        (tmp_path / "secret_key").mkdir()
    else:
        (tmp_path / "secret_key").write_bytes(b"\xff\xfe" * 40)
    with pytest.raises(InstanceError, match="RESEARCH_REPO_SECRET_KEY"):
        instance.secret_key(Settings(instance=tmp_path))


def test_two_first_starts_at_once_agree_on_the_secret_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(instance=tmp_path)
    agreed: list[str] = []
    make_it = instance._make_secret_key

    def later(path: Path) -> None:
        # The other start comes first, after this one has seen that there is no key.
        monkeypatch.undo()
        agreed.append(instance.secret_key(settings))
        make_it(path)

    monkeypatch.setattr(instance, "_make_secret_key", later)
    assert instance.secret_key(settings) == agreed[0]
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(instance.secret_key, [settings] * 8))) == 1


def test_every_refusal_of_an_instance_is_one_that_doors_know() -> None:
    assert issubclass(InstanceError, Refusal)

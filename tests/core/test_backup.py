import hashlib
import json
import os
import random
import sqlite3
import subprocess
import sys
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest

from research_repo.core import archive, instance
from research_repo.core.backup import backup, restore
from research_repo.core.db import Database
from research_repo.core.errors import Invalid, Refusal, Unavailable
from research_repo.settings import Settings
from tests import engines, make

pytestmark = engines.on_sqlite


@pytest.fixture
def filled(database: Database) -> Database:
    with database.saving() as session:
        marina = make.person(session, "Marina", "researcher")
        make.tag(session, make.person(session, "Ilya", "curator"), "Возврат")
        for number in range(20):
            make.atom(session, marina, f"Факт {number}", tags=["Возврат"], quote="«Не нашёл» 🙂")
    attachment = database.folder / "attachments" / "ab" / "cd.png"
    attachment.parent.mkdir(parents=True)
    attachment.write_bytes(os.urandom(50_000))
    return database


@pytest.fixture
def target(settings: Settings, tmp_path: Path) -> Settings:
    return replace(settings, instance=tmp_path / "restored")


@pytest.fixture
def file(filled: Database, tmp_path: Path) -> Path:
    file = tmp_path / "backup.zip"
    backup(filled, file)
    return file


def rows(path: Path) -> dict[str, list]:
    connection = sqlite3.connect(path)
    names = [
        row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type='table'")
    ]
    found = {
        name: sorted(connection.execute(f"SELECT * FROM {name}").fetchall(), key=repr)
        for name in names
    }
    connection.close()
    return found


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def rewritten(file: Path, change) -> Path:
    """A copy of the backup whose files and manifest went through `change`."""
    with ZipFile(file) as packed:
        held = {name: packed.read(name) for name in packed.namelist()}
    manifest = json.loads(held.pop(archive.MANIFEST))
    change(held, manifest)
    forged = file.with_name("forged.zip")
    with ZipFile(forged, "w", ZIP_DEFLATED) as packed:
        for name, content in held.items():
            packed.writestr(name, content)
        packed.writestr(archive.MANIFEST, json.dumps(manifest))
    return forged


def is_untouched(settings: Settings) -> bool:
    return not settings.instance.exists() or not list(settings.instance.iterdir())


def test_a_restored_repository_holds_the_same_rows_and_attachments(filled, file, target):
    manifest = restore(target, file)
    assert rows(target.instance / archive.DATABASE) == rows(filled.folder / archive.DATABASE)
    assert files(target.instance / "attachments") == files(filled.folder / "attachments")
    assert manifest.counts["atom"] == 20
    opened = instance.open_instance(target)
    opened.close()


def test_a_backup_leaves_out_the_index_and_the_secret_key(filled, settings, tmp_path):
    instance.secret_key(replace(settings, secret_key=""))
    (filled.folder / "index").mkdir()
    (filled.folder / "index" / "CURRENT").write_text("g1")
    backup(filled, tmp_path / "backup.zip")
    with ZipFile(tmp_path / "backup.zip") as packed:
        assert sorted(packed.namelist()) == [
            "attachments/ab/cd.png",
            "manifest.json",
            "repository.sqlite3",
        ]


def test_only_its_owner_may_read_a_backup_and_nothing_else_is_left(file):
    assert file.stat().st_mode & 0o777 == 0o600
    assert {path.name for path in file.parent.iterdir()} == {"backup.zip", "instance"}


def test_a_backup_while_people_save_is_whole(filled, target, tmp_path):
    is_over = threading.Event()
    faults = []

    def log_facts() -> None:
        number = 0
        try:
            while not is_over.is_set():
                with filled.saving() as session:
                    marina = make.person(session, f"Marina {number}", "researcher")
                    make.atom(session, marina, f"Written meanwhile {number}", quote="yes")
                number += 1
        except Exception as fault:
            faults.append(fault)

    writer = threading.Thread(target=log_facts)
    writer.start()
    try:
        manifests = [backup(filled, tmp_path / f"{number}.zip") for number in range(5)]
    finally:
        is_over.set()
        writer.join()
    assert not faults
    assert manifests[-1].counts["atom"] > manifests[0].counts["atom"]
    restore(target, tmp_path / "4.zip")
    restored = rows(target.instance / archive.DATABASE)
    assert len(restored["atom"]) == len(restored["evidence"]) == manifests[-1].counts["atom"]


def test_progress_ends_at_the_whole(filled, target, tmp_path):
    told: list[tuple[int, int]] = []
    backup(filled, tmp_path / "backup.zip", lambda done, total: told.append((done, total)))
    assert told[-1][0] == told[-1][1] > 50_000
    told.clear()
    restore(target, tmp_path / "backup.zip", lambda done, total: told.append((done, total)))
    assert told[-1][0] == told[-1][1] > 50_000


def test_a_backup_never_replaces_a_file(filled, file):
    before = file.read_bytes()
    with pytest.raises(Invalid, match="exists already"):
        backup(filled, file)
    assert file.read_bytes() == before


def test_a_folder_that_is_not_there_is_named(filled, tmp_path):
    with pytest.raises(Unavailable, match="nowhere.*cannot be written"):
        backup(filled, tmp_path / "nowhere" / "backup.zip")


def test_a_repository_in_postgresql_names_its_own_tool(tmp_path):
    with pytest.raises(Unavailable, match="pg_dump"):
        backup(Database("postgresql+psycopg://localhost/none", tmp_path), tmp_path / "b.zip")


def test_restoring_into_a_database_of_ones_own_is_refused(file, target):
    with pytest.raises(Unavailable, match="RESEARCH_REPO_DATABASE_URL"):
        restore(replace(target, database_url="postgresql://localhost/none"), file)


def test_a_damaged_database_is_not_taken_for_a_backup(filled, tmp_path):
    filled.close()
    path = filled.folder / archive.DATABASE
    content = bytearray(path.read_bytes())
    content[8_192:40_960] = os.urandom(32_768)
    path.write_bytes(content)
    with pytest.raises(Unavailable, match="damaged"):
        backup(filled, tmp_path / "backup.zip")
    assert not (tmp_path / "backup.zip").exists()


def test_a_row_without_what_it_refers_to_is_noticed(filled, tmp_path):
    connection = sqlite3.connect(filled.folder / archive.DATABASE)
    connection.execute("DELETE FROM person WHERE name = 'Marina'")
    connection.commit()
    connection.close()
    with pytest.raises(Unavailable, match="refers to another"):
        backup(filled, tmp_path / "backup.zip")


def test_restore_refuses_a_folder_that_holds_anything(filled, settings, file):
    before = rows(filled.folder / archive.DATABASE)
    with pytest.raises(Invalid, match="not empty"):
        restore(settings, file)
    assert rows(filled.folder / archive.DATABASE) == before


def test_the_note_that_comes_with_a_checkout_does_not_count(file, target):
    target.instance.mkdir()
    (target.instance / "README.md").write_text("What a team owns lives here.")
    restore(target, file)
    assert (target.instance / archive.DATABASE).exists()


def test_a_file_that_is_not_there_is_named(target, tmp_path):
    with pytest.raises(Invalid, match=r"no file .*none\.zip"):
        restore(target, tmp_path / "none.zip")
    assert is_untouched(target)


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04" + b"\0" * 500])
def test_another_file_is_no_backup(content, target, tmp_path):
    file = tmp_path / "letter.zip"
    file.write_bytes(content)
    with pytest.raises(Invalid, match="not a backup"):
        restore(target, file)
    assert is_untouched(target)


def test_no_damage_is_restored(file, target):
    chance = random.Random(7)
    whole = file.read_bytes()
    broken = file.with_name("broken.zip")
    outcomes = set()
    for _ in range(150):
        content = bytearray(whole)
        if chance.random() < 0.3:
            content = content[: chance.randrange(len(content))]
        else:
            for _ in range(chance.randrange(1, 20)):
                content[chance.randrange(len(content))] = chance.randrange(256)
        broken.write_bytes(content)
        try:
            restore(target, broken)
        except Refusal:
            outcomes.add("refused")
            assert is_untouched(target)
        else:
            # What was hit says nothing (a time, a flag of the zip): everything else is whole.
            outcomes.add("restored")
            assert rows(target.instance / archive.DATABASE)["atom"]
            for path in sorted(target.instance.rglob("*"), reverse=True):
                path.rmdir() if path.is_dir() else path.unlink()
    assert "refused" in outcomes


FORGERIES = {
    "a file climbs out": lambda held, manifest: add(held, manifest, "../escaped", b"x"),
    "a file climbs out of the attachments": lambda held, manifest: add(
        held, manifest, "attachments/../../escaped", b"x"
    ),
    "a file has an absolute name": lambda held, manifest: add(held, manifest, "/tmp/escaped", b"x"),
    "a file climbs out on Windows": lambda held, manifest: add(
        held, manifest, "attachments\\..\\..\\escaped", b"x"
    ),
    "a file is the secret key": lambda held, manifest: add(held, manifest, "secret_key", b"k" * 48),
    "a file is not in the manifest": lambda held, manifest: held.update({"attachments/new": b"x"}),
    "a file is missing": lambda held, manifest: held.pop("attachments/ab/cd.png"),
    "the database is missing": lambda held, manifest: (
        held.pop(archive.DATABASE),
        manifest["files"].pop(archive.DATABASE),
    ),
    "a file was changed": lambda held, manifest: held.update(
        {"attachments/ab/cd.png": b"x" * len(held["attachments/ab/cd.png"])}
    ),
    "a file is larger than the manifest says": lambda held, manifest: held.update(
        {"attachments/ab/cd.png": held["attachments/ab/cd.png"] * 100}
    ),
    "a number of rows differs": lambda held, manifest: manifest["counts"].update(atom=21),
    "the manifest has another shape": lambda held, manifest: manifest.update(files=[1, 2]),
    "the manifest lacks a field": lambda held, manifest: manifest.pop("schema"),
}


def add(held: dict, manifest: dict, name: str, content: bytes) -> None:
    held[name] = content
    manifest["files"][name] = {
        "size": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
    }


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_backup_is_refused_and_nothing_is_written(name, file, target):
    forged = rewritten(file, FORGERIES[name])
    before = files(file.parent)
    with pytest.raises(Invalid, match="damaged"):
        restore(target, forged)
    assert files(file.parent) == before
    assert is_untouched(target)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(file, target, monkeypatch):
    size = 200 << 20

    def inflate(held: dict, manifest: dict) -> None:
        add(held, manifest, "attachments/bomb", b"\0" * size)

    forged = rewritten(file, inflate)
    assert forged.stat().st_size < size // 100
    monkeypatch.setattr(archive.shutil, "disk_usage", lambda folder: Space(free=100 << 20))
    with pytest.raises(Invalid, match="needs .* MB, and 100 MB are free"):
        restore(target, forged)
    assert is_untouched(target)


@dataclass
class Space:
    free: int


def test_an_entry_that_unpacks_to_more_than_it_declares_is_refused(file, target):
    content = file.read_bytes()
    with ZipFile(file) as packed:
        size = packed.getinfo("attachments/ab/cd.png").file_size
    lie = content.replace(size.to_bytes(4, "little"), (size - 1).to_bytes(4, "little"))
    file.write_bytes(lie)
    with pytest.raises(Invalid, match="damaged"):
        restore(target, file)
    assert is_untouched(target)


def test_a_link_in_a_zip_is_never_made(file, target):
    with ZipFile(file, "a") as packed:
        link = ZipInfo("attachments/link")
        link.external_attr = 0o120777 << 16
        packed.writestr(link, "/etc/passwd")
    with pytest.raises(Invalid, match="damaged"):
        restore(target, file)


@pytest.mark.parametrize("change", [{"format": 2}, {"schema": "9999_from_the_future"}])
def test_a_backup_of_a_newer_version_asks_for_an_update(change, file, target):
    newer = rewritten(file, lambda held, manifest: manifest.update(change))
    with pytest.raises(Invalid, match="Update research-repo"):
        restore(target, newer)
    assert is_untouched(target)


def test_a_full_disk_leaves_no_half_backup_behind(filled, tmp_path, monkeypatch):
    def run_out(_done: int, _total: int) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(Unavailable, match="disk is full"):
        backup(filled, tmp_path / "backup.zip", run_out)
    assert [path.name for path in tmp_path.iterdir()] == ["instance"]


def test_a_full_disk_leaves_no_half_instance_behind(file, target):
    def run_out(_done: int, _total: int) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(Unavailable, match="disk is full"):
        restore(target, file, run_out)
    assert is_untouched(target)


@pytest.mark.parametrize("most", [20_000, 200_000])
def test_a_limit_of_the_machine_is_explained(most, filled, tmp_path):
    program = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from research_repo.core.backup import backup\n"
        "from research_repo.core.db import Database\n"
        "from research_repo.core.errors import Unavailable\n"
        "folder, file, most = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])\n"
        "database = Database(f'sqlite:///{folder}/repository.sqlite3', folder)\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))\n"
        "try:\n"
        "    backup(database, file)\n"
        "except Unavailable:\n"
        "    sys.exit(7)\n"
    )
    file = tmp_path / "backup.zip"
    run = subprocess.run(
        [sys.executable, "-c", program, filled.folder, file, str(most)],
        capture_output=True,
        text=True,
    )
    assert (run.returncode, run.stderr) == (7, "")
    assert [path.name for path in tmp_path.iterdir()] == ["instance"]


def test_a_killed_backup_leaves_no_file_that_looks_like_one(filled, tmp_path):
    program = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from research_repo.core.backup import backup\n"
        "from research_repo.core.db import Database\n"
        "folder = Path(sys.argv[1])\n"
        "database = Database(f'sqlite:///{folder}/repository.sqlite3', folder)\n"
        "backup(database, Path(sys.argv[2]), lambda done, total: os.kill(os.getpid(), 9))\n"
    )
    file = tmp_path / "backup.zip"
    run = subprocess.run([sys.executable, "-c", program, filled.folder, file])
    assert run.returncode == -9
    assert not file.exists()
    backup(filled, file)

"""The wheel: installed where nothing else is, it serves pages, their clothes and both languages."""

import os
import re
import subprocess
import sys
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def clean_environment() -> dict[str, str]:
    """Nothing of the checkout and of its settings reaches the installed product."""
    ours = ("RESEARCH_REPO_", "PYTHON", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def command(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`research-repo` of an environment that holds the locked packages and the wheel alone."""
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, with_pip=True)
    install = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-input"]
    for what in (["--require-hashes", "-r", ROOT / "requirements.lock"], ["--no-deps", wheel]):
        done = subprocess.run(
            [*install, *what], env=clean_environment(), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    return folder / "bin" / "research-repo"


@pytest.fixture(scope="module")
def address(command: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the installed product serves, started in an empty folder."""
    folder = tmp_path_factory.mktemp("empty")
    server = subprocess.Popen(
        [command, "serve", "--demo", "--port", "0"],
        cwd=folder,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout
    yield server.stdout.readline().split()[-1]
    server.terminate()
    server.communicate(timeout=30)
    assert (folder / "instance" / "repository.sqlite3").is_file()


def get(address: str, language: str = "en") -> tuple[str, str]:
    """What is served there: its type and its text."""
    asked = urllib.request.Request(address, headers={"Accept-Language": language})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        assert answer.status == 200
        return answer.headers["Content-Type"], answer.read().decode()


def test_the_wheel_carries_all_that_pages_need(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    package = ROOT / "research_repo"
    for folder, target in (
        (ROOT / "templates", "research_repo/templates"),
        (ROOT / "static", "research_repo/static"),
        (package / "translations", "research_repo/translations"),
        (package / "core" / "migrations", "research_repo/core/migrations"),
        (package / "demo", "research_repo/demo"),
        (package / "exchange" / "fonts", "research_repo/exchange/fonts"),
        (package / "exchange" / "looks", "research_repo/exchange/looks"),
    ):
        files = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"]
        assert files
        missing = {f"{target}/{path.relative_to(folder).as_posix()}" for path in files} - held
        assert missing == set()
    assert "research_repo/core/starters.toml" in held
    assert [name for name in held if name.endswith("dist-info/licenses/LICENSE")]


def test_the_wheel_carries_nothing_of_the_workshop(wheel: Path) -> None:
    rooms = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {room for room in rooms if not room.endswith(".dist-info")} == {"research_repo"}


def test_installed_it_answers(address: str) -> None:
    get(f"{address}/healthz")


def test_installed_it_speaks_russian_and_english(address: str) -> None:
    assert "Откройте свой" in get(f"{address}/", "ru")[1]
    assert "Open your research repository" in get(f"{address}/", "en")[1]


def test_installed_it_serves_the_clothes_of_its_pages(address: str) -> None:
    page = get(f"{address}/set-up")[1]
    sheets = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)
    scripts = re.findall(r'<script[^>]* src="([^"]+)"', page)
    assert sheets
    for sheet in sheets:
        kind, text = get(address + sheet)
        assert kind.startswith("text/css")
        assert "{" in text
    for script in scripts:
        assert "javascript" in get(address + script)[0]


def test_installed_it_brings_the_demo_content(address: str) -> None:
    assert 'value="Лавочка"' in get(f"{address}/set-up")[1]


def test_installed_its_commands_work(command: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [command, "--version"],
        cwd=tmp_path,
        env=clean_environment(),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "0.1.0" in done.stdout

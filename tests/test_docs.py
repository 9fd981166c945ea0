"""What README and docs/ tell people to type works, and nothing that can be typed is untold."""

import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from research_repo.cli import commands, run
from research_repo.settings import LANGUAGES, Settings

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([ROOT / "README.md", *ROOT.glob("docs/[er][nu]/**/*.md")])
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ASSIGNMENT = re.compile(r"(RESEARCH_REPO_[A-Z_]+)=(.*)")


def typed(page: Path) -> list[list[str]]:
    """The `research-repo` commands in the page's shell blocks, each as its words."""
    blocks = "".join(BLOCK.findall(page.read_text())).replace("\\\n", " ")
    lines = [shlex.split(line, comments=True) for line in blocks.splitlines()]
    return [line for line in lines if any(word.endswith("research-repo") for word in line)]


def told(language: str) -> str:
    return "".join(page.read_text() for page in sorted((ROOT / "docs" / language).rglob("*.md")))


def every_command(group: click.Group = commands) -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from (f"{name} {inner}" for inner in every_command(command))
        else:
            yield name


@pytest.mark.parametrize("page", PAGES, ids=[page.relative_to(ROOT).as_posix() for page in PAGES])
def test_what_a_page_tells_people_to_type_works(page, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    # What people have already, and bring in.
    (tmp_path / "findings.csv").write_text("title,tags\nSizes are guessed,Size table\n")
    (tmp_path / "interview-7.txt").write_text("Anna: How was it?\nR-03: Late.\n")
    for name in [name for name in os.environ if name.startswith("RESEARCH_REPO_")]:
        monkeypatch.delenv(name)
    for words in typed(page):
        with monkeypatch.context() as patch:
            while assignment := ASSIGNMENT.fullmatch(words[0]):
                patch.setenv(*assignment.groups())
                words = words[1:]
            serves = words[1] == "serve"
            assert run([*words[1:], *(["--help"] if serves else [])]) == 0, (
                words,
                capfd.readouterr().err,
            )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_is_told_in_each_language(language):
    untold = [name for name in every_command() if f"research-repo {name}" not in told(language)]
    assert untold == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_setting_is_told_in_each_language(language):
    names = [f"RESEARCH_REPO_{name.upper()}" for name in Settings.__dataclass_fields__]
    assert [name for name in names if f"`{name}`" not in told(language)] == []


def test_both_languages_tell_the_same():
    english, russian = (
        {page.name for page in (ROOT / "docs" / code).rglob("*.md")} for code in LANGUAGES
    )
    assert english == russian
    for name in english:
        pages = [(ROOT / "docs" / code / name).read_text() for code in LANGUAGES]
        assert len({page.count("\n#") for page in pages}) == 1, name
        assert len({len(BLOCK.findall(page)) for page in pages}) == 1, name

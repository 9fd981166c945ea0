"""Sources from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import select

from research_repo.cli import run
from research_repo.core import instance, participants, people, speakers
from research_repo.core.models import Source
from research_repo.settings import from_environment

Call = Callable[..., tuple[int, str, str]]

TALK = "Interviewer: How was it?\nR7: I called +7 921 555-01-23.\n"


@pytest.fixture
def call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Call:
    """A command over a repository with the study "k"; its code, stdout and stderr."""
    monkeypatch.setenv("RESEARCH_REPO_INSTANCE", str(tmp_path / "instance"))
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, str, str]:
        code = run(arguments)
        said = capsys.readouterr()
        return code, said.out, said.err

    assert call("study", "add", "k", "--title", "T")[0] == 0
    return call


def kept() -> tuple[list[Source], list[str]]:
    """All sources, and the codes of the study's participants."""
    database = instance.open_instance(from_environment())
    with database.reading() as session:
        found = list(session.exec(select(Source).order_by(Source.id)))  # type: ignore[arg-type]
        codes = [one.code for one in participants.of_study(session, people.system(session), "k")]
    database.close()
    return found, codes


def test_a_file_becomes_a_source_and_its_key_stands_alone_on_stdout(
    call: Call, tmp_path: Path
) -> None:
    (tmp_path / "Talk 7.txt").write_text(TALK)

    code, out, err = call(
        "source", "add", "Talk 7.txt", "--study", "K", "--participant", "R7", "--date", "2026-03-02"
    )

    (source,), codes = kept()
    assert (code, out.strip()) == (0, source.key)
    assert "1 thing that tells who somebody is" in err
    assert (source.title, str(source.held_on), codes) == ("Talk 7", "2026-03-02", ["R7"])
    assert "555-01-23" in source.text


def test_what_tells_who_somebody_is_is_masked_when_asked_for(call: Call, tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text(TALK)

    code, out, err = call("source", "add", "t.txt", "--study", "k", "--mask", "--json")

    assert (code, err) == (0, "")
    assert json.loads(out) | {"key": ""} == {
        "key": "",
        "kind": "transcript",
        "passages": 2,
        "speakers": 2,
        "personal": 0,
    }
    assert "555" not in kept()[0][0].text


def test_each_respondent_becomes_a_participant_when_asked_for(call: Call, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("who,other,What broke?\nP1,x,The lift\nP2,y,Nothing\n")

    call("source", "add", "a.csv", "--study", "k", "--code-column", "who", "--speakers")

    assert kept()[1] == ["P1", "P2"]


def test_speakers_whom_the_study_knows_are_known_without_a_word(call: Call, tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text(TALK)
    call("source", "add", "t.txt", "--study", "k", "--participant", "r7")

    call("source", "add", "t.txt", "--study", "k")

    (_, second), codes = kept()
    assert codes == ["r7"]
    database = instance.open_instance(from_environment())
    with database.reading() as session:
        assert [one.code for one in speakers.of_source(session, second.id)] == ["", "r7"]
    database.close()


def test_sources_are_listed_removed_put_back_and_replaced(call: Call, tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text(TALK)
    key = call("source", "add", "t.txt", "--study", "k", "--title", "Talk")[1].strip()
    assert call("source", "list", "--study", "k")[1] == f"{key}\ttranscript\t-\tTalk\n"

    assert call("source", "remove", key)[0] == 0
    assert json.loads(call("source", "list", "--study", "k", "--json")[1]) == {"sources": []}
    assert call("source", "remove", key, "--undo")[0] == 0
    (tmp_path / "t.txt").write_text("Other words")
    assert call("source", "add", "t.txt", "--study", "k", "--replace", key)[1].strip() == key

    (source,), _ = kept()
    assert (source.title, source.text) == ("Talk", "Other words")
    assert call("source", "remove", key, "--for-good")[0] == 1
    assert call("source", "remove", key)[0] == 0
    assert call("source", "remove", key, "--for-good")[0] == 0
    assert kept()[0] == []


@pytest.mark.parametrize(
    ("arguments", "code", "advice"),
    [
        (("add", "t.txt", "--study", "nowhere"), 1, "There is no study nowhere"),
        (("add", "t.svg", "--study", "k"), 1, "Save it as PNG"),
        (("add", "t.txt", "--study", "k", "--participant", "a@example.org"), 1, "a@example.org"),
        (("add", "none.txt", "--study", "k"), 2, "none.txt"),
        (("add", "t.txt", "--study", "k", "--date", "soon"), 2, "soon"),
        (("remove", "nokey0"), 1, ""),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence_and_leaves_nothing(
    call: Call, tmp_path: Path, arguments: tuple[str, ...], code: int, advice: str
) -> None:
    (tmp_path / "t.txt").write_text("Words")
    (tmp_path / "t.svg").write_text("<svg/>")

    done, out, err = call("source", *arguments)

    assert (done, out) == (code, "")
    assert advice in err
    assert kept()[0] == []
